from __future__ import annotations

import polars as pl
import pytest

from skintui.audit.measure import AuditMeasures, measure_audit


@pytest.fixture
def measured() -> AuditMeasures:
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
    return measure_audit(frame, truth, ks=(1, 2))


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
