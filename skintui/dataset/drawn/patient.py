"""A drawn patient: skin tone, texture, hair, the usual look of the moles, and the camera used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

TileType = Literal["3D: XP", "3D: white"]

# Mean, and standard deviation between patients, of the skin's L*, a*, b*; the tile adds its own share (see lesion.py).
SKIN_MEAN: Final = (51.4, 14.8, 25.6)
_SKIN_SPREAD: Final = (10.0, 2.6, 3.6)
# Correlation of L*, a*, b* outside lesions in the full table.
SKIN_CORRELATION: Final = ((1.0, 0.10, 0.46), (0.10, 1.0, 0.36), (0.46, 0.36, 1.0))
SKIN_FACTOR: Final = np.linalg.cholesky(np.array(SKIN_CORRELATION))


@dataclass(frozen=True, slots=True)
class PatientStyle:
    """What the lesions of one patient have in common.

    Attributes:
        skin: L*, a*, b* of the patient's skin.
        texture: factor on all skin texture (1 is usual).
        furrow: share of skin lines in the texture, 0..1.
        mottling: factor on the slow red and brown patches.
        freckling: 0 (none) to 1 (dense).
        hairs: expected number of hairs on a tile.
        hair_lightness: L* of the hair.
        neighbours: expected number of other lesions on a tile.
        size_shift, contrast_shift, border_shift, colour_shift: added to the log of a lesion's area, contrast, border
            roughness and colour variation.
        redness: added to the lesion's a* contrast.
        lighting: strength of the light's fall-off across a tile, L* per 15 mm.
        exposure: linear light of the tiles over that of the measurement; 1 under white light.
        tile_type: which camera light was used.
    """

    skin: tuple[float, float, float]
    texture: float
    furrow: float
    mottling: float
    freckling: float
    hairs: float
    hair_lightness: float
    neighbours: float
    size_shift: float
    contrast_shift: float
    border_shift: float
    colour_shift: float
    redness: float
    lighting: float
    exposure: float
    tile_type: TileType


def draw_patient(rng: np.random.Generator) -> PatientStyle:
    """A patient drawn at random; the same state of `rng` gives the same patient."""
    deviation = SKIN_FACTOR @ rng.standard_normal(3)
    skin = [m + s * d for m, s, d in zip(SKIN_MEAN, _SKIN_SPREAD, deviation, strict=True)]
    hairy = rng.random() < 0.5
    tile_type: TileType = "3D: XP" if rng.random() < 0.71 else "3D: white"
    return PatientStyle(
        skin=(float(np.clip(skin[0], 24.0, 78.0)), float(skin[1]), float(skin[2])),
        texture=float(np.exp(rng.normal(0.0, 0.14))),
        furrow=float(rng.beta(1.3, 2.2)),
        mottling=float(np.exp(rng.normal(0.0, 0.35))),
        freckling=float(rng.beta(0.9, 1.7)),
        hairs=float(rng.gamma(1.5, 7.0)) if hairy else float(rng.gamma(0.7, 1.2)),
        hair_lightness=float(rng.choice([12.0, 18.0, 25.0, 70.0], p=[0.3, 0.35, 0.25, 0.1])),
        neighbours=float(rng.gamma(1.3, 1.3)),
        size_shift=float(rng.normal(0.0, 0.22)),
        contrast_shift=float(rng.normal(0.0, 0.14)),
        border_shift=float(rng.normal(0.0, 0.12)),
        colour_shift=float(rng.normal(0.0, 0.15)),
        redness=float(rng.normal(0.0, 0.7)),
        lighting=float(rng.gamma(2.0, 1.1)),
        exposure=_exposure(rng, tile_type),
        tile_type=tile_type,
    )


def _exposure(rng: np.random.Generator, tile_type: TileType) -> float:
    """Brightening of the tiles: none under white light.

    Of eight cross-polarised tiles with published values three lie near 1.75, two near 1.15 and 1.3, three at 1.
    """
    kind = rng.random()
    if tile_type == "3D: white" or kind < 0.45:
        return 1.0
    return float(rng.uniform(1.05, 1.35) if kind < 0.7 else rng.normal(1.72, 0.07))
