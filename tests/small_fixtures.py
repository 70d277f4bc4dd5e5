"""Fixtures for steps and command line: a small data set, a tiny model, and workspaces made once and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.progress import SILENT
from skintui.steps.index import index
from skintui.steps.place import Place, open_place
from skintui.steps.predictions import About, frame_of, write_predictions
from skintui.steps.weights import Weights
from tests.small import write_small
from tests.tiny import write_tiny_model


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 lesions of 6 patients; shared, so never changed."""
    return write_small(tmp_path_factory.mktemp("small") / "lesions")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Qwen2-VL of a few thousand weights; shared, so never changed."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="session")
def _indexed(small: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("indexed") / "workspace"
    index(open_place(small, workspace=workspace), Weights(str(tiny), None, "cpu"), SILENT, batch_size=8)
    return workspace


@pytest.fixture
def indexed(_indexed: Path, small: Path, tmp_path: Path) -> Place:
    """The small data set with an index of its own, made by the tiny model."""
    shutil.copytree(_indexed, tmp_path / "indexed")
    return open_place(small, workspace=tmp_path / "indexed")


@pytest.fixture
def predicted(small: Path, tmp_path: Path) -> Place:
    """The small data set with predictions near its labels, as a good model would leave them."""
    place = open_place(small, workspace=tmp_path / "predicted")
    store_near_labels(place)
    return place


def store_near_labels(
    place: Place,
    train_patients: tuple[str, ...] | None = (),
    truth: NDArray[np.float64] | None = None,
    kind: str = "out-of-fold",
) -> None:
    """Predictions that stray 2 % from the labels, or from ``truth`` (n, 16)."""
    lesions = place.lesions()
    labels = lesions.labels() if truth is None else truth
    predicted = labels * (1 + 0.02 * np.random.default_rng(0).standard_normal(labels.shape))
    names = [a.name for a in ATTRIBUTES]
    spread = np.abs(0.02 * labels)
    fold = np.full(len(lesions), -1, np.int16)
    frame = frame_of(lesions.ids, names, predicted, spread, np.full(labels.shape, -1.0), fold)
    about = About(
        kind=kind,
        dataset_sha256=lesions.dataset_sha256,
        model_id="good@0",
        model_sha256="m",
        adapter_sha256="a",
        prompt_sha256="p",
        rows=len(lesions),
        attributes=tuple(names),
        train_patients=train_patients,
    )
    write_predictions(place.workspace.predictions, frame, about)
