from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.errors import WorkspaceError
from skintui.session.aside import LEAST, Shelf, give_back, set_aside, shelved

LARGE = np.arange(LEAST, dtype=np.float32).reshape(-1, 16)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(LARGE, tmp_path)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("make", [set_aside, shelved])
def test_what_is_set_aside_is_the_same(tmp_path: Path, order: str, make: object) -> None:
    values = np.array(LARGE, order=order)  # type: ignore[call-overload]
    aside = make(values, tmp_path)  # type: ignore[operator]
    assert aside is not values
    np.testing.assert_array_equal(np.asarray(aside), LARGE)


@pytest.mark.parametrize("make", [set_aside, shelved])
def test_it_leaves_no_file_behind(tmp_path: Path, make: object) -> None:
    before = set(tmp_path.iterdir())
    aside = make(LARGE, tmp_path)  # type: ignore[operator]
    assert aside[-1, -1] == LEAST - 1
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("make", [set_aside, shelved])
def test_few_values_stay_in_memory(tmp_path: Path, make: object) -> None:
    few = np.zeros((10, 16))
    assert make(few, tmp_path) is few  # type: ignore[operator]


@pytest.mark.parametrize("make", [set_aside, shelved])
def test_where_no_file_can_be_made_the_values_stay(tmp_path: Path, make: object) -> None:
    assert make(LARGE, tmp_path / "missing") is LARGE  # type: ignore[operator]


def test_a_shelf_gives_cells_rows_and_columns(shelf: Shelf) -> None:
    rows = np.array([70, 3])
    assert shelf[12_345, 7] == LARGE[12_345, 7]
    np.testing.assert_array_equal(shelf[9_000], LARGE[9_000])
    np.testing.assert_array_equal(shelf[:, 15], LARGE[:, 15])
    np.testing.assert_array_equal(shelf[rows, 2], LARGE[rows, 2])


@pytest.mark.parametrize("count", [3, 2000])
def test_a_shelf_gives_cells_here_and_there(shelf: Shelf, count: int) -> None:
    rows, columns = np.arange(count) * 7 % len(LARGE), np.arange(count) * 3 % 2
    np.testing.assert_array_equal(shelf[rows, columns], LARGE[rows, columns])


@pytest.mark.parametrize("cell", [(len(LARGE), 0), (0, 16)])
def test_a_shelf_has_nothing_beyond_its_end(shelf: Shelf, cell: tuple[int, int]) -> None:
    with pytest.raises(IndexError):
        shelf[cell]


def test_a_row_of_a_shelf_may_be_written(shelf: Shelf) -> None:
    shelf[3] = range(16)
    np.testing.assert_array_equal(shelf[2:4, 5], [LARGE[2, 5], 5.0])
    np.testing.assert_array_equal(shelf[3], np.arange(16))


def test_a_shelf_cut_short_is_told(shelf: Shelf) -> None:
    shelf._file.truncate(100)
    with pytest.raises(WorkspaceError, match="cannot be read"):
        shelf[:, 1]


def test_a_shelf_can_be_mapped_whole(shelf: Shelf) -> None:
    np.testing.assert_array_equal(shelf.mapped(), LARGE)


def test_what_was_given_back_is_read_again(tmp_path: Path) -> None:
    aside = set_aside(LARGE, tmp_path)
    give_back(aside)
    np.testing.assert_array_equal(aside, LARGE)
