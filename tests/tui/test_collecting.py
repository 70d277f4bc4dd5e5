"""When the interpreter searches for unreachable objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from skintui.tui import collecting


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_it_waits_until_all_is_made_and_leaves_that_out() -> None:
    collecting.put_off()
    assert not gc.isenabled()
    collecting.go_on()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_nothing_is_left_out_where_it_was_not_put_off() -> None:
    collecting.go_on()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
