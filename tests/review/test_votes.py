from __future__ import annotations

from skintui.review.verdicts import Verdict
from skintui.review.votes import clean_runs, judged, wrong_of


def said(isic_id: str, verdict: str, reviewer: str = "ann", day: int = 1, random: bool = False) -> Verdict:
    at = f"2026-01-{day:02}T00:00:00Z"
    return Verdict(isic_id, "areaMM2", verdict, reviewer, reviewed_at=at, random_sample=random)


def test_who_is_unsure_judges_nothing() -> None:
    found = judged([said("a", "unsure"), said("b", "image_unusable"), said("c", "both_plausible")])
    assert found == {("c", "areaMM2"): {False}}


def test_a_label_is_wrong_where_nobody_says_otherwise() -> None:
    votes = [said("a", "label_wrong"), said("b", "label_wrong"), said("b", "label_ok", "ben"), said("c", "label_ok")]
    among = {(isic_id, "areaMM2") for isic_id in "abcd"}
    assert wrong_of(judged(votes), among) == (1, 3)


def test_only_the_ones_asked_for_count() -> None:
    assert wrong_of(judged([said("a", "label_wrong")]), set()) == (0, 0)


PLACES = {(isic_id, "areaMM2"): place for place, isic_id in enumerate("abcdef")}


def test_the_run_is_what_came_after_the_last_error() -> None:
    course = [said("a", "label_ok", day=1), said("b", "label_wrong", day=2), said("c", "label_ok", day=3)]
    assert clean_runs([*course, said("d", "both_plausible", day=4)], PLACES) == {"ann": 2}


def test_unsure_and_random_ones_stand_aside() -> None:
    course = [said("a", "label_ok", day=1), said("b", "unsure", day=2), said("c", "label_wrong", day=3, random=True)]
    assert clean_runs(course, PLACES) == {"ann": 1}


def test_each_reviewer_has_a_run() -> None:
    course = [said("a", "label_ok", "ann"), said("a", "label_wrong", "ben")]
    assert clean_runs(course, PLACES) == {"ann": 1, "ben": 0}
