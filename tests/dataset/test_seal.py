from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from skintui.dataset.parquet import write_parquet
from skintui.dataset.seal import is_intact, read_sealed_json, write_sealed_json


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.parquet"
    write_parquet(pl.DataFrame({"a": list(range(500)), "b": ["x"] * 500}), path, {"note": "one"})
    return path


def test_any_changed_byte_outside_the_seal_is_noticed(table: Path) -> None:
    content = table.read_bytes()
    seal = content.rindex(b"sealed:")
    unnoticed = []
    for at in range(0, len(content), 7):
        table.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        if is_intact(table):
            unnoticed.append(at)
    assert all(seal <= at < seal + len("sealed:00000000") for at in unnoticed)


def test_a_sealed_table_is_read_as_any_other(table: Path) -> None:
    assert is_intact(table)
    assert pl.read_parquet(table)["a"].to_list() == list(range(500))
    assert pl.read_parquet_metadata(table)["note"] == "one"


def test_a_table_of_an_earlier_build_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(path)
    assert is_intact(path)


def test_sealed_json_comes_back_without_its_seal(tmp_path: Path) -> None:
    write_sealed_json(tmp_path / "about.json", {"n": 1, "é": [None, 0.5]})
    assert read_sealed_json((tmp_path / "about.json").read_bytes()) == {"n": 1, "é": [None, 0.5]}


def test_a_changed_value_in_sealed_json_is_refused(tmp_path: Path) -> None:
    write_sealed_json(tmp_path / "about.json", {"n": 1})
    changed = (tmp_path / "about.json").read_bytes().replace(b'"n": 1', b'"n": 2')
    with pytest.raises(ValueError, match="sealed"):
        read_sealed_json(changed)
    assert read_sealed_json(json.dumps({"n": 2}).encode()) == {"n": 2}
