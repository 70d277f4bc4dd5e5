"""``bench audit``: how long the audit of an indexed data set takes, and how well it ranks beside others."""

from __future__ import annotations

from time import perf_counter

from skintui.audit.measure import ALL
from skintui.audit.ranking import audit as ranked
from skintui.progress import Progress
from skintui.steps.audit import audit_input, stored_neighbours
from skintui.steps.measured import PRECISION, SelfTest
from skintui.steps.measures import Measure, Measures
from skintui.steps.place import Place
from skintui.steps.predictions import read_predictions
from skintui.steps.selftest import IDENTITIES, WITH_IDENTITIES, selftest

FRACTION, SEED = 0.01, 0


def bench_audit(place: Place, progress: Progress, *, k: int = 30) -> Measures:
    """Seconds for reading the predictions, for the neighbours (nothing where they are kept) and for the ranking.

    Then the average precision of 1 % planted errors, in total and per kind, beside every other ranking of the same
    annotations from the same predictions.
    """
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
    measured = selftest(place, progress, fraction=FRACTION, seed=SEED)
    return Measures(
        (
            Measure("reading predictions", read - begun, "s", rows=n),
            Measure("neighbours of all lesions", searched - read, "s", rows=n),
            Measure("ranking annotations", done - searched, "s", rows=n),
            Measure("annotations ranked", findings.frame.height / (done - searched), "1/s", rows=n),
            *_beside(measured, n),
        )
    )


def _beside(measured: SelfTest, n: int) -> list[Measure]:
    """Average precision per kind with the peers' in one column; the two that see sibling columns stand apart."""
    apart = (IDENTITIES, WITH_IDENTITIES)
    out = []
    for of, value in measured.measures.average_precision.items():
        others = {name: values[of] for name, values in measured.peers.items() if name not in apart}
        what = "average precision" if of == ALL else f"average precision, {of}"
        out.append(Measure(what, value, "", "above every peer", _told(others), n))
    if {*apart} <= {*measured.peers}:
        value, other = (measured.peer_draws[name][PRECISION, ALL, ""].value for name in (WITH_IDENTITIES, IDENTITIES))
        what = "average precision with sibling columns seen"
        out.append(Measure(what, value, "", "above every peer", _told({IDENTITIES: other}), n))
    return out


def _told(others: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in others.items())
