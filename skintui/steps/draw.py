"""``bench dataset``: drawn lesions with known attributes, as a data set in Kaggle's layout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from skintui.errors import UsageError
from skintui.progress import Progress


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn."""

    out: Path
    lesions: int
    patients: int
    faults: int
    """Annotations spoilt on purpose; their truth is in ``label-errors.csv``."""
    seconds: float

    def summary(self) -> str:
        faults = f", {self.faults} annotations spoilt" if self.faults else ""
        pace = self.lesions / max(self.seconds, 1e-9)
        return f"{self.lesions} lesions of {self.patients} patients drawn into {self.out} ({pace:.0f}/s){faults}"


def draw(
    out: Path,
    progress: Progress,
    *,
    rows: int,
    patients: int | None = None,
    faults: float = 0.0,
    seed: int = 0,
    processes: int | None = None,
    force: bool = False,
) -> Drawn:
    """Draw ``rows`` lesions into the folder ``out``; an interrupted run goes on where it was.

    ``processes`` draw, by default as many as there are usable cores; the result is the same for any number.

    Raises UsageError where ``out`` holds a data set already and ``force`` is not given.
    """
    from skintui.dataset.drawn.cohort import usual_patients
    from skintui.dataset.drawn.parts import usable_cores
    from skintui.dataset.drawn.write import METADATA, write_dataset

    if (out / METADATA).exists() and not (force or (out / ".parts").is_dir()):
        raise UsageError("there is a data set here already", where=out, do="name another folder or give --force")
    count = patients or usual_patients(rows)
    begun = perf_counter()
    written = write_dataset(out, rows, count, seed, faults, progress, processes or usable_cores())
    return Drawn(out, written.lesions, count, written.faults, perf_counter() - begun)
