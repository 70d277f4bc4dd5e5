"""``scan``: every problem of a data set, and the caches that make it quick to open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skintui.progress import Progress
from skintui.steps.place import Place

if TYPE_CHECKING:
    from skintui.dataset.problems import Problem

COLUMNS = ("kind", "isic_id", "column", "message")


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What the scan found."""

    lesions: int
    tiles_checked: int
    problems: tuple[Problem, ...]
    seconds: float

    def rows(self) -> Iterator[dict[str, str]]:
        return (problem.as_dict() for problem in self.problems)

    def summary(self) -> str:
        counts = Counter(problem.kind for problem in self.problems)
        found = ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "no problem"
        return f"{self.lesions} lesions, {self.tiles_checked} tiles checked in {self.seconds:.1f} s: {found}"


def scan(place: Place, progress: Progress, *, check_tiles: bool = True) -> ScanReport:
    """Validate metadata and tiles and write the caches. A damaged value or tile never stops the work on the others."""
    from skintui.dataset.scan import scan_dataset

    found = scan_dataset(place.files, place.workspace, progress, check_tiles)
    return ScanReport(len(found.lesions), found.tiles_checked, tuple(found.problems), found.seconds)
