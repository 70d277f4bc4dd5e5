from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from skintui.attributes import ATTRIBUTES, attributes
from skintui.errors import Cancelled, WorkspaceError
from skintui.progress import SILENT, Silent
from skintui.steps.index import index
from skintui.steps.place import Place, open_place
from skintui.steps.predictions import read_about, read_predictions
from skintui.steps.weights import Weights
from skintui.vectors.manifest import open_manifest
from skintui.vectors.store import VectorStore
from tests.small import write_small


class StopsAfter(Silent):
    """Asks to stop once ``count`` units are finished."""

    def __init__(self, count: int) -> None:
        self.count, self.done = count, 0
        self.notes: list[str] = []

    def advance(self, count: int = 1, **figures: float) -> None:
        self.done += count

    def note(self, message: str) -> None:
        self.notes.append(message)

    @property
    def cancelled(self) -> bool:
        return self.done >= self.count


class Notes(StopsAfter):
    def __init__(self) -> None:
        super().__init__(10**9)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.f16"))}


def model(tiny: Path) -> Weights:
    return Weights(str(tiny), None, "cpu")


def test_every_lesion_gets_seventeen_vectors_and_sixteen_predictions(indexed: Place) -> None:
    with VectorStore.open(indexed.workspace.vectors) as store:
        assert store.n == 24
        assert store.views == ("image", *(a.name for a in ATTRIBUTES))
        lengths = np.linalg.norm(store.rows("deltaL", range(24)), axis=1)
    frame = pl.read_parquet(indexed.workspace.predictions)
    np.testing.assert_allclose(lengths, 1.0, atol=2e-3)
    assert frame.height == 24 * 16
    assert frame.columns == ["isic_id", "attribute", "predicted", "spread", "label_logprob", "label_tail", "fold"]
    assert frame["label_logprob"].is_not_null().all()


def test_the_manifest_names_what_the_vectors_were_made_from(indexed: Place) -> None:
    made_from = open_manifest(indexed.workspace.vectors).fingerprint
    assert made_from["dataset_sha256"] == hashlib.sha256(indexed.files.metadata.read_bytes()).hexdigest()
    assert {"model_sha256", "adapter_sha256", "prompt_sha256"} <= set(made_from)


def test_a_base_without_adapter_has_trained_on_nobody(indexed: Place) -> None:
    about = read_about(indexed.workspace.predictions)
    assert (about.kind, about.train_patients) == ("out-of-fold", ())


def test_a_second_run_reads_nothing(indexed: Place, tiny: Path) -> None:
    before = digests(indexed.workspace.vectors)
    done = index(indexed, model(tiny), SILENT, batch_size=8)
    assert done.read == 0
    assert digests(indexed.workspace.vectors) == before


def test_an_interrupted_run_continues_to_the_same_bytes(tmp_path: Path, tiny: Path) -> None:
    folder = write_small(tmp_path / "lesions", lesions=150)
    whole, parts = (open_place(folder, workspace=tmp_path / name) for name in ("whole", "parts"))
    chosen = attributes("areaMM2")
    index(whole, model(tiny), SILENT, attributes=chosen, batch_size=16)
    with pytest.raises(Cancelled):
        index(parts, model(tiny), StopsAfter(100), attributes=chosen, batch_size=16)
    done = index(parts, model(tiny), SILENT, attributes=chosen, batch_size=16)
    assert done.read == 150 - 64  # the first shard of 64 was finished
    assert digests(parts.workspace.vectors) == digests(whole.workspace.vectors)
    assert pl.read_parquet(parts.workspace.predictions).equals(pl.read_parquet(whole.workspace.predictions))


def test_a_tile_that_does_not_decode_is_named_and_left_out(tmp_path: Path, tiny: Path) -> None:
    folder = write_small(tmp_path / "lesions", lesions=8)
    (folder / "train-image" / "image" / "ISIC_0000003.jpg").write_bytes(b"\xff\xd8 cut")
    (folder / "train-image" / "image" / "ISIC_0000005.jpg").unlink()
    place, notes = open_place(folder, workspace=tmp_path / "w"), Notes()
    done = index(place, model(tiny), notes, attributes=attributes("areaMM2"))
    assert [lost.isic_id for lost in done.unreadable] == ["ISIC_0000003", "ISIC_0000005"]
    assert sum("ISIC_0000003" in note for note in notes.notes) == 1
    with VectorStore.open(place.workspace.vectors) as store:
        assert np.flatnonzero(~store.rows("image", range(8)).any(axis=1)).tolist() == [3, 5]
    stored = read_predictions(place.workspace.predictions, place.lesions())
    assert np.isnan(stored.label_logprob[3]).all()
    assert np.isfinite(stored.label_logprob[4, 0])


def test_a_changed_data_set_is_named_and_read_anew(tmp_path: Path, indexed: Place, small: Path, tiny: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(small, folder)
    table = folder / "train-metadata.csv"
    table.write_text(table.read_text().replace("male", "female", 1))
    notes = Notes()
    done = index(open_place(folder, workspace=indexed.workspace.root), model(tiny), notes, batch_size=8)
    assert done.read == 24
    assert any("the data set changed" in note for note in notes.notes)


def test_a_smaller_limit_never_shrinks_an_index(indexed: Place, tiny: Path) -> None:
    done = index(indexed, model(tiny), SILENT, limit=5, attributes=attributes("areaMM2"))
    assert (done.read, done.lesions) == (0, 24)
    assert len(open_manifest(indexed.workspace.vectors).views) == 17


def test_a_full_disk_is_said_in_one_line_and_costs_one_shard(
    tmp_path: Path, small: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    place.lesions()
    real = os.pwrite

    def full(handle: int, content: bytes, offset: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(WorkspaceError, match="the disk is full"):
        index(place, model(tiny), SILENT, attributes=attributes("areaMM2"))
    assert not place.workspace.predictions.exists()
    monkeypatch.setattr(os, "pwrite", real)
    assert index(place, model(tiny), SILENT, attributes=attributes("areaMM2")).read == 24
