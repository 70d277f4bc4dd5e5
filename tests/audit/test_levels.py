from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from skintui.audit.levels import Level, Standing, levels_of


def test_a_level_knows_the_rows_of_its_groups() -> None:
    level = Level.of("source", pl.Series(["b", "a", None, "b"]))
    assert level.names == ("a", "b")
    assert [rows.tolist() for rows in level.members] == [[1], [0, 3]]


def test_the_whole_data_set_comes_first_and_one_group_is_no_level() -> None:
    found = levels_of(3, {"source": pl.Series(["a", "a", "a"]), "patient": pl.Series(["p", "q", "q"])})
    assert [level.kind for level in found] == ["data set", "patient"]


def test_a_shifted_group_is_odd() -> None:
    level = Level.of("patient", pl.Series(["p"] * 10 + ["q"] * 90))
    residuals = np.random.default_rng(0).standard_normal(100)
    residuals[:10] += 3
    assert Standing.of(level, residuals).odd().tolist() == [0]


def test_groups_apart_are_measured_beyond_their_noise() -> None:
    r = np.random.default_rng(0)
    level = Level.of("patient", pl.Series([f"{i:03d}" for i in range(200) for _ in range(50)]))
    residuals = np.repeat(r.normal(0, 0.8, 200), 50) + r.standard_normal(10_000)
    assert Standing.of(level, residuals).apart() == pytest.approx(0.8, rel=0.2)
