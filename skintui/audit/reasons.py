"""Why an annotation is suspicious, in one line: the numbers, then the likeliest explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import BY_NAME, Attribute
from skintui.audit.scale import to_scale
from skintui.audit.spread import Floats

FITS = 2.0
"""A mended value within so many σ of what is expected fits it."""
ODD = 3.0
"""A label further than so many σ from what is expected needs an explanation."""
APART = 0.5
"""What is expected is told beside the prediction where it lies so many σ from it."""
WIDE = 2.0
"""So many times the attribute's usual spread is wide."""
MAD_TO_SIGMA = 1.482602218505602


@dataclass(frozen=True, slots=True)
class Typical:
    """Median spread and median neighbours' MAD of one attribute, relative to the value where that is logarithmic."""

    spread: float
    mad: float


@dataclass(frozen=True)
class NearRange:
    """Smallest and largest label among each row's nearest neighbours and how many there are, (m,) each."""

    low: Floats
    high: Floats
    count: NDArray[np.int64]


def reasons(frame: pl.DataFrame, typical: Mapping[str, Typical], near: NearRange | None = None) -> list[str]:
    """One line per row of ``frame`` (columns of the findings)."""
    lines = [""] * frame.height
    names = frame["attribute"].to_numpy()
    for a in (BY_NAME[name] for name in frame["attribute"].unique()):
        rows = np.flatnonzero(names == a.name)
        part = _Rows.of(frame[rows], a, typical.get(a.name, Typical(np.nan, np.nan)))
        ranges = None if near is None else NearRange(near.low[rows], near.high[rows], near.count[rows])
        for i, line in zip(rows.tolist(), _lines(part, ranges), strict=True):
            lines[i] = line
    return lines


@dataclass(frozen=True)
class _Rows:
    """The rows of one attribute as arrays (m,)."""

    attribute: Attribute
    label: Floats
    predicted: Floats
    expected: Floats
    """What the score holds the label against: the prediction where nothing else is known."""
    spread: Floats
    median: Floats
    mad: Floats
    identity: list[str | None]
    typical: Typical

    @classmethod
    def of(cls, frame: pl.DataFrame, attribute: Attribute, typical: Typical) -> _Rows:
        def values(name: str) -> Floats:
            return frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()

        predicted, expected = values("predicted"), values("expected")
        return cls(
            attribute,
            label=values("label"),
            predicted=predicted,
            expected=np.where(np.isfinite(expected), expected, predicted),
            spread=values("spread"),
            median=values("neighbour_median"),
            mad=values("neighbour_mad"),
            identity=frame["identity_violation"].to_list(),
            typical=typical,
        )

    def sigma(self) -> Floats:
        """σ on the comparison scale."""
        return self.spread / np.abs(self.predicted) if self.attribute.log_scale else self.spread

    def distance(self, values: Floats) -> Floats:
        """|value − what is expected| in σ: of the label, the score."""
        gap = to_scale(values, self.attribute) - to_scale(self.expected, self.attribute)
        return np.abs(gap) / self.sigma()


def _lines(rows: _Rows, near: NearRange | None) -> list[str]:
    """The lines of one attribute; those that tell the same things fill one pattern: a third of the time."""
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = rows.distance(rows.predicted) >= APART
    count = np.zeros(rows.label.size, np.int64) if near is None else near.count
    shown = np.select([count > 1, count == 1, ~np.isnan(rows.median)], [_SEVERAL, _ONE, _MEDIAN], _NONE)
    kinds = (shown * 2 + apart) * 2 + ~np.isnan(rows.predicted)
    lines = [""] * rows.label.size
    for kind in np.unique(kinds).tolist():
        at = np.flatnonzero(kinds == kind)
        pattern, fields = _told(rows, near, kind // 4, bool(kind & 2), bool(kind & 1))
        filled = map(pattern.__mod__, zip(*(each[at].tolist() for each in fields), strict=True))
        for i, line in zip(at.tolist(), filled, strict=True):
            lines[i] = line
    return [
        line + _broken(broken) + (f": {why}" if why else "")
        for line, broken, why in zip(lines, rows.identity, _explanations(rows), strict=True)
    ]


_NONE, _MEDIAN, _ONE, _SEVERAL = range(4)
"""What of the neighbours is shown."""


def _told(
    rows: _Rows, near: NearRange | None, shown: int, apart: bool, read: bool
) -> tuple[str, list[NDArray[np.generic]]]:
    """A pattern for ``%`` and the numbers (m,) that fill it."""
    number = f"%.{rows.attribute.decimals}f"
    unit = rows.attribute.unit.replace("%", "%%")
    parts, fields = [f"label {number} {unit}".rstrip()], [rows.label]
    parts.append(f"model {number} ± {number}" if read else "no prediction")
    fields += [rows.predicted, rows.spread] if read else []
    if apart:
        parts.append(f"expected {number}")
        fields.append(rows.expected)
    more: list[NDArray[np.generic]] = []
    if shown == _MEDIAN:
        parts.append(f"neighbours' median {number}")
        more = [rows.median]
    elif near is not None and shown != _NONE:
        several = shown == _SEVERAL
        parts.append(f"%d neighbours {number}–{number}" if several else f"%d neighbour {number}")
        more = [near.count, near.low, near.high] if several else [near.count, near.low]
    return ", ".join(parts), [*fields, *more]


def _broken(identity: str | None) -> str:
    if not identity:
        return ""
    return f", {identity}" if identity.endswith("broken") else f", {identity} broken"


def _explanations(rows: _Rows) -> list[str]:
    """The likeliest explanation per row: the first that applies."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = rows.distance(rows.label)
        slip, slips = _slips(rows)
        broken = np.array([bool(text) for text in rows.identity])
        cases = [
            *[((z >= ODD) & (slip == i), f"label odd, {text}?") for i, text in enumerate(slips)],
            ((z >= ODD) & _neighbours_side_with_label(rows), "neighbours side with the label, model may be off"),
            ((z >= FITS) & (z < 2 * ODD) & (rows.sigma() > WIDE * rows.typical.spread), "model unsure here"),
            ((z >= FITS) & (z < 2 * ODD) & _noisy(rows), "noisy by nature, neighbours differ widely"),
            (z >= ODD, "label odd"),
            (broken & (z < FITS), "model agrees with this value, a sibling may be off"),
        ]
    masks = np.array([mask for mask, _ in cases])
    first = np.where(masks.any(axis=0), masks.argmax(axis=0), len(cases))
    texts = [text for _, text in cases] + [""]
    return [texts[i] for i in first.tolist()]


def _slips(rows: _Rows) -> tuple[NDArray[np.int64], list[str]]:
    """Which slip of the pen turns the label into a value that fits, −1 for none: number per row, and their names.

    The one that comes nearest to the prediction is taken. Some exchange of digits comes near by chance more easily than
    a shifted point or a sign, so it has to come nearer.
    """
    factors = ((10.0, "×10"), (0.1, "÷10"), (100.0, "×100"), (0.01, "÷100"))
    gaps = [np.where(np.sign(rows.label) == -np.sign(rows.predicted), rows.distance(-rows.label), np.inf)]
    gaps += [rows.distance(rows.label / factor) for factor, _ in factors]
    swapped = _digits_swapped(rows)
    gaps.append(np.where(swapped < FITS / 2, swapped, np.inf))
    table = np.nan_to_num(np.array(gaps), nan=np.inf)
    best = np.where(table.min(axis=0) < FITS, table.argmin(axis=0), -1)
    return best, ["sign flipped", *[f"decimal slip {text}" for _, text in factors], "digits swapped"]


def _digits_swapped(rows: _Rows) -> Floats:
    """Distance of the nearest value made by exchanging two adjacent digits of the label (at its decimals)."""
    unit = 10.0**rows.attribute.decimals
    digits = np.rint(np.abs(rows.label) * unit)
    nearest = np.full(rows.label.shape, np.inf)
    for place in range(1, 6):
        low = np.floor(digits / 10.0 ** (place - 1)) % 10
        high = np.floor(digits / 10.0**place) % 10
        swapped = digits + (low - high) * (10.0**place - 10.0 ** (place - 1))
        gap = rows.distance(np.sign(rows.label) * swapped / unit)
        nearest = np.where(low != high, np.fmin(nearest, gap), nearest)
    return nearest


def _near_sigma(rows: _Rows) -> Floats:
    relative = rows.mad / np.abs(rows.median) if rows.attribute.log_scale else rows.mad
    return np.asarray(relative * MAD_TO_SIGMA, np.float64)


def _noisy(rows: _Rows) -> NDArray[np.bool_]:
    return np.asarray(_near_sigma(rows) > WIDE * MAD_TO_SIGMA * rows.typical.mad, bool)


def _neighbours_side_with_label(rows: _Rows) -> NDArray[np.bool_]:
    """The neighbours' median is within their usual spread of the label and clearly nearer to it than to the model."""
    a = rows.attribute
    middle = to_scale(rows.median, a)
    to_label = np.abs(to_scale(rows.label, a) - middle)
    to_model = np.abs(to_scale(rows.predicted, a) - middle)
    return np.asarray((to_label < FITS * _near_sigma(rows)) & (2 * to_label < to_model), bool)
