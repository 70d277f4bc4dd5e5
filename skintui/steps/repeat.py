"""A workspace at full size from a small one: the same lesions, predictions and findings again and again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.progress import Progress
from skintui.steps.audit import audit
from skintui.steps.place import Place, open_place
from skintui.steps.predictions import frame_of, read_predictions, write_predictions


def repeat(place: Place, out: Path, rows: int, progress: Progress) -> Place:
    """A data set of ``rows`` lesions in ``out/dataset`` with predictions and findings in ``out/workspace``.

    What is there already is kept, so that a second call returns at once. There are no vectors: neighbours are measured
    by ``bench search``.
    """
    from skintui.dataset.drawn.repeated import write_repeated
    from skintui.dataset.drawn.write import TILES

    dataset = out / "dataset"
    if not (dataset / TILES).is_file():
        write_repeated(place.files.root, dataset, rows, progress)
    whole = open_place(dataset, workspace=out / "workspace")
    lesions = whole.lesions(progress)
    if place.workspace.predictions.is_file() and not whole.workspace.predictions.is_file():
        small = read_predictions(place.workspace.predictions, place.lesions(progress))
        source = np.arange(len(lesions)) % len(small.predicted)
        names = tuple(attribute.name for attribute in ATTRIBUTES)
        frame = frame_of(
            lesions.ids, names, small.predicted[source], small.spread[source], small.label_logprob[source],
            small.fold[source],
        )  # fmt: skip
        about = replace(small.about, dataset_sha256=lesions.dataset_sha256, rows=len(lesions), held_out=())
        write_predictions(whole.workspace.predictions, frame, about)
    if whole.workspace.predictions.is_file() and not whole.workspace.findings.is_file():
        audit(whole, progress)
    return whole
