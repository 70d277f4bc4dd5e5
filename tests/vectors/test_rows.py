from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.errors import VectorsError
from skintui.vectors import rows as rows_module
from skintui.vectors.rows import RowFile, unit_query, unit_rows


def written(folder: Path, n: int = 20, d: int = 3) -> tuple[Path, np.ndarray[tuple[int, int], np.dtype[np.float16]]]:
    content = np.arange(n * d, dtype="<f2").reshape(n, d)
    path = folder / "image.f16"
    path.write_bytes(content.tobytes())
    return path, content


def test_rows_have_unit_length() -> None:
    assert unit_rows([[3.0, 4.0]]).tolist() == [[np.float16(0.6), np.float16(0.8)]]


def test_the_direction_of_very_long_and_very_short_rows_is_kept() -> None:
    assert unit_rows([[3e30, 4e30], [3e-30, 4e-30]]).tolist() == unit_rows([[3.0, 4.0], [3.0, 4.0]]).tolist()


@pytest.mark.parametrize("row", [[np.nan, 1.0], [np.inf, 1.0], [0.0, 0.0]])
def test_a_row_without_direction_becomes_zeros(row: list[float]) -> None:
    assert unit_rows([row]).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("query", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 0.0]])
def test_a_query_without_direction_is_refused(query: list[float]) -> None:
    with pytest.raises(VectorsError, match="no vector"):
        unit_query(query, 2)


def test_a_query_of_another_length_is_refused() -> None:
    with pytest.raises(VectorsError, match="3 numbers, the index 2"):
        unit_query([1.0, 2.0, 3.0], 2)


@pytest.mark.parametrize("mapped", [0, 1 << 20])
def test_rows_come_in_the_order_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapped: int) -> None:
    monkeypatch.setattr(rows_module, "MAPPED_BYTES", mapped)
    path, content = written(tmp_path)
    asked = [19, 3, 4, 5, 0, 4]
    assert np.array_equal(RowFile(path, 20, 3).read(asked), content[asked])


@pytest.mark.parametrize("mapped", [0, 1 << 20])
def test_no_rows_are_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapped: int) -> None:
    monkeypatch.setattr(rows_module, "MAPPED_BYTES", mapped)
    assert RowFile(written(tmp_path)[0], 20, 3).read([]).shape == (0, 3)


@pytest.mark.parametrize("row", [-1, 20])
def test_a_row_outside_the_file_is_refused(tmp_path: Path, row: int) -> None:
    with pytest.raises(VectorsError, match="outside the 20"):
        RowFile(written(tmp_path)[0], 20, 3).read([row])


def test_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(VectorsError, match="damaged; rebuild with skintui index"):
        RowFile(path, 20, 3)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match=r"image.f16: missing"):
        RowFile(tmp_path / "image.f16", 1, 1)


@pytest.mark.parametrize("size", [5, 5000])
def test_rows_picked_from_the_mapping_are_those_read(tmp_path: Path, size: int) -> None:
    matrix = np.arange(6000 * 3, dtype=np.uint16).view(np.float16).reshape(6000, 3)
    (tmp_path / "v.f16").write_bytes(matrix.tobytes())
    rows = RowFile(tmp_path / "v.f16", 6000, 3)
    wanted = np.linspace(0, 5999, size).astype(np.int64)
    for _ in range(2):  # pages asked for before are not announced again
        assert np.array_equal(rows.picked(wanted).view(np.uint16), matrix[wanted].view(np.uint16))
