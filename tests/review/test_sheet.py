from __future__ import annotations

import csv
import io
import math
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skintui.errors import WorkspaceError
from skintui.review.sheet import cell, guarded, unguarded, write_csv
from skintui.texts import printable

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
NUMBER = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=False))
ROWS = st.lists(st.fixed_dictionaries({"name": st.one_of(st.none(), TEXT), "x": NUMBER}), max_size=8)


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\rcmd", "\tcmd", "'=1", "=1"])
def test_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert guarded(text).startswith("'")


@pytest.mark.parametrize("text", ["area", "2-3", "a=b", "", "'tis", "mm²"])
def test_plain_text_stays(text: str) -> None:
    assert guarded(text) == text


def test_a_negative_number_is_no_formula() -> None:
    assert cell(-3.25) == "-3.25"


def test_escape_sequences_cannot_reach_a_terminal() -> None:
    assert "\x1b" not in cell("\x1b[31mred")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (True, "true"),
        (3, "3"),
        (0.1 + 0.2, "0.30000000000000004"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
    ],
)
def test_a_value_has_one_spelling(value: Any, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize("text", ["' ", "'' a", "\ta", "=1", "'=1", "' =1", " a"])
def test_a_guard_comes_off_what_looks_guarded(text: str) -> None:
    assert unguarded(guarded(text)) == printable(text)


@given(TEXT)
def test_a_guard_comes_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == printable(text)


def check_round_trip(rows: list[dict[str, Any]], table: list[list[str]]) -> None:
    assert table[0] == ["name", "x"]
    assert len(table) == len(rows) + 1
    for row, (name, x) in zip(rows, table[1:], strict=True):
        assert unguarded(name) == printable(row["name"] or "")
        missing = row["x"] is None or math.isnan(row["x"])
        assert x == "" if missing else float(x) == row["x"]


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_rows_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    path = tmp_path_factory.mktemp("sheet") / "out.csv"
    assert write_csv(rows, ["name", "x"], path) == len(rows)
    check_round_trip(rows, read(path))


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_a_frame_reads_back(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    path = tmp_path_factory.mktemp("sheet") / "out.csv"
    frame = pl.DataFrame(rows, schema={"name": pl.String, "x": pl.Float64})
    assert write_csv(frame, ["name", "x"], path) == len(rows)
    check_round_trip(rows, read(path))


@pytest.mark.parametrize("rows", [[], pl.DataFrame(schema={"a": pl.String, "b": pl.Float64})])
def test_a_header_stands_above_no_rows(tmp_path: Path, rows: Any) -> None:
    assert write_csv(rows, ["a", "b"], tmp_path / "out.csv") == 0
    assert (tmp_path / "out.csv").read_bytes() == b"a,b\n"


def test_lines_end_with_lf_and_quotes_are_doubled(tmp_path: Path) -> None:
    write_csv([{"a": 'say "so", please', "b": 1}], ["a", "b"], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == b'a,b\n"say ""so"", please",1\n'


def test_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    write_csv(pl.DataFrame({"a": [1], "b": [2]}), ["b", "a"], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "b,a\n2,1\n"


def test_an_existing_file_is_kept_without_force(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("mine")
    with pytest.raises(WorkspaceError, match="--force"):
        write_csv([], ["a"], path)
    assert path.read_text() == "mine"
    write_csv([], ["a"], path, force=True)
    assert path.read_text() == "a\n"


def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    def rows() -> Any:
        yield {"a": 1}
        raise RuntimeError("torn")

    path = tmp_path / "out.csv"
    path.write_text("mine")
    with pytest.raises(RuntimeError):
        write_csv(rows(), ["a"], path, force=True)
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["out.csv"]
    assert path.read_text() == "mine"


def test_a_dash_is_stdout_in_utf8_whatever_the_locale() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    assert write_csv([{"unit": "mm²"}], ["unit"], "-", stdout=stream) == 1
    assert raw.getvalue() == "unit\nmm²\n".encode()


def test_a_dash_takes_any_text_stream() -> None:
    stream = io.StringIO()
    write_csv(pl.DataFrame({"unit": ["mm²"]}), ["unit"], "-", stdout=stream)
    assert stream.getvalue() == "unit\nmm²\n"


def test_a_dash_is_the_process_stdout_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    write_csv([{"a": 1}], ["a"], "-")
    assert capsys.readouterr().out == "a\n1\n"
    assert not sys.stdout.closed


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="folder"):
        write_csv([], ["a"], tmp_path, force=True)


def test_a_frame_of_other_types_spells_them_like_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "when": [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None],
            "kind": pl.Series(["=a", "b"], dtype=pl.Categorical),
            "flag": [True, None],
            "count": [1, None],
            "empty": pl.Series(["", "x"]),
        }
    )
    write_csv(frame, frame.columns, tmp_path / "frame.csv")
    write_csv(frame.to_dicts(), frame.columns, tmp_path / "rows.csv")
    assert (tmp_path / "frame.csv").read_bytes() == (tmp_path / "rows.csv").read_bytes()
    assert read(tmp_path / "frame.csv")[1] == ["2026-01-02T03:04:05.000Z", "'=a", "true", "1", ""]


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(), st.text("aZ9(=-' é≥σ\u0301\u00ad\u202e", min_size=1))))
def test_a_column_has_the_cells_of_its_texts(texts: list[str | None]) -> None:
    out = io.StringIO()
    write_csv(pl.DataFrame({"t": texts, "n": 1}, schema={"t": pl.String, "n": pl.Int64}), ["t", "n"], "-", stdout=out)
    told = list(csv.reader(io.StringIO(out.getvalue())))
    assert told == [["t", "n"], *([cell(text), "1"] for text in texts)]
