"""Numbers behind the plots, against cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from skintui.audit.metrics import coverage
from skintui.session import Cell, Session, plots
from skintui.session.plots import Distribution, Scatter


def points(labels: list[float], predicted: list[float]) -> Scatter:
    """A scatter of these points only, the first one selected."""
    n = len(labels)
    none = np.zeros(n, dtype=np.bool_)
    rows = np.arange(n)
    return Scatter(Cell(0, 0), rows, np.array(labels), np.array(predicted), none, 0, rows[:0], n)


def test_coverage_counts_labels_inside_the_interval() -> None:
    # z of 0.5, 1.0, 1.5, 3.0 against 0.674, 1.282, 1.960
    residual, spread = np.array([0.5, -2.0, 3.0, 3.0]), np.array([1.0, 2.0, 2.0, 1.0])
    assert coverage(residual, spread, (0.5, 0.8, 0.95)).tolist() == [0.25, 0.5, 0.75]


def test_coverage_leaves_out_what_has_no_number() -> None:
    assert coverage(np.array([0.1, np.nan, 9.0]), np.array([1.0, 1.0, 0.0]), (0.5,)).tolist() == [1.0]


def test_coverage_of_nothing_is_unknown() -> None:
    assert np.isnan(coverage(np.array([np.nan]), np.array([1.0]), (0.5,))).all()


def test_the_cursor_goes_to_the_nearest_point_in_the_direction() -> None:
    cloud = points([0.0, 1.0, 2.0, 0.1], [0.0, 0.1, 0.0, 3.0])
    assert cloud.toward(0, 1, 0, (-1, 4)) == 1
    assert cloud.toward(0, 0, 1, (-1, 4)) == 3


def test_the_cursor_stays_where_there_is_nothing_further() -> None:
    assert points([0.0, 1.0], [0.0, 0.0]).toward(1, 1, 0, (-1, 2)) == 1


def test_the_cursor_never_leaves_the_axes() -> None:
    assert points([0.0, 50.0], [0.0, 50.0]).toward(0, 1, 0, (-1, 2)) == 0


def test_the_axes_hold_the_central_points_or_all() -> None:
    cloud = points([*np.linspace(0, 1, 999).tolist(), 1000.0], [*np.linspace(0, 1, 999).tolist(), 0.5])
    assert cloud.limits()[1] < 2
    assert cloud.limits(whole=True)[1] > 1000
    assert cloud.beyond(cloud.limits()) >= 1


def test_the_scatter_holds_the_lesion_and_its_neighbours(session: Session) -> None:
    cloud = plots.scatter(session, Cell(5, 0), [7, 9])
    assert cloud.here is not None
    assert cloud.rows[cloud.here] == 5
    assert cloud.rows[cloud.near].tolist() == [7, 9]


def test_a_sample_keeps_the_selected_lesion(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "MOST", 3)
    cloud = plots.scatter(session, Cell(5, 0))
    assert len(cloud.rows) <= 4
    assert 5 in cloud.rows
    assert cloud.total > len(cloud.rows)


def test_the_distribution_tells_where_the_lesion_stands(session: Session) -> None:
    labels = session.labels[:, 0]
    largest = int(np.nanargmax(labels))
    shown: Distribution = plots.distribution(session, Cell(largest, 0))
    n = int(np.isfinite(labels).sum())
    assert shown.known == n
    assert shown.below == pytest.approx((n - 1) / n)
    assert shown.counts.sum() + shown.beyond == n


def test_quality_has_an_entry_for_each_attribute(session: Session) -> None:
    found = plots.quality(session)
    assert [one.attribute for one in found] == list(range(16))
    assert found[0].known == int(np.isfinite(session.labels[:, 0] - session.predictions.predicted[:, 0]).sum())
