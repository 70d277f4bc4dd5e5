from __future__ import annotations

import math

import pytest

from skintui.tui import theme


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (3.14159, 7, "   3.14"),
        (12345.678, 7, "12345.7"),
        (1234567.8, 7, "1234568"),
        (-0.5, 7, "  -0.50"),
        (math.nan, 7, "      ·"),
        (12345678.0, 5, "1e+07"),
    ],
)
def test_a_number_gives_up_decimals_before_digits(value: float, width: int, text: str) -> None:
    assert theme.number(value, width) == text


@pytest.mark.parametrize(("value", "text"), [(0.25, "  +0.25"), (-0.25, "  −0.25"), (math.nan, "      ·")])
def test_a_difference_always_has_its_sign(value: float, text: str) -> None:
    assert theme.signed(value, 7) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "    "), (0.001, "╸   "), (0.5, "━━  "), (0.625, "━━╸ "), (1.0, "━━━━"), (9.0, "━━━━")]
)
def test_a_bar_fills_in_halves(share: float, text: str) -> None:
    assert theme.bar(share, 4) == text


def test_a_bar_of_nothing_known_is_empty() -> None:
    assert theme.bar(math.nan, 3) == "   "


@pytest.mark.parametrize(
    ("score", "share"), [(0.5, 0.0), (1.0, 0.0), (2.0, 1 / 6), (8.0, 0.5), (64.0, 1.0), (800.0, 1.0), (math.nan, 0.0)]
)
def test_suspicion_begins_at_one_spread_and_is_full_at_64(score: float, share: float) -> None:
    assert theme.suspicion(score) == pytest.approx(share)


def test_there_is_a_sign_and_a_word_for_every_verdict() -> None:
    from skintui.review.verdicts import VERDICTS

    assert set(theme.VERDICT_SIGNS) == set(theme.VERDICT_WORDS) == set(VERDICTS)
    assert len(set(theme.VERDICT_SIGNS.values())) == len(VERDICTS)
