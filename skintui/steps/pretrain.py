"""Pre-train the bundled base on drawn lesions: draw them, teach the vision tower, teach the whole to describe.

The base never meets the sixteen attributes as numbers; the adapter (``skintui train``) teaches those.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from skintui.errors import UsageError
from skintui.progress import SILENT, Progress, stop_if_cancelled

if TYPE_CHECKING:
    from skintui.dataset.drawn.lesion import DrawnLesion
    from skintui.model.bundled.drawings import Drawings

STAGES = ("draw", "vision", "describe")
_SHARE = 100
"""Lesions drawn by one task of the pool."""
_PATIENT, _LESION = 1, 2
"""Streams of random numbers."""


@dataclass(frozen=True, slots=True)
class PretrainSettings:
    """What to run and how long."""

    stages: tuple[str, ...] = STAGES
    tiles: int = 30000
    """Lesions to draw."""
    patients: int = 1500
    minutes: float = 30.0
    """Length of each trained stage; the learning rate follows the clock."""
    steps: int = 0
    """Length in steps instead: reproducible to the bit with one process."""
    batch: int = 24
    """Tiles of one step and process."""
    processes: int = 1
    """Processes of one thread that draw, and that train together with averaged gradients."""
    seed: int = 0
    compile: bool = False
    """Fuse operations by torch.compile: a minute at the start, half as much speed again (needs a C++ compiler)."""
    init: Path | None = None
    """Base folder to start from instead of random weights."""
    resume: bool = False
    """Continue each stage from its last checkpoint."""


@dataclass(slots=True)
class Pretrained:
    """Where the base is and what it took."""

    base: Path
    tiles_seen: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, str]]:
        told = [
            (stage, f"{self.tiles_seen[stage]} tiles, {self.seconds[stage]:.0f} s, loss {self.losses[stage]:.3f}")
            for stage in self.tiles_seen
        ]
        return [*told, ("base", str(self.base))]


def pretrain(out: Path, settings: PretrainSettings | None = None, progress: Progress = SILENT) -> Pretrained:
    """Run the stages in order; writes ``drawn/``, checkpoints, ``metrics.jsonl`` and ``base/`` into ``out``."""
    from skintui.model.bundled.loop import Length
    from skintui.model.bundled.pretraining import StageOrder, train_base, write_base

    settings = settings or PretrainSettings()
    _check(settings)
    out.mkdir(parents=True, exist_ok=True)
    done = Pretrained(out / "base")
    if "draw" in settings.stages and not (settings.resume and (out / "drawn" / "traits.npy").is_file()):
        draw(out / "drawn", settings, progress)
    for stage in (stage for stage in ("vision", "describe") if stage in settings.stages):
        progress.start(stage)
        order = StageOrder(
            out=out,
            stage=stage,
            length=Length(60 * settings.minutes, settings.steps),
            batch=settings.batch,
            seed=settings.seed,
            processes=settings.processes,
            resume=settings.resume,
            compile=settings.compile,
            init=settings.init,
        )
        course = train_base(order, progress)
        done.tiles_seen[stage], done.seconds[stage] = course.tiles, course.seconds
        done.losses[stage] = course.loss
        write_base(out, stage)
        stop_if_cancelled(progress)
    return done


def _check(settings: PretrainSettings) -> None:
    unknown = [stage for stage in settings.stages if stage not in STAGES]
    if unknown:
        raise UsageError(f"unknown stage '{unknown[0]}'", do=f"choose from {', '.join(STAGES)}")
    if settings.tiles < 1 or settings.patients < 1 or settings.batch < 1 or settings.processes < 1:
        raise UsageError("tiles, patients, batch and processes must be at least 1")
    if settings.steps < 1 and not settings.minutes > 0:
        raise UsageError("a stage needs minutes or steps above 0")


def draw(folder: Path, settings: PretrainSettings, progress: Progress = SILENT) -> None:
    """Draw the lesions into ``folder``; the outcome does not depend on ``processes``."""
    from skintui.model.bundled.drawings import blank, level_cuts, save, to_levels, write_scales

    drawings = blank(settings.tiles)
    values = np.full((settings.tiles, drawings.levels.shape[1]), np.nan)
    progress.start("draw", settings.tiles)
    for rows, part, numbers in _shares(settings):
        drawings.tiles[rows], drawings.cells[rows], drawings.traits[rows] = part.tiles, part.cells, part.traits
        values[rows] = numbers
        progress.advance(len(numbers))
        stop_if_cancelled(progress)
    cuts = level_cuts(values)
    drawings.levels[:] = to_levels(values, cuts)
    save(drawings, folder)
    write_scales(drawings, cuts, folder / "scales.json")


def _shares(settings: PretrainSettings) -> Iterator[tuple[slice, Drawings, NDArray[np.float64]]]:
    """Finished shares of lesions in order, each with its rows and attribute values."""
    starts = range(0, settings.tiles, _SHARE)
    tasks = [(settings.seed, settings.patients, start, min(start + _SHARE, settings.tiles)) for start in starts]
    if settings.processes == 1:
        yield from map(_share, tasks)
        return
    with ProcessPoolExecutor(settings.processes) as pool:
        yield from pool.map(_share, tasks)


def _share(task: tuple[int, int, int, int]) -> tuple[slice, Drawings, NDArray[np.float64]]:
    """Draw lesions ``start`` to ``stop``: seeds depend on the lesion's number alone, not on who draws it."""
    from skintui.attributes import COLUMNS
    from skintui.dataset.drawn.lesion import draw_lesion
    from skintui.dataset.drawn.patient import draw_patient
    from skintui.model.bundled.drawings import blank
    from skintui.model.bundled.targets import dense_targets

    seed, patients, start, stop = task
    part, numbers = blank(stop - start), np.full((stop - start, len(COLUMNS)), np.nan)
    for row, number in enumerate(range(start, stop)):
        patient = draw_patient(np.random.default_rng((seed, _PATIENT, number % patients)))
        drawn = draw_lesion(np.random.default_rng((seed, _LESION, number)), patient)
        tile, mask = _as_the_model_sees_it(drawn)
        part.tiles[row], part.cells[row] = tile, dense_targets(tile, mask)
        part.traits[row] = _traits(drawn, mask)
        values = np.array([drawn.attributes[column] for column in COLUMNS])
        numbers[row] = np.where(values == 0, np.nan, values)
    return slice(start, stop), part, numbers


def _as_the_model_sees_it(drawn: DrawnLesion) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The tile through JPEG at the model's size, and the mask at the same size."""
    from PIL import Image

    from skintui.dataset.tiles import decode_tile
    from skintui.model.bundled.shape import TILE_PIXELS

    size = (TILE_PIXELS, TILE_PIXELS)
    tile = np.asarray(decode_tile(drawn.jpeg()).resize(size, Image.Resampling.BICUBIC))
    cover = Image.fromarray(drawn.mask.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    return tile, np.asarray(cover) >= 0.5


def _traits(drawn: DrawnLesion, mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The other quantities in the order of ``TRAITS``; a stored 0 of a colour spread is missing."""
    from skintui.model.bundled.questions import TRAITS

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    known = {name.removeprefix("tbp_lv_"): value for name, value in drawn.attributes.items()} | drawn.traits
    known["extent_px"] = float(np.ptp(rows) + np.ptp(columns) + 2) / 2 if len(rows) else np.nan
    known["color_std_mean"] = known["color_std_mean"] or np.nan
    return np.array([known[trait.name] for trait in TRAITS], dtype=np.float32)
