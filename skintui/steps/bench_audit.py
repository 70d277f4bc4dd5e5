"""``bench audit``: how long the audit of an indexed data set takes."""

from __future__ import annotations

from time import perf_counter

from skintui.audit.ranking import audit as ranked
from skintui.progress import Progress
from skintui.steps.audit import audit_input, stored_neighbours
from skintui.steps.measures import Measure, Measures
from skintui.steps.place import Place
from skintui.steps.predictions import read_predictions


def bench_audit(place: Place, progress: Progress, *, k: int = 30) -> Measures:
    """Seconds for reading the predictions, for the neighbours (nothing where they are kept) and for the ranking."""
    lesions = place.lesions(progress)
    begun = perf_counter()
    stored = read_predictions(place.workspace.predictions, lesions)
    read = perf_counter()
    near = stored_neighbours(place, lesions, stored, k, progress)
    searched = perf_counter()
    progress.start("ranking annotations")
    findings = ranked(audit_input(place, lesions, stored, near))
    done = perf_counter()
    n = len(lesions)
    return Measures(
        (
            Measure("reading predictions", read - begun, "s", rows=n),
            Measure("neighbours of all lesions", searched - read, "s", rows=n),
            Measure("ranking annotations", done - searched, "s", rows=n),
            Measure("annotations ranked", findings.frame.height / (done - searched), "1/s", rows=n),
        )
    )
