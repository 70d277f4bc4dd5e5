"""Bad input: one clear line, the right exit code, nothing half-written."""

from __future__ import annotations

import io
import json
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from skintui.cli.main import run
from skintui.steps.place import Place
from tests.small import read_rows, small_tile, write_rows, write_small

Said = Callable[..., str]
ID = "ISIC_0000004"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a verb that must fail with ``code``; its one line on stderr."""

    def calling(*arguments: object, code: int = 1) -> str:
        got = run([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        assert got == code, shown.err
        assert shown.out == ""
        assert shown.err.startswith("skintui: ")
        assert shown.err.count("\n") == 1
        return shown.err

    return calling


@pytest.fixture
def reported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[[Path], list[dict[str, str]]]:
    """Scan a folder that can be scanned; the problems found."""

    def scanning(folder: Path) -> list[dict[str, str]]:
        code = run(["scan", str(folder), "--workspace", str(tmp_path / "w"), "--progress", "none", "--format", "json"])
        shown = capsys.readouterr()
        assert code == 0, shown.err
        assert "\x1b" not in shown.out
        found: list[dict[str, str]] = json.loads(shown.out)
        return found

    return scanning


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A data set of one's own, to be damaged."""
    return write_small(tmp_path / "lesions", lesions=12, patients=4)


def tile(folder: Path, number: int) -> Path:
    return folder / "train-image" / "image" / f"ISIC_{number:07d}.jpg"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 20, "csv"),
        (b'isic_id,patient_id\n"ISIC_1,IP_1\nISIC_2,IP_2\n', "quot"),
    ],
)
def test_what_is_no_table_is_said_and_nothing_is_cached(said: Said, own: Path, content: bytes, message: str) -> None:
    (own / "train-metadata.csv").write_bytes(content)
    workspace = own.parent / "w"
    line = said("scan", own, "--workspace", workspace, "--progress", "none")
    assert "train-metadata.csv" in line
    assert message in line.lower()
    assert not list(workspace.glob("*"))


def test_a_missing_id_column_is_named_with_the_nearest(said: Said, own: Path) -> None:
    table = own / "train-metadata.csv"
    table.write_text(table.read_text().replace("isic_id", "isicid", 1))
    line = said("scan", own, "--workspace", own.parent / "w", "--progress", "none")
    assert "isic_id" in line
    assert "isicid" in line


def test_a_renamed_attribute_is_a_problem_that_stops_nothing(
    reported: Callable[[Path], list[dict[str, str]]], own: Path
) -> None:
    table = own / "train-metadata.csv"
    table.write_text(table.read_text().replace("tbp_lv_areaMM2", "tbp_lv_area_mm2", 1))
    missing = [problem for problem in reported(own) if problem["kind"] == "missing_column"]
    assert [problem["column"] for problem in missing] == ["tbp_lv_areaMM2"]
    assert "tbp_lv_area_mm2" in missing[0]["message"]


def test_infinities_are_listed_by_lesion_and_column(
    reported: Callable[[Path], list[dict[str, str]]], own: Path
) -> None:
    rows = read_rows(own / "train-metadata.csv")
    rows[2]["tbp_lv_deltaL"], rows[3]["tbp_lv_A"] = "inf", "many"
    write_rows(own / "train-metadata.csv", rows)
    found = {(problem["kind"], problem["isic_id"], problem["column"]) for problem in reported(own)}
    assert ("not_finite", "ISIC_0000002", "tbp_lv_deltaL") in found
    assert ("not_a_number", "ISIC_0000003", "tbp_lv_A") in found


def bomb() -> bytes:
    """A PNG of 50,000 × 50,000 pixels in a few hundred bytes."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(0, io.SEEK_END)
    for name, data in chunks:
        out.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))
    return out.getvalue()


def test_damaged_tiles_are_each_reported(reported: Callable[[Path], list[dict[str, str]]], own: Path) -> None:
    tile(own, 1).write_bytes(tile(own, 1).read_bytes()[:300])
    tile(own, 2).write_bytes(b"")
    tile(own, 3).write_bytes(bomb())
    found = [problem["isic_id"] for problem in reported(own) if problem["kind"] == "undecodable_tile"]
    assert found == ["ISIC_0000001", "ISIC_0000002", "ISIC_0000003"]


def test_an_hdf5_cut_short_is_one_line(said: Said, own: Path) -> None:
    import h5py
    import numpy as np

    whole = own.parent / "whole.hdf5"
    with h5py.File(whole, "w") as file:
        for row in read_rows(own / "train-metadata.csv"):
            file[row["isic_id"]] = np.void(small_tile(row))
    shutil.rmtree(own / "train-image")
    (own / "train-image.hdf5").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert "train-image.hdf5" in said("scan", own, "--workspace", own.parent / "w", "--progress", "none")


def test_text_in_the_metadata_cannot_act_on_the_terminal(
    reported: Callable[[Path], list[dict[str, str]]], own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = read_rows(own / "train-metadata.csv")
    rows[0]["isic_id"] = "\x1b]0;owned\x07[bold]=cmd()"
    write_rows(own / "train-metadata.csv", rows)
    assert any("[bold]=cmd()" in problem["isic_id"] for problem in reported(own))
    run(["scan", str(own), "--workspace", str(own.parent / "w"), "--progress", "none"])
    shown = capsys.readouterr()
    assert "[bold]=cmd()" in shown.out
    assert "\x1b" not in shown.out + shown.err
    run(["scan", str(own), "--workspace", str(own.parent / "w"), "--progress", "none", "--format", "csv"])
    assert "\x1b" not in capsys.readouterr().out


def test_a_missing_adapter_is_one_line(said: Said, own: Path, tiny: Path) -> None:
    here = [own, "--workspace", own.parent / "w", "--base", tiny, "--progress", "none"]
    assert "there is no adapter folder here" in said("index", *here, "--adapter", own / "none")
    assert "adapter_config.json is missing" in said("index", *here, "--adapter", own)


def test_an_adapter_of_another_base_is_one_line(
    said: Said, own: Path, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.tiny import write_tiny_model

    other = write_tiny_model(tmp_path / "other", seed=1)
    train = ["train", own, "--workspace", tmp_path / "w", "--base", other, "--out", tmp_path / "adapter", "--steps", 1]
    assert run([str(argument) for argument in [*train, "--batch-size", 2, "--progress", "none"]]) == 0
    here = [own, "--workspace", tmp_path / "w2", "--base", tiny, "--progress", "none"]
    capsys.readouterr()
    assert "adapter" in said("index", *here, "--adapter", tmp_path / "adapter")
    assert not (tmp_path / "w2" / "vectors").exists()


def test_a_missing_base_is_one_line(said: Said, own: Path) -> None:
    here = [own, "--workspace", own.parent / "w", "--progress", "none"]
    assert "no such base model" in said("index", *here, "--base", own / "none")


def test_a_flipped_byte_in_an_index_is_one_line(said: Said, indexed: Place) -> None:
    graph = indexed.workspace.vectors / "deltaL.usearch"
    content = bytearray(graph.read_bytes())
    content[100] ^= 4
    graph.write_bytes(content)
    here = [indexed.files.root, ID, "--workspace", indexed.workspace.root, "--progress", "none"]
    assert "deltaL.usearch: damaged" in said("neighbours", *here, "--attribute", "deltaL")


def test_a_workspace_that_cannot_be_one_is_one_line(said: Said, own: Path) -> None:
    file = own.parent / "file"
    file.write_text("here is something else")
    assert "is not a folder" in said("scan", own, "--workspace", file / "w", "--progress", "none")
    assert file.read_text() == "here is something else"


def test_a_read_only_workspace_is_one_line(said: Said, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("skintui.files.os.fsync", refused)
    assert "the file system is read-only" in said("scan", own, "--workspace", own.parent / "w", "--progress", "none")
    assert not list((own.parent / "w").glob("*"))


def test_an_audit_without_predictions_names_the_way_to_them(said: Said, own: Path) -> None:
    assert "run 'skintui index' first" in said("audit", own, "--workspace", own.parent / "w", "--progress", "none")


def test_stale_findings_are_not_exported(
    said: Said, predicted: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--workspace", predicted.workspace.root, "--progress", "none"]
    assert run([str(argument) for argument in ["audit", predicted.files.root, *here, "--format", "csv"]]) == 0
    capsys.readouterr()
    changed = tmp_path / "changed"
    shutil.copytree(predicted.files.root, changed)
    with (changed / "train-metadata.csv").open("a") as file:
        file.write("\n")
    line = said("export", changed, tmp_path / "out.csv", *here)
    assert "stale: the data set has changed" in line
    assert not (tmp_path / "out.csv").exists()
    assert "the predictions are stale" in said("audit", changed, *here)


def test_predictions_that_are_no_parquet_are_one_line(said: Said, predicted: Place) -> None:
    predicted.workspace.predictions.write_bytes(b"PAR1 nonsense PAR1")
    here = ["--workspace", predicted.workspace.root, "--progress", "none"]
    assert "the predictions are damaged" in said("audit", predicted.files.root, *here)
