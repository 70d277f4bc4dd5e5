"""The sixteen numeric attributes of a SLICE-3D tile: spelled once, in the paper's order.

Columns and units follow the SLICE-3D data descriptor (Kurtansky et al., Sci Data 11, 884, 2024); ``paper_r2`` is the
coefficient of determination published with the method (arXiv 2508.20188 and its extended write-up).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from skintui.errors import UsageError


@dataclass(frozen=True, slots=True)
class Attribute:
    """One numeric attribute."""

    name: str
    """Name on the command line and in results, e.g. ``areaMM2``."""
    column: str
    """Column in the metadata, e.g. ``tbp_lv_areaMM2``."""
    title: str
    """Words for a person, e.g. ``area``."""
    unit: str
    """Unit, empty for a pure number."""
    question: str
    """What the model is asked."""
    decimals: int
    """Digits after the point in the model's answer."""
    low: float
    """Smallest plausible value; an answer below it is no answer."""
    high: float
    """Largest plausible value; an answer above it is no answer."""
    log_scale: bool
    """Whether residuals are taken between logarithms (positive, heavy-tailed attributes)."""
    paper_r2: float
    """Published R² of the fine-tuned 7B model."""
    short: str
    """The title in at most 14 characters, for narrow columns."""

    def called(self, width: int) -> str:
        """The title where ``width`` characters hold it, else the short one."""
        return self.title if len(self.title) <= width else self.short

    def is_plausible(self, value: float) -> bool:
        return self.low <= value <= self.high

    def with_unit(self, value: str) -> str:
        return f"{value} {self.unit}" if self.unit else value


def _of(
    name: str,
    title: str,
    unit: str,
    question: str,
    low: float,
    high: float,
    r2: float,
    *,
    log: bool = False,
    short: str = "",
) -> Attribute:
    column = name if name.startswith("clin_") else f"tbp_lv_{name}"
    return Attribute(name, column, title, unit, question, 2, low, high, log, r2, short or title)


ATTRIBUTES: tuple[Attribute, ...] = (
    _of("areaMM2", "area", "mm²", "What is the area in mm²?", 0.01, 400.0, 0.93, log=True),
    _of("minorAxisMM", "minor axis", "mm", "What is the minor axis in mm?", 0.05, 25.0, 0.93, log=True),
    _of("perimeterMM", "perimeter", "mm", "What is the perimeter in mm?", 0.1, 150.0, 0.94, log=True),
    _of(
        "clin_size_long_diam_mm",
        "long diameter",
        "mm",
        "What is the longest diameter in mm?",
        0.1,
        40.0,
        0.92,
        log=True,
    ),
    _of(
        "area_perim_ratio",
        "border jaggedness",
        "",
        "What is the border jaggedness, perimeter squared over area?",
        8.0,
        150.0,
        0.79,
        log=True,
        short="jaggedness",
    ),
    _of(
        "norm_border",
        "border irregularity",
        "",
        "What is the border irregularity from 0 to 10?",
        0.0,
        10.0,
        0.81,
        short="irregularity",
    ),
    _of(
        "norm_color",
        "colour variation",
        "",
        "What is the colour variation from 0 to 10?",
        0.0,
        10.0,
        0.87,
        short="colour var.",
    ),
    _of(
        "radial_color_std_max",
        "colour asymmetry",
        "LAB",
        "What is the colour asymmetry in LAB?",
        0.0,
        20.0,
        0.81,
        short="colour asym.",
    ),
    _of("A", "A* inside", "LAB", "What is A* inside the lesion?", -30.0, 70.0, 0.91),
    _of("Aext", "A* outside", "LAB", "What is A* outside the lesion?", -30.0, 70.0, 0.93),
    _of("B", "B* inside", "LAB", "What is B* inside the lesion?", -30.0, 80.0, 0.91),
    _of("Bext", "B* outside", "LAB", "What is B* outside the lesion?", -30.0, 80.0, 0.89),
    _of(
        "stdLExt",
        "std of L* outside",
        "LAB",
        "What is the standard deviation of L* outside?",
        0.0,
        40.0,
        0.84,
        short="std L* outside",
    ),
    _of("deltaL", "L* contrast", "LAB", "What is the L* contrast?", -60.0, 20.0, 0.97),
    _of("deltaB", "B* contrast", "LAB", "What is the B* contrast?", -40.0, 40.0, 0.97),
    _of("deltaLB", "LB contrast", "LAB", "What is the LB contrast?", 0.0, 70.0, 0.97),
)

BY_NAME: dict[str, Attribute] = {a.name: a for a in ATTRIBUTES}
BY_COLUMN: dict[str, Attribute] = {a.column: a for a in ATTRIBUTES}
COLUMNS: tuple[str, ...] = tuple(a.column for a in ATTRIBUTES)


def attribute(name: str) -> Attribute:
    """Attribute by command-line name or metadata column; an unknown one is a usage error naming the nearest."""
    found = BY_NAME.get(name) or BY_COLUMN.get(name)
    if found is not None:
        return found
    near = difflib.get_close_matches(name, [*BY_NAME, *BY_COLUMN], n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"choose one of {', '.join(BY_NAME)}"
    raise UsageError(f"unknown attribute '{name[:60]}'", do=hint)


def attributes(names: str) -> tuple[Attribute, ...]:
    """Attributes of a comma-separated list, in the order given, each once."""
    wanted = [part.strip() for part in names.split(",") if part.strip()]
    if not wanted:
        raise UsageError("no attribute given", do=f"choose from {', '.join(BY_NAME)}")
    return tuple(dict.fromkeys(attribute(name) for name in wanted))
