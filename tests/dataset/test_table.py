"""The table read column by column."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from skintui.dataset.parquet import write_parquet
from skintui.dataset.table import KEPT, Table
from skintui.errors import WorkspaceError

FRAME = pl.DataFrame({"isic_id": ["a", "b", "c"], "area": [1.5, None, 0.0], "sex": ["male", None, "female"]})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_parquet(FRAME, tmp_path / "lesions.parquet")
    return tmp_path / "lesions.parquet"


@pytest.fixture(params=["stored", "memory"])
def table(request: pytest.FixtureRequest, path: Path) -> Table:
    return Table.stored(path) if request.param == "stored" else Table.of(FRAME)


def test_it_has_the_frames_columns_and_height(table: Table) -> None:
    assert (table.columns, table.height) == (FRAME.columns, 3)


def test_a_column_is_that_of_the_frame(table: Table) -> None:
    assert table.get_column("area").equals(FRAME.get_column("area"), null_equal=True)


def test_a_column_is_read_once(table: Table) -> None:
    assert table.get_column("sex") is table.get_column("sex")


def test_a_row_has_the_columns_named_that_there_are(table: Table) -> None:
    assert table.row(2, ["sex", "nothing"]) == {"sex": "female"}
    assert table.row(1) == {"isic_id": "b", "area": None, "sex": None}


def test_the_whole_can_be_had(table: Table) -> None:
    assert table.frame().equals(FRAME)
    assert table.frame("sex", "area").columns == ["sex", "area"]


def test_what_takes_the_files_place_is_not_mixed_in(path: Path) -> None:
    table = Table.stored(path)
    write_parquet(pl.DataFrame({"isic_id": ["z"], "area": [9.0], "sex": ["male"]}), path)
    assert table.get_column("area").to_list() == [1.5, None, 0.0]


def test_only_the_columns_asked_for_last_are_kept(tmp_path: Path) -> None:
    wide = pl.DataFrame({f"c{i}": [i] for i in range(KEPT + 1)})
    table = Table.of(wide)
    first = table.get_column("c0")
    for name in wide.columns:
        table.get_column(name)
    assert table.get_column(f"c{KEPT}") is table.get_column(f"c{KEPT}")
    assert table.get_column("c0") is not first


def test_many_threads_may_ask(path: Path) -> None:
    table = Table.stored(path)
    with ThreadPoolExecutor(8) as threads:
        rows = list(threads.map(lambda i: table.row(i % 3, ["isic_id"])["isic_id"], range(60)))
    assert rows == ["a", "b", "c"] * 20


def test_damage_is_told_with_the_file(path: Path) -> None:
    whole = path.read_bytes()
    table = Table.stored(path)
    with path.open("r+b") as file:
        file.write(b"\0" * (len(whole) // 3))
    with pytest.raises(WorkspaceError, match=r"lesions\.parquet: the table is damaged"):
        table.frame()
