"""Options that several verbs share, gathered into one :class:`Call`."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from skintui.errors import UsageError

if TYPE_CHECKING:
    from skintui.cli.bar import Quiet
    from skintui.settings import Settings
    from skintui.steps.engine import Engine
    from skintui.steps.place import Place
    from skintui.steps.weights import Weights

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """What the shared options said; None or "" where an option was not given."""

    dataset: str | None = None
    metadata: str | None = None
    images: str | None = None
    base: str | None = None
    adapter: str | None = None
    form: str = "table"
    progress: str = "bar"
    overrides: Mapping[str, Any] | None = None

    def settings(self) -> Settings:
        """Defaults, settings file, environment, then this call's options."""
        from skintui.settings import load_settings, with_values

        given = {name: value for name, value in (self.overrides or {}).items() if value is not None}
        return with_values(load_settings(), given)

    def place(self, settings: Settings | None = None, dataset: str | None = None) -> Place:
        """The data set (the bundled demo by default) and its workspace."""
        from skintui.steps.place import open_place

        return open_place(
            dataset or self.dataset,
            metadata=self.metadata,
            images=self.images,
            workspace=(settings or self.settings()).workspace,
        )

    def weights(self, settings: Settings, recorded_in: Place | None = None) -> Weights:
        """The model this call names, else the settings, else a workspace's, else the bundled one."""
        from skintui.steps.model_record import recall_model
        from skintui.steps.weights import choose_weights

        where = _computing(settings) | {"decode": settings.decode}
        if self.base is not None:
            return choose_weights(self.base, self.adapter, **where)
        base, adapter = settings.base or None, self.adapter or settings.adapter or None
        if base is None and adapter is None and recorded_in is not None:
            recalled = recall_model(recorded_in.workspace, **where)
            if recalled is not None:
                return recalled
        return choose_weights(base, adapter, **where)

    def base_weights(self, settings: Settings) -> Weights:
        """The base model alone, as training starts from it."""
        from skintui.steps.weights import base_alone

        return base_alone(self.base or settings.base or None, **_computing(settings))

    def reporting(self) -> AbstractContextManager[Quiet]:
        from skintui.cli.bar import reporting

        return reporting(self.progress)

    def write(self, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, top: int | None = None) -> None:
        from skintui.cli.output import write_rows

        write_rows(rows, columns, self.form, top=top)


def _computing(settings: Settings) -> dict[str, str]:
    """Where and how the model computes."""
    return {"device": settings.device, "dtype": settings.dtype, "quantize": settings.quantize}


def verb(*, dataset: bool = True, weights: bool | str = False, results: bool = False, place: bool = True) -> Decorator:
    """Add the shared options to a verb, which receives them as its first argument, a :class:`Call`.

    Args:
        dataset: whether the verb takes ``[DATASET]`` as its first positional argument.
        weights: whether it takes ``--base``, ``--adapter``, ``--device``, ``--dtype``, ``--quantize``;
            ``"base"``: no adapter.
        results: whether it takes ``--format``.
        place: whether it takes ``--metadata`` and ``--images``.
    """
    added = [*(_PLACE if place else _PLACE[:1]), *_ALWAYS]
    added += [option for name, option in _WEIGHTS.items() if weights and (name, weights) != ("adapter", "base")]
    added += [_FORMAT] if results else []

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def gathered(**given: Any) -> Any:
            shared = {n: given.pop(n, None) for n in ("dataset", "metadata", "images", "base", "adapter")}
            overrides = {n: given.pop(n, None) for n in ("workspace", "device", "dtype", "quantize")}
            overrides |= {n: given.pop(n) for n in ("reviewer", "fdr", "image", "theme", "decode") if n in given}
            form, progress = given.pop("form", "table"), given.pop("progress")
            call = Call(**shared, form=form, progress=progress, overrides=overrides)
            return function(call, **given)

        decorated: Callable[..., Any] = gathered
        for option in reversed(added):
            decorated = option(decorated)
        return click.argument("dataset", required=False)(decorated) if dataset else decorated

    return decorate


def split_words(words: Sequence[str], names: Sequence[str]) -> list[str | None]:
    """``[DATASET] WORD …`` from the positional words: the data set first, or None where only the others came.

    Raises UsageError naming what is missing or too much.
    """
    if len(words) == len(names) + 1:
        return list(words)
    if len(words) == len(names):
        return [None, *words]
    wanted = " ".join(["[DATASET]", *names])
    raise UsageError(f"expected {wanted}, got {len(words)} words" if words else f"expected {wanted}")


def engines(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where a verb computes; they go to :func:`computing`."""
    for option in reversed(_ENGINES):
        function = option(function)
    return function


def computing(
    settings: Settings, engine: str, address: str | None, workers: int | None, *, cpus: int = 1
) -> AbstractContextManager[Engine | None]:
    """The engine chosen, None for this process. Raises UsageError for options that go with another one."""
    if engine == "local":
        for name, value in (("--address", address), ("--workers", workers)):
            if value is not None:
                raise UsageError(f"{name} goes with --engine ray")
        return nullcontext()
    from skintui.engines.on_ray import on_ray

    where = address or settings.address or os.environ.get("RAY_ADDRESS", "")
    return on_ray(where, settings.device, cpus=cpus, limit=workers)


def _debug(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if context.obj is not None and value:
        context.obj.debug = True


_PLACE = [
    click.option("--workspace", metavar="DIR", help="Folder for everything computed and decided."),
    click.option("--metadata", metavar="FILE", help="Metadata file, where it is not found by its name."),
    click.option("--images", metavar="PATH", help="HDF5 file or folder of the tiles, likewise."),
]
_WEIGHTS = {
    "base": click.option("--base", metavar="DIR_OR_HUB_ID", help="Base model, any Qwen2-VL; default: the bundled one."),
    "adapter": click.option(
        "--adapter", metavar="DIR", help="LoRA adapter; default: the bundled one with the bundled base."
    ),
    "device": click.option("--device", metavar="NAME", help="auto, cpu, cuda, cuda:1 …"),
    "dtype": click.option("--dtype", metavar="NAME", help="auto, float32, bfloat16 or float16."),
    "quantize": click.option("--quantize", metavar="BITS", help="Base in 4bit or 8bit (needs bitsandbytes)."),
}
_ENGINES = [
    click.option(
        "--engine", type=click.Choice(("local", "ray")), default="local", show_default=True,
        help="This process, or a Ray cluster's GPUs (without any: CPU cores).",
    ),
    click.option(
        "--address", metavar="HOST:PORT",
        help="Ray cluster; 'auto' on a node of it. [default: RAY_ADDRESS, else this machine alone]",
    ),
    click.option("--workers", type=click.IntRange(1), metavar="N", help="With --engine ray: at most N workers."),
]  # fmt: skip
_ALWAYS = [
    click.option(
        "--progress",
        type=click.Choice(("bar", "json", "none")),
        default="bar",
        show_default=True,
        envvar="SKINTUI_PROGRESS",
        help="Progress on stderr.",
    ),
    click.option(
        "--debug", is_flag=True, is_eager=True, expose_value=False, callback=_debug, envvar="SKINTUI_DEBUG",
        help="Show the traceback of a failure.",
    ),
]  # fmt: skip
_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "csv")),
    default="table",
    show_default=True,
    envvar="SKINTUI_FORMAT",
    help="How results are written.",
)
