"""What it costs to audit labels with a model that has trained on them.

    python -m tests.bench.out_of_fold DATASET ADAPTER --truth label-errors.csv [--fold 0] [--base DIR] [--limit 1500]

ADAPTER was trained with ``--folds``. The lesions of one fold whose patients the main adapter trained on are read twice,
by the main adapter (in-sample) and by the adapter that never saw them (out-of-fold). Printed for both: the audit's
average precision by the model alone, over all errors named in the truth file (``isic_id, column, kind``) and per kind,
and the mean R² against the labels as they are and with the wrong ones left out.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.audit.findings import AuditInput
from skintui.audit.measure import measure_audit
from skintui.audit.metrics import r2
from skintui.audit.ranking import audit
from skintui.dataset.lesions import Lesions
from skintui.steps.folds import training_record
from skintui.steps.place import open_place
from skintui.steps.weights import choose_weights
from tests.bench.reading import Floats, read_rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("adapter", type=Path)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--base")
    parser.add_argument("--limit", type=int, default=1500)
    parser.add_argument("--workspace", default="")
    options = parser.parse_args()
    weights = choose_weights(options.base, options.adapter)
    record = training_record(weights)
    if record is None or not record.fold_of:
        parser.error("the adapter has no folds")
    lesions = open_place(options.dataset, workspace=options.workspace).lesions()
    truth = pl.read_csv(options.truth)
    patients = lesions.patients
    known = {patient for patient, fold in record.fold_of.items() if fold == options.fold} & record.train
    rows = np.flatnonzero(np.isin(patients, sorted(known)))
    rows = np.sort(np.random.default_rng(0).choice(rows, min(options.limit, rows.size), replace=False))
    right = lesions.without_labels(truth.select("isic_id", "column").iter_rows()).labels()[rows]
    for kind, adapter in (("in-sample", None), ("out-of-fold", options.adapter / f"fold-{options.fold}")):
        predicted, spread = read_rows(lesions, rows, weights.load(adapter))
        print(json.dumps(_told(lesions, rows, predicted, spread, right, truth) | {"predictions": kind}), flush=True)


def _told(
    lesions: Lesions, rows: NDArray[np.int64], predicted: Floats, spread: Floats, right: Floats, truth: pl.DataFrame
) -> dict[str, object]:
    labels = lesions.labels()[rows]
    ids = [lesions.ids[row] for row in rows.tolist()]
    patients = lesions.patients[rows].tolist()
    given = AuditInput(ids=ids, labels=labels, predicted=predicted, patients=patients, spread=spread)
    found = measure_audit(audit(given), truth.filter(pl.col("isic_id").is_in(ids)))
    return {
        "lesions": int(rows.size),
        "r2": round(_mean_r2(labels, predicted), 4),
        "r2_without_errors": round(_mean_r2(right, predicted), 4),
        "average_precision": {name: round(value, 4) for name, value in found.average_precision.items()},
    }


def _mean_r2(labels: Floats, predicted: Floats) -> float:
    return float(np.mean([r2(labels[:, j], predicted[:, j]) for j in range(len(ATTRIBUTES))]))


if __name__ == "__main__":
    main()
