from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from skintui.errors import StaleError, VectorsError, WorkspaceError
from skintui.vectors.graph import build_graphs
from skintui.vectors.store import VectorStore
from tests.vectors.conftest import FINGERPRINT, SHARD_ROWS, VIEWS, D, N, Write, predictions


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a store except its lock, by relative path."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "store.lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_what_was_written_is_read(store: VectorStore, vectors: dict[str, NDArray[np.float32]]) -> None:
    expected = vectors["areaMM2"][[5, 999]]
    expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(store.rows("areaMM2", [5, 999]), expected, atol=5e-4)


def test_a_file_holds_one_half_precision_row_per_lesion(store: VectorStore) -> None:
    assert store.path("image").stat().st_size == N * D * 2
    assert store.matrix("image").shape == (N, D)


def test_a_lesion_that_could_not_be_read_is_all_zeros(store: VectorStore) -> None:
    assert not store.matrix("image")[7].any()


def test_the_last_shard_is_shorter(store: VectorStore) -> None:
    assert store.span(store.shard_count - 1) == (896, 1000)


def test_predictions_come_back_in_the_order_of_the_lesions(store: VectorStore) -> None:
    assert store.finish()["isic_id"].to_list() == [f"ISIC_{row:07d}" for row in range(N)]


def test_an_unfinished_store_cannot_be_finished(tmp_path: Path, write: Write) -> None:
    with write(tmp_path, shards=3) as store, pytest.raises(VectorsError, match="5 of 8 shards are missing"):
        store.finish()


def test_an_unfinished_store_can_be_finished_in_part(tmp_path: Path, write: Write) -> None:
    with write(tmp_path, shards=3) as store:
        assert store.finish(partial=True).height == 3 * SHARD_ROWS
        assert store.present().sum() == 3 * SHARD_ROWS


def test_a_run_continues_where_it_stopped(tmp_path: Path, write: Write) -> None:
    write(tmp_path, shards=3).close()
    with write(tmp_path, shards=0) as store:
        assert store.finished_shards() == [0, 1, 2]
        assert store.remaining() == [3, 4, 5, 6, 7]


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_a_journal_torn_anywhere_costs_one_shard_and_no_byte(tmp_path: Path, write: Write, cut: int) -> None:
    write(tmp_path / "whole").close()
    write(tmp_path / "torn", shards=5).close()
    journal = tmp_path / "torn" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-cut])
    with write(tmp_path / "torn", shards=0) as store:
        assert store.finished_shards() == [0, 1, 2, 3] if cut < 400 else len(store.finished_shards()) >= 3
    write(tmp_path / "torn").close()
    assert content(tmp_path / "torn") == content(tmp_path / "whole")


def test_rows_torn_on_disk_are_made_again(tmp_path: Path, write: Write) -> None:
    write(tmp_path, shards=4).close()
    with (tmp_path / "image.f16").open("r+b") as file:
        file.seek(3 * SHARD_ROWS * D * 2 + 11)
        file.write(b"\x00\xff")
    with write(tmp_path, shards=0) as store:
        assert store.remaining()[0] == 3


def test_predictions_lost_on_disk_are_made_again(tmp_path: Path, write: Write) -> None:
    write(tmp_path, shards=4).close()
    (tmp_path / "shards" / "00002.parquet").unlink()
    with write(tmp_path, shards=0) as store:
        assert store.remaining()[0] == 2


def test_a_lost_file_of_vectors_is_made_again_as_a_whole(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "whole").close()
    write(tmp_path / "lost").close()
    (tmp_path / "lost" / "areaMM2.f16").unlink()
    with write(tmp_path / "lost", shards=0) as store:
        assert len(store.remaining()) == store.shard_count
    write(tmp_path / "lost").close()
    assert content(tmp_path / "lost") == content(tmp_path / "whole")


def test_damage_in_an_early_shard_is_found_by_a_full_check_and_redone(tmp_path: Path, write: Write) -> None:
    write(tmp_path).close()
    with (tmp_path / "image.f16").open("r+b") as file:
        file.write(b"\xff")
    with write(tmp_path, shards=0) as store:
        assert store.verify() == [0]
        store.redo([0])
        assert store.remaining() == [0]
    with write(tmp_path) as store:
        assert store.verify() == []


def test_damaged_predictions_are_refused_by_name(store: VectorStore) -> None:
    store.predictions_path(1).write_bytes(b"PAR1")
    with pytest.raises(VectorsError, match=r"00001\.parquet: damaged"):
        store.finish()


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("dataset_sha256", "the data set"),
        ("model_sha256", "the model"),
        ("adapter_sha256", "the adapter"),
        ("prompt_sha256", "the prompt"),
    ],
)
def test_the_input_that_changed_is_named(tmp_path: Path, write: Write, key: str, named: str) -> None:
    write(tmp_path, shards=1).close()
    with pytest.raises(StaleError, match=f"stale: {named} changed .*; run 'skintui index'"):
        write(tmp_path, fingerprint={**FINGERPRINT, key: "other"})


def test_several_changes_are_named_together(tmp_path: Path, write: Write) -> None:
    write(tmp_path, shards=1).close()
    with pytest.raises(StaleError, match="the number of lesions and the model changed"):
        write(tmp_path, n=N + 1, fingerprint={**FINGERPRINT, "model_sha256": "other"})


def test_opening_names_what_changed(store: VectorStore) -> None:
    with pytest.raises(StaleError, match="the prompt"):
        VectorStore.open(store.folder, {"prompt_sha256": "other"})


def test_a_restart_discards_what_was_made_of_other_inputs(tmp_path: Path, write: Write) -> None:
    with write(tmp_path) as store:
        build_graphs(store, threads=1)
    with VectorStore.create(tmp_path, {"model_sha256": "other"}, ("image",), 10, 4, restart=True) as store:
        assert store.remaining() == [0]
    assert sorted(content(tmp_path)) == ["image.f16", "store.json"]


def test_a_second_writer_is_refused(store: VectorStore, write: Write) -> None:
    with pytest.raises(WorkspaceError, match="another 'skintui index'"):
        write(store.folder)


def test_a_store_opened_for_reading_cannot_be_written(tmp_path: Path, write: Write) -> None:
    write(tmp_path, shards=1).close()
    blocks = {view: np.ones((SHARD_ROWS, D)) for view in VIEWS}
    with VectorStore.open(tmp_path) as store, pytest.raises(VectorsError, match="reading only"):
        store.write_shard(1, blocks, predictions(0, 1))


def test_a_folder_without_a_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="no vectors are stored yet; run 'skintui index' first"):
        VectorStore.open(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"views": ["image"]}', '{"fingerprint": 1, "views": 2}'])
def test_a_damaged_description_is_refused_by_name(store: VectorStore, text: str) -> None:
    (store.folder / "store.json").write_text(text)
    with pytest.raises(VectorsError, match=r"store\.json: damaged"):
        VectorStore.open(store.folder)


def test_a_view_name_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="plain words"):
        VectorStore.create(tmp_path, {}, ("../image",), 1, 1)


def test_a_view_that_was_not_indexed_is_named(store: VectorStore) -> None:
    with pytest.raises(VectorsError, match="'deltaL' was not indexed; indexed are image, areaMM2"):
        store.rows("deltaL", [0])


def test_vectors_of_another_length_are_refused(tmp_path: Path, write: Write) -> None:
    blocks = {view: np.ones((SHARD_ROWS, D + 1)) for view in VIEWS}
    with write(tmp_path, shards=0) as store, pytest.raises(VectorsError, match=r"have shape \(128, 65\)"):
        store.write_shard(0, blocks, predictions(0, 1))


def test_new_shards_take_the_manifest_away(tmp_path: Path, write: Write) -> None:
    with write(tmp_path, shards=2) as store:
        build_graphs(store, threads=1)
    write(tmp_path, shards=1).close()
    assert not (tmp_path / "manifest.json").exists()


def test_a_disk_that_fills_up_costs_only_the_shard(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    write(tmp_path / "whole").close()
    write(tmp_path / "full", shards=2).close()
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(WorkspaceError, match=r"\.f16: the disk is full; free some space"):
            write(tmp_path / "full")
    write(tmp_path / "full").close()
    assert content(tmp_path / "full") == content(tmp_path / "whole")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_explained(tmp_path: Path, write: Write) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(WorkspaceError, match="permission denied"):
            write(tmp_path / "vectors")
    finally:
        tmp_path.chmod(0o700)


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np, polars as pl
from skintui.vectors import store as module
from skintui.vectors.store import VectorStore
store = VectorStore.create(Path(sys.argv[1]), {}, ("image", "areaMM2"), 100, 8, 10)
append, dies = module.append_record, int(sys.argv[2])
def killed(path, record):
    if record.shard == dies:
        os.kill(os.getpid(), signal.SIGKILL)
    append(path, record)
module.append_record = killed
for shard in store.remaining():
    start, stop = store.span(shard)
    rows = np.sin(np.arange(start * 8, stop * 8, dtype=np.float32)).reshape(-1, 8)
    store.write_shard(shard, {"image": rows, "areaMM2": rows + 1}, pl.DataFrame({"row": range(start, stop)}))
store.finish()
"""


def test_a_killed_process_costs_one_shard_and_no_byte(tmp_path: Path) -> None:
    def run(folder: str, dies: int) -> int:
        command = [sys.executable, "-c", KILLED, str(tmp_path / folder), str(dies)]
        return subprocess.run(command, check=False, env={**os.environ, "POLARS_MAX_THREADS": "1"}).returncode

    assert run("killed", 6) == -signal.SIGKILL
    with VectorStore.open(tmp_path / "killed") as store:
        assert store.finished_shards() == list(range(6))
    assert run("killed", -1) == 0
    assert run("whole", -1) == 0
    assert content(tmp_path / "killed") == content(tmp_path / "whole")


def test_an_empty_data_set_has_no_shards(tmp_path: Path) -> None:
    with VectorStore.create(tmp_path, {}, ("image",), 0, 4) as store:
        assert store.remaining() == []
        assert store.finish().equals(pl.DataFrame())
