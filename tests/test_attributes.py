import pytest

from skintui.attributes import ATTRIBUTES, BY_NAME, COLUMNS, attribute, attributes
from skintui.errors import UsageError

NAMES = (
    "areaMM2 minorAxisMM perimeterMM clin_size_long_diam_mm area_perim_ratio norm_border norm_color "
    "radial_color_std_max A Aext B Bext stdLExt deltaL deltaB deltaLB"
)


def test_the_sixteen_stand_in_the_published_order() -> None:
    assert " ".join(a.name for a in ATTRIBUTES) == NAMES


def test_columns_are_the_metadata_spelling() -> None:
    assert COLUMNS[0] == "tbp_lv_areaMM2"
    assert COLUMNS[3] == "clin_size_long_diam_mm"
    assert len(set(COLUMNS)) == 16


def test_questions_differ() -> None:
    assert len({a.question for a in ATTRIBUTES}) == 16


def test_the_question_on_record_is_kept() -> None:
    assert attribute("areaMM2").question == "What is the area in mm²?"


def test_found_by_column_too() -> None:
    assert attribute("tbp_lv_deltaLB") is attribute("deltaLB")


def test_unknown_name_points_to_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'areaMM2'"):
        attribute("areaMM")


def test_a_list_keeps_order_and_drops_repeats() -> None:
    assert [a.name for a in attributes("deltaL, areaMM2,deltaL")] == ["deltaL", "areaMM2"]


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(UsageError, match="no attribute"):
        attributes(" , ")


def test_plausible_range_includes_its_ends() -> None:
    border = attribute("norm_border")
    assert border.is_plausible(0)
    assert border.is_plausible(10)
    assert not border.is_plausible(10.01)


def test_short_names_fit_narrow_columns_and_are_all_different() -> None:
    assert all(len(attribute.short) <= 14 for attribute in ATTRIBUTES)
    assert len({attribute.short for attribute in ATTRIBUTES}) == len(ATTRIBUTES)


def test_the_title_is_used_where_it_fits() -> None:
    jaggedness = BY_NAME["area_perim_ratio"]
    assert (jaggedness.called(17), jaggedness.called(16)) == ("border jaggedness", "jaggedness")
