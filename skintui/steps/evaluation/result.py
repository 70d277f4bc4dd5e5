"""What an evaluation found, and its one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from skintui.attributes import BY_NAME
from skintui.audit.bootstrap import Estimate
from skintui.steps.evaluation import paper

SCHEMA = 1
UNITS_OF_SCALE = ("mm", "mm²")

ByAttribute = Mapping[str, Estimate]
ByMethod = Mapping[str, ByAttribute]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one attribute is predicted."""

    n: int
    """Lesions with label and prediction."""
    r2: Estimate
    mae: Estimate
    """In the attribute's unit."""
    spearman: Estimate

    def as_object(self) -> dict[str, Any]:
        figures = {name: getattr(self, name).as_object() for name in ("r2", "mae", "spearman")}
        return {"n": self.n, **figures}


@dataclass(frozen=True, slots=True)
class Gap:
    """Training patients' figures minus held-out patients'."""

    r2: Estimate
    mae: Estimate
    spearman: Estimate

    def as_object(self) -> dict[str, Any]:
        return {name: getattr(self, name).as_object() for name in ("r2", "mae", "spearman")}


@dataclass(frozen=True, slots=True)
class Joint:
    """Retrieval by several attributes at once."""

    attributes: tuple[str, ...]
    queries: int
    database: int
    methods: ByMethod
    """``image``, one ``<attribute> only`` each, ``joint``, ``joint_hierarchical``."""

    def as_object(self) -> dict[str, Any]:
        return {
            "attributes": list(self.attributes),
            "queries": self.queries,
            "database": self.database,
            "methods": plain(self.methods),
        }


@dataclass(frozen=True, slots=True)
class Group:
    """The same figures for a part of the lesions."""

    by: str
    group: str
    lesions: int
    patients: int
    queries: int
    fit: Mapping[str, Fit]
    retrieval: ByMethod
    database: int | None = None
    """Lesions searched, where not all of the database."""
    trained_on: bool | None = None
    """Whether the model trained on this source; None where no record says."""

    def as_object(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("by", "group", "lesions", "patients", "queries")}
        apart = {} if self.database is None else {"database": self.database, "trained_on": self.trained_on}
        return {**counts, **apart, "fit": plain(self.fit), "retrieval": plain(self.retrieval)}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A group that was not measured, and why."""

    by: str
    group: str
    lesions: int
    patients: int
    reason: str

    def as_object(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("by", "group", "lesions", "patients", "reason")}


@dataclass(frozen=True, slots=True)
class Side:
    """The lesions that are searched, or those that ask."""

    name: str
    dataset_sha256: str
    lesions: int
    patients: int

    def as_object(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("name", "dataset_sha256", "lesions", "patients")}


@dataclass(frozen=True, slots=True)
class Setup:
    """What was evaluated, and how."""

    database: Side
    queries: Side
    train_patients: int
    """Patients that the adapter's record, else the default split, trains on."""
    held_out_by: str
    """``record`` or ``default split``."""
    predictions: str
    """``out-of-fold`` or ``in-sample``."""
    model: Mapping[str, str]
    seed: int
    replicates: int
    level: float
    k: int
    breadth: int
    external: bool = False
    has_scale: bool = True
    """Whether the queries' tiles have a known size, so that millimetres can be read at all."""

    def as_object(self) -> dict[str, Any]:
        names = ("seed", "replicates", "level", "k", "breadth", "external", "has_scale", "predictions", "held_out_by")
        sides = {"database": self.database.as_object(), "queries": self.queries.as_object()}
        return {**{name: getattr(self, name) for name in names}, **sides, "model": dict(self.model)}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured; NaN where nothing could be."""

    setup: Setup
    fit: Mapping[str, Fit]
    """Attribute → figures on held-out patients."""
    retrieval_intervals: ByMethod
    """Method → attribute → median percentile."""
    queries: int
    train_fit: Mapping[str, Fit] = field(default_factory=dict)
    gap: Mapping[str, Gap] = field(default_factory=dict)
    joint: tuple[Joint, ...] = ()
    groups: tuple[Group, ...] = ()
    leave_one_source_out: tuple[Group, ...] = ()
    groups_left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)
    """Further keys of the JSON object, each in JSON's own types: ``probe``, ``cost``."""

    def with_extra(self, key: str, value: Any) -> Evaluation:
        return replace(self, extras={**self.extras, key: value})

    @property
    def r2(self) -> dict[str, float]:
        return {name: one.r2.value for name, one in self.fit.items()}

    @property
    def retrieval(self) -> dict[str, dict[str, float]]:
        return {m: {name: e.value for name, e in values.items()} for m, values in self.retrieval_intervals.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        methods = (f"{method}_percentile" for method in self.retrieval_intervals)
        fits = ("r2_low", "r2_high", "r2_paper", "mae", "mae_low", "mae_high", "spearman", "spearman_low")
        train = ("spearman_high", "lesions", "r2_train", "r2_gap")
        ends = (f"{m}_percentile_{end}" for m in self.retrieval_intervals for end in ("low", "high"))
        published = (f"{m}_percentile_paper" for m in self.retrieval_intervals if m in paper.RETRIEVAL)
        return ("name", "r2", *methods, *fits, *train, *ends, *published)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per attribute; the methods' columns hold percentiles."""
        for name, one in self.fit.items():
            row: dict[str, Any] = {"name": name, "lesions": one.n, "r2_paper": paper.R2[name]}
            for figure in ("r2", "mae", "spearman"):
                row |= _spread_out(figure, getattr(one, figure))
            if name in self.train_fit:
                row |= {"r2_train": self.train_fit[name].r2.value, "r2_gap": self.gap[name].r2.value}
            for method, values in self.retrieval_intervals.items():
                row |= _spread_out(f"{method}_percentile", values[name])
                row[f"{method}_percentile_paper"] = paper.RETRIEVAL.get(method, {}).get(name)
            yield row

    def ill_posed(self, name: str) -> bool:
        """Whether an attribute is a length or an area while the tiles have no scale."""
        return not self.setup.has_scale and BY_NAME[name].unit in UNITS_OF_SCALE

    def as_object(self) -> dict[str, Any]:
        attributes = {
            name: {"title": BY_NAME[name].title, "unit": BY_NAME[name].unit, "ill_posed": self.ill_posed(name)}
            for name in self.fit
        }
        return {
            "r2": {name: round(value, 6) for name, value in self.r2.items()},
            "retrieval": {m: {name: round(x, 6) for name, x in row.items()} for m, row in self.retrieval.items()},
            "patients": {"train": self.setup.train_patients, "test": self.setup.queries.patients},
            "queries": self.queries,
            "schema": SCHEMA,
            "setup": self.setup.as_object(),
            "notes": list(self.notes),
            "attributes": attributes,
            "fit": {"test": plain(self.fit), "train": plain(self.train_fit), "gap": plain(self.gap)},
            "retrieval_intervals": plain(self.retrieval_intervals),
            "joint": [one.as_object() for one in self.joint],
            "groups": [one.as_object() for one in self.groups],
            "leave_one_source_out": [one.as_object() for one in self.leave_one_source_out],
            "groups_left_out": [one.as_object() for one in self.groups_left_out],
            "paper": paper.as_object(),
            **self.extras,
        }

    def summary(self) -> str:
        known = [value for value in self.r2.values() if np.isfinite(value)]
        mean = f"mean R² {np.mean(known):.3f} over {len(known)} attributes" if known else "no predictions to measure"
        return (
            f"{mean}; {self.queries} queries of {self.setup.queries.patients} held-out patients"
            f" ({self.setup.train_patients} trained on)"
        )


def plain(value: Any) -> Any:
    """Nested mappings of what has ``as_object`` as JSON's own types."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value.as_object()


def _spread_out(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
