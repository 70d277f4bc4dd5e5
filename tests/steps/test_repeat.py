"""A small workspace repeated to full size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit.findings import load_findings
from skintui.progress import SILENT
from skintui.steps.place import Place
from skintui.steps.predictions import read_predictions
from skintui.steps.repeat import repeat
from tests.made_results import drawn_lesions, prepared

__all__ = ["drawn_lesions", "prepared"]

ROWS = 60
"""Two and a half times the 24 lesions there are."""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("repeated")


@pytest.fixture(scope="module")
def whole(prepared: Place, out: Path) -> Place:
    return repeat(prepared, out, ROWS, SILENT)


def test_there_are_as_many_lesions_as_wanted(whole: Place) -> None:
    assert len(set(whole.lesions().ids)) == ROWS


def test_every_lesion_is_predicted_as_the_one_it_repeats(whole: Place, prepared: Place) -> None:
    small = read_predictions(prepared.workspace.predictions, prepared.lesions())
    large = read_predictions(whole.workspace.predictions, whole.lesions())
    np.testing.assert_array_equal(large.predicted[48:60], small.predicted[:12])


def test_the_audit_knows_every_annotation_with_a_label(whole: Place) -> None:
    labels = whole.lesions().labels()
    assert labels.shape == (ROWS, len(ATTRIBUTES))
    assert load_findings(whole.workspace.findings).frame.height == int(np.isfinite(labels).sum())


def test_what_is_there_is_kept(whole: Place, prepared: Place, out: Path) -> None:
    files = [whole.files.images, whole.files.metadata, whole.workspace.predictions, whole.workspace.findings]
    before = [path.stat().st_mtime_ns for path in files]
    assert repeat(prepared, out, ROWS, SILENT) == whole
    assert [path.stat().st_mtime_ns for path in files] == before
