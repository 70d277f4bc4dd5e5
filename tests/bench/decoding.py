"""Greedy answers against the mean and the median of the answer tokens' distribution.

    python -m tests.bench.decoding DATASET --workspace DIR [--limit 800] [--truth label-errors.csv] [--adapter DIR]

Reads the same lesions once per mode and prints, over the sixteen attributes: mean R², mean absolute error in standard
deviations of the labels, mean rank correlation, the share of labels within the central 50, 80 and 95 % of the spread,
tiles per second, and with ``--truth`` (``isic_id, column, kind``) the audit's average precision by the model alone.
Labels named in the truth file are put right before R² and coverage are taken.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES, BY_COLUMN
from skintui.audit.findings import AuditInput
from skintui.audit.measure import measure_audit
from skintui.audit.metrics import mae, r2, spearman
from skintui.audit.ranking import audit
from skintui.dataset.lesions import Lesions
from skintui.steps.evaluation.readings import Readings
from skintui.steps.place import open_place
from skintui.steps.weights import choose_weights
from tests.bench.reading import Floats, read_rows

MODES = ("greedy", "mean", "median")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("--workspace", default="")
    parser.add_argument("--limit", type=int, default=800)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--base")
    parser.add_argument("--adapter")
    options = parser.parse_args()
    lesions = open_place(options.dataset, workspace=options.workspace).lesions()
    count = min(options.limit, len(lesions))
    rows = np.sort(np.random.default_rng(5).choice(len(lesions), count, replace=False))
    truth = pl.read_csv(options.truth) if options.truth else None
    labels = lesions.labels()[rows]
    right = labels if truth is None else _put_right(lesions, rows, truth)
    for mode in MODES:
        begun = perf_counter()
        reader = choose_weights(options.base, options.adapter, decode=mode).load()
        predicted, spread = read_rows(lesions, rows, reader)
        told = {"mode": mode, "lesions": count, "tiles_per_second": round(count / (perf_counter() - begun), 1)}
        told |= _accuracy(right, predicted, spread)
        if truth is not None:
            told["average_precision"] = _found(lesions, rows, labels, predicted, spread, truth)
        print(json.dumps(told), flush=True)


def _put_right(lesions: Lesions, rows: NDArray[np.int64], truth: pl.DataFrame) -> Floats:
    labels = lesions.labels().copy()
    columns = {column: ATTRIBUTES.index(attribute) for column, attribute in BY_COLUMN.items()}
    for isic_id, column, original in truth.select("isic_id", "column", "original").iter_rows():
        if column in columns:
            labels[lesions.row_of(isic_id), columns[column]] = original
    return np.asarray(labels[rows])


def _accuracy(labels: Floats, predicted: Floats, spread: Floats) -> dict[str, float]:
    pairs = [(labels[:, j], predicted[:, j]) for j in range(len(ATTRIBUTES))]
    readings = Readings(labels, predicted, spread)
    covered = np.mean([readings.coverage(j) for j in range(len(ATTRIBUTES))], axis=0)
    told = {
        "r2": np.mean([r2(y, f) for y, f in pairs]),
        "rank_correlation": np.mean([spearman(y, f) for y, f in pairs]),
        "mae_in_sd": np.mean([mae(y, f) / np.nanstd(y) for y, f in pairs]),
    }
    told |= {f"within_{share}": value for share, value in zip(("50", "80", "95"), covered, strict=True)}
    return {name: round(float(value), 4) for name, value in told.items()}


def _found(
    lesions: Lesions,
    rows: NDArray[np.int64],
    labels: Floats,
    predicted: Floats,
    spread: Floats,
    truth: pl.DataFrame,
) -> float:
    """Average precision of the audit by the model alone on these lesions."""
    ids = [lesions.ids[row] for row in rows.tolist()]
    patients = lesions.patients[rows].tolist()
    given = AuditInput(ids=ids, labels=labels, predicted=predicted, patients=patients, spread=spread)
    measured = measure_audit(audit(given), truth.filter(pl.col("isic_id").is_in(ids)))
    return round(measured.average_precision["all"], 4)


if __name__ == "__main__":
    main()
