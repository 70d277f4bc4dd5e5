"""Which model a step uses, and how its room is opened without loading torch before it is needed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from skintui import bundled
from skintui.errors import ModelError
from skintui.settings import DECODE

if TYPE_CHECKING:
    from skintui.model.reader import LesionReader


@dataclass(frozen=True, slots=True)
class Weights:
    """A base model, an adapter on it (None: the base as it is), and where it computes."""

    base: str
    adapter: Path | None
    device: str = "auto"
    dtype: str = "auto"
    decode: str = DECODE
    """How an answer becomes a number, one of ``DECODE_MODES``."""
    quantize: str = ""
    """Bits of the base's weights, ``4bit`` or ``8bit``; empty: as they are."""

    def load(self, adapter: Path | None = None) -> LesionReader:
        """Load the model, with ``adapter`` in place of its own where one is given. The first call loads torch."""
        with _uncollected():
            from skintui.model.reader import LesionReader

            return LesionReader.load(
                self.base,
                adapter or self.adapter,
                device=self.device,
                dtype=self.dtype,
                quantize=self.quantize,
                decode=self.decode,
            )

    @property
    def untuned(self) -> Weights:
        return replace(self, adapter=None)

    def folders(self) -> list[Path]:
        """Folders of base and adapter; a hub id has none."""
        base = [Path(self.base)] if Path(self.base).is_absolute() else []
        return base if self.adapter is None else [*base, self.adapter]

    def absolute(self) -> Weights:
        """The same with full paths, for a process in another working folder."""
        folder = Path(self.base).expanduser()
        base = str(folder.absolute()) if self.base and folder.is_dir() else self.base
        return replace(self, base=base, adapter=None if self.adapter is None else self.adapter.absolute())

    def fold_adapters(self) -> list[Path]:
        """Folders of the fold adapters beside the adapter, in the order of their number; empty without any."""
        if self.adapter is None:
            return []
        found: list[Path] = []
        while (folder := self.adapter / f"fold-{len(found)}").is_dir():
            found.append(folder)
        return found

    def split_file(self) -> Path | None:
        """Where training wrote down its patients; None where it did not."""
        path = self.adapter / "split.json" if self.adapter is not None else None
        return path if path is not None and path.is_file() else None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for garbage: three thousand modules make a million objects, nearly all of which stay.

    Looking through them over and over would take a tenth of the time in which the libraries load.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def choose_weights(
    base: str | None,
    adapter: str | Path | None,
    *,
    device: str = "auto",
    dtype: str = "auto",
    decode: str = DECODE,
    quantize: str = "",
) -> Weights:
    """Neither named: the bundled base and adapter. Only ``base``: it, untuned. Only ``adapter``: on the bundled base.

    Raises ModelError where a folder is missing (a base may also be a hub id, which only loading can check).
    """
    chosen = Path(adapter).expanduser() if adapter else None
    if base is None and chosen is None:
        chosen = bundled.adapter()
    if chosen is not None and not chosen.is_dir():
        raise ModelError("there is no adapter folder here", where=chosen, do="name one with --adapter")
    return Weights(base or _bundled_base(), chosen, device, dtype, decode, quantize)


def base_alone(base: str | None, *, device: str = "auto", dtype: str = "auto", quantize: str = "") -> Weights:
    """A base model (the bundled one by default) without adapter."""
    return Weights(base or _bundled_base(), None, device, dtype, quantize=quantize)


def _bundled_base() -> str:
    folder = bundled.base_model()
    if not folder.is_dir():
        raise ModelError("the bundled model is not installed", where=folder, do="name a model with --base")
    return str(folder)
