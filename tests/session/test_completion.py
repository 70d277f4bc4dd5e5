from __future__ import annotations

import polars as pl
import pytest

from skintui.session.completion import MOST_VALUES, Completer

FRAME = pl.DataFrame(
    {
        "isic_id": ["a", "b", "c", "d"],
        "sex": ["male", "female", "male", None],
        "anatom_site_general": ["o'clock", "torso", "torso", "arm"],
        "tbp_lv_areaMM2": [1.0, 2.0, 3.0, 4.0],
    }
)
COMPLETE = Completer(FRAME)


def completed(text: str) -> tuple[str, ...]:
    return COMPLETE(text, len(text)).words


def test_an_attribute_comes_before_its_column() -> None:
    assert completed("are")[:2] == ("areaMM2", "tbp_lv_areaMM2")


def test_a_part_of_a_columns_name_finds_it() -> None:
    assert "anatom_site_general" in completed("site")


def test_words_of_sql_and_functions_are_offered() -> None:
    assert "BETWEEN" in completed("areaMM2 betw")
    assert "sqrt(" in completed("sq")


def test_what_the_audit_adds_is_offered() -> None:
    assert completed("susp") == ("suspicion",)


def test_values_are_offered_after_a_comparison_the_most_frequent_first() -> None:
    assert completed("sex = ") == ("'male'", "'female'")


@pytest.mark.parametrize("text", ["sex = fe", "sex = 'fe", "sex <> 'Fe", "sex IN ('male', 'fe", "SEX LIKE 'fe"])
def test_a_begun_value_is_completed_with_its_quotes(text: str) -> None:
    found = COMPLETE(text, len(text))
    assert found.words == ("'female'",)
    assert text[found.start : found.end].lower().strip("'") == "fe"


def test_a_quote_in_a_value_is_doubled() -> None:
    assert completed("anatom_site_general = 'o") == ("'o''clock'", "'torso'")


def test_numbers_and_ids_have_no_values_to_offer() -> None:
    assert completed("areaMM2 = ") == ()
    assert completed("isic_id = ") == ()


def test_within_a_text_no_names_are_offered() -> None:
    assert completed("isic_id = 'are") == ()


def test_a_column_with_too_many_values_offers_none() -> None:
    names = [f"v{i}" for i in range(MOST_VALUES + 1)]
    assert Completer(pl.DataFrame({"isic_id": names, "note": names}))("note = 'v", 9).words == ()


def test_names_are_offered_where_one_must_stand() -> None:
    assert completed("areaMM2 > 3 AND ")[0] == "areaMM2"
    assert completed("areaMM2 > 3 ") == ()


def test_verdicts_are_values() -> None:
    assert completed("verdict = 'label_o") == ("'label_ok'",)


def test_only_the_part_before_the_cursor_counts() -> None:
    found = COMPLETE("are > 3", 3)
    assert (found.start, found.end, found.words[0]) == (0, 3, "areaMM2")


def test_values_that_could_act_on_the_terminal_are_not_offered() -> None:
    frame = pl.DataFrame({"isic_id": ["a", "b"], "note": ["\x1b[2J", "plain"]})
    assert Completer(frame)("note = ", 7).words == ("'plain'",)
