"""A small data set and a workspace for it: real files through the product's own rooms, numbers chosen here."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.audit.findings import load_findings
from skintui.dataset.drawn.write import write_dataset
from skintui.dataset.seal import read_sealed_json, write_sealed_json
from skintui.files import sha256_of
from skintui.progress import SILENT
from skintui.steps.audit import audit
from skintui.steps.place import Place
from skintui.steps.predictions import IN_SAMPLE, About, frame_of, write_predictions
from skintui.vectors.graph import build_graphs
from skintui.vectors.store import VectorStore
from skintui.workspace import Workspace

FINGERPRINT: dict[str, Any] = {"model_id": "made", "model_sha256": "m", "adapter_sha256": "a", "prompt_sha256": "p"}
NOISE = 0.05
"""Standard deviation of the predictions' error, relative to the attribute's spread over the data set."""


def write_results(place: Place, *, wrong: NDArray[np.bool_] | None = None, seed: int = 0, n: int | None = None) -> None:
    """Vectors, graphs, predictions and findings for the first ``n`` lesions.

    Vectors lie near each other where labels do: per view the labels themselves, the view's own attribute ten times.
    ``wrong`` (n, 16) moves predictions eight spreads away from the label, so that the audit flags these annotations.
    """
    lesions = place.lesions()
    n = n or len(lesions)
    rng = np.random.default_rng(seed)
    labels = lesions.labels()[:n]
    scale = np.nanstd(labels, axis=0)
    predicted = labels + NOISE * scale * rng.standard_normal(labels.shape)
    if wrong is not None:
        predicted = np.where(wrong[:n], labels + 8 * NOISE * scale, predicted)
    spread = np.broadcast_to(NOISE * scale, labels.shape).copy()
    _write_vectors(place, labels, frame=(predicted, spread))
    names = tuple(a.name for a in ATTRIBUTES)
    nothing = np.full(labels.shape, np.nan)
    frame = frame_of(lesions.ids[:n], names, predicted, spread, nothing, np.full(n, -1, np.int16))
    about = About(kind=IN_SAMPLE, dataset_sha256=lesions.dataset_sha256, rows=n, attributes=names, **FINGERPRINT)
    write_predictions(place.workspace.predictions, frame, about)
    audit(place, SILENT, k=10)


def _write_vectors(
    place: Place, labels: NDArray[np.float64], frame: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> None:
    lesions = place.lesions()
    n = len(labels)
    standard = np.nan_to_num((labels - np.nanmean(labels, axis=0)) / np.nanstd(labels, axis=0))
    views = {"image": standard}
    for j, attribute in enumerate(ATTRIBUTES):
        weights = np.ones(len(ATTRIBUTES))
        weights[j] = 10
        views[attribute.name] = standard * weights
    names = [a.name for a in ATTRIBUTES]
    fingerprint = {"dataset_sha256": lesions.dataset_sha256, **FINGERPRINT}
    with VectorStore.create(place.workspace.vectors, fingerprint, list(views), n, len(ATTRIBUTES), n) as store:
        rows = frame_of(lesions.ids[:n], names, *frame, np.full(labels.shape, np.nan), np.full(n, -1, np.int16))
        store.write_shard(0, {view: vectors.astype(np.float32) for view, vectors in views.items()}, rows)
        store.finish()
        build_graphs(store, SILENT)


def copied(place: Place, folder: Path) -> Place:
    """The same data set with a copy of its workspace."""
    shutil.copytree(place.workspace.root, folder)
    return Place(place.files, Workspace(folder))


WRONG = ((2, 0), (7, 3), (11, 13))
"""Annotations (row, attribute) whose prediction is far from the label."""


def flag(place: Place, cells: Sequence[tuple[int, int]] = WRONG) -> Place:
    """Have the audit flag exactly these annotations; so few lesions are too few for it to flag any by itself."""
    findings, ids = load_findings(place.workspace.findings), place.lesions().ids
    chosen = {(ids[row], ATTRIBUTES[attribute].name) for row, attribute in cells}
    of = zip(findings.frame["isic_id"], findings.frame["attribute"], strict=True)
    flagged = pl.Series("flagged", [annotation in chosen for annotation in of])
    replace(findings, frame=findings.frame.with_columns(flagged)).save(place.workspace.findings)
    about = place.workspace.root / "findings.json"
    written = read_sealed_json(about.read_bytes())
    write_sealed_json(about, written | {"findings_sha256": sha256_of(place.workspace.findings)})
    return place


def wrong_mask(n: int) -> NDArray[np.bool_]:
    mask = np.zeros((n, 16), dtype=np.bool_)
    for row, attribute in WRONG:
        mask[row, attribute] = True
    return mask


@pytest.fixture(scope="session")
def drawn_lesions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 drawn lesions of 4 patients in Kaggle's layout; shared, so never changed."""
    folder = tmp_path_factory.mktemp("drawn") / "lesions"
    write_dataset(folder, 24, 4, seed=3)
    return folder


@pytest.fixture(scope="session")
def prepared(drawn_lesions: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The drawn lesions with a workspace full of results; shared, so never changed."""
    from skintui.steps.place import open_place

    place = open_place(drawn_lesions, workspace=tmp_path_factory.mktemp("prepared") / "workspace")
    write_results(place, wrong=wrong_mask(24))
    return place
