"""Groups of lesions at several levels, and which of them are worth a closer look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.audit.spread import Floats

WHOLE, PATIENT = "data set", "patient"
FEWEST = 5
"""Smaller groups are not tested."""
CUT = 6.0
"""Residuals count as at most so many σ."""
SHIFTED, WIDER = 0.8, 1.35
"""A group is looked at whose mean residual is so many σ, or whose mean size of residual so many times the usual one."""
NARROWEST = 0.25
"""Groups are taken to be apart by at least so many σ: no model is equally good everywhere."""
FEW_GROUPS, APART = 8, 0.5
"""Of fewer groups it is not known how far apart they usually are: at least so many σ."""


@dataclass(frozen=True)
class Level:
    """One way to group the lesions."""

    kind: str
    codes: NDArray[np.int64]
    """(n,) group of each lesion, −1 for none."""
    names: tuple[str, ...]
    members: tuple[NDArray[np.int64], ...]
    """Rows of each group's lesions."""

    @classmethod
    def of(cls, kind: str, values: pl.Series) -> Level:
        names = values.unique().drop_nulls().cast(pl.String).sort()
        codes = values.cast(pl.String).cast(pl.Enum(names)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(names) + 1))
        members = tuple(order[a:b] for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
        return cls(kind, codes, tuple(names.to_list()), members)

    @classmethod
    def whole(cls, n: int) -> Level:
        """All lesions as one group."""
        return cls(WHOLE, np.zeros(n, np.int64), ("",), (np.arange(n),))

    @property
    def tested(self) -> int:
        """Groups large enough."""
        return sum(rows.size >= FEWEST for rows in self.members)


def levels_of(n: int, groups: Mapping[str, pl.Series]) -> list[Level]:
    """The whole data set, then each grouping that has two groups or more."""
    found = (Level.of(kind, values) for kind, values in groups.items())
    return [Level.whole(n), *(level for level in found if len(level.names) > 1)]


@dataclass(frozen=True)
class Standing:
    """Where the groups (G,) of one level stand in one attribute, residuals in σ cut at ±6."""

    count: NDArray[np.int64]
    mean: Floats
    size: Floats
    """Mean |residual|."""
    usual: float
    """Mean |residual| of all lesions."""

    @classmethod
    def of(cls, level: Level, residuals: Floats) -> Standing:
        """From residuals (n,), centred, NaN where there is none."""
        known = np.isfinite(residuals) & (level.codes >= 0)
        codes, cut = level.codes[known], np.clip(residuals[known], -CUT, CUT)
        G = len(level.names)
        count = np.bincount(codes, minlength=G)
        full = np.maximum(count, 1)
        size = np.abs(cut)
        usual = float(size.mean()) if size.size else 0.0
        return cls(
            count, np.bincount(codes, cut, G) / full, np.bincount(codes, size, G) / full, usual
        )  # fmt: skip

    def odd(self) -> NDArray[np.int64]:
        """Groups that could hide an error of all their lesions."""
        out = (np.abs(self.mean) >= SHIFTED) | (self.size >= WIDER * self.usual)
        return np.flatnonzero(out & (self.count >= FEWEST))

    def apart(self) -> float:
        """How far groups usually are apart in σ, by the 50 and 90 % quantiles: a tenth of them may be wrong."""
        enough = self.count >= FEWEST
        means = self.mean[enough]
        if means.size < 3:
            return APART
        off = np.abs(means - np.median(means))
        noise = float(np.median(1 / self.count[enough]))
        width = max(1.4826 * float(np.median(off)), float(np.quantile(off, 0.9)) / 1.645 if means.size >= 20 else 0.0)
        known = float(np.sqrt(max(width**2 - noise, 0.0)))
        return max(known, NARROWEST if means.size >= FEW_GROUPS else APART)
