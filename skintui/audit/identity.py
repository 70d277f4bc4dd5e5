"""Broken identities: labels that contradict each other by algebra, found without any model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import BY_COLUMN, BY_NAME, Attribute

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
    code = np.full((len(ids), len(attributes)), -1, np.int32)
    accused = np.zeros(code.shape, bool)
    if identities is None or identities.is_empty():
        return Violations(code, [], accused)
    rules, suspects = _suspects(identities, ids, attributes)
    texts: dict[str, int] = {}
    for (row, j), broken in rules.items():
        code[row, j] = texts.setdefault("; ".join(dict.fromkeys(broken)), len(texts))
    for row, columns in suspects:
        known = [j for j in columns if np.isfinite(scores[row, j])]
        blamed = [max(known, key=lambda j: scores[row, j])] if known else columns
        accused[row, blamed] = True
    return Violations(code, list(texts), accused)


def _suspects(
    identities: pl.DataFrame, ids: Sequence[str], attributes: Sequence[Attribute]
) -> tuple[dict[tuple[int, int], list[str]], list[tuple[int, list[int]]]]:
    """Rules broken per (row, attribute), and per broken rule of a lesion the audited attributes it names."""
    place = {a.name: j for j, a in enumerate(attributes)}
    row_of = {isic_id: i for i, isic_id in enumerate(ids)}
    named = next((c for c in _NAMED if c in identities.columns), _NAMED[0])
    rules: dict[tuple[int, int], list[str]] = {}
    groups: dict[tuple[int, str], list[int]] = {}
    for isic_id, names, rule in identities.select("isic_id", named, "rule").iter_rows():
        row = row_of.get(isic_id)
        if row is None:
            continue
        for name in _names(names):
            found = BY_COLUMN.get(name) or BY_NAME.get(name)
            if found is None or found.name not in place:
                continue
            j = place[found.name]
            rules.setdefault((row, j), []).append(rule)
            members = groups.setdefault((row, rule), [])
            if j not in members:
                members.append(j)
    return rules, [(row, members) for (row, _), members in groups.items()]


def _names(cell: object) -> list[str]:
    """A cell that names one column, several between commas, or a list of them."""
    if isinstance(cell, str):
        return [part.strip() for part in cell.split(",")]
    return [str(part) for part in cell] if isinstance(cell, list | tuple | pl.Series) else []
