from __future__ import annotations

import threading

import numpy as np
import pytest

from skintui.audit import columnwise
from skintui.audit.columnwise import by_column, each_column, places


@pytest.mark.parametrize("cores", [1, 3])
def test_results_come_in_the_order_of_the_columns(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    monkeypatch.setattr(columnwise, "cores", lambda: cores)
    assert each_column(lambda j: j * j, 20) == [j * j for j in range(20)]


def test_two_columns_are_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnwise, "cores", lambda: 2)
    both = threading.Barrier(2, timeout=10)  # broken unless two wait for each other
    each_column(lambda _: both.wait(), 2)


def test_an_error_in_one_column_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        each_column(lambda j: 1 // (j - 3), 8)


def test_no_columns_are_no_work() -> None:
    assert each_column(lambda j: j, 0) == []


def test_cells_are_numbered_column_by_column() -> None:
    assert places(np.array([[1, 2, 3], [4, 5, 6]])).tolist() == [1, 4, 2, 5, 3, 6]


def test_a_matrix_by_column_is_numbered_without_a_copy() -> None:
    matrix = by_column((2, 3), 0.0)
    places(matrix)[4] = 7.0  # row 0 of column 2
    assert matrix.tolist() == [[0, 0, 7], [0, 0, 0]]
