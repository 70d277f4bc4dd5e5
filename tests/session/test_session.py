from __future__ import annotations

import numpy as np
import pytest

from skintui.dataset.table import Table
from skintui.errors import FilterError, SkintuiError
from skintui.session import Cell, Session
from skintui.steps.place import Place
from tests.made_results import WRONG


def test_the_first_lesion_is_selected_at_the_start(session: Session) -> None:
    assert session.selected == Cell(0, 0)


def test_an_annotation_shows_label_prediction_and_score(session: Session) -> None:
    row, attribute = WRONG[0]
    state = session.state(Cell(row, attribute))
    assert state.label == session.lesions.labels()[row, attribute]
    assert state.predicted > state.label
    assert state.score > 4


def test_planted_errors_stand_at_the_head_of_the_queue(session: Session) -> None:
    assert session.show_queue(True)
    head = {tuple(session.listing.cell(i, 0)) for i in range(6)}
    assert head >= set(WRONG)


def test_the_queue_is_ordered_by_score_among_the_unflagged(session: Session) -> None:
    session.show_queue(True)
    states = [session.state(session.listing.cell(i, 0)) for i in range(len(session.listing))]
    scores = [state.score for state in states if not state.flagged]
    assert scores == sorted(scores, reverse=True)


def test_no_queue_without_an_audit(place: Place) -> None:
    session = Session(place, reviewer="ada")
    assert not session.show_queue(True)
    assert not session.in_queue


def test_a_filter_narrows_the_queue_to_its_lesions(session: Session) -> None:
    session.show_queue(True)
    session.filter(f"isic_id = '{session.ids[5]}'")
    assert {session.listing.cell(i, 0).row for i in range(len(session.listing))} == {5}


@pytest.mark.parametrize("expression", ["nonsense ===", "areaMM2 > 100000", "areaMM2"])
def test_a_filter_that_cannot_be_used_leaves_the_view_as_it_was(session: Session, expression: str) -> None:
    with pytest.raises(FilterError):
        session.filter(expression)
    assert len(session.listing) == 24


def test_sorting_by_difference_puts_the_largest_first(session: Session) -> None:
    session.sort("difference", descending=True)
    first = session.listing.cell(0, 0).row
    difference = np.abs(session.labels[:, 0] - session.predictions.predicted[:, 0])
    assert first == int(np.nanargmax(difference))


def test_sorting_by_suspicion_is_of_the_chosen_attribute(session: Session) -> None:
    row, attribute = WRONG[1]
    session.choose_attribute(attribute)
    session.sort("suspicion", descending=True)
    assert session.listing.cell(0, attribute).row == row


def test_search_finds_a_part_of_an_id(session: Session) -> None:
    assert session.search(session.ids[9][-5:]) == 9


def test_search_in_the_queue_finds_the_lesions_first_entry(session: Session) -> None:
    session.show_queue(True)
    found = session.search(session.ids[9])
    assert found is not None
    assert session.listing.cell(found, 0).row == 9
    assert all(session.listing.cell(i, 0).row != 9 for i in range(found))


def test_following_and_going_back(session: Session) -> None:
    session.choose_attribute(4)
    session.follow(7)
    session.follow(11)
    assert session.selected == Cell(11, 4)
    assert session.back()
    assert session.selected == Cell(7, 4)
    assert session.back()
    assert session.selected == Cell(0, 4)
    assert not session.back()


def test_the_nearest_lesion_is_the_one_with_the_nearest_vector(session: Session) -> None:
    found = session.neighbours(Cell(3, 0), "attribute", 5).found
    labels = session.lesions.labels()
    standard = np.nan_to_num((labels - np.nanmean(labels, axis=0)) / np.nanstd(labels, axis=0))
    vectors = standard * np.r_[10.0, np.ones(15)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    similarity = vectors @ vectors[3]
    similarity[3] = -np.inf
    assert [n.row for n in found] == np.argsort(-similarity)[:5].tolist()
    assert found[0].similarity == pytest.approx(similarity.max(), abs=1e-3)


@pytest.mark.parametrize("mode", ["attribute", "image", "hierarchical"])
def test_no_mode_finds_the_lesion_itself(session: Session, mode: str) -> None:
    found = session.neighbours(Cell(3, 0), mode, 23).found
    assert sorted(n.row for n in found) == [row for row in range(24) if row != 3]


def test_neighbours_without_an_index_are_refused(place: Place) -> None:
    with pytest.raises(SkintuiError, match="no index"):
        Session(place, reviewer="ada").neighbours(Cell(0, 0), "image", 5)


def test_results_of_another_data_set_are_named_stale(place: Place) -> None:
    session = Session(place, reviewer="ada")
    session.lesions.dataset_sha256 = "0" * 64
    problems = session.load_results()
    assert len(problems) == 3
    assert all("stale" in problem for problem in problems)
    assert not session.predictions.stored


def test_results_read_again_leave_the_list_until_it_is_listed_anew(session: Session) -> None:
    session.show_queue(True)
    session.place.workspace.findings.unlink()
    before = session.listing
    session.load_results()
    assert session.listing is before
    session.relist()
    assert (session.in_queue, len(session.listing)) == (False, 24)


def test_facts_cannot_act_on_the_terminal(session: Session) -> None:
    import polars as pl

    evil = pl.Series("sex", ["\x1b[31m[red]"] * len(session.lesions))
    session.lesions.table = Table.of(session.lesions.frame.with_columns(evil))
    assert all("\x1b" not in fact for fact in session.known.facts(0))
    assert any("[red]" in fact for fact in session.known.facts(0))
