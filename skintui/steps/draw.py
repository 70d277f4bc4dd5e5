"""``bench dataset``: drawn lesions with known attributes, as a data set in Kaggle's layout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROWS_PER_PATIENT = 20


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn."""

    out: Path
    lesions: int
    patients: int
    seconds: float

    def summary(self) -> str:
        pace = self.lesions / max(self.seconds, 1e-9)
        return f"{self.lesions} lesions of {self.patients} patients drawn into {self.out} ({pace:.0f}/s)"
