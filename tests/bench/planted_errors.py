"""How well the audit finds annotation errors that were planted in a data set.

    python -m tests.bench.planted_errors DATASET TRUTH.csv --workspace DIR

DATASET must be indexed in the workspace. TRUTH.csv has the columns ``isic_id, column, kind``. Printed: average
precision per kind, precision at 50/100/500, precision and recall of what is flagged, realised false discoveries and
power; once by the model alone and once with the identities between columns, which catch by algebra what was planted in
one column alone.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl

from skintui.audit.measure import measure_audit
from skintui.audit.ranking import audit
from skintui.progress import SILENT
from skintui.steps.audit import audit_input, stored_neighbours
from skintui.steps.place import open_place
from skintui.steps.predictions import read_predictions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("truth", type=Path)
    parser.add_argument("--workspace", default="")
    parser.add_argument("--fdr", type=float, default=0.1)
    options = parser.parse_args()
    place = open_place(options.dataset, workspace=options.workspace)
    lesions = place.lesions()
    stored = read_predictions(place.workspace.predictions, lesions)
    given = audit_input(place, lesions, stored, stored_neighbours(place, lesions, stored, 30, SILENT))
    truth = pl.read_csv(options.truth)
    alone = replace(given, identities=None)
    report = {
        "lesions": len(lesions),
        "predictions": stored.about.kind,
        "model alone": asdict(measure_audit(audit(alone, fdr=options.fdr), truth)),
        "with identities": asdict(measure_audit(audit(given, fdr=options.fdr), truth)),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
