from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from skintui.cli.output import write_object, write_rows

ROWS = [
    {"name": "\x1b[31mred[/red] [bold]", "value": 1.5, "flagged": True},
    {"name": "=cmd()", "value": float("nan"), "flagged": False},
]
COLUMNS = ("name", "value", "flagged")


def test_a_table_cannot_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(ROWS, COLUMNS, "table")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "value", "flagged"]
    assert lines[1].split() == ["�[31mred[/red]", "[bold]", "1.5", "yes"]
    assert "\x1b" not in "".join(lines)


def test_json_is_a_list_with_null_for_missing(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(ROWS, COLUMNS, "json")
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert json.loads(out) == [ROWS[0], {"name": "=cmd()", "value": None, "flagged": False}]


def test_json_of_nothing_is_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([], COLUMNS, "json")
    assert json.loads(capsys.readouterr().out) == []


def test_csv_guards_formulas_and_leaves_missing_empty(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(ROWS, COLUMNS, "csv")
    assert capsys.readouterr().out.splitlines() == [
        "name,value,flagged",
        "�[31mred[/red] [bold],1.5,true",
        "'=cmd(),,false",
    ]


def test_top_cuts_after_so_many_rows(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(iter(ROWS), COLUMNS, "json", top=1)
    assert len(json.loads(capsys.readouterr().out)) == 1


def test_wide_characters_keep_columns_straight(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"a": "皮膚", "b": "x"}, {"a": "skin", "b": "y"}], ("a", "b"), "table")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "皮膚  x"
    assert lines[2] == "skin  y"


def test_numpy_scalars_and_times_become_plain_json(capsys: pytest.CaptureFixture[str]) -> None:
    write_object(
        {"n": np.int64(3), "x": np.float32("nan"), "at": datetime(2025, 1, 2, tzinfo=UTC), "of": [np.float64(1)]}
    )
    assert json.loads(capsys.readouterr().out) == {"n": 3, "x": None, "at": "2025-01-02T00:00:00+00:00", "of": [1.0]}


def test_a_cell_that_is_too_long_is_cut_with_an_ellipsis(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([{"a": "x" * 300, "b": 1}], ("a", "b"), "table")
    line = capsys.readouterr().out.splitlines()[1]
    assert line == "x" * 99 + "…  1"
