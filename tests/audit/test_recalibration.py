from __future__ import annotations

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.audit.recalibration import FEWEST, Recalibrated, recalibrated
from skintui.audit.scale import to_scale
from skintui.audit.spread import shared_features

PAIR = ATTRIBUTES[13:15]


def _moved(
    labels: np.ndarray, predicted: np.ndarray, patients: np.ndarray, attributes: tuple[Attribute, ...] = PAIR
) -> Recalibrated:
    on_scale = np.column_stack([to_scale(predicted[:, j], a) for j, a in enumerate(attributes)])
    return recalibrated(labels, predicted, shared_features(on_scale, None, patients), None, attributes)


def _case(n: int = 1000, offset: float = 4.0, slope: float = 0.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels (n, 2), predictions compressed to ``slope`` and off by ``offset`` in the first column, patients."""
    r = np.random.default_rng(0)
    hidden = r.normal(size=(n, 2)) * 3
    labels = hidden + 0.2 * r.normal(size=(n, 2))
    predicted = hidden.copy()
    predicted[:, 0] = slope * hidden[:, 0] + offset
    return labels, predicted, np.array([f"P{i % 25:02d}" for i in range(n)], dtype=object)


def test_a_compressed_and_offset_reading_is_put_right() -> None:
    labels, predicted, patients = _case()
    found = _moved(labels, predicted, patients)
    assert found.moved == ("deltaL",)
    assert np.median(np.abs(labels - found.predicted)[:, 0]) < 0.2


def test_a_good_reading_is_left_to_the_bit() -> None:
    labels, predicted, patients = _case(offset=0.0, slope=1.0)
    found = _moved(labels, predicted, patients)
    assert found.moved == ()
    np.testing.assert_array_equal(found.predicted, predicted)


def test_wrong_labels_hardly_take_part() -> None:
    labels, predicted, patients = _case()
    spoilt = labels.copy()
    spoilt[::20, 0] += 40.0
    clean = _moved(labels, predicted, patients).predicted
    dirty = _moved(spoilt, predicted, patients).predicted
    # the outermost lesions are held to the range of the residuals, which wrong labels widen
    assert np.quantile(np.abs(clean - dirty)[:, 0], 0.95) < 0.02


def test_a_label_does_not_move_its_own_prediction() -> None:
    labels, predicted, patients = _case()
    changed = labels.copy()
    mine = patients == patients[0]
    changed[mine, 0] += 2.0
    before = _moved(labels, predicted, patients).predicted
    after = _moved(changed, predicted, patients).predicted
    # its patient's labels reach it only through the weights of others' fits, never as data of its own fit
    assert np.abs(before - after)[mine, 0].max() < 0.05


def test_too_few_labels_move_nothing() -> None:
    labels, predicted, patients = _case(FEWEST - 1)
    assert _moved(labels, predicted, patients).moved == ()


def test_a_size_is_moved_by_a_factor() -> None:
    r = np.random.default_rng(0)
    area = np.exp(r.normal(2, 0.7, (600, 1)))
    labels = area * np.exp(0.05 * r.normal(size=(600, 1)))
    patients = np.array([f"P{i % 20}" for i in range(600)], dtype=object)
    found = _moved(labels, area * 1.5, patients, ATTRIBUTES[:1])
    assert np.median(found.predicted / area) == pytest.approx(1.0, abs=0.02)


def test_a_missing_prediction_stays_missing() -> None:
    labels, predicted, patients = _case()
    predicted[3, 0] = np.nan
    found = _moved(labels, predicted, patients)
    assert np.isnan(found.predicted[3, 0])
    assert np.isfinite(np.delete(found.predicted, 3, axis=0)).all()
