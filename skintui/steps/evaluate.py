"""``evaluate``: R² per attribute and the retrieval table, on patients the model has not trained on.

The percentile is that of arXiv 2508.20188: the squared attribute difference between a query and each of its five
nearest results, ranked among the squared differences between that query and every other lesion of the database. The
database is the held-out lesions without the query itself, so that no vector of a training tile flatters the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.audit.metrics import attribute_difference_percentile, r2
from skintui.errors import VectorsError
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.model_record import fingerprint_of
from skintui.steps.place import Place
from skintui.steps.predictions import Predictions, read_predictions
from skintui.steps.reading import decoded_batches
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions

    Floats = NDArray[np.float64]
    Vectors = NDArray[np.float32]

K = 5
BREADTH = 200
QUERIES = 2000
"""Queries drawn where more lesions are held out, unless the caller says otherwise."""
METHODS = ("attribute", "hierarchical", "image", "untuned")
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured; NaN where nothing could be."""

    r2: dict[str, float]
    retrieval: dict[str, dict[str, float]]
    """Method → attribute → median percentile."""
    train_patients: int
    test_patients: int
    queries: int

    @property
    def columns(self) -> tuple[str, ...]:
        return ("name", "r2", *(f"{method}_percentile" for method in self.retrieval))

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per attribute; the methods' columns hold percentiles."""
        for name, explained in self.r2.items():
            by_method = {f"{method}_percentile": values[name] for method, values in self.retrieval.items()}
            yield {"name": name, "r2": explained, **by_method}

    def as_object(self) -> dict[str, Any]:
        return {
            "r2": self.r2,
            "retrieval": self.retrieval,
            "patients": {"train": self.train_patients, "test": self.test_patients},
            "queries": self.queries,
        }

    def summary(self) -> str:
        known = [value for value in self.r2.values() if np.isfinite(value)]
        mean = f"mean R² {np.mean(known):.3f} over {len(known)} attributes" if known else "no predictions to measure"
        return (
            f"{mean}; {self.queries} queries of {self.test_patients} held-out patients"
            f" ({self.train_patients} trained on)"
        )


def evaluate(
    place: Place, weights: Weights, progress: Progress, *, untuned: bool = False, limit: int | None = None
) -> Evaluation:
    """Hold stored predictions and vectors of held-out patients against their labels.

    Held out are the data set's patients that the adapter's record does not name as trained on; without a record, the
    test side of the default split. Raises VectorsError without an index, StaleError where it is of other inputs.
    """
    from skintui.vectors.store import VectorStore

    lesions = place.lesions(progress)
    stored = read_predictions(place.workspace.predictions, lesions)
    made_from = {"dataset_sha256": lesions.dataset_sha256, **fingerprint_of(place.workspace, weights)}
    with VectorStore.open(place.workspace.vectors, made_from) as store:
        rows, trained, tested = _held_out(lesions, stored, store.n)
        labels = lesions.labels()[rows]
        names = [a.name for a in ATTRIBUTES if a.name in store.views]
        columns = {a.name: j for j, a in enumerate(ATTRIBUTES)}
        r2_of = {name: r2(labels[:, columns[name]], stored.predicted[rows, columns[name]]) for name in names}
        asked = _queries(len(rows), limit)
        image = store.rows("image", rows)
        table: dict[str, dict[str, float]] = {method: {} for method in METHODS[:3]}
        progress.start("retrieving", len(names))
        near = {"image": _nearest(image, asked, K), "wide": _nearest(image, asked, BREADTH)}
        for name in names:
            stop_if_cancelled(progress)
            vectors, values = store.rows(name, rows), labels[:, columns[name]]
            found = {
                "attribute": _nearest(vectors, asked, K),
                "hierarchical": _reranked(vectors, asked, near["wide"]),
                "image": near["image"],
            }
            for method, results in found.items():
                table[method][name] = _median_percentile(values, asked, results)
            progress.advance()
    if untuned:
        plain = _nearest(_untuned_images(lesions, rows, weights, progress), asked, K)
        table["untuned"] = {name: _median_percentile(labels[:, columns[name]], asked, plain) for name in names}
    return Evaluation(r2_of, table, trained, tested, len(asked))


def _held_out(lesions: Lesions, stored: Predictions, n: int) -> tuple[NDArray[np.int64], int, int]:
    """Rows of held-out lesions among the first ``n``, and how many patients stand on either side."""
    from skintui.dataset.split import split_patients

    patients = lesions.patients[:n]
    trained = stored.about.train_patients
    if trained is None:
        split = split_patients(patients)
        trained, test = split.train, np.isin(patients, np.asarray(split.test))
    else:
        test = ~np.isin(patients, np.asarray(trained, dtype=np.str_))
    rows = np.flatnonzero(test)
    if rows.size < 2:
        what = f"only {rows.size} indexed lesions belong to patients the model has not trained on"
        raise VectorsError(what, do="evaluate on other patients, or index more lesions")
    return rows, len(trained), len(set(patients[rows].tolist()))


def _queries(n: int, limit: int | None) -> NDArray[np.int64]:
    """Positions of the queries, sorted: all, or a seeded draw of ``limit``."""
    count = min(limit or QUERIES, n)
    return np.sort(np.random.default_rng(0).choice(n, count, replace=False))


def _nearest(vectors: Vectors, asked: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Positions (q, k) of the most similar vectors of each query but itself, by computing all; -1 where none is left.

    Rows of zeros (unreadable tiles) are neither found nor answered.
    """
    unit = _unit(vectors)
    empty: NDArray[np.bool_] = np.logical_not(unit.any(axis=1))
    k = min(k, len(unit) - 1)
    found = np.full((len(asked), k), -1, np.int64)
    for start in range(0, len(asked), _BLOCK):
        part = asked[start : start + _BLOCK]
        similarity = unit[part] @ unit.T
        similarity[:, empty] = -np.inf
        similarity[np.arange(len(part)), part] = -np.inf
        near = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
        picked = np.take_along_axis(similarity, near, axis=1)
        order = np.argsort(-picked, axis=1, kind="stable")
        near, picked = np.take_along_axis(near, order, axis=1), np.take_along_axis(picked, order, axis=1)
        found[start : start + len(part)] = np.where(np.isfinite(picked) & ~empty[part, None], near, -1)
    return found


def _reranked(vectors: Vectors, asked: NDArray[np.int64], wide: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions (q, 5) of the best of each query's candidates ``wide`` (q, b) by ``vectors``."""
    unit = _unit(vectors)
    found = np.full((len(asked), min(K, wide.shape[1])), -1, np.int64)
    for i, (query, candidates) in enumerate(zip(asked.tolist(), wide, strict=True)):
        near = candidates[candidates >= 0]
        order = np.argsort(-(unit[near] @ unit[query]), kind="stable")[: found.shape[1]]
        found[i, : order.size] = near[order]
    return found


def _unit(vectors: Vectors) -> Vectors:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1.0), np.float32)


def _median_percentile(values: Floats, asked: NDArray[np.int64], results: NDArray[np.int64]) -> float:
    """Median over queries and results of the attribute difference percentile among all others of the database."""
    query = values[asked]
    result = np.where(results >= 0, values[results], np.nan)
    with_self = attribute_difference_percentile(query, result, values)
    n = int(np.isfinite(values).sum())
    if n < 2:
        return float("nan")
    own = np.where(result == query[:, None], 0.5, 1.0)  # the query's own difference is 0: a tie, or below
    known = (with_self / 100.0 * n - own) / (n - 1) * 100.0
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else float("nan")


def _untuned_images(lesions: Lesions, rows: NDArray[np.int64], weights: Weights, progress: Progress) -> Vectors:
    """Image vectors (m, d) of the base model without adapter."""
    progress.start("loading the untuned model")
    reader = weights.untuned.load()
    vectors = np.zeros((rows.size, reader.hidden_size), np.float32)
    place = {int(row): i for i, row in enumerate(rows.tolist())}
    progress.start("reading tiles untuned", rows.size)
    for batch in decoded_batches(lesions, rows.tolist(), 16):
        stop_if_cancelled(progress)
        if batch.rows:
            vectors[[place[row] for row in batch.rows]] = reader.embed_images(batch.images)
        progress.advance(batch.size)
    return vectors
