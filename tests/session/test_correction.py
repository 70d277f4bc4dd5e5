"""A typed value."""

from __future__ import annotations

import pytest

from skintui.errors import UsageError
from skintui.session import Cell, Curator, Session
from skintui.session.correction import correction, half_step, plausible_value

AREA, PERIMETER, RATIO = Cell(0, 0), Cell(0, 2), Cell(0, 4)


@pytest.mark.parametrize(("text", "value"), [("12.5", 12.5), (" 12,5 ", 12.5), ("0.02", 0.02)])
def test_a_plausible_value_is_read(text: str, value: float) -> None:
    assert plausible_value(text, AREA) == value


def test_a_negative_contrast_may_be_typed_with_either_sign() -> None:
    assert plausible_value("−12.5", Cell(0, 13)) == plausible_value("-12.5", Cell(0, 13)) == -12.5


@pytest.mark.parametrize("text", ["", "twelve", "nan", "inf", "1e9", "-3", "0"])
def test_an_impossible_area_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        plausible_value(text, AREA)


@pytest.mark.parametrize(("text", "half"), [("12", 0.5), ("12.5", 0.05), ("12,50", 0.005), ("1.5e1", 0.5)])
def test_a_typed_number_stands_for_what_rounds_to_it(text: str, half: float) -> None:
    assert half_step(text) == pytest.approx(half)


def test_the_label_itself_breaks_nothing(session: Session) -> None:
    found = correction(session, AREA, f"{session.labels[0, 0]:.2f}")
    assert found.doubts() == found.consequences() == ""


def test_a_wrong_area_breaks_the_ratio_and_moves_it(session: Session) -> None:
    area, perimeter = session.labels[0, 0], session.labels[0, 2]
    found = correction(session, AREA, f"{area * 1.2:.2f}")
    expected = perimeter**2 / found.value
    assert f"{expected:.2f} expected, not {perimeter**2 / area:.2f}" in found.doubts()
    assert found.dependants[0].attribute.name == "area_perim_ratio"
    assert found.dependants[0].new == pytest.approx(expected, abs=1e-4)


def test_ones_own_corrections_count_for_the_siblings(session: Session) -> None:
    area, perimeter = session.labels[0, 0], session.labels[0, 2]
    session.selected = PERIMETER
    Curator(session).decide("label_wrong", value=float(perimeter * 1.2**0.5))
    found = correction(session, AREA, f"{area * 1.2:.3f}")
    assert found.breaches == ()


def test_a_correction_with_what_follows_is_one_decision(session: Session) -> None:
    curator = Curator(session)
    found = correction(session, AREA, f"{session.labels[0, 0] * 1.2:.2f}")
    decided = curator.correct(found, dependants=True)
    assert [v.attribute for v in decided][:2] == ["areaMM2", "area_perim_ratio"]
    assert session.state(RATIO).verdict == "label_wrong"
    assert len(curator.undo()) == len(decided)
    assert session.state(RATIO).verdict == ""


def test_more_than_one_broken_rule_is_counted(session: Session) -> None:
    found = correction(session, Cell(0, 8), f"{session.labels[0, 8] + 5:.2f}")
    assert len(found.breaches) == 3  # deltaA, C and H
    assert "and 2 more rules" in found.doubts()


def test_a_doubt_begins_with_the_column_that_is_at_odds(session: Session) -> None:
    found = correction(session, Cell(0, 8), f"{session.labels[0, 8] + 5:.2f}")
    assert found.doubts().startswith("deltaA ")
