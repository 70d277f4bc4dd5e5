from __future__ import annotations

import numpy as np
import pytest

from skintui.attributes import attribute
from skintui.audit.alterations import OFFSET, SIGN, SWAP, UNIT, Alteration, fitted, fixed, times


def test_a_factor_is_undone_by_dividing() -> None:
    np.testing.assert_allclose(Alteration(UNIT, 10.0).undone(np.array([20.0, 5.0])), [2.0, 0.5])


def test_an_offset_is_undone_by_taking_it_away() -> None:
    np.testing.assert_allclose(Alteration(OFFSET, 3.0).undone(np.array([5.0])), [2.0])


def test_a_sign_is_undone_by_flipping_it() -> None:
    np.testing.assert_allclose(Alteration(SIGN).undone(np.array([-5.0])), [5.0])


def test_a_factor_stretches_densities() -> None:
    # d (label / 10) / d label = 1/10
    assert Alteration(UNIT, 10.0).log_stretch == pytest.approx(np.log(0.1))


@pytest.mark.parametrize(("factor", "words"), [(10.0, "×10"), (0.1, "÷10"), (1 / 25.4, "÷25.4"), (25.4**2, "×645.16")])
def test_factors_are_written_as_a_person_would(factor: float, words: str) -> None:
    assert times(factor) == words


def test_an_exchange_names_the_other_column() -> None:
    assert Alteration(SWAP).words([attribute("A"), attribute("Aext")]) == "exchanged with A* outside"


def test_an_offset_is_said_with_its_unit() -> None:
    assert Alteration(OFFSET, -4.0).words([attribute("A")]) == "off by -4.00 LAB"


def test_only_areas_are_tried_in_square_inches() -> None:
    assert [len(fixed(attribute(name))) for name in ("areaMM2", "perimeterMM")] == [11, 9]


def test_a_fitted_factor_and_offset_bring_the_middle_onto_the_predictions() -> None:
    # differences 2, 4, 7 and ratios 2, 2, 2: the middle ones
    found = fitted(np.array([4.0, 8.0, 14.0]), np.array([2.0, 4.0, 7.0]))
    assert [(each.kind, each.amount) for each in found] == [("offset", 4.0), ("factor", 2.0)]
