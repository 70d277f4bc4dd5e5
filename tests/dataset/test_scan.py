from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from skintui.dataset.lesions import open_lesions
from skintui.dataset.locate import locate
from skintui.dataset.problems import Problem
from skintui.dataset.scan import Scan, load_problems, scan_dataset
from skintui.errors import Cancelled, DatasetError, WorkspaceError
from skintui.progress import Silent
from skintui.workspace import Workspace
from tests.dataset.conftest import jpeg, table, write_folder, write_hdf5


def rewrite(dataset: Path, tiles: dict[str, bytes], kind: str) -> None:
    (dataset / "train-image.hdf5").unlink()
    if kind == "hdf5":
        write_hdf5(dataset / "train-image.hdf5", tiles)
    else:
        write_folder(dataset / "train-image" / "image", tiles)


def good(n: int = 6) -> dict[str, bytes]:
    return {f"ISIC_{k:07d}": jpeg(31, 100 + k) for k in range(n)}


def test_a_right_data_set_has_no_problems(dataset: Path, workspace: Workspace) -> None:
    scan = scan_dataset(locate(dataset), workspace)
    assert scan.problems == []
    assert (len(scan.lesions), scan.tiles_checked) == (6, 6)
    assert scan.seconds > 0


@pytest.mark.parametrize("kind", ["hdf5", "folder"])
def test_rows_and_tiles_without_each_other_are_named(dataset: Path, workspace: Workspace, kind: str) -> None:
    tiles = good()
    tiles["ISIC_9999999"] = tiles.pop("ISIC_0000002")
    rewrite(dataset, tiles, kind)
    assert scan_dataset(locate(dataset), workspace).problems == [
        Problem("row_without_tile", "ISIC_0000002", "", "the row has no tile"),
        Problem("tile_without_row", "ISIC_9999999", "", "the tile has no row in the metadata"),
    ]


@pytest.mark.parametrize("kind", ["hdf5", "folder"])
def test_damaged_tiles_are_named_and_stop_nothing(dataset: Path, workspace: Workspace, kind: str) -> None:
    tiles = good()
    tiles["ISIC_0000001"] = tiles["ISIC_0000001"][:-400]
    tiles["ISIC_0000003"] = b"words"
    rewrite(dataset, tiles, kind)
    scan = scan_dataset(locate(dataset), workspace)
    assert [(p.kind, p.isic_id) for p in scan.problems] == [
        ("undecodable_tile", "ISIC_0000001"),
        ("undecodable_tile", "ISIC_0000003"),
    ]
    assert scan.problems[1].message == "neither JPEG nor PNG"
    assert scan.lesions.tile("ISIC_0000002").size == (31, 31)


def test_a_tile_of_no_bytes_is_named(dataset: Path, workspace: Workspace) -> None:
    rewrite(dataset, {**good(), "ISIC_0000004": b""}, "folder")
    (problem,) = scan_dataset(locate(dataset), workspace).problems
    assert (problem.isic_id, problem.message) == ("ISIC_0000004", "the tile is empty (0 bytes)")


def test_an_id_that_is_a_path_is_a_row_without_tile(dataset: Path, workspace: Workspace) -> None:
    frame = table()
    frame[2, "isic_id"] = "../../../etc/passwd"
    frame.write_csv(dataset / "train-metadata.csv")
    rewrite(dataset, good(), "folder")
    found = scan_dataset(locate(dataset), workspace).problems
    assert [(p.kind, p.isic_id) for p in found] == [
        ("row_without_tile", "../../../etc/passwd"),
        ("tile_without_row", "ISIC_0000002"),
    ]


def test_a_broken_identity_is_a_problem_with_both_numbers(dataset: Path, workspace: Workspace) -> None:
    frame = table()
    frame[2, "tbp_lv_deltaA"] = 50.0
    frame.write_csv(dataset / "train-metadata.csv")
    message = "deltaA = A − Aext is broken: expected 7, found 50"
    expected = Problem("broken_identity", "ISIC_0000002", "tbp_lv_deltaA", message)
    assert scan_dataset(locate(dataset), workspace).problems == [expected]


def test_an_identity_that_never_holds_is_one_problem(dataset: Path, workspace: Workspace) -> None:
    frame = table(40)
    frame.with_columns(frame["tbp_lv_C"] + 5).write_csv(dataset / "train-metadata.csv")
    found = scan_dataset(locate(dataset), workspace, check_tiles=False).problems
    assert [(p.kind, p.isic_id, p.column) for p in found] == [("broken_identity", "", "tbp_lv_C")]
    assert "holds in only 0 of 40 rows" in found[0].message


def test_the_report_is_kept_for_this_content_only(dataset: Path, workspace: Workspace) -> None:
    rewrite(dataset, good(5), "hdf5")
    scan = scan_dataset(locate(dataset), workspace)
    assert load_problems(workspace, scan.lesions.dataset_sha256) == scan.problems
    assert load_problems(workspace, "another") is None


def test_a_damaged_report_is_no_report(workspace: Workspace) -> None:
    workspace.scan_report.write_text('{"dataset_sha256": "x", "problems": [{"kind"', encoding="utf-8")
    assert load_problems(workspace, "x") is None


def test_the_report_file_is_plain_json(dataset: Path, workspace: Workspace) -> None:
    scan_dataset(locate(dataset), workspace)
    report = json.loads(workspace.scan_report.read_text(encoding="utf-8"))
    assert (report["lesions"], report["tiles_checked"], report["problems"]) == (6, 6, [])


def test_after_a_scan_tiles_are_read_by_offset(dataset: Path, workspace: Workspace) -> None:
    from skintui.dataset.hdf5 import Hdf5Tiles

    scan_dataset(locate(dataset), workspace)
    tiles = open_lesions(locate(dataset), workspace).tiles
    assert isinstance(tiles, Hdf5Tiles)
    assert tiles.indexed


def test_without_tile_check_the_tiles_are_not_opened(dataset: Path, workspace: Workspace) -> None:
    (dataset / "train-image.hdf5").write_bytes(b"damaged")
    scan = scan_dataset(locate(dataset), workspace, check_tiles=False)
    assert (scan.problems, scan.tiles_checked) == ([], 0)


def test_an_unreadable_store_is_one_line_and_the_table_is_kept(dataset: Path, workspace: Workspace) -> None:
    path = dataset / "train-image.hdf5"
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(DatasetError, match="cut short"):
        scan_dataset(locate(dataset), workspace)
    assert len(open_lesions(locate(dataset), workspace)) == 6


def test_a_workspace_that_cannot_be_written_is_one_line(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorkspaceError) as caught:
        scan_dataset(locate(dataset), Workspace(tmp_path / "file" / "workspace"))
    assert "\n" not in str(caught.value)


def test_a_scan_can_be_stopped_between_tiles(dataset: Path, workspace: Workspace) -> None:
    class StoppedAtTiles(Silent):
        stage = ""

        def start(self, stage: str, total: int | None = None, done: int = 0) -> None:
            self.stage = stage

        @property
        def cancelled(self) -> bool:
            return self.stage == "checking tiles"

    with pytest.raises(Cancelled):
        scan_dataset(locate(dataset), workspace, StoppedAtTiles())
    assert not workspace.scan_report.exists()


def test_progress_counts_every_tile(dataset: Path, workspace: Workspace) -> None:
    class Counted(Silent):
        def __init__(self) -> None:
            self.stage, self.done = "", Counter[str]()

        def start(self, stage: str, total: int | None = None, done: int = 0) -> None:
            self.stage = stage

        def advance(self, count: int = 1, **figures: float) -> None:
            self.done[self.stage] += count

    counted = Counted()
    scan_dataset(locate(dataset), workspace, counted)
    assert counted.done == {"locating tiles": 6, "checking tiles": 6}


@pytest.fixture(scope="module")
def real(slice3d: Path, tmp_path_factory: pytest.TempPathFactory) -> Scan:
    return scan_dataset(locate(slice3d), Workspace(tmp_path_factory.mktemp("workspace")))


def test_real_tiles_all_decode(real: Scan) -> None:
    assert (len(real.lesions), real.tiles_checked) == (7968, 7968)
    kinds = Counter(problem.kind for problem in real.problems)
    assert set(kinds) == {"impossible_value", "missing_value_count", "broken_identity"}
    assert 300 < kinds["impossible_value"] < 600


def test_real_missing_colours_are_counted(real: Scan) -> None:
    counts = {p.column: p.message for p in real.problems if p.kind == "missing_value_count"}
    assert counts["tbp_lv_norm_color"] == "62 of 7,968 values are missing (62 are 0)"


def test_published_rows_are_tiles_without_row_of_no_other_table(slice3d: Path, workspace: Workspace) -> None:
    files = locate(slice3d, metadata=slice3d / "vendor-metadata.csv")
    assert files.images.name == "vendor-image.hdf5"
    kinds = Counter(p.kind for p in scan_dataset(files, workspace).problems)
    assert kinds == {"missing_value_count": 2, "impossible_value": 1}
