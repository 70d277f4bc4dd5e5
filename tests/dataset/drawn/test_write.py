from __future__ import annotations

import hashlib
import multiprocessing
import subprocess
import sys
from pathlib import Path

import h5py
import polars as pl
import pytest

from skintui.dataset.drawn import parts, write
from skintui.dataset.drawn.cohort import draw_cohort
from skintui.dataset.drawn.write import write_dataset
from skintui.errors import Cancelled, UsageError, WorkspaceError
from skintui.progress import Silent


class _StopAfter(Silent):
    def __init__(self, units: int) -> None:
        self.left = units

    def advance(self, count: int = 1, **figures: float) -> None:
        self.left -= count

    @property
    def cancelled(self) -> bool:
        return self.left <= 0


class _Told(Silent):
    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None, int]] = []

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None:
        self.stages.append((stage, total, done))


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.suffix == ".csv"
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    write_dataset(folder, 30, 4, seed=2, fault_fraction=0.05)
    return folder


def test_three_files_and_nothing_else(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == [
        "label-errors.csv",
        "train-image.hdf5",
        "train-metadata.csv",
    ]


def test_every_row_has_its_jpeg(written: Path) -> None:
    ids = pl.read_csv(written / "train-metadata.csv", infer_schema_length=None)["isic_id"].to_list()
    with h5py.File(written / "train-image.hdf5") as file:
        assert sorted(file) == sorted(ids)
        assert file[ids[0]].shape == ()
        assert file[ids[0]].dtype.kind == "S"
        drawn = {lesion.isic_id: lesion.drawn.jpeg() for lesion in draw_cohort(30, 4, seed=2, stop=3)}
        for isic_id, jpeg in drawn.items():
            assert file[isic_id][()] == jpeg


def test_the_data_set_opens_like_the_real_one(written: Path) -> None:
    from skintui.dataset.locate import locate
    from skintui.dataset.metadata import read_metadata
    from skintui.dataset.tiles import decode_tile, open_tiles

    files = locate(written)
    frame, _problems = read_metadata(files.metadata)
    assert frame.shape == (30, 55)
    tiles = open_tiles(files)
    assert decode_tile(tiles.read(frame["isic_id"][0])).mode == "RGB"


def test_truth_restores_the_table(written: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path, 30, 4, seed=2)
    clean = pl.read_csv(tmp_path / "train-metadata.csv", infer_schema_length=None)
    faulty = pl.read_csv(written / "train-metadata.csv", infer_schema_length=None)
    truth = pl.read_csv(written / "label-errors.csv")
    assert truth.height > 10
    for row in truth.iter_rows(named=True):
        at = faulty["isic_id"].to_list().index(row["isic_id"])
        assert faulty[row["column"]][at] == row["corrupted"]
        assert clean[row["column"]][at] == row["original"]
    assert not (tmp_path / "label-errors.csv").exists()


def test_an_interrupted_run_goes_on_and_ends_the_same(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 10)
    with pytest.raises(Cancelled):
        write_dataset(tmp_path, 30, 4, seed=2, fault_fraction=0.05, progress=_StopAfter(20))
    assert not (tmp_path / "train-metadata.csv").exists()
    told = _Told()
    write_dataset(tmp_path, 30, 4, seed=2, fault_fraction=0.05, progress=told)
    assert told.stages[0] == ("draw", 30, 20)
    assert _digests(tmp_path) == _digests(written)


def test_parts_of_another_cohort_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 5)
    with pytest.raises(Cancelled):
        write_dataset(tmp_path, 10, 2, seed=1, progress=_StopAfter(5))
    told = _Told()
    write_dataset(tmp_path, 10, 2, seed=9, progress=told)
    assert told.stages[0] == ("draw", 10, 0)


def test_a_failed_write_keeps_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset(tmp_path, 4, 2, seed=1)
    before = (tmp_path / "train-image.hdf5").read_bytes()

    def fail(_file: h5py.File, _name: str, _jpeg: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, "add_tile", fail)
    with pytest.raises(WorkspaceError, match="disk is full"):
        write_dataset(tmp_path, 4, 2, seed=1)
    assert (tmp_path / "train-image.hdf5").read_bytes() == before


def test_two_processes_write_the_same_and_tell_of_every_lesion(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART", 10)
    told = _StopAfter(1000)
    write_dataset(tmp_path / "out", 30, 4, seed=2, fault_fraction=0.05, progress=told, processes=2)
    assert _digests(tmp_path / "out") == _digests(written)
    assert told.left == 1000 - 30 - 30  # drawn and packed


def test_two_processes_stop_in_mid_part_and_keep_whole_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 40)
    with pytest.raises(Cancelled):
        write_dataset(tmp_path, 4000, 10, seed=2, progress=_StopAfter(1), processes=2)
    assert not (tmp_path / "train-metadata.csv").exists()
    assert len(list((tmp_path / ".parts").glob("*.npz"))) < 50
    assert multiprocessing.active_children() == []


def test_a_drawing_process_loads_no_model_library() -> None:
    code = "import sys, skintui.dataset.drawn.parts; print({'torch', 'textual', 'matplotlib'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(("share", "processes"), [(0.9, 1), (0.0, 0)])
def test_impossible_numbers_are_refused_before_drawing(tmp_path: Path, share: float, processes: int) -> None:
    with pytest.raises(UsageError):
        write_dataset(tmp_path / "none", 4, 2, fault_fraction=share, processes=processes)
    assert not (tmp_path / "none").exists()
