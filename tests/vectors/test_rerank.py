from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.vectors import rerank
from skintui.vectors.exact import exact_search
from skintui.vectors.rerank import best_stored
from skintui.vectors.rows import RowFile, unit_query, unit_rows
from skintui.vectors.structured import structured_vectors


@pytest.mark.parametrize("many", [10, 10_000])
def test_the_best_of_some_rows_are_those_of_computing_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """In the mapping as well as row by row."""
    monkeypatch.setattr(rerank, "MANY", many)
    matrix = unit_rows(structured_vectors(3000, 64))
    (tmp_path / "v.f16").write_bytes(matrix.tobytes())
    allowed = np.random.default_rng(0).random(3000) < 0.8
    query = unit_query(matrix[5], 64)
    hits = best_stored(RowFile(tmp_path / "v.f16", 3000, 64), np.flatnonzero(allowed), query, 7)
    expected = exact_search(matrix, query, 7, allowed)
    assert hits.rows.tolist() == expected.rows.tolist()
    assert np.allclose(hits.similarity, expected.similarity, atol=1e-6)


def test_cosines_closer_together_than_a_rounded_query_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors that differ in one last digit only: the query's own rounding would hide which of them is nearer."""
    monkeypatch.setattr(rerank, "MANY", 10)
    matrix = np.full((2000, 64), 0.125, np.float16)
    matrix[:, 0] = np.nextafter(np.float16(0.125), np.float16(1))
    matrix[1234, 0] = np.float16(0.1255)
    (tmp_path / "v.f16").write_bytes(matrix.tobytes())
    query = unit_query(np.full(64, 0.1237, np.float32), 64)
    assert best_stored(RowFile(tmp_path / "v.f16", 2000, 64), np.arange(2000), query, 1).rows.tolist() == [1234]
