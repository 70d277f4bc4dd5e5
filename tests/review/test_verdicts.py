from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from skintui.errors import ReviewError, UsageError
from skintui.review.verdicts import NOTE_LIMIT, VERDICTS, Verdict, now, rfc3339


def verdict(**changes: Any) -> Verdict:
    return Verdict(**{"isic_id": "ISIC_1", "attribute": "areaMM2", "verdict": "label_ok", "reviewer": "ann", **changes})


@pytest.mark.parametrize("name", VERDICTS)
def test_every_verdict_can_be_recorded(name: str) -> None:
    assert verdict(verdict=name).checked().verdict == name


def test_an_unknown_verdict_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ReviewError, match="label_wrong"):
        verdict(verdict="wrong").checked()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_proposed_value_is_a_finite_number(value: float) -> None:
    with pytest.raises(ReviewError, match="finite"):
        verdict(proposed_value=value).checked()


@pytest.mark.parametrize("reviewer", ["", "   "])
def test_a_reviewer_has_a_name(reviewer: str) -> None:
    with pytest.raises(ReviewError, match="reviewer"):
        verdict(reviewer=reviewer).checked()


def test_the_longest_note_is_kept_and_a_longer_one_refused() -> None:
    assert len(verdict(note="n" * NOTE_LIMIT).checked().note) == NOTE_LIMIT
    with pytest.raises(ReviewError, match="note"):
        verdict(note="n" * (NOTE_LIMIT + 1)).checked()


def test_a_lone_surrogate_from_the_terminal_is_refused() -> None:
    with pytest.raises(ReviewError, match="UTF-8"):
        verdict(note="\udcff").checked()


def test_a_column_name_becomes_the_attribute_name() -> None:
    assert verdict(attribute="tbp_lv_areaMM2").checked().attribute == "areaMM2"


def test_an_unknown_attribute_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="areaMM2"):
        verdict(attribute="areaMM").checked()


def test_a_missing_label_is_none_not_nan() -> None:
    assert verdict(label=float("nan"), predicted=3.0).checked().label is None


def test_times_are_rfc3339_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    assert rfc3339(datetime(2026, 3, 1, 1, 30, 5, 250_000, east)) == "2026-02-28T23:30:05.250Z"


def test_now_is_now() -> None:
    stamp = datetime.fromisoformat(now().replace("Z", "+00:00"))
    assert abs((datetime.now(UTC) - stamp).total_seconds()) < 5


def test_a_time_in_another_zone_is_kept_in_utc() -> None:
    assert verdict(reviewed_at="2026-01-31T09:30:00+01:00").checked().reviewed_at == "2026-01-31T08:30:00.000Z"


def test_a_time_in_utc_is_kept_to_the_letter() -> None:
    assert verdict(reviewed_at="2026-01-31T09:30:00Z").checked().reviewed_at == "2026-01-31T09:30:00Z"


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(ReviewError, match="no time"):
        verdict(reviewed_at="yesterday").checked()
