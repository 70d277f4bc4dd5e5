"""The 55 columns of SLICE-3D's metadata: spelled once, with type and possible range.

Names, types and units follow the data descriptor (Kurtansky et al., Sci Data 11, 884, 2024) and the Kaggle file. The
test table lacks ``target`` and the ten columns marked ``train_only``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from skintui.attributes import BY_COLUMN, COLUMNS

ID = "isic_id"
PATIENT = "patient_id"
UNKNOWN_PATIENT = "unknown"
"""Group of all lesions without a patient: kept together, so that no split can put one person on both sides."""

Kind = Literal["text", "float", "int"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the metadata."""

    name: str
    kind: Kind
    low: float | None = None
    """Smallest possible value, in the column's unit; None where there is no bound."""
    high: float | None = None
    """Largest possible value."""
    train_only: bool = False
    """Whether the test table lacks it."""
    unit: str = ""
    """Empty for a pure number or text."""

    @property
    def is_attribute(self) -> bool:
        """Whether it is one of the sixteen, where a stored 0 stands for missing."""
        return self.name in BY_COLUMN


def _text(name: str, *, train_only: bool = False) -> Column:
    return Column(name, "text", train_only=train_only)


def _float(name: str, low: float, high: float, unit: str = "", *, train_only: bool = False) -> Column:
    return Column(name, "float", low, high, train_only, unit)


def _attribute(column: str) -> Column:
    known = BY_COLUMN[column]
    return Column(column, "float", known.low, known.high, unit=known.unit)


SCHEMA: tuple[Column, ...] = (
    _text(ID),
    Column("target", "int", 0, 1, train_only=True),
    _text(PATIENT),
    _float("age_approx", 0, 120, "years"),
    _text("sex"),
    _text("anatom_site_general"),
    _attribute("clin_size_long_diam_mm"),
    _text("image_type"),
    _text("tbp_tile_type"),
    _attribute("tbp_lv_A"),
    _attribute("tbp_lv_Aext"),
    _attribute("tbp_lv_B"),
    _attribute("tbp_lv_Bext"),
    _float("tbp_lv_C", 0, 150, "LAB"),
    _float("tbp_lv_Cext", 0, 150, "LAB"),
    _float("tbp_lv_H", -180, 180, "°"),
    _float("tbp_lv_Hext", -180, 180, "°"),
    _float("tbp_lv_L", 0, 100, "LAB"),
    _float("tbp_lv_Lext", 0, 100, "LAB"),
    _attribute("tbp_lv_areaMM2"),
    _attribute("tbp_lv_area_perim_ratio"),
    _float("tbp_lv_color_std_mean", 0, 50, "LAB"),
    _float("tbp_lv_deltaA", -70, 70, "LAB"),
    _attribute("tbp_lv_deltaB"),
    _attribute("tbp_lv_deltaL"),
    _attribute("tbp_lv_deltaLB"),
    _float("tbp_lv_deltaLBnorm", 0, 100, "LAB"),
    _float("tbp_lv_eccentricity", 0, 1),
    _text("tbp_lv_location"),
    _text("tbp_lv_location_simple"),
    _attribute("tbp_lv_minorAxisMM"),
    _float("tbp_lv_nevi_confidence", 0, 100, "%"),
    _attribute("tbp_lv_norm_border"),
    _attribute("tbp_lv_norm_color"),
    _attribute("tbp_lv_perimeterMM"),
    _attribute("tbp_lv_radial_color_std_max"),
    _float("tbp_lv_stdL", 0, 60, "LAB"),
    _attribute("tbp_lv_stdLExt"),
    _float("tbp_lv_symm_2axis", 0, 3),
    Column("tbp_lv_symm_2axis_angle", "int", 0, 180, unit="°"),
    _float("tbp_lv_x", -5000, 5000),
    _float("tbp_lv_y", -5000, 5000),
    _float("tbp_lv_z", -5000, 5000),
    _text("attribution"),
    _text("copyright_license"),
    _text("lesion_id", train_only=True),
    _text("iddx_full", train_only=True),
    *(_text(f"iddx_{level}", train_only=True) for level in range(1, 6)),
    _text("mel_mitotic_index", train_only=True),
    _float("mel_thick_mm", 0, 100, "mm", train_only=True),
    _float("tbp_lv_dnn_lesion_confidence", 0, 100, "%", train_only=True),
)

BY_NAME: dict[str, Column] = {column.name: column for column in SCHEMA}
REQUIRED: tuple[str, ...] = (ID, PATIENT, *COLUMNS)
"""Columns the work rests on; without the first two nothing can start, the others may be reported missing."""


def nearest(name: str, found: Iterable[str]) -> str | None:
    """The name in ``found`` most like ``name``, letter case aside; None where nothing comes near."""
    folded: dict[str, str] = {}
    for candidate in found:
        folded.setdefault(candidate.casefold(), candidate)
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None
