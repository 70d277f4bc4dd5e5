"""Columns that determine each other: a disagreement is a broken label, found without a model.

The identities are those of SLICE-3D's table (data descriptor, and measured on published rows): exact ones hold to about
1e-5, the others only where the table was measured the vendor's way. So each rule is applied only if most rows of the
data set obey it: a table on another scale is not drowned in false alarms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import BY_COLUMN
from skintui.dataset.schema import ID
from skintui.dataset.table import Tabular

AREA_STEP = 0.018765246
"""Square millimetres per counted pixel: every area of the vendor's is a multiple of it."""
FEW = 20
"""Rows below which a rule's share of obeying rows says nothing."""
SCHEMA = {"isic_id": pl.String, "column": pl.String, "rule": pl.String, "expected": pl.Float64, "found": pl.Float64}


@dataclass(frozen=True)
class Rule:
    """``left`` is determined by the other columns."""

    text: str
    left: str
    columns: tuple[str, ...]
    """All columns of the rule, ``left`` among them."""
    expected: pl.Expr
    """What ``left`` should be."""
    difference: pl.Expr
    """How far ``left`` is off: at most ``tolerance`` where the rule holds."""
    tolerance: pl.Expr
    share: float
    """Part of the rows that must obey before the rule is applied."""
    equality: bool = True
    """Whether agreement clears the columns of suspicion (an inequality or a grid holds by chance)."""
    of_digits: bool = False
    """Whether it is about the last digits of a measurement, which no person gives."""


@dataclass(frozen=True)
class NotApplied:
    """A rule that does not hold in this data set."""

    rule: str
    column: str
    obeyed: int
    tested: int
    expected_to_hold: bool
    """Whether the rule is an identity of every such table, so that its failure is a finding itself."""


@dataclass(frozen=True)
class IdentityCheck:
    """Outcome of checking every rule on every row."""

    broken: pl.DataFrame
    """``isic_id, column, rule, expected, found``: one row per broken rule and suspected column."""
    not_applied: tuple[NotApplied, ...]


def broken_identities(frame: pl.DataFrame) -> pl.DataFrame:
    """Broken identities as ``isic_id, column, rule, expected, found`` (see :func:`check_identities`)."""
    return check_identities(frame).broken


def check_identities(frame: pl.DataFrame) -> IdentityCheck:
    """Check the rules of :data:`RULES` on every row with values in all their columns (an attribute's 0 is missing).

    ``expected`` and ``found`` are of the rule's left side. A rule with three columns does not say which of them is
    wrong; a column is not suspected where another equality confirms it, and the one that most broken rules share is
    suspected alone.
    """
    rules = [rule for rule in RULES if set(rule.columns) <= set(frame.columns)]
    columns = sorted({column for rule in rules for column in rule.columns})
    place = {column: k for k, column in enumerate(columns)}
    broken: list[tuple[Rule, NDArray[np.bool_]]] = []
    not_applied = []
    cleared = np.zeros((frame.height, len(columns)), dtype=np.bool_)
    counts = np.zeros((frame.height, len(columns)), dtype=np.int8)
    for rule in rules:
        obeyed, tested = _verdicts(frame, rule)
        if not _applies(rule, obeyed, tested):
            n, total = int(obeyed.sum()), int(tested.sum())
            not_applied.append(NotApplied(rule.text, rule.left, n, total, rule.share == HOLDS))
            continue
        involved = [place[column] for column in rule.columns]
        if rule.equality:
            cleared[:, involved] |= obeyed[:, None]
        wrong = tested & ~obeyed
        counts[:, involved] += wrong[:, None].astype(np.int8)
        broken.append((rule, wrong))
    parts = [_suspected(frame, rule, wrong, cleared, counts, place) for rule, wrong in broken if wrong.any()]
    table = pl.concat(parts).sort("_row", maintain_order=True).drop("_row") if parts else pl.DataFrame(schema=SCHEMA)
    return IdentityCheck(table, tuple(not_applied))


def rules_that_hold(table: Tabular, rows: int = 4000) -> tuple[Rule, ...]:
    """The rules that most rows of a data set obey, judged by at most ``rows`` of them, spread over the table."""
    known = [rule for rule in RULES if set(rule.columns) <= set(table.columns)]
    named = dict.fromkeys(column for rule in known for column in rule.columns)
    every = max(1, table.height // rows)
    sample = pl.DataFrame([table.get_column(name).gather_every(every) for name in named])
    return tuple(rule for rule in known if _applies(rule, *_verdicts(sample, rule)))


def _applies(rule: Rule, obeyed: NDArray[np.bool_], tested: NDArray[np.bool_]) -> bool:
    n, total = int(obeyed.sum()), int(tested.sum())
    return not (total and n < rule.share * total and (total >= FEW or rule.share > HOLDS))


def _verdicts(frame: pl.DataFrame, rule: Rule) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per row: whether the rule holds, and whether it could be tested."""
    present = pl.all_horizontal(
        pl.col(column).is_not_null() & ((pl.col(column) != 0) if column in BY_COLUMN else pl.lit(value=True))
        for column in rule.columns
    )
    difference = pl.when(present).then(rule.difference)
    got = frame.select(
        (difference <= rule.tolerance).fill_null(value=False).alias("obeyed"),
        difference.is_not_null().alias("tested"),
    )
    return got.get_column("obeyed").to_numpy().copy(), got.get_column("tested").to_numpy().copy()


def _suspected(
    frame: pl.DataFrame,
    rule: Rule,
    wrong: NDArray[np.bool_],
    cleared: NDArray[np.bool_],
    counts: NDArray[np.int8],
    place: dict[str, int],
) -> pl.DataFrame:
    """One row per broken row and suspected column of this rule."""
    rows = np.flatnonzero(wrong)
    involved = np.array([place[column] for column in rule.columns], dtype=np.int64)
    free = ~cleared[np.ix_(rows, involved)]
    free[~free.any(axis=1)] = True
    score = np.where(free, counts[np.ix_(rows, involved)], -1)
    suspected = free & (score == score.max(axis=1, keepdims=True))
    which_row, which_column = np.nonzero(suspected)
    values = frame.select(pl.col(ID), rule.expected.alias("expected"), pl.col(rule.left).alias("found"))
    picked = values[rows[which_row]]
    names = np.array(rule.columns, dtype=object)[which_column]
    return picked.select(
        pl.Series("_row", rows[which_row]),
        pl.col(ID).alias("isic_id"),
        pl.Series("column", names, dtype=pl.String),
        pl.lit(rule.text).alias("rule"),
        pl.col("expected").cast(pl.Float64),
        pl.col("found").cast(pl.Float64),
    )


HOLDS = 0.5
"""Share of rows for a rule that holds in every such table: below it the table is not of this kind."""
MOSTLY = 0.9
"""Share for a rule that holds only where the table was measured the vendor's way."""


def _column(name: str) -> str:
    return f"tbp_lv_{name}"


def _value(name: str) -> pl.Expr:
    return pl.col(_column(name))


def _rule(
    text: str,
    left: str,
    others: tuple[str, ...],
    expected: pl.Expr,
    tolerance: float | pl.Expr,
    share: float = HOLDS,
    *,
    difference: pl.Expr | None = None,
    equality: bool = True,
) -> Rule:
    limit = tolerance if isinstance(tolerance, pl.Expr) else pl.lit(tolerance)
    off = (_value(left) - expected).abs() if difference is None else difference
    columns = tuple(_column(name) for name in (left, *others))
    return Rule(text, _column(left), columns, expected, off, limit, share, equality)


def _differences() -> list[Rule]:
    return [
        _rule(f"delta{X} = {X} − {X}ext", f"delta{X}", (X, f"{X}ext"), _value(X) - _value(f"{X}ext"), 1e-3)
        for X in ("A", "B", "L")
    ]


def _polar(ext: str) -> list[Rule]:
    """Chroma and hue of the LAB colour; the hue's rounding error grows as the chroma falls, and it is circular."""
    A, B = _value(f"A{ext}"), _value(f"B{ext}")
    chroma = (A**2 + B**2).sqrt()
    hue = pl.arctan2(B, A).degrees()
    turn = (((_value(f"H{ext}") - hue) + 180.0) % 360.0 - 180.0).abs()
    others = (f"A{ext}", f"B{ext}")
    return [
        _rule(f"C{ext} = √(A{ext}² + B{ext}²)", f"C{ext}", others, chroma, 1e-3),
        _rule(f"H{ext} = atan2(B{ext}, A{ext})", f"H{ext}", others, hue, 2e-3 + 2e-3 / chroma, difference=turn),
    ]


def _sizes() -> list[Rule]:
    area, perimeter, ratio = _value("areaMM2"), _value("perimeterMM"), _value("area_perim_ratio")
    border = (0.18184 * ratio + 7.41842 * _value("symm_2axis") - 2.28474).clip(0.0, 10.0)
    steps = (area / AREA_STEP).round() * AREA_STEP
    contrast = (_value("deltaL") ** 2 + _value("deltaB") ** 2).sqrt()
    return [
        _rule(
            "area_perim_ratio = perimeterMM² / areaMM2",
            "area_perim_ratio",
            ("perimeterMM", "areaMM2"),
            perimeter**2 / area,
            1e-3 * ratio.abs() + 1e-3,
        ),
        _rule(
            "area_perim_ratio ≥ 4π",
            "area_perim_ratio",
            (),
            pl.lit(4 * math.pi),
            0.05,
            MOSTLY,
            difference=4 * math.pi - ratio,
            equality=False,
        ),
        _rule(
            "norm_border ≈ 0.18184·area_perim_ratio + 7.41842·symm_2axis − 2.28474",
            "norm_border",
            ("area_perim_ratio", "symm_2axis"),
            border,
            0.05,
            MOSTLY,
        ),
        replace(
            _rule(f"areaMM2 is a multiple of {AREA_STEP} mm²", "areaMM2", (), steps, 2e-5 + 2e-6 * area, 0.95),
            equality=False,
            of_digits=True,
        ),
        _rule(
            "deltaLB ≥ √(deltaL² + deltaB²)",
            "deltaLB",
            ("deltaL", "deltaB"),
            contrast,
            1e-3,
            MOSTLY,
            difference=contrast - _value("deltaLB"),
            equality=False,
        ),
    ]


RULES: tuple[Rule, ...] = (*_differences(), *_polar(""), *_polar("ext"), *_sizes())
