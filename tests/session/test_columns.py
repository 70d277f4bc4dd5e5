from __future__ import annotations

import math

import polars as pl
import pytest

from skintui.session.columns import Columns

FRAME = pl.DataFrame(
    {
        "isic_id": ["a", "b", "c"],
        "sex": ["male", None, "a very long word that says nothing"],
        "patient_id": ["IP_1", "IP_1", "IP_22"],
        "age_approx": [75.0, 40.0, None],
        "tbp_lv_areaMM2": [12.5, 0.0, 3.0],
        "tbp_lv_nevi_confidence": [0.125, 99.0, 100.0],
        "tbp_lv_x": [-1234.5, 10.25, 7.0],
        "tbp_lv_y": [0.001, 0.02, 0.3],
        "evil": ["\x1b[31m", "[red]", "x"],
    }
)


@pytest.fixture
def columns() -> Columns:
    return Columns(FRAME)


def names(columns: Columns, width: int) -> list[str]:
    return [column.name for column, _ in columns.fitting(width).columns]


def test_the_default_is_the_annotation_then_the_patient(columns: Columns) -> None:
    assert columns.shown == ["label", "model", "suspicion", "patient_id"]


@pytest.mark.parametrize(
    ("width", "fit"),
    [
        (14, ["label", "suspicion"]),
        (19, ["label", "model", "suspicion"]),
        (44, ["label", "model", "suspicion", "patient_id"]),
    ],
)
def test_pinned_columns_stay_where_others_do_not_fit(columns: Columns, width: int, fit: list[str]) -> None:
    assert names(columns, width) == fit


def test_all_columns_but_the_id_can_be_shown(columns: Columns) -> None:
    assert set(columns.names) >= set(FRAME.columns) - {"isic_id"}
    assert "isic_id" not in columns.names


def test_a_shown_column_comes_behind_the_others(columns: Columns) -> None:
    assert columns.toggle("sex")
    assert columns.names[4] == "sex"


def test_a_hidden_column_is_not_pinned_when_it_comes_again(columns: Columns) -> None:
    columns.toggle("label")
    columns.toggle("label")
    assert columns.shown[-1] == "label"
    assert "label" not in columns.pinned


def test_a_column_moves_among_the_shown(columns: Columns) -> None:
    assert columns.move("patient_id", -2)
    assert columns.shown == ["label", "patient_id", "model", "suspicion"]


def test_the_first_column_moves_no_further(columns: Columns) -> None:
    assert not columns.move("label", -1)


def test_a_hidden_column_does_not_move(columns: Columns) -> None:
    assert not columns.move("sex", 1)
    assert "sex" not in columns.shown


def test_pinning_shows(columns: Columns) -> None:
    assert columns.pin("sex")
    assert columns.shown[-1] == "sex"
    assert not columns.pin("sex")
    assert "sex" in columns.shown


def test_scrolling_brings_the_next_column_beside_the_pinned(columns: Columns) -> None:
    assert columns.scroll(1)
    assert names(columns, 19) == ["label", "suspicion", "patient_id"]
    assert not columns.scroll(1)
    assert columns.scroll(-1)
    assert not columns.scroll(-1)


def test_columns_beyond_either_side_are_told(columns: Columns) -> None:
    here = columns.fitting(19)
    assert (here.left, here.right) == (False, True)
    columns.scroll(1)
    there = columns.fitting(19)
    assert (there.left, there.right) == (True, False)


def test_a_text_is_cut_where_room_is_short_and_a_number_is_not(columns: Columns) -> None:
    columns.restore({"shown": ["patient_id"], "pinned": []})
    assert [width for _, width in columns.fitting(8).columns] == [8]
    columns.restore({"shown": ["tbp_lv_areaMM2"], "pinned": []})
    assert columns.fitting(8).columns == ()


def test_the_state_comes_back(columns: Columns) -> None:
    columns.toggle("sex")
    columns.pin("sex")
    columns.move("sex", -9)
    again = Columns(FRAME)
    again.restore(columns.state())
    assert (again.shown, again.pinned) == (["sex", "label", "model", "suspicion", "patient_id"], columns.pinned)


def test_columns_that_are_not_known_are_left_out(columns: Columns) -> None:
    columns.restore({"shown": ["model", "of another data set", 3, "model"], "pinned": ["gone"]})
    assert (columns.shown, columns.pinned) == (["model"], set())


@pytest.mark.parametrize("state", [None, 7, [], {"shown": "label"}, {"shown": ["gone"]}, {}])
def test_what_cannot_be_used_gives_the_default(columns: Columns, state: object) -> None:
    columns.restore(state)
    assert columns.shown == ["label", "model", "suspicion", "patient_id"]
    assert columns.pinned == {"label", "suspicion"}


@pytest.mark.parametrize(
    ("name", "decimals", "unit"),
    [
        ("age_approx", 0, "years"),
        ("tbp_lv_areaMM2", 2, "mm²"),
        ("tbp_lv_nevi_confidence", 2, "%"),
        ("tbp_lv_x", 1, ""),
        ("tbp_lv_y", 3, ""),
    ],
)
def test_numbers_have_sensible_decimals_and_a_unit(columns: Columns, name: str, decimals: int, unit: str) -> None:
    column = columns.column(name)
    assert (column.decimals, column.unit) == (decimals, unit)


def test_a_column_is_as_wide_as_its_widest_number(columns: Columns) -> None:
    assert columns.column("tbp_lv_x").width == 1 + len("-1234.5")


def test_a_long_text_is_given_a_limit(columns: Columns) -> None:
    assert columns.column("sex").width == 20


def test_the_zero_of_an_attribute_is_missing(columns: Columns) -> None:
    assert math.isnan(columns.number("tbp_lv_areaMM2", 1))
    assert columns.number("tbp_lv_areaMM2", 0) == 12.5


def test_a_missing_text_is_empty(columns: Columns) -> None:
    assert columns.text("sex", 1) == ""


def test_text_cannot_act_on_the_terminal(columns: Columns) -> None:
    assert "\x1b" not in columns.text("evil", 0)


def test_a_data_set_without_values_in_a_column() -> None:
    empty = Columns(
        pl.DataFrame({"isic_id": ["a"], "patient_id": ["p"], "n": [None], "x": pl.Series([None], dtype=pl.Float64)})
    )
    assert empty.column("n").width == 3
    assert empty.column("x").decimals == 0
    assert math.isnan(empty.number("x", 0))


def test_pinned_columns_may_leave_no_room_for_others(columns: Columns) -> None:
    assert not columns.fitting(40).crowded
    assert columns.fitting(12).crowded  # label 7 + suspicion 4 cells are pinned; the model needs 8
