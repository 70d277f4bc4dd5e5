from __future__ import annotations

import threading

import pytest

from skintui.audit import columnwise
from skintui.audit.columnwise import each_column


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
