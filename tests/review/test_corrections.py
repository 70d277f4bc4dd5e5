from __future__ import annotations

import math

import pytest

from skintui.review.corrections import Correction, LeftOut, corrections
from skintui.review.verdicts import Verdict


def said(verdict: str, reviewer: str, value: float | None = None, label: float | None = 41.0) -> Verdict:
    return Verdict("ISIC_1", "areaMM2", verdict, reviewer, proposed_value=value, label=label)


def made(*verdicts: Verdict, now: float | None = 41.0) -> tuple[Correction, ...]:
    return corrections(verdicts, lambda *_: now).made


def left_out(*verdicts: Verdict, now: float | None = 41.0) -> LeftOut:
    (found,) = corrections(verdicts, lambda *_: now).left_out
    return found


def test_a_proposed_value_is_a_correction() -> None:
    assert made(said("label_wrong", "ann", 4.1)) == (Correction("ISIC_1", "areaMM2", 4.1, ("ann",)),)


def test_a_wrong_label_without_a_value_corrects_nothing() -> None:
    found = corrections([said("label_wrong", "ann")])
    assert (found.made, found.left_out) == ((), ())


def test_two_who_propose_the_same_make_one_correction() -> None:
    (one,) = made(said("label_wrong", "ben", 4.1), said("label_wrong", "ann", 4.1))
    assert one.reviewers == ("ann", "ben")


@pytest.mark.parametrize("verdict", ["unsure", "image_unusable", "label_wrong"])
def test_who_takes_no_stand_does_not_hinder(verdict: str) -> None:
    assert len(made(said("label_wrong", "ann", 4.1), said(verdict, "ben"))) == 1


@pytest.mark.parametrize(
    "other", [said("label_ok", "ben"), said("both_plausible", "ben"), said("label_wrong", "ben", 4.2)]
)
def test_a_contradiction_is_left_out_and_says_how_to_resolve_it(other: Verdict) -> None:
    found = left_out(said("label_wrong", "ann", 4.1), other)
    assert found.why.startswith("reviewers differ: ann label_wrong 4.1, ben ")
    assert "--reviewer NAME" in found.do


def test_a_label_that_has_the_value_already_is_left_out() -> None:
    assert left_out(said("label_wrong", "ann", 4.1), now=4.1).why == "the label is 4.1 already"


def test_a_correction_of_another_label_is_left_out() -> None:
    assert left_out(said("label_wrong", "ann", 4.1), now=40.0).why == "the label is 40.0 now, not what was judged"


def test_a_label_that_is_missing_now_is_left_out() -> None:
    assert left_out(said("label_wrong", "ann", 4.1), now=math.nan).why.startswith("the label is missing now")


def test_a_missing_label_can_be_filled_in() -> None:
    assert len(made(said("label_wrong", "ann", 4.1, label=None), now=math.nan)) == 1


def test_a_lesion_that_is_gone_is_left_out() -> None:
    assert left_out(said("label_wrong", "ann", 4.1), now=None).why == "the lesion is not in the data set"
