"""The same figures by group, and queries of one source in a database of all the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from skintui.audit.bootstrap import PatientBootstrap
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.evaluation.cohort import Arena, Part
from skintui.steps.evaluation.fit import measured
from skintui.steps.evaluation.groups import UNKNOWN, Members, members
from skintui.steps.evaluation.result import Group, LeftOut
from skintui.steps.evaluation.retrieval import BREADTH, K, Percentiles, medians
from skintui.steps.evaluation.search import nearest, percentiles, reranked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

METHODS = ("attribute", "hierarchical", "image")
GROUP_QUERIES = 200
"""Queries that every group is given where it has the lesions, beyond those drawn from all."""


def topped_up(asked: Rows, groups: Sequence[Members], seed: int) -> Rows:
    """Queries with a seeded draw more for every group that has fewer than :data:`GROUP_QUERIES` of them; sorted."""
    generator = np.random.default_rng(seed)
    chosen = set(asked.tolist())
    for group in groups:
        has = [place for place in group.places.tolist() if place in chosen]
        lacks = min(GROUP_QUERIES, group.places.size) - len(has)
        if lacks > 0:
            others = np.setdiff1d(group.places, has)
            chosen |= set(generator.choice(others, lacks, replace=False).tolist())
    return np.asarray(sorted(chosen), np.int64)


def by_group(
    table: Percentiles, predicted: Floats, groups: Sequence[Members], progress: Progress, *, replicates: int, seed: int
) -> tuple[Group, ...]:
    """Figures of every group: its lesions' predictions (m, 16), its queries' results in the whole database."""
    arena = table.arena
    progress.start("measuring groups", len(groups) * len(arena.names))
    return tuple(
        _measured(arena.queries, table, predicted, one, progress, replicates=replicates, seed=seed) for one in groups
    )


def _measured(
    part: Part, table: Percentiles, predicted: Floats, one: Members, progress: Progress, *, replicates: int, seed: int
) -> Group:
    chosen = np.flatnonzero(np.isin(table.arena.asked, one.places))
    rows, patients = part.rows[one.places], part.patients
    bootstrap = PatientBootstrap(patients[one.places], replicates=replicates, seed=seed)
    labels = part.lesions.labels()[rows]
    fits = measured(bootstrap, labels, predicted[one.places], table.arena.names, progress)
    retrieval = table.estimates(chosen, replicates=replicates, seed=seed, progress=progress, methods=METHODS)
    return Group(
        by=one.by,
        group=one.group,
        lesions=one.places.size,
        patients=one.patients,
        queries=chosen.size,
        fit={name: draws.fit() for name, draws in fits.items()},
        retrieval=retrieval,
    )


def leave_one_source_out(
    arena: Arena,
    predicted: Floats,
    trained_sources: set[str] | None,
    progress: Progress,
    *,
    replicates: int,
    seed: int,
) -> tuple[tuple[Group, ...], list[LeftOut]]:
    """Queries of every source in a database without that source.

    Percentiles are ranks among the lesions of the other sources. ``trained_sources`` are those of the patients trained
    on, None where nothing tells.
    """
    part = arena.queries
    sources = [one for one in members(part, "source") if one.group != UNKNOWN]
    dropped = [one.left_out(one.too_small) for one in sources if one.too_small]
    kept = [one for one in sources if not one.too_small]
    if len(sources) < 2:
        return (), [one.left_out("the only source: there is no other to search") for one in kept]
    if not kept:
        return (), dropped
    code = np.zeros(part.rows.size, np.int64)
    for number, one in enumerate(sources, start=1):
        code[one.places] = number
    asking = np.isin(arena.asked, np.concatenate([one.places for one in kept]))
    arena = Arena(part, part, arena.asked[asking])
    found = _apart(arena, code, progress)
    progress.start("measuring sources", len(kept) * len(arena.names))
    groups = []
    for one in kept:
        chosen = np.flatnonzero(np.isin(arena.asked, one.places))
        whole = PatientBootstrap(part.patients[one.places], replicates=replicates, seed=seed)
        who = PatientBootstrap(part.patients[arena.asked[chosen]], replicates=replicates, seed=seed)
        labels = part.lesions.labels()[part.rows[one.places]]
        fits = measured(whole, labels, predicted[one.places], arena.names, progress)
        groups.append(
            Group(
                by="source",
                group=one.group,
                lesions=one.places.size,
                patients=one.patients,
                queries=chosen.size,
                fit={name: draws.fit() for name, draws in fits.items()},
                retrieval=medians(found, chosen, who, progress),
                database=int((code != code[one.places[0]]).sum()),
                trained_on=None if trained_sources is None else one.group in trained_sources,
            )
        )
    return tuple(groups), dropped


def _apart(arena: Arena, code: Rows, progress: Progress) -> dict[str, dict[str, Floats]]:
    """Percentiles (q, k) where no query finds, or is ranked among, lesions of its own code."""
    apart = (code, code[arena.asked])
    progress.start("retrieving across sources", len(arena.names) + 1)
    wide = nearest(*arena.vectors("image"), arena.own, BREADTH, apart=apart, progress=progress)
    progress.advance()
    found: dict[str, dict[str, Floats]] = {method: {} for method in METHODS}
    for name in arena.names:
        stop_if_cancelled(progress)
        database, queries = arena.vectors(name)
        results = {
            "attribute": nearest(database, queries, arena.own, K, apart=apart, progress=progress),
            "hierarchical": reranked(database, queries, wide, K),
            "image": wide[:, :K],
        }
        values, asking = arena.values(name)
        for method, hits in results.items():
            found[method][name] = _among_others(values, asking, hits, apart)
        progress.advance()
    return found


def _among_others(values: Floats, asking: Floats, hits: Rows, apart: tuple[Rows, Rows]) -> Floats:
    """Percentiles (q, k) among the values of other codes only."""
    percent = np.full(hits.shape, np.nan)
    for number in np.unique(apart[1]).tolist():
        mine = np.flatnonzero(apart[1] == number)
        others = np.where(apart[0] != number, values, np.nan)
        percent[mine] = percentiles(others, asking[mine], hits[mine], np.full(mine.size, -1))
    return percent
