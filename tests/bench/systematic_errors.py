"""How well errors of whole groups are found, against the group's size and the kind of error, and how often none is one.

    python -m tests.bench.systematic_errors [--dataset DATASET --workspace DIR] [--draws N] [--full]

Without a data set, on a made-up cohort (patients' predictions .3 σ apart, Student's t4 within); with one, on its labels
and the predictions and spreads of its last audit, so with the errors a real model makes. Each draw plants one error
into one group of the size asked for. Printed as JSON: findings on the labels as they are; per kind and size the share
of draws in which the error is found (right kind, attribute and group), and findings beside it; per kind the same for
sources and for the whole column; with ``--full`` seconds and megabytes at 401,059 lesions.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import replace

import numpy as np
import polars as pl

from skintui.audit.systematic import SystematicError, systematic_errors
from skintui.steps.place import open_place
from skintui.steps.systematic import groups_of, laid_out
from tests.audit.cohort import Cohort, cohort

SIZES = (5, 8, 15, 30, 100)
ERRORS: dict[str, tuple[str, tuple[str, ...], float]] = {
    "area ×10": ("unit factor", ("areaMM2",), 10.0),
    "diameter ÷25.4": ("unit factor", ("clin_size_long_diam_mm",), 1 / 25.4),
    "colour variation ÷10": ("unit factor", ("norm_color",), 0.1),
    "deltaL sign": ("sign", ("deltaL",), 1.0),
    "deltaB sign": ("sign", ("deltaB",), 1.0),
    "A and Aext exchanged": ("swap", ("A", "Aext"), 1.0),
    "minor axis and diameter exchanged": ("swap", ("minorAxisMM", "clin_size_long_diam_mm"), 1.0),
    "area and perimeter exchanged": ("swap", ("areaMM2", "perimeterMM"), 1.0),
    "A off by 10 LAB": ("offset", ("A",), 10.0),
    "perimeter ×2": ("factor", ("perimeterMM",), 2.0),
}
FREE = {"offset", "factor"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="")
    parser.add_argument("--workspace", default="")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    base = of_workspace(options.dataset, options.workspace) if options.dataset else cohort()
    as_is = found(base)
    report: dict[str, object] = {
        "lesions": len(base.labels),
        "as they are": [error.sentence for error in as_is],
        "patient": {name: by_size(base, name, options.draws, as_is) for name in ERRORS},
        "source": {name: share(base, name, "source", groups(base, "source", 30), as_is) for name in ERRORS},
        "data set": {
            name: share(base, name, "data set", [""], as_is) for name, (kind, *_) in ERRORS.items() if kind not in FREE
        },
    }
    if not options.dataset:
        report["false findings on clean cohorts"] = [len(found(cohort(seed=seed))) for seed in range(options.draws)]
    if options.full:
        report["at 401,059"] = at_full_size()
    print(json.dumps(report, indent=2, ensure_ascii=False))


def of_workspace(dataset: str, workspace: str) -> Cohort:
    """Labels, predictions and the audit's spreads; lesions without predictions are left out."""
    from skintui.audit import load_findings

    place = open_place(dataset, workspace=workspace)
    lesions = place.lesions()
    findings = load_findings(place.workspace.findings)
    predicted, spread = laid_out(lesions, findings)
    kept = np.flatnonzero(np.isfinite(predicted).any(axis=1))
    by = {kind: values.gather(kept) for kind, values in groups_of(lesions).items()}
    return Cohort(lesions.labels()[kept], predicted[kept], spread[kept], by)


def found(given: Cohort) -> list[SystematicError]:
    return systematic_errors(given.labels, given.predicted, given.spread, given.groups)


def groups(given: Cohort, kind: str, fewest: int) -> list[str]:
    """Groups of a kind that are large enough, and for a wide kind have more than one patient."""
    table = pl.DataFrame({"group": given.groups[kind], "patient": given.groups["patient"]}).drop_nulls("group")
    counted = table.group_by("group").agg(pl.len(), pl.col("patient").n_unique().alias("patients"))
    wanted = pl.col("len") >= fewest
    if kind != "patient":
        wanted &= pl.col("patients") > 2
    return counted.filter(wanted).sort("group")["group"].to_list()


def by_size(base: Cohort, name: str, draws: int, as_is: list[SystematicError]) -> dict[str, dict[str, float]]:
    """Patients of a size: large ones are thinned, the rest of theirs belongs to another."""
    out = {}
    for size in SIZES:
        r = np.random.default_rng(size)
        pool = groups(base, "patient", size)
        hits, beside = 0, 0
        for _ in range(draws if pool else 0):
            patient = str(r.choice(pool))
            rows = r.permutation(base.of("patient", patient))[:size]
            patients = base.groups["patient"].scatter(rows, ["thinned"] * size)
            thinned = replace(base, groups=base.groups | {"patient": patients})
            hit, more = outcome(thinned, rows, name, "patient", "thinned", as_is)
            hits, beside = hits + hit, beside + more
        if pool:
            out[str(size)] = {"found": hits / draws, "findings beside": beside / draws}
    return out


def share(base: Cohort, name: str, by: str, all_of: list[str], as_is: list[SystematicError]) -> dict[str, float]:
    results = [outcome(base, base.of(by, group), name, by, group, as_is) for group in all_of[:5]]
    n = max(len(results), 1)
    return {"found": sum(hit for hit, _ in results) / n, "findings beside": sum(more for _, more in results) / n}


def outcome(
    base: Cohort, rows: np.ndarray, name: str, by: str, group: str, as_is: list[SystematicError]
) -> tuple[bool, int]:
    """Whether the planted error is among the findings, and how many others are that were not there before."""
    kind, names, amount = ERRORS[name]
    errors = found(base.planted(rows, kind, names, amount))
    kinds = FREE if kind in FREE else {kind}
    known = {(error.by, error.group, error.attributes) for error in as_is}
    hits = [e for e in errors if (e.by, e.group, e.attributes) == (by, group, names) and e.kind in kinds]
    others = [e for e in errors if e not in hits and (e.by, e.group, e.attributes) not in known]
    return bool(hits), len(others)


def at_full_size() -> dict[str, float]:
    """A cohort as large as SLICE-3D with an error at each level."""
    given = cohort(401_059, 1042, 7)
    given = given.planted(given.of("source", "S1"), "unit factor", ("areaMM2",), 10.0)
    given = given.planted(given.of("patient", "IP_0007"), "sign", ("deltaL",))
    given = given.planted(given.of("patient", "IP_0077"), "swap", ("A", "Aext"))
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    errors = found(given)
    seconds = time.process_time() - start
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"CPU seconds": seconds, "megabytes more": more / 1024, "found": len(errors)}


if __name__ == "__main__":
    main()
