from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from skintui.audit.measure import AuditMeasures, Meter, measure_audit, ranked


def _findings() -> tuple[pl.DataFrame, pl.DataFrame]:
    # A wrong (swap) at place 1, B at place 3 wrong (shift), C and D clean; E's label went missing.
    frame = pl.DataFrame(
        {
            "isic_id": ["A", "C", "B", "D"],
            "attribute": ["areaMM2", "areaMM2", "deltaL", "deltaL"],
            "flagged": [True, True, False, False],
            "q_value": [0.01, 0.08, 0.15, None],
        }
    )
    truth = pl.DataFrame(
        {
            "isic_id": ["A", "B", "E", "A"],
            "column": ["tbp_lv_areaMM2", "tbp_lv_deltaL", "tbp_lv_A", "tbp_lv_x"],
            "kind": ["swap", "shift", "swap", "swap"],
        }
    )
    return frame, truth


@pytest.fixture
def measured() -> AuditMeasures:
    return measure_audit(*_findings(), ks=(1, 2))


def test_average_precision_by_hand(measured: AuditMeasures) -> None:
    # all: (1 + 2/3) / 2; shift alone: C and D beside B, B second of three
    assert measured.average_precision == pytest.approx({"swap": 1.0, "shift": 0.5, "all": 5 / 6})


def test_precision_at_by_hand(measured: AuditMeasures) -> None:
    assert measured.precision_at == {"1": 1.0, "2": 0.5}


def test_flagged_by_hand(measured: AuditMeasures) -> None:
    assert (measured.flagged, measured.precision_flagged, measured.recall_flagged) == (2, 0.5, 0.5)


def test_discoveries_by_hand(measured: AuditMeasures) -> None:
    assert measured.fdr == pytest.approx({"0.05": 0.0, "0.1": 0.5, "0.2": 1 / 3})
    assert measured.power == {"0.05": 0.5, "0.1": 0.5, "0.2": 1.0}


def test_errors_outside_the_audit_are_told_apart(measured: AuditMeasures) -> None:
    assert (measured.errors, measured.untestable) == (2, 1)


def test_precision_at_by_kind_and_attribute(measured: AuditMeasures) -> None:
    assert measured.precision_at_by_kind == {"swap": {"1": 1.0, "2": 0.5}, "shift": {"1": 0.0, "2": 0.5}}
    assert measured.precision_at_by_attribute == {"areaMM2": {"1": 1.0, "2": 0.5}, "deltaL": {"1": 1.0, "2": 0.5}}
    assert measured.errors_by_attribute == {"areaMM2": 1, "deltaL": 1}


def test_an_error_known_before_is_no_false_alarm() -> None:
    frame, truth = _findings()
    known = pl.DataFrame({"isic_id": ["C", "A"], "column": ["tbp_lv_areaMM2", "tbp_lv_areaMM2"]})
    # C is left out, A stays because it was planted: A and B of A, B, D
    measured = measure_audit(frame, truth, known=known)
    assert measured.average_precision["all"] == 1.0
    assert measured.known == 1  # C; A is a planted error and stays


def test_to_discover_an_error_known_before_is_no_false_discovery() -> None:
    frame, truth = _findings()
    known = pl.DataFrame({"isic_id": ["C"], "column": ["tbp_lv_areaMM2"]})
    # q ≤ .1: A planted, C known; without the file C would be one false discovery of two
    assert measure_audit(frame, truth, known=known).fdr["0.1"] == 0.0


def test_a_patient_drawn_twice_counts_twice() -> None:
    frame, truth = _findings()
    meter = Meter(ranked(frame.with_columns(pl.Series("patient_id", ["P", "Q", "Q", "P"])), truth), ks=(2,))
    drawn = meter.figures(np.array([1, 2]))
    # A once, C twice, B twice, D once: (1 · 1/1 + 2 · 3/5) / 3
    assert drawn["average_precision", "all", ""] == pytest.approx(2.2 / 3)
    assert drawn["precision_at", "all", "2"] == 0.5
    # q ≤ .1: A once, C twice
    assert drawn["fdr", "all", "0.1"] == pytest.approx(2 / 3)


def test_intervals_enclose_the_figure() -> None:
    frame, truth = _findings()
    found = Meter(ranked(frame, truth)).drawn(100)["average_precision", "all", ""].estimate()
    assert found.low <= found.value <= found.high


def test_another_score_orders_the_same_rows_anew() -> None:
    frame, truth = _findings()
    order = ranked(frame, truth)
    again = order.reordered(np.array([0.0, 1.0, 3.0, 2.0]))
    assert again.row.tolist() == [2, 3, 1, 0]
    assert again.kind.tolist() == ["shift", None, None, "swap"]
