"""An evaluation with every section, made of seeded numbers, in the shape of ``Evaluation.as_object()``."""

from __future__ import annotations

from typing import Any

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.steps.evaluation import paper
from skintui.steps.evaluation.readings import Readings

NAMES = [a.name for a in ATTRIBUTES]
METHODS = {
    "attribute": 8.0, "hierarchical": 8.6, "image": 14.0, "hierarchical_50": 10.5, "hierarchical_100": 9.4,
    "hierarchical_500": 8.2, "untuned": 31.0, "monet": 25.0,
}  # fmt: skip


def estimate(value: float, wide: float) -> dict[str, float]:
    return {"value": round(value, 6), "low": round(value - wide, 6), "high": round(value + wide, 6)}


def fit(rng: np.random.Generator, shift: float = 0.0, n: int = 240) -> dict[str, Any]:
    found = {}
    for a in ATTRIBUTES:
        r2 = float(np.clip(a.paper_r2 - 0.05 + shift + rng.normal(0, 0.03), -1, 0.999))
        figures = {"r2": estimate(r2, 0.03), "mae": estimate(0.4, 0.05), "spearman": estimate(r2 + 0.01, 0.02)}
        found[a.name] = {"n": n, **figures}
    return found


def by_method(rng: np.random.Generator, methods: tuple[str, ...]) -> dict[str, Any]:
    return {m: {name: estimate(METHODS[m] + rng.normal(0, 1), 0.8) for name in NAMES} for m in methods}


def group(rng: np.random.Generator, by: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "by": by, "group": name, "lesions": 80, "patients": 12, "queries": 80, **more, "fit": fit(rng, -0.05, 80),
        "retrieval": by_method(rng, ("attribute", "hierarchical", "image")),
    }  # fmt: skip


def evaluation() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    side = {"name": "cohort", "dataset_sha256": "0123" * 16, "lesions": 240, "patients": 24}
    intervals = by_method(rng, tuple(METHODS))
    train, test = fit(rng, 0.03), fit(rng)
    groups = [("sex", "female"), ("sex", "male"), ("age", "up to 39"), ("age", "40 to 59"), ("site", "lower extremity")]
    only = {"areaMM2 only": (8.3, 17.0), "deltaL only": (20.0, 8.3)}
    joint = {"image": (15.5, 11.1), **only, "joint": (12.8, 8.3), "joint_hierarchical": (13.0, 8.5)}
    return {
        "r2": {name: one["r2"]["value"] for name, one in test.items()},
        "retrieval": {m: {name: e["value"] for name, e in row.items()} for m, row in intervals.items()},
        "patients": {"train": 96, "test": 24},
        "queries": 240,
        "schema": 1,
        "setup": {
            "seed": 0, "replicates": 1000, "level": 0.95, "k": 5, "breadth": 200, "external": False, "has_scale": True,
            "predictions": "in-sample", "held_out_by": "record", "database": side, "queries": side,
            "model": {"model_id": "skintui-demo", "model_sha256": "ab" * 32, "adapter_sha256": "cd" * 32},
        },
        "notes": ["Three tiles do not decode and are left out."],
        "attributes": {a.name: {"title": a.title, "unit": a.unit, "ill_posed": False} for a in ATTRIBUTES},
        "fit": {
            "test": test,
            "train": train,
            "gap": {n: {key: estimate(0.03, 0.02) for key in ("r2", "mae", "spearman")} for n in NAMES},
        },
        "retrieval_intervals": intervals,
        "joint": [
            {
                "attributes": ["areaMM2", "deltaL"], "queries": 240, "database": 240,
                "methods": {m: {"areaMM2": estimate(a, 1), "deltaL": estimate(b, 1)} for m, (a, b) in joint.items()},
            }
        ],
        "groups": [group(rng, *each) for each in groups],
        "leave_one_source_out": [
            group(rng, "source", name, database=160, trained_on=on) for name, on in (("A", True), ("B", None))
        ],
        "groups_left_out": [{"by": "age", "group": "80 and more", "lesions": 3, "patients": 1, "reason": "too few"}],
        "paper": paper.as_object(),
        "probe": {"image": probe(0.81), "untuned": probe(0.62), "monet": probe(float("nan"), "too few")},
        "cost": cost(),
    }  # fmt: skip


def probe(auroc: float, note: str = "") -> dict[str, Any]:
    ends = {"auroc_low": auroc - 0.04, "auroc_high": auroc + 0.04, "pauc_low": 0.08, "pauc_high": 0.12}
    counts = {"malignant": 12, "lesions": 240, "patients": 24, "malignant_patients": 9, "strengths": [0.1]}
    return {"auroc": auroc, "pauc": 0.1, **ends, **counts, "note": note}


def cost() -> dict[str, Any]:
    stages = [
        ("reading tiles", 48, 7.9), ("image vector", 48, 60.0), ("sixteen questions", 48, 200.0),
        ("with answers", 48, 350.0), ("attribute", 30, 0.57), ("hierarchical stored", 30, 3.1),
        ("hierarchical on the fly", 3, 15000.0), ("joint on the fly", 3, 15500.0),
    ]  # fmt: skip
    of = {"before_bytes": 100 << 20, "peak_bytes": 900 << 20, "device_bytes": None, "device": ""}
    return {
        "machine": "A processor, 2 cores, 24 GiB", "breadth": 200, "batch": 16, "load": 0.5,
        "stages": [
            {"stage": s, "units": n, "seconds": n * ms / 1000, "median_ms": ms, "per_second": 1000 / ms, **of}
            for s, n, ms in stages
        ],
        "storage": {
            "views": 17, "lesions": 600, "dimensions": 256, "vector_bytes": 512.0, "graph_bytes": 432.0,
            "per_lesion_and_view": 944.0, "full_cohort": 401059, "full_cohort_precomputed": 6436194832.0,
            "full_cohort_on_the_fly": 378599696.0,
        },
    }  # fmt: skip


def readings(m: int = 60) -> Readings:
    rng = np.random.default_rng(1)
    middle = np.array([max(a.low, 0.5) * 4 for a in ATTRIBUTES])
    labels = middle * np.exp(rng.normal(0, 0.4, (m, 16)))
    return Readings(labels, labels * np.exp(rng.normal(0, 0.1, (m, 16))), 0.1 * labels)
