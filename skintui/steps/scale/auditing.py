"""The audit of all labels, and the export of many findings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.progress import SILENT
from skintui.steps.measures import Measure
from skintui.steps.place import Place
from skintui.steps.scale.apart import apart

NEAR = 30
"""Neighbours per lesion and attribute, as many as ``audit`` asks for."""
EXPORTED = 50_000
"""Findings that leave in the measured export."""
OUTRE_MOST = 2000
"""Lesions of which cleanlab's default score is asked: its time grows with their square."""
ERROR = 0.25
"""Standard deviation of a drawn prediction about its label, in deviations of the attribute."""


def measure_audit(place: Place, *, peers: bool) -> Iterator[Measure]:
    """Seconds and peak memory of ``audit`` from stored predictions to written findings, and of ``export``.

    Predictions are drawn (label and noise): reading 401,059 tiles would take the bundled model a working day. So are
    neighbours, where they are asked for: any rows, which lie further apart in memory than real ones.
    """
    n = len(place.lesions())
    apart(draw_predictions, place)
    audited = apart(seconds_of_audit, place)
    beside = apart(cleanlab_seconds, place).value if peers else ""
    yield Measure("audit", audited.value, "s", "<= 10", beside, n)
    yield Measure("audit, memory", audited.megabytes, "MB", "<= 2000", "", n)
    near = apart(seconds_with_neighbours, place)
    yield Measure(f"audit with {NEAR} neighbours", near.value, "s", "<= 10", "", n)
    yield Measure(f"audit with {NEAR} neighbours, memory", near.megabytes, "MB", "<= 2000", "", n)
    if n * len(ATTRIBUTES) >= EXPORTED:
        exported = apart(seconds_of_export, place)
        yield Measure(f"export of {EXPORTED:,} findings", exported.value, "s", "<= 2", "", n)


def draw_predictions(place: Place) -> None:
    """Predictions of every labelled annotation: its label, and noise of a quarter of the attribute's deviation."""
    from skintui.steps.predictions import OUT_OF_FOLD, About, frame_of, write_predictions

    lesions, draw = place.lesions(), np.random.default_rng(0)
    labels = lesions.labels().copy()
    predicted, spread = np.empty_like(labels), np.empty_like(labels)
    for j, attribute in enumerate(ATTRIBUTES):
        with np.errstate(invalid="ignore"):  # a spoilt label may be below zero
            value = np.log(labels[:, j]) if attribute.log_scale else labels[:, j]
        wide = ERROR * (float(np.nanstd(value)) or 1.0)
        guess = value + draw.normal(0, wide, len(value))
        predicted[:, j] = np.exp(guess) if attribute.log_scale else guess
        spread[:, j] = wide * draw.lognormal(0, 0.2, len(value)) * (predicted[:, j] if attribute.log_scale else 1)
    probability, tail = -draw.exponential(4, labels.shape), draw.random(labels.shape)
    names, fold = tuple(a.name for a in ATTRIBUTES), np.full(len(labels), -1, np.int16)
    frame = frame_of(lesions.ids, names, predicted, spread, probability, fold, tail)
    about = About(OUT_OF_FOLD, lesions.dataset_sha256, "drawn", "drawn", "drawn", "drawn", len(labels), names)
    write_predictions(place.workspace.predictions, frame, about)


def seconds_of_audit(place: Place) -> float:
    """Seconds of ``audit``: reading the predictions, ranking, writing the findings."""
    from skintui.audit import ranking as _ranking  # noqa: F401 -- libraries are loaded before the clock starts
    from skintui.steps.audit import audit

    begun = perf_counter()
    audit(place, SILENT)
    return perf_counter() - begun


def seconds_with_neighbours(place: Place) -> float:
    """The same with the nearest lesions of every annotation at hand, as ``audit`` finds them stored the second time."""
    from skintui.audit.ranking import audit as ranked
    from skintui.steps.audit import StoredRows, audit_input
    from skintui.steps.predictions import read_predictions

    n, out = len(place.lesions()), place.workspace.root / "audited.parquet"
    with TemporaryDirectory(prefix="skintui-scale-", dir=place.workspace.root) as folder:
        path = Path(folder) / "near.npy"
        np.save(path, np.random.default_rng(0).integers(0, n, (n, min(NEAR, n)), dtype=np.int32))
        begun = perf_counter()
        lesions = place.lesions()
        stored = read_predictions(place.workspace.predictions, lesions, ("predicted", "spread"))
        near = StoredRows({attribute.name: path for attribute in ATTRIBUTES}, n)
        ranked(audit_input(place, lesions, stored, near)).save(out)
        taken = perf_counter() - begun
    out.unlink()
    return taken


def seconds_of_export(place: Place) -> float:
    """Seconds of ``export`` of the first findings, each with its reason."""
    import polars as pl

    from skintui.review import export as _rows  # noqa: F401 -- libraries are loaded before the clock starts
    from skintui.steps.chosen import Wanted
    from skintui.steps.export import export

    only = pl.read_parquet(place.workspace.findings, columns=["isic_id", "attribute"], n_rows=EXPORTED)
    out = place.workspace.root / "exported.csv"
    begun = perf_counter()
    exported = export(place, str(out), SILENT, Wanted(rows="all", only=only), force=True)
    taken = perf_counter() - begun
    out.unlink()
    assert exported.rows == only.height  # noqa: S101 -- a benchmark of something else would be no benchmark
    return taken


def cleanlab_seconds(place: Place) -> str:
    """What cleanlab's two scores for regression take on the same annotations; empty without cleanlab."""
    from importlib.util import find_spec

    from skintui.steps.predictions import read_predictions

    if find_spec("cleanlab") is None:
        return ""
    from cleanlab.regression.rank import get_label_quality_scores

    lesions = place.lesions()
    labels = lesions.labels()
    predicted = read_predictions(place.workspace.predictions, lesions, ["predicted"]).predicted
    told = []
    for method, most in (("residual", len(labels)), ("outre", min(OUTRE_MOST, len(labels)))):
        begun = perf_counter()
        for j in range(labels.shape[1]):
            known = np.flatnonzero(np.isfinite(labels[:most, j]) & np.isfinite(predicted[:most, j]))
            if known.size > 1:
                get_label_quality_scores(labels[known, j], predicted[known, j], method=method)
        size = "" if most == len(labels) else f" ({most:,} lesions)"
        told.append(f"{method} {perf_counter() - begun:.2g} s{size}")
    return "cleanlab " + ", ".join(told)
