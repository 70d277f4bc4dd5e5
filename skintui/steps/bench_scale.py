"""``bench scale``: what the product costs at the size of the published data set, and how that grows.

Every stage at every size is measured once and kept; an interrupted run goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from skintui.errors import UsageError
from skintui.files import explained, write_json
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.measures import Measure, Measures, machine
from skintui.steps.place import Place
from skintui.steps.scale.auditing import measure_audit
from skintui.steps.scale.indexing import measure_index
from skintui.steps.scale.opening import measure_opening
from skintui.steps.scale.screen import measure_screen
from skintui.steps.scale.searching import Groups, measure_search
from skintui.steps.scale.shortened import shortened
from skintui.steps.weights import Weights

STAGES = ("opening", "audit", "application", "search", "index")
SIZES = (10_000, 50_000, 100_000)
"""Lesions at which growth is measured, besides all of them."""
FILLS = (0.0, 0.5, 0.95)
KEPT = "figures.json"

Figure = tuple[str, str]
"""What is measured, and its unit: a key has a time and a number of bytes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    stages: tuple[str, ...] = STAGES
    sizes: tuple[int, ...] = SIZES
    """Numbers of lesions; those beyond the data set are left out, all of its lesions are always measured."""
    dimensions: int = 3584
    """Of the vectors searched: the full model's."""
    tiles: int = 512
    """Tiles read in each measured part of the index."""
    peer_rows: int = 50_000
    """Lesions up to which other libraries are measured beside; 0 for none."""

    def checked(self) -> Plan:
        """Raises UsageError for a stage that is not known or sizes without sense."""
        for stage in self.stages:
            if stage not in STAGES:
                raise UsageError(f"no stage '{stage[:20]}'", do=f"choose from {', '.join(STAGES)}")
        if any(size < 1 for size in self.sizes):
            raise UsageError("a size is a number of lesions, 1 or more")
        return self


@dataclass(frozen=True, slots=True)
class Scaled:
    """The figures of all sizes, and how each grows."""

    measures: Measures

    @property
    def by_figure(self) -> dict[Figure, list[Measure]]:
        """The measures of each figure by size, figures in the order they were measured."""
        found: dict[Figure, list[Measure]] = {}
        for measure in self.measures.measures:
            found.setdefault((measure.what, measure.unit), []).append(measure)
        return found

    @property
    def growth(self) -> dict[Figure, float]:
        """Per figure the slope of log value on log lesions; of a rate: of the time that all lesions take."""
        slopes = {figure: slope(found) for figure, found in self.by_figure.items()}
        return {figure: value for figure, value in slopes.items() if value is not None}

    def rows(self) -> Iterator[dict[str, object]]:
        """One row per figure and size, with its growth."""
        growth = self.growth
        for row in self.measures.rows():
            yield {**row, "growth": growth.get((str(row["what"]), str(row["unit"])))}


def slope(found: Sequence[Measure]) -> float | None:
    """Slope of log value on log lesions by least squares; None for fewer than three sizes, shares and counts.

    A rate (``x/s``) stands for the time of all lesions, lesions divided by it: a constant rate has the slope 1.
    """
    sized = [m for m in found if m.unit and m.value > 0 and np.isfinite(m.value)]
    if len({m.rows for m in sized}) < 3:
        return None
    rows = np.array([m.rows for m in sized], dtype=np.float64)
    values = np.array([m.value for m in sized])
    if sized[0].unit.endswith("/s"):
        values = rows / values
    return float(np.polyfit(np.log(rows), np.log(values), 1)[0])


def bench_scale(place: Place, weights: Weights, keep: Path, plan: Plan, progress: Progress) -> Scaled:
    """Measure the stages of ``plan`` at its sizes, everything made for it kept in the folder ``keep``.

    Figures kept there of the same data set and machine are not measured again. Raises UsageError for an impossible
    plan, WorkspaceError where ``keep`` cannot be written, Cancelled between two stages.
    """
    plan.checked()
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explained(error, keep) from error
    lesions = place.lesions(progress)
    sizes = [size for size in sorted(set(plan.sizes)) if size < len(lesions)] + [len(lesions)]
    kept = _Kept(keep / KEPT, lesions.dataset_sha256)
    for size in sizes:
        part: Place | None = None
        for stage in plan.stages:
            name = _name(stage, plan)
            if kept.has(name, size):
                continue
            stop_if_cancelled(progress)
            part = part or shortened(place, keep / str(size), size, progress)
            progress.start(f"{stage}, {size:,} lesions")
            whole = size == len(lesions)
            kept.add(name, size, list(_measured(stage, part, weights, keep, plan, progress, whole=whole)))
    names = [_name(stage, plan) for stage in plan.stages]
    return Scaled(Measures(tuple(m for name in names for size in sizes for m in kept.of(name, size))))


def _measured(
    stage: str, place: Place, weights: Weights, keep: Path, plan: Plan, progress: Progress, *, whole: bool
) -> Iterator[Measure]:
    n = len(place.lesions())
    peers = n <= plan.peer_rows
    stages: dict[str, Callable[[], Iterator[Measure]]] = {
        "opening": lambda: measure_opening(place),
        "audit": lambda: measure_audit(place, peers=peers),
        "application": lambda: measure_screen(_audited(place), progress, peers=peers or plan.peer_rows > 0),
        "search": lambda: measure_search(
            keep / f"vectors-{n}-{plan.dimensions}", _groups(place), plan.dimensions, progress, peers=peers
        ),
        "index": lambda: measure_index(
            place, weights, progress, tiles=min(plan.tiles, n), fills=FILLS if whole else FILLS[:1]
        ),
    }
    return stages[stage]()


def _audited(place: Place) -> Place:
    """A place with findings, of drawn predictions where the audit was not measured before."""
    from skintui.steps.scale.apart import apart
    from skintui.steps.scale.auditing import draw_predictions, seconds_of_audit

    if not place.workspace.findings.is_file():
        apart(draw_predictions, place)
        apart(seconds_of_audit, place)
    return place


def _groups(place: Place) -> Groups:
    frame = place.lesions().frame
    codes = [
        frame[name].rank("dense").fill_null(0).to_numpy().astype(np.int32) for name in ("patient_id", "attribution")
    ]
    return Groups(*codes)


def _name(stage: str, plan: Plan) -> str:
    """A stage with those of the plan's choices that its figures depend on."""
    chosen = {"search": (plan.dimensions, plan.peer_rows), "index": (plan.tiles,), "audit": (plan.peer_rows,)}
    return " ".join([stage, *map(str, chosen.get(stage, ()))])


class _Kept:
    """Figures measured before on this machine of this data set, written after each stage."""

    def __init__(self, path: Path, dataset_sha256: str) -> None:
        self._path = path
        self._about = {"dataset_sha256": dataset_sha256, "machine": machine()}
        self._found: dict[str, list[Measure]] = {}
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if all(stored[key] == value for key, value in self._about.items()):
                self._found = {key: [Measure(**m) for m in measures] for key, measures in stored["figures"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._found = {}

    def has(self, stage: str, size: int) -> bool:
        return f"{stage} {size}" in self._found

    def of(self, stage: str, size: int) -> list[Measure]:
        return self._found[f"{stage} {size}"]

    def add(self, stage: str, size: int, measures: list[Measure]) -> None:
        self._found[f"{stage} {size}"] = measures
        figures = {key: [asdict(m) for m in found] for key, found in self._found.items()}
        write_json(self._path, {**self._about, "figures": figures})
