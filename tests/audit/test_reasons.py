from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from skintui.audit.findings import SCHEMA
from skintui.audit.reasons import NearRange, Typical, reasons

TYPICAL = {"areaMM2": Typical(0.12, 0.05), "deltaL": Typical(1.0, 0.5), "A": Typical(1.0, 0.5)}


def reason(near: NearRange | None = None, **values: Any) -> str:
    row = dict.fromkeys(SCHEMA) | {"attribute": "areaMM2", "predicted": 8.9, "spread": 1.1} | values
    return reasons(pl.DataFrame([row], schema=SCHEMA), TYPICAL, near)[0]


def test_the_line_of_the_handbook() -> None:
    near = NearRange(np.array([7.8]), np.array([10.4]), np.array([10]))
    line = reason(near, label=41.2, identity_violation="perimeter²/area")
    assert line == ("label 41.20 mm², model 8.90 ± 1.10, 10 neighbours 7.80–10.40, perimeter²/area broken: label odd")


def test_without_their_range_the_neighbours_median_is_told() -> None:
    assert "neighbours' median 9.10" in reason(label=41.2, neighbour_median=9.1, neighbour_mad=0.5)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"label": 91.0}, "decimal slip ×10?"),
        ({"label": 0.88}, "decimal slip ÷10?"),
        ({"label": 880.0}, "decimal slip ×100?"),
        ({"attribute": "deltaL", "label": 8.4, "predicted": -8.9, "spread": 0.6}, "sign flipped?"),
        ({"attribute": "A", "label": 31.16, "predicted": 13.3, "spread": 0.5}, "digits swapped?"),
        ({"label": 0.76, "predicted": 7.1, "spread": 0.3}, "digits swapped?"),
        ({"label": 41.2}, ": label odd"),
        ({"label": 20.0, "predicted": 8.9, "spread": 3.0}, "model unsure here"),
        ({"label": 13.0, "neighbour_median": 9.0, "neighbour_mad": 3.0}, "noisy by nature"),
        ({"label": 20.0, "neighbour_median": 20.5, "neighbour_mad": 0.6}, "neighbours side with the label"),
        ({"label": 9.0, "identity_violation": "x"}, "a sibling may be off"),
    ],
)
def test_the_likeliest_explanation(values: dict[str, Any], expected: str) -> None:
    assert expected in reason(**values)


def test_what_is_expected_is_told_where_it_is_not_the_prediction() -> None:
    line = reason(label=12.1, expected=12.0)
    assert line == "label 12.10 mm², model 8.90 ± 1.10, expected 12.00"
    assert reason(label=8.9, expected=12.0, spread=0.5).endswith(": label odd")


def test_a_label_in_line_needs_no_explanation() -> None:
    assert reason(label=9.0) == "label 9.00 mm², model 8.90 ± 1.10"


def test_without_a_prediction_it_says_so() -> None:
    assert "no prediction" in reason(label=9.0, predicted=None, spread=None, identity_violation="x")


def test_rows_of_several_attributes_keep_their_places() -> None:
    rows = [
        dict.fromkeys(SCHEMA) | {"attribute": name, "label": label, "predicted": 1.0, "spread": 1.0}
        for name, label in (("A", 1.0), ("areaMM2", 2.0), ("A", 3.0))
    ]
    lines = reasons(pl.DataFrame(rows, schema=SCHEMA), TYPICAL)
    assert [line.split(",")[0] for line in lines] == ["label 1.00 LAB", "label 2.00 mm²", "label 3.00 LAB"]
