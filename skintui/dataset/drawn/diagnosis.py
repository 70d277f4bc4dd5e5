"""The diagnosis columns of a drawn lesion: one in a thousand is malignant, detail is almost always missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

MALIGNANT_SHARE: Final = 0.00098  # 393 of 401,059
LARGE_SHARE: Final = 0.001085  # gives 393 of 401,059 with the colours and borders that are drawn
_DETAILED_BENIGN: Final = 0.0017
_WITH_LESION_ID: Final = 0.055
# second and third level, share among the malignant
_MALIGNANT: Final = (
    ("Keratinocyte carcinoma", "Basal cell carcinoma", 0.42),
    ("Melanocytic malignancy", "Melanoma in situ", 0.22),
    ("Melanocytic malignancy", "Melanoma, invasive", 0.17),
    ("Keratinocyte carcinoma", "Squamous cell carcinoma", 0.19),
)
# Fourth level of some diagnoses; 551 of the full table's 1,068 diagnoses in detail have one, and a single one a fifth.
_FOURTH: Final = {
    "Basal cell carcinoma": ("Nodular", "Superficial", "Infiltrating"),
    "Melanoma in situ": ("Lentigo maligna", "Superficial spreading", "Beside a nevus"),
    "Melanoma, invasive": ("Superficial spreading", "Nodular", "Beside a nevus"),
    "Squamous cell carcinoma": ("In situ", "Invasive"),
    "Nevus": ("Junctional", "Compound", "Dermal", "Atypical"),
}
_WITH_FOURTH: Final = 0.97
_WITH_FIFTH: Final = 0.003
_BENIGN: Final = (
    ("Melanocytic, benign", "Nevus"),
    ("Epidermal, benign", "Seborrheic keratosis"),
    ("Epidermal, benign", "Solar lentigo"),
    ("Vascular, benign", "Hemangioma"),
)


def draw_diagnosis(
    rng: np.random.Generator, found: dict[str, float], malignant_share: float = MALIGNANT_SHARE
) -> dict[str, str | float | int | None]:
    """Target and diagnosis columns; malignancy is likelier for varied colour and an irregular border.

    `malignant_share` is that of a lesion of usual colour and border.
    """
    suspicion = 0.35 * (found["tbp_lv_norm_color"] - 3.1) + 0.25 * (found["tbp_lv_norm_border"] - 3.3) - 0.25
    malignant = rng.random() < malignant_share * float(np.exp(min(suspicion, 2.5)))
    with_detail = malignant or rng.random() < _DETAILED_BENIGN
    with_id = with_detail or rng.random() < _WITH_LESION_ID
    first = "Malignant" if malignant else "Benign"
    known: dict[str, str | float | int | None] = {
        "target": int(malignant),
        "lesion_id": f"IL_{rng.integers(10_000_000):07d}" if with_id else None,
        "iddx_full": first,
        "iddx_1": first,
    }
    if not with_detail:
        return known
    if malignant:
        kind = int(rng.choice(len(_MALIGNANT), p=[share for _second, _third, share in _MALIGNANT]))
        second, third, _share = _MALIGNANT[kind]
    else:
        second, third = _BENIGN[int(rng.integers(len(_BENIGN)))]
    known |= {"iddx_full": f"{first}::{second}::{third}", "iddx_2": second, "iddx_3": third}
    if third == "Melanoma, invasive":
        known["mel_thick_mm"] = float(rng.choice([0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.1, 1.9]))
        if rng.random() < 0.8:
            known["mel_mitotic_index"] = str(rng.choice(["0/mm^2", "<1/mm^2", "1/mm^2", "2/mm^2"]))
    return known


def draw_detail(rng: np.random.Generator, row: Mapping[str, str | float | int | None]) -> dict[str, str]:
    """Fourth and fifth level of a diagnosis whose third is known; empty where there are none."""
    third = str(row["iddx_3"])
    kinds = _FOURTH.get(third, ())
    if not kinds or rng.random() >= _WITH_FOURTH:
        return {}
    fourth = f"{third}, {kinds[int(rng.integers(len(kinds)))].lower()}"
    levels = {"iddx_4": fourth} | ({"iddx_5": f"{fourth}, of mixed type"} if rng.random() < _WITH_FIFTH else {})
    return {"iddx_full": "::".join((str(row["iddx_full"]), *levels.values()))} | levels
