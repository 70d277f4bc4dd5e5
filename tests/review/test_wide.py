from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from skintui.review.choice import Choice
from skintui.review.verdicts import Verdict
from skintui.review.wide import wide_columns, wide_rows


def finding(isic_id: str, attribute: str, label: float, flagged: bool) -> dict[str, Any]:
    numbers = dict.fromkeys(("predicted", "spread", "residual", "score", "q_value", "neighbour_median"), 1.0)
    about = {"patient_id": "IP_1", "flagged": flagged, "reason": ""}
    return {"isic_id": isic_id, "attribute": attribute, "label": label, **numbers, **about}


FINDINGS = pl.DataFrame(
    [
        finding("ISIC_2", "deltaL", -9.0, True),
        finding("ISIC_1", "areaMM2", 41.0, True),
        finding("ISIC_2", "areaMM2", 4.0, False),
        finding("ISIC_3", "areaMM2", 5.0, False),
    ]
)
PATIENTS = pl.DataFrame({"isic_id": ["ISIC_1", "ISIC_2", "ISIC_3"], "patient_id": ["IP_1", "IP_2", "IP_3"]})


def said(isic_id: str, verdict: str, reviewer: str, **more: Any) -> Verdict:
    return Verdict(isic_id, "areaMM2", verdict, reviewer, **more)


def rows(*verdicts: Verdict, choice: Choice | None = None) -> list[dict[str, Any]]:
    latest = {v.key: v for v in verdicts}
    return wide_rows(FINDINGS, latest, choice=choice or Choice(), patients=PATIENTS).to_dicts()


def test_a_lesion_is_one_row_in_the_order_of_suspicion() -> None:
    assert [(row["isic_id"], row["patient_id"]) for row in rows()] == [("ISIC_2", "IP_2"), ("ISIC_1", "IP_1")]


def test_every_attribute_of_the_lesion_is_told() -> None:
    first = rows()[0]
    assert (first["deltaL_label"], first["deltaL_flagged"]) == (-9.0, True)
    assert (first["areaMM2_label"], first["areaMM2_flagged"]) == (4.0, False)
    assert first["perimeterMM_label"] is None


def test_the_columns_do_not_depend_on_the_data() -> None:
    assert wide_rows(None, {}, choice=Choice(), patients=PATIENTS).columns == wide_columns()


def test_chosen_attributes_alone_have_columns() -> None:
    (row,) = rows(choice=Choice(attributes=("deltaL",)))
    assert [name for name in row if name.endswith("_label")] == ["deltaL_label"]


def test_reviewers_who_agree_have_one_verdict() -> None:
    one = said("ISIC_1", "label_wrong", "ben", proposed_value=4.1, note="slip")
    other = said("ISIC_1", "label_wrong", "ann")
    row = rows(one, other)[1]
    assert (row["areaMM2_verdict"], row["areaMM2_proposed_value"]) == ("label_wrong", 4.1)
    assert (row["areaMM2_reviewer"], row["areaMM2_note"]) == ("ann; ben", "slip")


def test_reviewers_who_disagree_have_none() -> None:
    one = said("ISIC_1", "label_wrong", "ben", proposed_value=4.1)
    row = rows(one, said("ISIC_1", "label_ok", "ann"))[1]
    assert (row["areaMM2_verdict"], row["areaMM2_proposed_value"]) == ("disagree", None)


@pytest.mark.parametrize(("label", "told"), [(41.0, "label_ok"), (None, "label_ok"), (40.0, None)])
def test_a_verdict_on_another_label_is_left_out(label: float | None, told: str | None) -> None:
    assert rows(said("ISIC_1", "label_ok", "ann", label=label))[1]["areaMM2_verdict"] == told


def test_without_an_audit_verdicts_are_told_all_the_same() -> None:
    verdict = said("ISIC_3", "label_wrong", "ann", label=5.0, proposed_value=4.0)
    (row,) = wide_rows(None, {verdict.key: verdict}, choice=Choice(), patients=PATIENTS).to_dicts()
    assert (row["isic_id"], row["patient_id"], row["areaMM2_label"]) == ("ISIC_3", "IP_3", None)
    assert (row["areaMM2_verdict"], row["areaMM2_proposed_value"]) == ("label_wrong", 4.0)


def test_a_reviewed_lesion_is_there_without_a_flag() -> None:
    assert [row["isic_id"] for row in rows(said("ISIC_3", "label_ok", "ann"))] == ["ISIC_2", "ISIC_1", "ISIC_3"]
