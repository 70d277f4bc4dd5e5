"""Verdicts of another data set are neither answered from nor added to."""

from __future__ import annotations

from pathlib import Path

import pytest

from skintui.attributes import BY_NAME
from skintui.errors import ReviewError
from skintui.progress import SILENT
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.session.decisions import Decisions
from skintui.steps.exchange import import_sheet
from skintui.steps.export import export
from skintui.steps.freshness import check_verdicts
from skintui.steps.place import Place, open_place
from skintui.steps.review import Decision, review

FOREIGN = "2 lesions.* is in this one; restore it from a copy"


@pytest.fixture
def foreign(small: Path, tmp_path: Path) -> Place:
    """The small data set with a record that knows none of its lesions."""
    place = open_place(small, workspace=tmp_path / "workspace")
    with ReviewRecord(place.workspace.review) as record:
        for isic_id in ("ISIC_X1", "ISIC_X2"):
            record.record(Verdict(isic_id, "deltaL", "label_ok", "ann", label=1.0, dataset_sha256="other"))
    return place


def test_one_known_lesion_is_enough(foreign: Place) -> None:
    lesions = foreign.lesions()
    check_verdicts(foreign.workspace.review, {"ISIC_X1", lesions.ids[0]}, lesions)


def test_no_verdict_is_no_verdict_of_another_data_set(foreign: Place) -> None:
    check_verdicts(foreign.workspace.review, (), foreign.lesions())


def test_they_are_not_exported(foreign: Place, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match=FOREIGN):
        export(foreign, str(tmp_path / "out.csv"), SILENT)
    assert not (tmp_path / "out.csv").exists()


def test_none_is_added_to_them(foreign: Place) -> None:
    decision = Decision(foreign.lesions().ids[0], BY_NAME["deltaL"], "label_ok", reviewer="ann")
    with pytest.raises(ReviewError, match=FOREIGN):
        review(foreign, decision)


def test_no_sheet_is_added_to_them(foreign: Place, small: Path, tmp_path: Path) -> None:
    right = open_place(small, workspace=tmp_path / "right")
    review(right, Decision(right.lesions().ids[1], BY_NAME["deltaL"], "label_ok", reviewer="ann"))
    export(right, str(tmp_path / "sheet.csv"), SILENT)
    with pytest.raises(ReviewError, match=FOREIGN):
        import_sheet(foreign, tmp_path / "sheet.csv")


def test_no_session_begins_on_them(foreign: Place) -> None:
    with pytest.raises(ReviewError, match=FOREIGN):
        Decisions(foreign.workspace.review, "ann", foreign.lesions())
