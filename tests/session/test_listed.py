from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.errors import FilterError, UsageError
from skintui.session import Session
from skintui.session.blind import Blind, hide
from skintui.session.listed import annotation_table, listed_by
from skintui.session.saved_views import SavedViews
from skintui.steps.place import Place


def test_places_become_names(session: Session) -> None:
    table = annotation_table(session.lesions, np.array([17, 0]))
    assert table.rows() == [(session.ids[1], "minorAxisMM"), (session.ids[0], "areaMM2")]


def test_a_filter_leaves_lesions_whose_order_does_not_count(place: Place) -> None:
    table, in_order = listed_by(place, "ada", filters=["areaMM2 > 5", "sex = 'male'"])
    frame = place.lesions().frame
    expected = frame.filter((frame["tbp_lv_areaMM2"] > 5) & (frame["sex"] == "male"))["isic_id"].to_list()
    assert table.columns == ["isic_id"]
    assert (table["isic_id"].to_list(), in_order) == (expected, False)


def test_a_filter_by_what_the_audit_says_leaves_annotations(place: Place) -> None:
    table, _ = listed_by(place, "ada", filters=["suspicion > 8"])
    assert table.columns == ["isic_id", "attribute"]
    assert 0 < len(table) < 16


def test_what_is_hidden_in_the_application_is_filtered_by_all_the_same(session: Session, place: Place) -> None:
    expected = listed_by(place, "ada", filters=["suspicion > 8"])[0].rows()
    hide(session, Blind(verdicts=True, prediction=True))
    assert listed_by(place, "ada", filters=["suspicion > 8"])[0].rows() == expected
    assert Session(place, reviewer="ada").blind == Blind(verdicts=True, prediction=True)


@pytest.mark.parametrize(("attribute", "some"), [(0, False), (13, True)])
def test_label_is_that_of_the_chosen_attribute(place: Place, attribute: int, some: bool) -> None:
    table, _ = listed_by(place, "ada", filters=["label < 0"], attribute=attribute)
    assert (len(table) > 0) == some  # no area is below 0, most contrasts of L* are


def test_a_filter_that_nothing_matches_leaves_nothing(place: Place) -> None:
    table, _ = listed_by(place, "ada", filters=["areaMM2 < 0"])
    assert len(table) == 0


def test_a_saved_view_gives_what_it_lists_in_its_order(place: Place, session: Session) -> None:
    session.filter("areaMM2 > 5")
    session.sort("areaMM2", descending=True)
    SavedViews(session).save("large")
    table, in_order = listed_by(place, "ada", view="large")
    assert in_order
    assert table["isic_id"].to_list() == [session.ids[row] for row in session.view.rows]
    assert table["attribute"].unique().to_list() == ["areaMM2"]


def test_an_unknown_view_names_those_there_are(place: Place, session: Session) -> None:
    with pytest.raises(UsageError, match="no view 'small'; there are none yet"):
        listed_by(place, "ada", view="small")
    SavedViews(session).save("large")
    with pytest.raises(UsageError, match="no view 'small'; the views here are 'large'"):
        listed_by(place, "ada", view="small")


def test_a_filter_that_cannot_be_read_is_told(place: Place, tmp_path: Path) -> None:
    with pytest.raises(FilterError, match="no column 'aeraMM2'; did you mean 'areaMM2'"):
        listed_by(place, "ada", filters=["aeraMM2 > 5"])
