"""The verdicts of one reviewer on one data set, durable before they are shown."""

from __future__ import annotations

import math
from pathlib import Path

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.session.listing import Cell

LATER = "flagged for later"
"""Note of a flag: an unsure verdict that only says 'look again'."""


class Decisions:
    """Verdicts as the reader sees them: their own first, else the newest of the others."""

    def __init__(self, path: Path, reviewer: str) -> None:
        self.reviewer = reviewer
        self._record = ReviewRecord(path)
        self._shown: dict[tuple[str, str], Verdict] = {}
        self._of_lesion: dict[str, Verdict] = {}
        self.refresh()

    def close(self) -> None:
        self._record.close()

    def refresh(self) -> None:
        """Read what counts now, other processes' verdicts included."""
        self._shown = {}
        for (isic_id, name, reviewer), verdict in self._record.latest().items():
            known = self._shown.get((isic_id, name))
            if known is None or self._before(known, verdict, reviewer):
                self._shown[isic_id, name] = verdict
        self._of_lesion = {isic_id: verdict for (isic_id, _), verdict in self._shown.items()}

    def _before(self, known: Verdict, verdict: Verdict, reviewer: str) -> bool:
        """Whether ``verdict`` is to be shown instead of ``known``."""
        if known.reviewer == self.reviewer:
            return False
        return reviewer == self.reviewer or verdict.reviewed_at > known.reviewed_at

    def __len__(self) -> int:
        return len(self._shown)

    def of(self, isic_id: str, attribute: int) -> Verdict | None:
        return self._shown.get((isic_id, ATTRIBUTES[attribute].name))

    def own(self, isic_id: str, attribute: int) -> Verdict | None:
        verdict = self.of(isic_id, attribute)
        return verdict if verdict is not None and verdict.reviewer == self.reviewer else None

    def of_lesion(self, isic_id: str) -> Verdict | None:
        """One of the verdicts on a lesion, for a sign beside its id."""
        return self._of_lesion.get(isic_id)

    def record(self, verdict: Verdict) -> Verdict:
        """Write a verdict; it is on the disk when this returns."""
        self._record.record(verdict)
        self.refresh()
        return verdict

    def undo(self) -> Verdict | None:
        taken = self._record.undo(self.reviewer)
        self.refresh()
        return taken

    def redo(self) -> Verdict | None:
        again = self._record.redo(self.reviewer)
        self.refresh()
        return again


def plausible_value(text: str, cell: Cell) -> float:
    """A typed value in the attribute's unit. Raises UsageError where it is no number or cannot be right."""
    attribute = ATTRIBUTES[cell.attribute]
    try:
        value = float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"'{text.strip()[:20]}' is no number", do=f"type the {attribute.title}, e.g. 12.5")
    if value == 0 or not attribute.is_plausible(value):
        low, high = (f"{bound:g}" for bound in (attribute.low, attribute.high))
        unit = f" {attribute.unit}" if attribute.unit else ""
        raise UsageError(f"{attribute.title} lies between {low} and {high}{unit}, and 0 means missing; not {value:g}")
    return value
