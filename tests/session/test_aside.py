from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.session.aside import LEAST, give_back, set_aside

LARGE = np.arange(LEAST, dtype=np.float32).reshape(-1, 16)


@pytest.mark.parametrize("order", ["C", "F"])
def test_what_is_set_aside_is_the_same(tmp_path: Path, order: str) -> None:
    values = np.array(LARGE, order=order)  # type: ignore[call-overload]
    aside = set_aside(values, tmp_path)
    assert aside is not values
    assert aside.flags.f_contiguous == (order == "F")
    np.testing.assert_array_equal(aside, LARGE)


def test_it_leaves_no_file_behind(tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    aside = set_aside(LARGE, tmp_path)
    assert aside[-1, -1] == LEAST - 1
    assert set(tmp_path.iterdir()) == before


def test_it_may_be_written_to(tmp_path: Path) -> None:
    aside = set_aside(LARGE, tmp_path)
    aside[3] = np.nan
    assert np.isnan(aside[3]).all()


def test_few_values_stay_in_memory(tmp_path: Path) -> None:
    few = np.zeros((10, 16))
    assert set_aside(few, tmp_path) is few


def test_where_no_file_can_be_made_the_values_stay(tmp_path: Path) -> None:
    assert set_aside(LARGE, tmp_path / "missing") is LARGE


def test_what_was_given_back_is_read_again(tmp_path: Path) -> None:
    aside = set_aside(LARGE, tmp_path)
    aside.setflags(write=False)
    give_back(aside)
    np.testing.assert_array_equal(aside, LARGE)


def test_what_was_written_is_not_given_back(tmp_path: Path) -> None:
    aside = set_aside(LARGE, tmp_path)
    aside[0] = 7.0
    give_back(aside)
    assert (aside[0] == 7.0).all()
