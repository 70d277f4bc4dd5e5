"""Synthetic audits with known errors: predictions with uneven noise, and labels some of which are wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.audit.findings import AuditInput
from skintui.audit.spread import Floats

KINDS = ("swap", "shift", "scale")


@dataclass(frozen=True)
class Planted:
    given: AuditInput
    truth: pl.DataFrame
    clean: Floats
    wrong: NDArray[np.bool_]


def planted(n: int = 1500, *, uneven: float = 1.0, share: float = 0.02, seed: int = 0, near: int = 30) -> Planted:
    """n lesions whose noise spans e^±uneven (even where 0), ``share`` of the labels swapped, shifted 3 SD or ×10."""
    r = np.random.default_rng(seed)
    A = len(ATTRIBUTES)
    hidden = r.normal(size=(n, 6))
    signal = hidden @ r.normal(size=(6, A)) / np.sqrt(6)
    sigma = 0.3 * np.exp(uneven * hidden @ r.normal(size=(6, A)) / np.sqrt(6))
    noisy = signal + sigma * r.normal(size=(n, A))
    predicted, clean = signal * 2 + 5, noisy * 2 + 5
    for j, a in enumerate(ATTRIBUTES):
        if a.log_scale:
            predicted[:, j], clean[:, j] = np.exp(signal[:, j] * 0.6 + 2), np.exp(noisy[:, j] * 0.6 + 2)
    labels, wrong, truth = clean.copy(), r.random((n, A)) < share, []
    for i, j in zip(*(part.tolist() for part in np.nonzero(wrong)), strict=True):
        kind = KINDS[int(r.integers(3))]
        change = {
            "swap": clean[r.integers(n), j],
            "shift": clean[i, j] + 3 * clean[:, j].std(),
            "scale": clean[i, j] * 10,
        }
        labels[i, j] = change[kind]
        truth.append((f"ISIC_{i:07d}", ATTRIBUTES[j].column, kind))
    neighbours = {a.name: _nearest(hidden, near) for a in ATTRIBUTES[:1]} if near else {}
    given = AuditInput(
        ids=[f"ISIC_{i:07d}" for i in range(n)],
        labels=labels,
        predicted=predicted,
        patients=[f"IP_{i % 40:07d}" for i in range(n)],
        neighbours={a.name: neighbours[ATTRIBUTES[0].name] for a in ATTRIBUTES} if near else None,
        predictions_kind="out-of-fold",
    )
    frame = pl.DataFrame(truth, schema={"isic_id": pl.String, "column": pl.String, "kind": pl.String}, orient="row")
    return Planted(given, frame, clean, wrong)


def _nearest(points: Floats, k: int) -> NDArray[np.int64]:
    squared = (points**2).sum(axis=1)
    distance = squared[:, None] - 2 * points @ points.T + squared
    np.fill_diagonal(distance, np.inf)
    return np.asarray(np.argsort(distance, axis=1)[:, :k], np.int64)
