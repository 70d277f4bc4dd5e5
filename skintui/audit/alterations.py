"""What can happen to a whole column of a group: another unit, a flipped sign, an exchange, a factor or an offset.

An alteration is what was done to the true values; undoing it is what an audit tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skintui.attributes import Attribute
from skintui.audit.spread import Floats

UNIT, SIGN, SWAP, FACTOR, OFFSET = "unit factor", "sign", "swap", "factor", "offset"
KINDS = (UNIT, SIGN, SWAP, FACTOR, OFFSET)
LATTICE = (10.0, 0.1, 100.0, 0.01, 25.4, 1 / 25.4, 1000.0, 0.001)
"""Factors between units that are mistaken for each other: decimal points, and inches for millimetres."""
SQUARE_INCH = 25.4**2
TESTS = len(LATTICE) + 2 + 1 + 2
"""Alterations tried per group and attribute: unit factors (two more for an area), sign, free factor and offset."""
_MEANING = {
    ("mm", 0.1): "centimetres given for millimetres",
    ("mm", 10.0): "tenths of a millimetre",
    ("mm", 1 / 25.4): "inches given for millimetres",
    ("mm", 25.4): "converted from inches once too often",
    ("mm", 1000.0): "micrometres given for millimetres",
    ("mm²", 0.01): "square centimetres given for square millimetres",
    ("mm²", 1 / SQUARE_INCH): "square inches given for square millimetres",
    ("mm²", SQUARE_INCH): "converted from square inches once too often",
}


@dataclass(frozen=True, slots=True)
class Alteration:
    """One alteration of the labels of one attribute, or of two where they are exchanged."""

    kind: str
    """One of ``KINDS``."""
    amount: float = float("nan")
    """The factor, or the offset in the attribute's unit; NaN for a sign or an exchange."""

    def undone(self, labels: Floats) -> Floats:
        """Labels (m,) as they would be without it; an exchange is undone by the other column instead."""
        if self.kind == SIGN:
            return -labels
        return labels - self.amount if self.kind == OFFSET else labels / self.amount

    @property
    def log_stretch(self) -> float:
        """Log of |d undone / d label|, which says how densities change with it."""
        return -float(np.log(self.amount)) if self.kind in (UNIT, FACTOR) else 0.0

    @property
    def is_free(self) -> bool:
        """Whether its amount was fitted to the labels."""
        return self.kind in (FACTOR, OFFSET)

    def words(self, attributes: Sequence[Attribute]) -> str:
        """What happened, as the end of a sentence about the column."""
        first = attributes[0]
        if self.kind == SWAP:
            return f"exchanged with {attributes[1].title}"
        if self.kind == SIGN:
            return "of the opposite sign"
        if self.kind == OFFSET:
            return f"off by {first.with_unit(f'{self.amount:+.{first.decimals}f}')}"
        meaning = _MEANING.get((first.unit, self.amount)) if self.kind == UNIT else None
        return f"{times(self.amount)} what it should be" + (f" ({meaning}?)" if meaning else "")


def times(factor: float) -> str:
    """``×10``, and ``÷10`` rather than ``×0.1``."""
    return f"×{factor:.5g}" if factor >= 1 else f"÷{1 / factor:.5g}"


def fixed(attribute: Attribute) -> list[Alteration]:
    """Alterations without a free amount that one column can suffer."""
    factors = [*LATTICE, SQUARE_INCH, 1 / SQUARE_INCH] if attribute.unit == "mm²" else list(LATTICE)
    return [*(Alteration(UNIT, factor) for factor in factors), Alteration(SIGN)]


def fitted(labels: Floats, predicted: Floats) -> list[Alteration]:
    """The factor and the offset that bring the middle of the labels (m,) onto the predictions (m,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = float(np.median(labels / predicted))
    difference = float(np.median(labels - predicted))
    found = [Alteration(OFFSET, difference)] if np.isfinite(difference) and difference else []
    if np.isfinite(ratio) and ratio > 0 and ratio != 1:
        found.append(Alteration(FACTOR, ratio))
    return found
