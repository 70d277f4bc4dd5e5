"""Where flagged annotations gather: a mis-scaled session or a careless source is worth more than a single slip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.audit.null import benjamini_hochberg
from skintui.audit.scale import to_scale
from skintui.audit.spread import Floats

SCHEMA: dict[str, Any] = {
    "by": pl.String,
    "group": pl.String,
    "attribute": pl.String,
    "flagged": pl.Int64,
    "annotations": pl.Int64,
    "expected": pl.Float64,
    "ratio": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "shift": pl.Float64,
    "factor": pl.Float64,
}
"""Columns of the clusters, in order; ``attribute`` is null where all attributes are counted together."""
FEWEST = 2
"""A single flagged annotation is no cluster."""


@dataclass(frozen=True)
class ByLesion:
    """What an audit found, laid out by lesion: n lesions, A attributes."""

    flagged: NDArray[np.bool_]
    """(n, A)"""
    signed: Floats
    """(n, A) residual over its spread with its sign; NaN where there is none."""
    labels: Floats
    """(n, A) in units."""
    predicted: Floats
    """(n, A) in units."""
    attributes: tuple[Attribute, ...] = ATTRIBUTES

    @classmethod
    def of(cls, flagged: NDArray[np.bool_], score: Floats, labels: Floats, predicted: Floats) -> ByLesion:
        """From scores (n, A) without their sign."""
        return cls(flagged, np.copysign(score, labels - predicted), labels, predicted)

    @classmethod
    def of_findings(cls, findings: pl.DataFrame, codes: NDArray[np.int64], labels: Floats) -> ByLesion:
        """From findings whose rows have the flat places ``codes`` (m,) in (n, A); −1 for rows of other lesions."""
        known = codes >= 0

        def laid(column: str, empty: float) -> Floats:
            values = np.full(labels.size, empty)
            values[codes[known]] = findings[column].to_numpy()[known]
            return values.reshape(labels.shape)

        return cls.of(laid("flagged", 0.0) > 0, laid("score", np.nan), labels, laid("predicted", np.nan))

    @property
    def tested(self) -> NDArray[np.bool_]:
        """(n, A) annotations that could be flagged: those with a score, and those a broken identity accuses."""
        return np.isfinite(self.signed) | self.flagged


def clusters(audited: ByLesion, groups: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Groups with more flagged annotations than expected, least likely ones first; columns ``SCHEMA``.

    Args:
        audited: the audit.
        groups: what to group by, and the group (n,) of each lesion; null belongs to none.

    A group is expected to have its number of tested annotations × the share flagged of that attribute over all
    lesions, so a patient with many lesions is no cluster for that alone. ``p_value`` is the chance of as many flags
    or more: binomial for one attribute; Poisson for all of them together, whose flags have different rates. It takes
    flags for independent, so beside it the ``ratio`` of flags to expectation counts. ``q_value``: Benjamini–Hochberg
    over every group and attribute tested. ``shift`` is the median of the signed residuals over their spread in the
    whole group, flagged or not: near 0 unless labels are off together. ``factor`` is the median of label over
    prediction for sizes (logarithmic attributes): 10 for a slipped decimal point.
    """
    counts = _Counts.of(audited)
    parts = [_counted(name, codes, values, audited, counts) for name, codes, values in _coded(groups)]
    if not parts:
        return pl.DataFrame(schema=SCHEMA)
    table = pl.concat([part.frame for part in parts])
    table = table.with_columns(pl.Series("q_value", benjamini_hochberg(table["p_value"].to_numpy())))
    kept = (table["flagged"] >= FEWEST) & (table["flagged"] > table["expected"])
    shifts = np.concatenate([part.shifts(mask) for part, mask in zip(parts, _split(kept, parts), strict=True)])
    told = table.filter(kept).with_columns(
        pl.Series("shift", shifts[:, 0]).fill_nan(None), pl.Series("factor", shifts[:, 1]).fill_nan(None)
    )
    return told.sort(
        "q_value", "p_value", "ratio", descending=[False, False, True], maintain_order=True
    ).select(list(SCHEMA))  # fmt: skip


def _coded(groups: Mapping[str, pl.Series]) -> Iterator[tuple[str, NDArray[np.int64], list[str]]]:
    """Each grouping as a number per lesion, −1 for none, and the groups' names; one without two groups says nothing."""
    for name, series in groups.items():
        values = series.unique().drop_nulls().sort()
        if values.len() > 1:
            codes = series.cast(pl.Enum(values)).to_physical().cast(pl.Int64).fill_null(-1)
            yield name, codes.to_numpy(), values.to_list()


@dataclass(frozen=True)
class _Counted:
    """One grouping's counts: a row per group and attribute, then one per group over all attributes."""

    frame: pl.DataFrame
    members: list[NDArray[np.int64]]
    """Rows of the lesions of each group."""
    audited: ByLesion

    def shifts(self, kept: NDArray[np.bool_]) -> Floats:
        """Median signed residual and median factor (m, 2) of the rows kept; NaN for all attributes together."""
        G, A = len(self.members), len(self.audited.attributes)
        out = np.full((int(kept.sum()), 2), np.nan)
        for i, place in enumerate(np.flatnonzero(kept[: G * A]).tolist()):
            group, j = divmod(place, A)
            rows = self.members[group]
            out[i, 0] = _median(self.audited.signed[rows, j])
            if self.audited.attributes[j].log_scale:
                out[i, 1] = np.exp(_median(self._log_ratio(rows, j)))
        return out

    def _log_ratio(self, rows: NDArray[np.int64], j: int) -> Floats:
        attribute = self.audited.attributes[j]
        label, predicted = self.audited.labels[rows, j], self.audited.predicted[rows, j]
        return to_scale(label, attribute) - to_scale(predicted, attribute)


@dataclass(frozen=True)
class _Counts:
    """What every grouping counts: flagged and untested annotations, and the share flagged per attribute (A,)."""

    flagged: _Marked
    untested: _Marked
    rate: Floats

    @classmethod
    def of(cls, audited: ByLesion) -> _Counts:
        tested = audited.tested
        rate = audited.flagged.sum(axis=0) / np.maximum(tested.sum(axis=0), 1)
        return cls(_Marked.of(audited.flagged), _Marked.of(~tested), rate)


@dataclass(frozen=True)
class _Marked:
    """Annotations that are marked, as (row, attribute) pairs: few, so that counting them per group is cheap."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    A: int

    @classmethod
    def of(cls, marks: NDArray[np.bool_]) -> _Marked:
        return cls(*np.divmod(np.flatnonzero(marks), marks.shape[1]), marks.shape[1])

    def per_group(self, codes: NDArray[np.int64], G: int) -> NDArray[np.int64]:
        """How many are marked per group and attribute (G, A)."""
        group = codes[self.rows]
        held = group >= 0
        flat = np.bincount(group[held] * self.A + self.columns[held], minlength=G * self.A)
        return flat.reshape(G, self.A)


def _counted(name: str, codes: NDArray[np.int64], values: list[str], audited: ByLesion, marked: _Counts) -> _Counted:
    from scipy.special import bdtrc, pdtrc

    G, A = len(values), len(audited.attributes)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(G + 1))
    f = marked.flagged.per_group(codes, G)
    n = np.diff(starts)[:, None] - marked.untested.per_group(codes, G)
    expected = n * marked.rate
    together = f.sum(axis=1), n.sum(axis=1), expected.sum(axis=1)
    with np.errstate(invalid="ignore"):
        p = np.concatenate([bdtrc(f - 1.0, n, marked.rate).ravel(), pdtrc(together[0] - 1.0, together[2])])
    found, count, wanted = (
        np.concatenate([each.ravel(), all_of_it]) for each, all_of_it in zip((f, n, expected), together, strict=True)
    )
    frame = pl.DataFrame(
        {
            "by": pl.Series([name]).new_from_index(0, len(p)),
            "group": pl.Series(values).gather(np.concatenate([np.repeat(np.arange(G), A), np.arange(G)])),
            "attribute": pl.Series([*[a.name for a in audited.attributes] * G, *[None] * G], dtype=pl.String),
            "flagged": found,
            "annotations": count,
            "expected": wanted,
            "ratio": found / np.where(wanted > 0, wanted, np.nan),
            "p_value": np.where(count > 0, np.where(found > 0, p, 1.0), np.nan),
        }
    )
    return _Counted(frame, [order[a:b] for a, b in pairwise(starts.tolist())], audited)


def _split(kept: pl.Series, parts: list[_Counted]) -> list[NDArray[np.bool_]]:
    ends = np.cumsum([part.frame.height for part in parts])[:-1]
    return np.split(kept.to_numpy(), ends)


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")
