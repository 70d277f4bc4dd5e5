from __future__ import annotations

from pathlib import Path

import pytest

from skintui.dataset.locate import locate
from skintui.errors import DatasetError


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_kaggles_names_are_found(tmp_path: Path) -> None:
    table, tiles = put(tmp_path / "train-metadata.csv"), put(tmp_path / "train-image.hdf5")
    files = locate(tmp_path)
    assert (files.metadata, files.images, files.kind) == (table, tiles, "hdf5")


@pytest.mark.parametrize("name", ["my_metadata_v2.csv", "metadata.parquet", "Metadata.CSV"])
def test_any_one_metadata_file_is_found(tmp_path: Path, name: str) -> None:
    table = put(tmp_path / name)
    put(tmp_path / "images" / "a.jpg")
    assert locate(tmp_path).metadata == table


def test_train_metadata_wins_among_several(tmp_path: Path) -> None:
    table = put(tmp_path / "train-metadata.csv")
    put(tmp_path / "test-metadata.csv")
    put(tmp_path / "train-image.hdf5")
    assert locate(tmp_path).metadata == table


def test_several_without_a_preferred_one_are_named(tmp_path: Path) -> None:
    put(tmp_path / "a-metadata.csv")
    put(tmp_path / "b-metadata.parquet")
    with pytest.raises(DatasetError, match=r"several metadata files: a-metadata.csv, b-metadata.parquet.*--metadata"):
        locate(tmp_path)


@pytest.mark.parametrize("folder", ["train-image/image", "images"])
def test_folders_of_tiles_are_found(tmp_path: Path, folder: str) -> None:
    put(tmp_path / "train-metadata.csv")
    put(tmp_path / folder / "ISIC_1.jpg")
    files = locate(tmp_path)
    assert (files.images, files.kind) == (tmp_path / folder, "folder")


def test_a_table_finds_the_tiles_of_its_own_name_first(tmp_path: Path) -> None:
    put(tmp_path / "train-image.hdf5")
    own = put(tmp_path / "vendor-image.hdf5")
    assert locate(tmp_path, metadata=put(tmp_path / "vendor-metadata.csv")).images == own


def test_named_files_need_no_usual_names(tmp_path: Path) -> None:
    table, tiles = put(tmp_path / "x" / "t.csv"), put(tmp_path / "y" / "t.h5")
    files = locate(tmp_path / "anything", table, tiles)
    assert (files.metadata, files.images) == (table, tiles)


def test_no_metadata_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no metadata found .*train-metadata\.csv.*--metadata"):
        locate(tmp_path)


def test_no_tiles_says_what_was_looked_for(tmp_path: Path) -> None:
    put(tmp_path / "train-metadata.csv")
    with pytest.raises(DatasetError, match=r"no tiles found .*train-image\.hdf5.*images.*--images"):
        locate(tmp_path)


@pytest.mark.parametrize(("missing", "message"), [("nowhere", "no such folder"), ("file", "this is a file")])
def test_a_data_set_is_a_folder(tmp_path: Path, missing: str, message: str) -> None:
    put(tmp_path / "file")
    with pytest.raises(DatasetError, match=message):
        locate(tmp_path / missing)


@pytest.mark.parametrize(
    ("metadata", "images", "message"),
    [
        ("none.csv", None, "no such metadata file"),
        ("note.txt", None, r"must be a \.csv or \.parquet"),
        (None, "none.hdf5", "no such file or folder of tiles"),
        (None, "note.txt", r"must be an \.hdf5 file or a folder"),
    ],
)
def test_wrongly_named_files_are_refused(
    tmp_path: Path, metadata: str | None, images: str | None, message: str
) -> None:
    put(tmp_path / "note.txt")
    put(tmp_path / "train-metadata.csv")
    put(tmp_path / "train-image.hdf5")
    with pytest.raises(DatasetError, match=message):
        locate(tmp_path, tmp_path / metadata if metadata else None, tmp_path / images if images else None)
