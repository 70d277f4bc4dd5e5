from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from skintui.dataset.view import LesionView
from skintui.errors import FilterError
from tests.dataset.conftest import table


@pytest.fixture
def frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "isic_id": ["ISIC_0000012", "ISIC_0000112", "ISIC_0001201", "ISIC_0000007"],
            "sex": ["male", "female", None, "male"],
            "age_approx": [60.0, None, 40.0, 60.0],
            "tbp_lv_areaMM2": [30.0, 20.5, 0.0, 8.0],
        }
    )


@pytest.fixture
def view(frame: pl.DataFrame) -> LesionView:
    return LesionView.of(frame)


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("tbp_lv_areaMM2 > 20 AND sex = 'male'", [0]),
        ("areaMM2 > 20", [0, 1]),
        ("AREAmm2 > 20", [0, 1]),
        ("Sex = 'female'", [1]),
        ("sex = 'male' OR age_approx < 50", [0, 2, 3]),
        ("sex IS NULL", [2]),
        ("sex <> 'male'", [1]),
        ("isic_id LIKE '%12'", [0, 1]),
        ("age_approx BETWEEN 30 AND 50", [2]),
        ("sex IN ('male', 'female')", [0, 1, 3]),
        ("age_approx > (30 + 20) -- comment", [0, 3]),
        ("areaMM2 > avg(areaMM2)", [0, 1]),
        ("1 = 1", [0, 1, 2, 3]),
        ("1 = 2", []),
    ],
)
def test_rows_where_an_expression_is_true(view: LesionView, expression: str, rows: list[int]) -> None:
    assert view.where(expression).rows.tolist() == rows


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "the filter is empty"),
        ("areaMM2 >", "unable to parse"),
        ("areaMM2", "gives values, not true or false"),
        ("areaMM2 + 1", "gives values, not true or false"),
        ("agee_approx > 3", "no column 'agee_approx'; did you mean 'age_approx'"),
        ("arreaMM2 > 3", "did you mean 'areaMM2'"),
        ("areaMM2 > 'x'", "cannot compare string with numeric type"),
        ("sex ~ '('", "regex"),
        ("(select 1)", "subqueries are not allowed"),
        ("age_approx in (select age_approx from t)", "subqueries are not allowed"),
        ("exists(select 1)", "subqueries are not allowed"),
        ("read_csv('/etc/passwd') = 'x'", "function 'read_csv' is not available"),
        ("areaMM2 > 1; drop table t", "unexpected token"),
        ("areaMM2 > 1, sex = 'x'", "unexpected token"),
        ("(" * 3000 + "1" + ")" * 3000 + " > 0", "longer than 2,000 characters"),
        ("(" * 900 + "1" + ")" * 900 + " > 0", "filter"),
    ],
)
def test_a_bad_expression_is_one_clear_line(view: LesionView, expression: str, message: str) -> None:
    with pytest.raises(FilterError) as caught:
        view.where(expression)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_error_does_not_repeat_escape_sequences(view: LesionView) -> None:
    with pytest.raises(FilterError) as caught:
        view.where("\x1b[2J > 3")
    assert "\x1b" not in str(caught.value)


def test_filters_give_the_same_rows_in_any_sequence(view: LesionView) -> None:
    first, second = "areaMM2 > avg(areaMM2)", "sex = 'male'"
    assert view.where(first).where(second).rows.tolist() == view.where(second).where(first).rows.tolist() == [0]


def test_a_view_is_not_changed_by_filtering(view: LesionView) -> None:
    view.where("sex = 'male'").sorted_by("age_approx")
    assert view.rows.tolist() == [0, 1, 2, 3]
    assert view.filters == ()
    with pytest.raises(ValueError, match="read-only"):
        view.rows[0] = 3


def test_sorting_puts_missing_values_and_stored_zeros_last(view: LesionView) -> None:
    assert view.sorted_by("areaMM2").rows.tolist() == [3, 1, 0, 2]
    assert view.sorted_by("areaMM2", descending=True).rows.tolist() == [0, 1, 3, 2]
    assert view.sorted_by("sex", descending=True).rows.tolist() == [0, 3, 1, 2]


def test_sorting_keeps_the_order_of_equals(view: LesionView) -> None:
    by_id = view.sorted_by("isic_id")
    assert by_id.rows.tolist() == [3, 0, 1, 2]
    assert by_id.sorted_by("age_approx").rows.tolist() == [2, 3, 0, 1]
    assert by_id.sorted_by("age_approx", descending=True).rows.tolist() == [3, 0, 2, 1]


def test_sorting_sends_nan_of_other_columns_last(frame: pl.DataFrame) -> None:
    view = LesionView.of(frame.with_columns(predicted=pl.Series([np.nan, 2.0, 1.0, 3.0])))
    assert view.sorted_by("predicted", descending=True).rows.tolist() == [3, 1, 2, 0]


def test_filtering_keeps_the_order(view: LesionView) -> None:
    assert view.sorted_by("areaMM2").where("sex = 'male'").rows.tolist() == [3, 0]


def test_sorting_by_an_unknown_column_names_the_nearest(view: LesionView) -> None:
    with pytest.raises(FilterError, match="no column 'age'"):
        view.sorted_by("age")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("ISIC_0000007", 3),
        ("isic_0000007", 3),
        (" 0000007 ", 3),
        ("112", 1),
        ("12", 0),
        ("120", 2),
        ("zzz", None),
        ("", None),
        ("%", None),
    ],
)
def test_search_prefers_exact_then_suffix_then_substring(view: LesionView, text: str, position: int | None) -> None:
    assert view.like(text).after(0) == position


def test_search_goes_on_from_a_position_and_wraps(view: LesionView) -> None:
    assert [view.like("12").after(start) for start in (0, 1, 2)] == [0, 1, 0]


def test_search_gives_the_position_in_the_view(view: LesionView) -> None:
    shown = view.where("sex = 'male'").sorted_by("isic_id")
    assert shown.like("ISIC_0000012").after(0) == 1
    assert shown.like("ISIC_0000112").kind == "near"
    assert shown.position_of(0) == 1
    assert shown.position_of(1) is None


def test_a_view_describes_itself() -> None:
    view = LesionView.of(table(1200))
    assert view.describe() == "1,200 lesions"
    shown = view.where("isic_id >= 'ISIC_0000100'").where(" sex =  'male'").sorted_by("areaMM2", descending=True)
    assert shown.describe() == (
        "550 of 1,200 lesions · isic_id >= 'ISIC_0000100' · sex = 'male' · sorted by tbp_lv_areaMM2 ↓"
    )


def test_an_empty_view_can_be_filtered_sorted_and_searched(view: LesionView) -> None:
    empty = view.where("1 = 2")
    assert len(empty.where("sex = 'male'").sorted_by("sex")) == 0
    assert empty.like("1").after(0) is None


def test_views_do_not_copy_the_table(view: LesionView, frame: pl.DataFrame) -> None:
    assert view.where("sex = 'male'").sorted_by("sex").frame is frame


def mask_of(*cells: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    mask = np.zeros((4, 16), dtype=np.bool_)
    for row, attribute in cells:
        mask[row, attribute] = True
    return mask


def test_keeping_annotations_keeps_their_lesions_and_of_these_only_them(view: LesionView) -> None:
    kept = view.keeping(mask_of((1, 3), (2, 0), (2, 5)), "flagged")
    assert kept.rows.tolist() == [1, 2]
    assert kept.holds(np.array([16 + 3, 16 + 4, 32, 32 + 5, 0])).tolist() == [True, False, True, True, False]
    assert kept.describe() == "2 of 4 lesions · flagged"


def test_leaving_annotations_out_keeps_the_others_of_their_lesions(view: LesionView) -> None:
    left = view.keeping(mask_of((1, 3)), "not flagged", without=True)
    assert left.rows.tolist() == [0, 2, 3]
    assert left.holds(np.array([16 + 3, 16 + 4, 0])).tolist() == [False, True, True]


def test_two_kept_kinds_are_of_the_same_annotation(view: LesionView) -> None:
    first, second = mask_of((1, 3), (2, 0)), mask_of((1, 3), (2, 5))
    assert view.keeping(first, "a").keeping(second, "b").rows.tolist() == [1]


def test_a_filter_narrows_annotations_with_their_lesions(view: LesionView) -> None:
    kept = view.keeping(mask_of((0, 1), (1, 1)), "flagged").where("sex = 'male'")
    assert kept.rows.tolist() == [0]
    assert kept.holds(np.array([1, 17])).tolist() == [True, False]


def test_every_annotation_of_a_row_is_held_without_such_a_filter(view: LesionView) -> None:
    assert view.where("sex = 'male'").holds(np.array([0, 15, 16, 48])).tolist() == [True, True, False, True]


def test_a_column_beside_is_of_the_lesion_for_rows_and_of_the_attribute_for_annotations(view: LesionView) -> None:
    highest = {"suspicion": lambda: pl.Series([9.0, 1.0, 5.0, 0.0])}
    each = {0: [9.0, 1.0, 0.0, 0.0], 1: [2.0, 0.0, 5.0, 0.0]}

    def of(attribute: int) -> dict[str, Callable[[], pl.Series]]:
        return {"suspicion": lambda: pl.Series(each.get(attribute, [0.0] * 4))}

    found = view.where_audited("suspicion > 4", highest, of, "suspicion > 4")
    assert found.rows.tolist() == [0, 2]
    assert np.flatnonzero(found.holds(np.arange(64))).tolist() == [0, 33]


def test_text_sorts_as_text(view: LesionView) -> None:
    assert view.sorted_by("isic_id").rows.tolist() == [3, 0, 1, 2]
    assert view.where("sex = 'male'").sorted_by("isic_id", descending=True).rows.tolist() == [0, 3]
