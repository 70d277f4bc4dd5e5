from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from skintui.attributes import COLUMNS
from skintui.dataset.metadata import read_metadata
from skintui.dataset.problems import Problem
from skintui.dataset.schema import SCHEMA
from skintui.errors import DatasetError
from tests.dataset.conftest import table


def changed(tmp_path: Path, row: int, column: str, value: str, n: int = 6) -> Path:
    """A right table with one value written as ``value``."""
    path = tmp_path / "train-metadata.csv"
    frame = table(n).with_columns(pl.col(column).cast(pl.String))
    frame[row, column] = value
    frame.write_csv(path)
    return path


def only(problems: list[Problem], kind: str) -> list[Problem]:
    return [problem for problem in problems if problem.kind == kind]


def test_a_right_table_has_no_problems(dataset: Path) -> None:
    frame, problems = read_metadata(dataset / "train-metadata.csv")
    assert problems == []
    assert frame.columns == [column.name for column in SCHEMA]
    assert frame.equals(table())


def test_the_44_columns_of_the_test_table_are_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "test-metadata.csv"
    table().select(column.name for column in SCHEMA if not column.train_only).write_csv(path)
    frame, problems = read_metadata(path)
    assert (frame.width, problems) == (44, [])


def test_parquet_reads_as_csv_does(dataset: Path, tmp_path: Path) -> None:
    table().write_parquet(tmp_path / "m.parquet")
    frame, problems = read_metadata(tmp_path / "m.parquet")
    assert frame.equals(read_metadata(dataset / "train-metadata.csv")[0])
    assert problems == []


def test_parquet_with_categories_and_integers_is_brought_to_type(tmp_path: Path) -> None:
    odd = table().with_columns(pl.col("sex").cast(pl.Categorical), pl.col("age_approx").cast(pl.Int8))
    odd.write_parquet(tmp_path / "m.parquet")
    assert read_metadata(tmp_path / "m.parquet")[0].schema == table().schema


def test_columns_of_mixed_types_stay_text(tmp_path: Path) -> None:
    path = changed(tmp_path, 1, "mel_mitotic_index", "<1/mm^2")
    frame, problems = read_metadata(path)
    assert frame["mel_mitotic_index"].to_list() == [None, "<1/mm^2", None, None, None, None]
    assert problems == []


def test_an_integer_written_as_float_is_read(tmp_path: Path) -> None:
    frame, problems = read_metadata(changed(tmp_path, 2, "tbp_lv_symm_2axis_angle", "10.0"))
    assert frame["tbp_lv_symm_2axis_angle"][2] == 10
    assert problems == []


@pytest.mark.parametrize("word", ["abc", "3,5", "1_0", "=cmd()", "[red]7[/]", "0x1f"])
def test_a_word_is_a_problem_and_null(tmp_path: Path, word: str) -> None:
    frame, problems = read_metadata(changed(tmp_path, 3, "tbp_lv_L", word))
    assert frame["tbp_lv_L"][3] is None
    assert frame["tbp_lv_L"].null_count() == 1
    expected = f"tbp_lv_L '{word}' is not a number; taken as missing"
    assert problems == [Problem("not_a_number", "ISIC_0000003", "tbp_lv_L", expected)]


@pytest.mark.parametrize("word", ["inf", "-inf", "nan", "NaN", "1e999", "Infinity"])
def test_a_non_finite_value_is_a_problem_and_null(tmp_path: Path, word: str) -> None:
    frame, problems = read_metadata(changed(tmp_path, 0, "tbp_lv_L", word))
    assert frame["tbp_lv_L"][0] is None
    assert [(p.kind, p.isic_id, p.column) for p in problems] == [("not_finite", "ISIC_0000000", "tbp_lv_L")]


@pytest.mark.parametrize("word", ["", " ", "NA", "None"])
def test_a_missing_value_is_no_problem_outside_the_attributes(tmp_path: Path, word: str) -> None:
    frame, problems = read_metadata(changed(tmp_path, 0, "age_approx", word))
    assert frame["age_approx"][0] is None
    assert problems == []


def test_spaces_around_a_number_are_no_problem(tmp_path: Path) -> None:
    frame, problems = read_metadata(changed(tmp_path, 0, "tbp_lv_L", " 41.5 "))
    assert frame["tbp_lv_L"][0] == 41.5
    assert problems == []


def test_a_fraction_in_an_integer_column_is_a_problem(tmp_path: Path) -> None:
    frame, problems = read_metadata(changed(tmp_path, 0, "target", "0.5"))
    assert frame["target"][0] is None
    assert problems[0].message == "target '0.5' is not a whole number; taken as missing"


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("age_approx", "900", "age_approx is 900, outside 0 to 120"),
        ("tbp_lv_areaMM2", "-3.5", "tbp_lv_areaMM2 is -3.5, outside 0.01 to 400 mm²"),
        ("tbp_lv_norm_border", "10.5", "tbp_lv_norm_border is 10.5, outside 0 to 10"),
    ],
)
def test_an_impossible_value_is_reported_and_kept(tmp_path: Path, column: str, value: str, message: str) -> None:
    frame, problems = read_metadata(changed(tmp_path, 1, column, value))
    assert problems == [Problem("impossible_value", "ISIC_0000001", column, message)]
    assert frame[column][1] == float(value)


def test_zeros_and_empties_of_an_attribute_are_counted_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "train-metadata.csv"
    frame = table()
    frame[0, "tbp_lv_norm_color"] = 0.0
    frame[2, "tbp_lv_norm_color"] = 0.0
    frame[3, "tbp_lv_norm_color"] = None
    frame.write_csv(path)
    message = "3 of 6 values are missing (2 are 0 and 1 are empty)"
    assert read_metadata(path)[1] == [Problem("missing_value_count", "", "tbp_lv_norm_color", message)]


def test_a_stored_zero_is_kept_and_not_impossible(tmp_path: Path) -> None:
    frame, problems = read_metadata(changed(tmp_path, 0, "tbp_lv_areaMM2", "0"))
    assert frame["tbp_lv_areaMM2"][0] == 0.0
    assert only(problems, "impossible_value") == []


def test_of_a_repeated_id_the_first_row_counts(tmp_path: Path) -> None:
    frame, problems = read_metadata(changed(tmp_path, 4, "isic_id", "ISIC_0000001"))
    assert frame["isic_id"].to_list() == [f"ISIC_{k:07d}" for k in (0, 1, 2, 3, 5)]
    assert frame["age_approx"][1] == 51.0
    message = "row 5 repeats this isic_id and is left out; the first row is kept"
    assert problems == [Problem("duplicate_id", "ISIC_0000001", "isic_id", message)]


def test_a_row_without_id_is_left_out(tmp_path: Path) -> None:
    frame, problems = read_metadata(changed(tmp_path, 4, "isic_id", "  "))
    assert frame.height == 5
    assert problems == [Problem("missing_id", "", "isic_id", "row 5 has no isic_id and is left out")]


def test_a_lesion_without_patient_joins_one_group(tmp_path: Path) -> None:
    frame, problems = read_metadata(changed(tmp_path, 4, "patient_id", ""))
    assert frame["patient_id"][4] == "unknown"
    assert [(p.kind, p.isic_id, p.column) for p in problems] == [("missing_id", "ISIC_0000004", "patient_id")]


@pytest.mark.parametrize(("key", "name"), [("isic_id", "isicid"), ("patient_id", "Patient ID")])
def test_a_renamed_key_is_fatal_and_its_nearest_named(tmp_path: Path, key: str, name: str) -> None:
    path = tmp_path / "train-metadata.csv"
    table().rename({key: name}).write_csv(path)
    with pytest.raises(DatasetError, match=f"required column '{key}' is missing; the nearest found is '{name}'"):
        read_metadata(path)


def test_a_renamed_attribute_is_reported_and_null(tmp_path: Path) -> None:
    path = tmp_path / "train-metadata.csv"
    table().rename({"tbp_lv_areaMM2": "tbp_lv_area_MM2"}).write_csv(path)
    frame, problems = read_metadata(path)
    assert frame["tbp_lv_areaMM2"].null_count() == 6
    assert frame["tbp_lv_area_MM2"].dtype == pl.String
    message = "required column 'tbp_lv_areaMM2' is missing; the nearest found is 'tbp_lv_area_MM2'"
    assert problems[0] == Problem("missing_column", "", "tbp_lv_areaMM2", message)


def test_further_columns_are_kept_as_text(tmp_path: Path) -> None:
    path = tmp_path / "train-metadata.csv"
    table().with_columns(reader=pl.lit("7")).write_csv(path)
    assert read_metadata(path)[0]["reader"].to_list() == ["7"] * 6


def test_two_identical_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "test-metadata.csv"
    table().with_columns(pl.col("tbp_lv_Lext").alias("tbp_lv_stdLExt")).write_csv(path)
    (problem,) = only(read_metadata(path)[1], "identical_columns")
    assert problem.column == "tbp_lv_stdLExt"
    assert problem.message.startswith("tbp_lv_stdLExt equals tbp_lv_Lext in every row")


def test_a_row_cut_short_is_a_problem_and_the_rest_works(tmp_path: Path) -> None:
    path = tmp_path / "train-metadata.csv"
    table().write_csv(path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.rindex("CC-0")], encoding="utf-8")
    frame, problems = read_metadata(path)
    assert frame.height == 6
    assert [(p.kind, p.isic_id) for p in problems] == [("short_row", "ISIC_0000005")]


def test_a_header_without_rows_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "train-metadata.csv"
    table().head(0).write_csv(path)
    with pytest.raises(DatasetError, match="a header but no rows"):
        read_metadata(path)


def test_a_damaged_parquet_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    table().write_parquet(path)
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(DatasetError, match="not a readable parquet file") as caught:
        read_metadata(path)
    assert "\n" not in str(caught.value)


def test_escape_sequences_do_not_reach_a_message(tmp_path: Path) -> None:
    _, problems = read_metadata(changed(tmp_path, 0, "tbp_lv_L", "\x1b]0;gone\x07"))
    assert "\x1b" not in problems[0].message


def test_published_rows_are_read_without_loss(slice3d: Path) -> None:
    frame, problems = read_metadata(slice3d / "vendor-metadata.csv")
    assert frame.height == 20
    assert all(frame[column].null_count() == 0 for column in COLUMNS)
    # One published row has Lext where stdLExt belongs, an error that circulates.
    impossible = only(problems, "impossible_value")
    assert [(p.isic_id, p.column) for p in impossible] == [("ISIC_0015729", "tbp_lv_stdLExt")]
    assert {problem.kind for problem in problems} == {"missing_value_count", "impossible_value"}
