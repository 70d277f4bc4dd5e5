from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from skintui.review.choice import Choice
from skintui.review.export import export_rows, row_count
from skintui.review.verdicts import Verdict


def finding(isic_id: str, flagged: bool, attribute: str = "areaMM2") -> dict[str, Any]:
    numbers = dict.fromkeys(("label", "predicted", "spread", "residual", "score", "q_value", "neighbour_median"), 1.0)
    about = {"patient_id": "IP_1", "flagged": flagged, "reason": "odd"}
    return {"isic_id": isic_id, "attribute": attribute, **numbers, **about}


FINDINGS = pl.DataFrame(
    [finding("ISIC_1", True), finding("ISIC_2", True, "deltaL"), finding("ISIC_3", False), finding("ISIC_4", False)]
)
VERDICTS = {
    v.key: v
    for v in (
        Verdict("ISIC_1", "areaMM2", "label_wrong", "ann"),
        Verdict("ISIC_3", "areaMM2", "label_ok", "ann"),
        Verdict("ISIC_3", "areaMM2", "unsure", "ben"),
        Verdict("ISIC_9", "areaMM2", "label_ok", "ben"),
    )
}


def chosen(**fields: Any) -> list[tuple[str, str | None]]:
    rows = export_rows(FINDINGS, VERDICTS, choice=Choice(**fields))
    return [(isic_id[-1], reviewer) for isic_id, reviewer in rows.select("isic_id", "reviewer").rows()]


def test_by_default_what_was_flagged_or_reviewed() -> None:
    assert chosen() == [("1", "ann"), ("2", None), ("3", "ann"), ("3", "ben"), ("9", "ben")]


def test_flagged_alone() -> None:
    assert chosen(kinds=("flagged",)) == [("1", "ann"), ("2", None)]


def test_reviewed_alone() -> None:
    assert chosen(kinds=("reviewed",)) == [("1", "ann"), ("3", "ann"), ("3", "ben"), ("9", "ben")]


def test_all() -> None:
    assert [isic_id for isic_id, _ in chosen(kinds=("all",))] == ["1", "2", "3", "3", "4", "9"]


def test_one_attribute() -> None:
    assert chosen(attributes=("deltaL",)) == [("2", None)]


def test_one_reviewer_leaves_out_what_they_did_not_judge() -> None:
    assert chosen(reviewer="ann") == [("1", "ann"), ("3", "ann")]


def test_one_verdict() -> None:
    assert chosen(verdict="label_ok") == [("3", "ann"), ("9", "ben")]


def test_flagged_and_judged_by_one_reviewer() -> None:
    assert chosen(kinds=("flagged",), reviewer="ann") == [("1", "ann")]


def test_within_lesions_keeps_the_findings_order() -> None:
    assert chosen(within=pl.DataFrame({"isic_id": ["ISIC_3", "ISIC_1"]})) == [("1", "ann"), ("3", "ann"), ("3", "ben")]


def test_within_annotations_gives_the_order() -> None:
    within = pl.DataFrame({"isic_id": ["ISIC_4", "ISIC_1"], "attribute": ["areaMM2", "areaMM2"]})
    assert chosen(kinds=("all",), within=within, in_order=True) == [("4", None), ("1", "ann")]


def test_within_annotations_alone_keeps_the_findings_order() -> None:
    within = pl.DataFrame({"isic_id": ["ISIC_4", "ISIC_1"], "attribute": ["areaMM2", "areaMM2"]})
    assert chosen(kinds=("all",), within=within) == [("1", "ann"), ("4", None)]


def test_an_annotation_without_finding_has_a_row_where_it_is_named() -> None:
    within = pl.DataFrame({"isic_id": ["ISIC_8"], "attribute": ["areaMM2"]})
    assert chosen(kinds=("all",), within=within, in_order=True) == [("8", None)]
    assert chosen(within=within, in_order=True) == []


@pytest.mark.parametrize("fields", [{}, {"kinds": ("flagged",)}, {"reviewer": "ann"}])
def test_the_count_is_that_of_the_rows(fields: dict[str, Any]) -> None:
    assert row_count(FINDINGS, VERDICTS, Choice(**fields)) == len(chosen(**fields))


@pytest.mark.parametrize("kinds", [("flagged",), ("reviewed",), ("flagged", "reviewed"), ("all",)])
def test_the_count_without_verdicts_is_that_of_the_rows(kinds: tuple[str, ...]) -> None:
    choice = Choice(kinds)
    assert row_count(FINDINGS, {}, choice) == export_rows(FINDINGS, {}, choice=choice).height
