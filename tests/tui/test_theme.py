from __future__ import annotations

import math

import pytest
from textual.color import Color
from textual.theme import Theme

from skintui.tui import theme


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (3.14159, 7, "   3.14"),
        (12345.678, 7, "12345.7"),
        (1234567.8, 7, "1234568"),
        (-0.5, 7, "  −0.50"),
        (-0.001, 7, "   0.00"),
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


def luminance(hex_colour: str) -> float:
    """Relative luminance by WCAG 2.1."""
    channels = [int(hex_colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2.1, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def laid(theme_: Theme, share: str) -> str:
    """The foreground laid on the background with a share of its strength."""
    part = float(share.removesuffix("%")) / 100
    return Color.parse(theme_.background or "").blend(Color.parse(theme_.foreground or ""), part).hex


def test_black_on_white_is_21_to_1() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("each", "least"), [(theme.DARK, 4.5), (theme.LIGHT, 4.5), (theme.HIGH_CONTRAST, 7.0)])
def test_what_is_said_can_be_read(each: Theme, least: float) -> None:
    quiet = {**theme.VARIABLES, **each.variables}
    background = each.background or ""
    inks = [each.foreground, each.accent, each.error, each.success, laid(each, quiet["muted"])]
    assert {ink: contrast(ink or "", background) for ink in inks if contrast(ink or "", background) < least} == {}


@pytest.mark.parametrize(("each", "least"), [(theme.DARK, 3.0), (theme.LIGHT, 2.5), (theme.HIGH_CONTRAST, 7.0)])
def test_what_is_left_in_the_background_is_still_there(each: Theme, least: float) -> None:
    quiet = {**theme.VARIABLES, **each.variables}
    assert contrast(laid(each, quiet["faint"]), each.background or "") >= least
