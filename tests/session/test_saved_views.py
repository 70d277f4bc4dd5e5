from __future__ import annotations

import pytest

from skintui.dataset.table import Table
from skintui.errors import FilterError, UsageError
from skintui.session import Session
from skintui.session.saved_views import SavedViews
from skintui.steps.place import Place


@pytest.fixture
def views(session: Session) -> SavedViews:
    return SavedViews(session)


def test_a_view_brings_filter_order_attribute_and_mode_back(session: Session, views: SavedViews) -> None:
    session.filter("sex = 'female'")
    session.sort("age_approx", descending=True)
    session.choose_attribute(5)
    session.next_mode()
    rows, mode = session.view.rows.tolist(), session.mode
    views.save("women")
    session.clear()
    session.choose_attribute(0)
    session.next_mode()
    views.load("women")
    assert session.view.rows.tolist() == rows
    assert (session.attribute, session.mode) == (5, mode)
    assert session.view.describe() == "6 of 24 lesions · sex = 'female' · sorted by age_approx ↓"


def test_a_view_of_the_queue_shows_the_queue_in_its_order(session: Session, views: SavedViews) -> None:
    session.queue.order = "patient"
    session.show_queue(True)
    views.save("by patient")
    session.queue.order = "suspicion"
    session.show_queue(False)
    views.load("by patient")
    assert session.in_queue
    assert session.queue.order == "patient"


def test_a_view_is_rules_not_rows(session: Session, views: SavedViews, place: Place) -> None:
    session.filter("age_approx > 60")
    views.save("old")
    kept = session.desk.get("view/old")
    assert kept["rules"]["filters"] == [{"expression": "age_approx > 60", "attribute": "areaMM2"}]
    assert "rows" not in str(kept)


def test_every_curator_of_the_workspace_has_the_views(session: Session, views: SavedViews, place: Place) -> None:
    session.filter("sex = 'male'")
    views.save("men")
    other = Session(place, reviewer="ben")
    SavedViews(other).load("men")
    assert len(other.view) == 10
    other.close()


def test_views_are_listed_with_words_and_count(session: Session, views: SavedViews) -> None:
    session.filter("sex = 'male'")
    views.save("men")
    session.clear()
    (view,) = views.all()
    assert (view.name, view.count, view.problem) == ("men", 10, "")
    assert view.words == "lesions · sex = 'male' · area"


def test_a_view_whose_column_is_gone_is_told_and_not_shown(session: Session, views: SavedViews) -> None:
    session.filter("tbp_lv_x < 1000000")
    views.save("by place")
    session.lesions.table = Table.of(session.lesions.frame.drop("tbp_lv_x"))
    session.clear()
    (view,) = views.all()
    assert view.count is None
    assert "no column 'tbp_lv_x'" in view.problem
    with pytest.raises(FilterError, match="view 'by place' cannot be shown here: no column 'tbp_lv_x'"):
        views.load("by place")
    assert len(session.view) == 24


def test_a_view_can_get_another_name(session: Session, views: SavedViews) -> None:
    views.save("old")
    assert views.rename("old", " new  name ") == "new name"
    assert session.desk.names("view/") == ["new name"]


def test_a_name_that_is_taken_is_refused(session: Session, views: SavedViews) -> None:
    views.save("a")
    views.save("b")
    with pytest.raises(UsageError, match="there is a view 'b' already"):
        views.rename("a", "b")


def test_a_deleted_view_is_gone(session: Session, views: SavedViews) -> None:
    views.save("a")
    views.delete("a")
    assert views.all() == ()
    with pytest.raises(FilterError, match="there is no view 'a' any more"):
        views.load("a")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x1b[2J"])
def test_a_name_has_to_be_short_and_printable(views: SavedViews, name: str) -> None:
    with pytest.raises(UsageError, match="a view needs a name"):
        views.save(name)


@pytest.mark.parametrize("value", [3, {}, {"queue_order": "sideways"}, None])
def test_a_damaged_view_is_told(session: Session, views: SavedViews, value: object) -> None:
    session.desk.put("view/broken", value)
    (view,) = views.all()
    assert view.count is None
    assert view.problem
