"""Retrieval by several attributes at once: one prompt that asks for all of them (arXiv 2508.20188).

Joint vectors are not stored: they are made on the fly for the lesions at hand, which is one pass over the tiles per set
of attributes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from skintui.attributes import Attribute, attributes
from skintui.audit.bootstrap import PatientBootstrap
from skintui.errors import UsageError
from skintui.progress import Progress
from skintui.steps.engine import Engine
from skintui.steps.evaluation.cohort import Arena
from skintui.steps.evaluation.embedding import embedded
from skintui.steps.evaluation.result import Joint
from skintui.steps.evaluation.retrieval import BREADTH, K, medians
from skintui.steps.evaluation.search import nearest, percentiles, reranked
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]
    Vectors = NDArray[np.float32]

Set = tuple[Attribute, ...]
DEFAULT: tuple[Set, ...] = tuple(
    attributes(names)
    for names in ("areaMM2,deltaL", "areaMM2,norm_border", "norm_border,norm_color", "areaMM2,deltaLB,norm_border")
)
"""The published pair; size with shape; shape with colour; size, colour and shape."""


def parse_joint(texts: Sequence[str]) -> tuple[Set, ...]:
    """``areaMM2,deltaL`` each, or ``default``, without repetition. Raises UsageError for a single attribute."""
    found: list[Set] = []
    for text in texts:
        chosen = attributes(text) if text.strip() != "default" else ()
        if text.strip() != "default" and len(chosen) < 2:
            raise UsageError("joint retrieval needs two attributes or more", do="name them: --joint areaMM2,deltaL")
        found.extend([chosen] if chosen else DEFAULT)
    return tuple(dict.fromkeys(found))


def joint_tables(
    arena: Arena,
    sets: Sequence[Set],
    weights: Weights,
    progress: Progress,
    engine: Engine,
    *,
    replicates: int,
    seed: int,
) -> tuple[Joint, ...]:
    """One table per set of attributes. Raises UsageError where one is not indexed."""
    for name in dict.fromkeys(a.name for asked in sets for a in asked):
        if name not in arena.names:
            raise UsageError(f"'{name}' is not indexed", do=f"run 'skintui index' with {name}")
    if not sets:
        return ()
    wide = nearest(*arena.vectors("image"), arena.own, BREADTH, progress=progress)
    bootstrap = PatientBootstrap(arena.queries.patients[arena.asked], replicates=replicates, seed=seed)
    found = []
    for asked in sets:
        database, queries = _vectors(arena, weights.absolute(), asked, progress, engine)
        near = {"image": wide[:, :K]}
        for one in asked:
            base, asking = arena.vectors(one.name)
            near[f"{one.name} only"] = nearest(base, asking, arena.own, K, progress=progress)
        near["joint"] = nearest(database, queries, arena.own, K, progress=progress)
        near["joint_hierarchical"] = reranked(database, queries, wide, K)
        found.append(_table(arena, asked, near, bootstrap, progress))
    return tuple(found)


def _vectors(arena: Arena, weights: Weights, asked: Set, progress: Progress, engine: Engine) -> tuple[Vectors, Vectors]:
    """Joint vectors (m, d) of the database and (q, d) of the queries."""
    parts = [(arena.database, arena.database.rows)]
    if arena.external:
        parts.append((arena.queries, arena.queries.rows[arena.asked]))
    names = " and ".join(a.name for a in asked)
    progress.start(f"asking for {names} at once", sum(rows.size for _, rows in parts))
    vectors = [embedded(engine, weights, part, rows, progress, asked) for part, rows in parts]
    return vectors[0], vectors[1] if arena.external else vectors[0][arena.asked]


def _table(
    arena: Arena, asked: Set, near: Mapping[str, Rows], bootstrap: PatientBootstrap, progress: Progress
) -> Joint:
    found = {}
    for method, hits in near.items():
        found[method] = {a.name: percentiles(*arena.values(a.name), hits, arena.own) for a in asked}
    everything = np.arange(arena.asked.size)
    return Joint(
        attributes=tuple(a.name for a in asked),
        queries=arena.asked.size,
        database=arena.database.rows.size,
        methods=medians(found, everything, bootstrap, progress),
    )
