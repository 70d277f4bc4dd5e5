"""A made-up cohort: labels with the structure of SLICE-3D's table, and what a fair model would read off the tiles."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES, BY_NAME
from skintui.audit.spread import Floats

NAMES = [a.name for a in ATTRIBUTES]


@dataclass(frozen=True)
class Cohort:
    """n lesions; labels and predictions (n, 16) in units, spread (n, 16), groups (n,) by kind."""

    labels: Floats
    predicted: Floats
    spread: Floats
    groups: dict[str, pl.Series]

    def of(self, kind: str, group: str) -> NDArray[np.int64]:
        """Rows of a group; of ``data set`` all."""
        if kind == "data set":
            return np.arange(len(self.labels))
        return np.flatnonzero((self.groups[kind] == group).fill_null(False).to_numpy())

    def planted(self, rows: NDArray[np.int64], kind: str, names: tuple[str, ...], amount: float = 1.0) -> Cohort:
        """The same with an alteration done to the labels of some rows."""
        labels = self.labels.copy()
        j = NAMES.index(names[0])
        if kind == "swap":
            k = NAMES.index(names[1])
            labels[rows, j], labels[rows, k] = self.labels[rows, k], self.labels[rows, j]
        elif kind == "sign":
            labels[rows, j] *= -1
        elif kind == "offset":
            labels[rows, j] += amount
        else:
            labels[rows, j] *= amount
        return replace(self, labels=labels)


def cohort(n: int = 3000, patients: int = 60, sources: int = 5, *, apart: float = 0.3, seed: int = 0) -> Cohort:
    """Patients of uneven size, each at one source; groups' predictions are ``apart`` σ off, tails are Student's t4."""
    r = np.random.default_rng(seed)
    share = r.lognormal(0, 1, patients)
    patient = np.sort(r.choice(patients, n, p=share / share.sum()))
    labels = _labels(n, r)
    sigma = np.array([0.12 if a.log_scale else 0.35 * labels[:, j].std() for j, a in enumerate(ATTRIBUTES)])
    bias = r.normal(0, apart, (patients, len(NAMES)))[patient]
    off = sigma * (bias + r.standard_t(4, (n, len(NAMES))) / 1.1)
    predicted, spread = labels - off, np.broadcast_to(sigma, labels.shape).copy()
    for j, a in enumerate(ATTRIBUTES):
        if a.log_scale:
            predicted[:, j] = np.exp(np.log(labels[:, j]) - off[:, j])
            spread[:, j] = sigma[j] * predicted[:, j]
    groups = {
        "patient": pl.Series([f"IP_{code:04d}" for code in patient]),
        "source": pl.Series([f"S{code % sources}" for code in patient]),
        "tile type": pl.Series([f"3D: {'XP' if code % sources % 2 else 'white'}" for code in patient]),
        "site": pl.Series(r.choice(["torso", "arm", "leg"], n)),
    }
    return Cohort(labels, predicted, spread, groups)


def _labels(n: int, r: np.random.Generator) -> Floats:
    """Centres and spreads near those of the full table (Kurtansky et al., 2024), relations between columns kept."""
    area = np.exp(r.normal(1.8, 0.75, n))
    round_, jagged = r.uniform(0.6, 1.0, n), np.exp(r.normal(2.9, 0.2, n))
    a_out, b_out = r.normal(14.5, 3.5, n), r.normal(26.5, 4.5, n)
    delta_l, delta_b = -np.abs(r.normal(8.5, 4, n)) - 1, r.normal(1.5, 2.3, n)
    values = {
        "areaMM2": area, "minorAxisMM": np.sqrt(area * round_ * 1.27), "perimeterMM": np.sqrt(area * jagged),
        "clin_size_long_diam_mm": np.sqrt(area / round_ * 1.27), "area_perim_ratio": jagged,
        "norm_border": np.clip(0.18 * jagged - 0.8 + r.normal(0, 0.5, n), 0.2, 10),
        "norm_color": np.abs(r.normal(3, 1.8, n)) + 0.1, "radial_color_std_max": np.abs(r.normal(1, 0.7, n)) + 0.05,
        "A": a_out + np.abs(r.normal(5, 2.5, n)), "Aext": a_out, "B": b_out + delta_b, "Bext": b_out,
        "stdLExt": np.abs(r.normal(2.2, 0.8, n)) + 0.3, "deltaL": delta_l, "deltaB": delta_b,
        "deltaLB": np.hypot(delta_l, delta_b) + 0.05,
    }  # fmt: skip
    return np.column_stack([values[name] for name in NAMES if name in BY_NAME])
