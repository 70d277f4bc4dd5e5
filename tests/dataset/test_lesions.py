from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from skintui.attributes import COLUMNS
from skintui.dataset.lesions import open_lesions
from skintui.dataset.locate import locate
from skintui.dataset.metadata import read_metadata
from skintui.errors import DatasetError, TileError, UsageError
from skintui.progress import Silent
from skintui.workspace import Workspace
from tests.dataset.conftest import table


class Notes(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every path the metadata are read from, past the cache."""
    calls: list[Path] = []

    def counted(path: Path) -> object:
        calls.append(path)
        return read_metadata(path)

    monkeypatch.setattr("skintui.dataset.lesions.read_metadata", counted)
    return calls


def test_table_ids_patients_and_length(dataset: Path, workspace: Workspace) -> None:
    lesions = open_lesions(locate(dataset), workspace)
    assert len(lesions) == 6
    assert lesions.frame.equals(table())
    assert lesions.ids[5] == "ISIC_0000005"
    assert lesions.patients.tolist() == [f"IP_{k:07d}" for k in (0, 0, 1, 1, 2, 2)]


def test_row_of(dataset: Path, workspace: Workspace) -> None:
    lesions = open_lesions(locate(dataset), workspace)
    assert lesions.row_of("ISIC_0000004") == 4
    with pytest.raises(UsageError, match="no lesion 'ISIC_9' in the data set"):
        lesions.row_of("ISIC_9")


def test_row_of_a_table_in_another_order(dataset: Path, workspace: Workspace) -> None:
    frame = table().reverse()
    frame.write_csv(dataset / "train-metadata.csv")
    lesions = open_lesions(locate(dataset), workspace)
    assert [lesions.row_of(isic_id) for isic_id in frame["isic_id"]] == list(range(6))
    assert "ISIC_9" not in lesions
    assert "" not in lesions


def test_labels_are_in_attribute_order_with_zero_and_empty_missing(dataset: Path, workspace: Workspace) -> None:
    frame = table()
    frame[1, "tbp_lv_norm_color"] = 0.0
    frame[2, "tbp_lv_areaMM2"] = None
    frame.write_csv(dataset / "train-metadata.csv")
    labels = open_lesions(locate(dataset), workspace).labels()
    assert labels.shape == (6, 16)
    assert labels.dtype == np.float64
    assert labels[0].tolist() == [frame[0, column] for column in COLUMNS]
    assert np.argwhere(np.isnan(labels)).tolist() == [[1, 6], [2, 0]]


def test_labels_cannot_be_changed_by_a_caller(dataset: Path, workspace: Workspace) -> None:
    with pytest.raises(ValueError, match="read-only"):
        open_lesions(locate(dataset), workspace).labels()[0, 0] = 1.0


def test_tile_is_a_picture(dataset: Path, workspace: Workspace) -> None:
    lesions = open_lesions(locate(dataset), workspace)
    assert lesions.tile("ISIC_0000000").size == (61, 61)
    with pytest.raises(TileError):
        lesions.tile("ISIC_9")


def test_sha256_is_that_of_the_metadata(dataset: Path, workspace: Workspace) -> None:
    content = (dataset / "train-metadata.csv").read_bytes()
    assert open_lesions(locate(dataset), workspace).dataset_sha256 == hashlib.sha256(content).hexdigest()


def test_opening_again_reads_the_cache(dataset: Path, workspace: Workspace, reads: list[Path]) -> None:
    first, second = (open_lesions(locate(dataset), workspace) for _ in range(2))
    assert len(reads) == 1
    assert second.frame.equals(first.frame)
    assert second.dataset_sha256 == first.dataset_sha256


def test_a_touched_file_is_recognised_by_its_content(dataset: Path, workspace: Workspace, reads: list[Path]) -> None:
    open_lesions(locate(dataset), workspace)
    os.utime(dataset / "train-metadata.csv", (1, 1))
    open_lesions(locate(dataset), workspace)
    assert len(reads) == 1


def test_a_change_of_one_digit_is_seen(dataset: Path, workspace: Workspace) -> None:
    before = open_lesions(locate(dataset), workspace)
    path = dataset / "train-metadata.csv"
    status = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("50.0", "51.0", 1), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = open_lesions(locate(dataset), workspace)
    assert (before.frame["age_approx"][0], after.frame["age_approx"][0]) == (50.0, 51.0)
    assert before.dataset_sha256 != after.dataset_sha256


def test_a_damaged_cache_is_made_again(dataset: Path, workspace: Workspace) -> None:
    open_lesions(locate(dataset), workspace)
    workspace.lesions.write_bytes(workspace.lesions.read_bytes()[:100])
    assert len(open_lesions(locate(dataset), workspace)) == 6
    assert pl.read_parquet(workspace.lesions).height == 6


def test_a_workspace_that_cannot_be_written_is_noted_and_worked_around(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    notes = Notes()
    assert len(open_lesions(locate(dataset), Workspace(tmp_path / "file" / "workspace"), notes)) == 6
    assert [line.startswith("working without a cache: ") for line in notes.lines] == [True]


def test_damaged_tiles_do_not_keep_the_table_from_opening(dataset: Path, workspace: Workspace) -> None:
    (dataset / "train-image.hdf5").write_bytes(b"damaged")
    lesions = open_lesions(locate(dataset), workspace)
    assert len(lesions) == 6
    with pytest.raises(DatasetError, match="HDF5"):
        lesions.tile("ISIC_0000000")


def test_labels_known_to_be_wrong_can_be_left_out(dataset: Path, workspace: Workspace) -> None:
    lesions = open_lesions(locate(dataset), workspace)
    without = lesions.without_labels([("ISIC_0000003", "tbp_lv_areaMM2"), ("ISIC_0000003", "tbp_lv_x")])
    assert np.isnan(without.labels()[3, 0])
    assert np.isfinite(lesions.labels()[3, 0])
    assert np.isnan(without.labels()).sum() == np.isnan(lesions.labels()).sum() + 1
