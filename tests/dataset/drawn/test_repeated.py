from __future__ import annotations

from pathlib import Path

import h5py
import polars as pl
import pytest

from skintui.dataset.drawn.repeated import write_repeated
from skintui.dataset.drawn.write import write_dataset
from skintui.dataset.locate import locate
from skintui.dataset.metadata import read_metadata
from skintui.dataset.tiles import open_tiles
from skintui.errors import UsageError, WorkspaceError


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    write_dataset(folder, 5, 2, seed=3)
    return folder


@pytest.fixture(scope="module")
def repeated(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repeated") / "new"
    write_repeated(source, folder, 12)
    return folder


def _table(folder: Path) -> pl.DataFrame:
    frame, _ = read_metadata(locate(folder).metadata)
    return frame


def test_ids_are_all_different(repeated: Path) -> None:
    assert _table(repeated)["isic_id"].to_list() == [f"ISIC_{n:07d}" for n in range(1, 13)]


def test_values_repeat_with_the_lesions(source: Path, repeated: Path) -> None:
    before, after = _table(source), _table(repeated)
    assert after["tbp_lv_areaMM2"].to_list() == [before["tbp_lv_areaMM2"][n % 5] for n in range(12)]


def test_every_repetition_has_patients_of_its_own(source: Path, repeated: Path) -> None:
    before, after = _table(source)["patient_id"], _table(repeated)["patient_id"]
    assert after[:5].to_list() == before.to_list()
    assert not set(after[:5]) & set(after[5:10])
    assert after[5:10].n_unique() == before.n_unique()


def test_every_lesion_has_the_tile_it_repeats(source: Path, repeated: Path) -> None:
    before, after = open_tiles(locate(source)), open_tiles(locate(repeated))
    assert after.read("ISIC_0000012") == before.read(_table(source)["isic_id"][1])


def test_a_tile_is_stored_once(repeated: Path) -> None:
    with h5py.File(repeated / "train-image.hdf5") as file:
        assert file["ISIC_0000003"] == file["ISIC_0000008"]
        assert file["ISIC_0000003"] != file["ISIC_0000004"]


def test_fewer_rows_than_the_source_has(source: Path, tmp_path: Path) -> None:
    write_repeated(source, tmp_path / "few", 2)
    assert _table(tmp_path / "few").height == 2


def test_no_rows_are_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one lesion"):
        write_repeated(source, tmp_path, 0)


def test_a_folder_that_cannot_be_made_is_named(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="file"):
        write_repeated(source, tmp_path / "file" / "new", 3)
