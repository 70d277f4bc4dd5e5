"""Broken identities: labels that contradict each other by algebra, found without any model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import BY_COLUMN, BY_NAME, Attribute
from skintui.audit.columnwise import by_column, places

_NAMED = ("attribute_or_column", "column", "columns", "attribute")


@dataclass(frozen=True)
class Violations:
    """Broken identities laid over the (n, A) annotations.

    ``code`` (n, A) int32 numbers the text in ``texts`` that an annotation takes part in, −1 for none; ``accused``
    (n, A) marks those that are flagged for it.
    """

    code: NDArray[np.int32]
    texts: list[str]
    accused: NDArray[np.bool_]


def lay_over(
    identities: pl.DataFrame | None,
    ids: Sequence[str],
    attributes: Sequence[Attribute],
    scores: NDArray[np.float64],
) -> Violations:
    """Which annotations a broken identity concerns, from rows ``isic_id, attribute_or_column, rule``.

    Where one broken rule names several audited attributes of a lesion, all carry its text, and the one the model finds
    most suspicious is accused (all of them where the model has no opinion): algebra knows that one of them is wrong,
    not which.
    """
    code = by_column((len(ids), len(attributes)), -1, np.int32)
    accused = by_column(code.shape, False, bool)
    if identities is None or identities.is_empty():
        return Violations(code, [], accused)
    rows = _named(identities, ids, attributes)
    by_cell = rows.group_by("cell", maintain_order=True).agg(pl.col("rule").unique(maintain_order=True).str.join("; "))
    texts = by_cell["rule"].unique(maintain_order=True)
    code.T.reshape(-1)[by_cell["cell"].to_numpy()] = by_cell["rule"].cast(pl.Enum(texts)).to_physical().to_numpy()
    accused.T.reshape(-1)[_blamed(rows, scores)] = True
    return Violations(code, texts.to_list(), accused)


def _named(identities: pl.DataFrame, ids: Sequence[str], attributes: Sequence[Attribute]) -> pl.DataFrame:
    """Broken rules as ``cell, lesion, rule``: one row per audited annotation they name, as its place; each once."""
    named = next((c for c in _NAMED if c in identities.columns), _NAMED[0])
    place = {a.name: j for j, a in enumerate(attributes)}
    columns = {column: place[a.name] for column, a in (BY_NAME | BY_COLUMN).items() if a.name in place}
    names = pl.col(named) if isinstance(identities.schema[named], pl.List) else pl.col(named).str.split(",")
    lesion = pl.col("isic_id").cast(pl.Enum(ids), strict=False).to_physical().cast(pl.Int64)
    return (
        identities.select(lesion.alias("lesion"), names.alias("name"), "rule")
        .explode("name")
        .with_columns(pl.col("name").str.strip_chars().replace_strict(columns, default=None, return_dtype=pl.Int64))
        .drop_nulls(["lesion", "name"])
        .select((pl.col("name") * len(ids) + pl.col("lesion")).alias("cell"), "lesion", "rule")
        .unique(maintain_order=True)
    )


def _blamed(rows: pl.DataFrame, scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places accused: per lesion and broken rule the highest score, the first named of equal ones, or else all."""
    strength = np.take(places(scores), rows["cell"].to_numpy())
    best = np.where(np.isfinite(strength), strength, -np.inf)
    rule = rows["rule"].rank("dense").to_numpy().astype(np.int64)
    group = rows["lesion"].to_numpy() * (int(rule.max(initial=0)) + 1) + rule
    order = np.lexsort((-best, group))  # stable: of equal scores the first named
    first = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
    silent = first[np.isneginf(best[first])]
    chosen = np.isin(group, group[silent])
    chosen[first] = True
    return rows["cell"].to_numpy()[chosen]
