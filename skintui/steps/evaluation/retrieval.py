"""The retrieval table: how near the attributes of what is found are, for every way of searching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from skintui.audit.bootstrap import Estimate, PatientBootstrap
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.engine import Engine
from skintui.steps.evaluation.cohort import Arena
from skintui.steps.evaluation.embedding import embedded
from skintui.steps.evaluation.images import ImageMethod
from skintui.steps.evaluation.search import nearest, percentiles, reranked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Vectors = NDArray[np.float32]

K = 5
BREADTH = 200
BREADTHS = (50, 100, 200, 500)
"""Lesions taken by the image before the second ranking; the paper's b is 200."""


def hierarchical(breadth: int) -> str:
    """The method's name for a breadth."""
    return "hierarchical" if breadth == BREADTH else f"hierarchical_{breadth}"


METHODS = ("attribute", "hierarchical", "image", *(hierarchical(b) for b in BREADTHS if b != BREADTH))
"""What stored vectors alone can answer, in the order of the table."""


@dataclass(slots=True)
class Percentiles:
    """Percentiles (q, k) of every result, by method and attribute."""

    arena: Arena
    found: dict[str, dict[str, Floats]] = field(default_factory=dict)

    def add(self, method: str, name: str, results: Rows) -> None:
        database, queries = self.arena.values(name)
        self.found.setdefault(method, {})[name] = percentiles(database, queries, results, self.arena.own)

    def estimates(
        self, chosen: Rows, *, replicates: int, seed: int, progress: Progress, methods: Sequence[str] = ()
    ) -> dict[str, dict[str, Estimate]]:
        """Medians over the queries ``chosen`` (their positions among those asked), with intervals by patient."""
        patients = self.arena.queries.patients[self.arena.asked[chosen]]
        bootstrap = PatientBootstrap(patients, replicates=replicates, seed=seed)
        return medians({m: self.found[m] for m in methods or self.found}, chosen, bootstrap, progress)


def medians(
    found: Mapping[str, Mapping[str, Floats]], chosen: Rows, bootstrap: PatientBootstrap, progress: Progress
) -> dict[str, dict[str, Estimate]]:
    """Median percentiles of chosen queries, one patient of ``bootstrap`` each."""
    table: dict[str, dict[str, Estimate]] = {}
    for method, by_attribute in found.items():
        stop_if_cancelled(progress)
        table[method] = {}
        for name, values in by_attribute.items():
            who = np.repeat(bootstrap.patient, values.shape[1])
            table[method][name] = bootstrap.median(values[chosen], who).estimate()
    return table


def retrieved(arena: Arena, progress: Progress) -> Percentiles:
    """Search by the stored vectors in every way: by attribute, in two stages of every breadth, by image."""
    table = Percentiles(arena, {method: {} for method in METHODS})
    progress.start("retrieving", len(arena.names) + 1)
    wide = nearest(*arena.vectors("image"), arena.own, max(BREADTHS), progress=progress)
    progress.advance()
    for name in arena.names:
        database, queries = arena.vectors(name)
        table.add("attribute", name, nearest(database, queries, arena.own, K, progress=progress))
        table.add("image", name, wide[:, :K])
        for breadth in BREADTHS:
            stop_if_cancelled(progress)
            table.add(hierarchical(breadth), name, reranked(database, queries, wide[:, :breadth], K))
        progress.advance()
    return table


def add_image_method(table: Percentiles, method: ImageMethod, progress: Progress, engine: Engine) -> Vectors:
    """Search by another model's image vectors, put into the table; the vectors (m, d) of the queries' side."""
    arena = table.arena
    parts = [arena.database, arena.queries] if arena.external else [arena.database]
    progress.start(f"reading tiles, {method.name}", sum(part.rows.size for part in parts))
    vectors = [embedded(engine, method.model, part, part.rows, progress) for part in parts]
    near = nearest(vectors[0], vectors[-1][arena.asked], arena.own, K, progress=progress)
    for name in arena.names:
        table.add(method.name, name, near)
    return vectors[-1]
