"""Draw one lesion tile whose attributes are known because they are measured from what was drawn."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skintui.dataset.drawn.border import visible_border
from skintui.dataset.drawn.colour import UInt8, published_planes_to_srgb, srgb_to_published_lab
from skintui.dataset.drawn.measure import Mask, measure
from skintui.dataset.drawn.patient import SKIN_FACTOR, PatientStyle
from skintui.dataset.drawn.shape import TILE_MM, Outline, distances, draw_outline, pixel_centres
from skintui.dataset.drawn.site import Site, draw_site
from skintui.dataset.drawn.skin import Planes, add_hairs, draw_skin
from skintui.dataset.drawn.surroundings import add_background, add_light, add_neighbours, padding, photograph
from skintui.dataset.drawn.texture import look_up

Float32 = NDArray[np.float32]

LEAST_CONTRAST: Final = 4.6  # L*: a fainter border cannot be seen on textured skin
_SITE_SPREAD: Final = (6.6, 2.35, 2.9)  # L*, a*, b* between sites of one patient
_JPEG_QUALITY: Final = 75
_LARGEST_BYTES: Final = 6500


@dataclass(frozen=True, slots=True)
class DrawnLesion:
    """A drawn tile and all that is known about it.

    Attributes:
        tile: shape (w, w, 3), sRGB; 15 mm wide, w odd.
        mask: shape (w, w), True on the lesion.
        attributes: values by metadata column; 0 in the colour-spread columns stands for missing.
        traits: what else the drawing knows: n_hairs, n_neighbours, offset_mm, eccentricity, hue (degrees), chroma,
            tile_L, tile_std_L, width_px, padded_fraction, lighting (L* across the tile), edge_softness (mm),
            exposure (linear light of the tile over that of the measurement).
        site: where on the body the lesion lies.
    """

    tile: UInt8
    mask: Mask
    attributes: dict[str, float]
    traits: dict[str, float]
    site: Site

    def jpeg(self) -> bytes:
        """The tile as JPEG (quality 75, lower where the file would pass 6.5 kB)."""
        return encode_jpeg(self.tile)


@dataclass(frozen=True, slots=True)
class _Look:
    """Parameters of one lesion; the attributes are measured, not taken from here."""

    outline: Outline
    centre: tuple[float, float]
    contrast: tuple[float, float, float]
    softness_mm: float
    halo: float
    halo_mm: float
    dome: float
    tilt: float
    blotches: float
    stains: float


def draw_lesion(rng: np.random.Generator, patient: PatientStyle, width: int | None = None) -> DrawnLesion:
    """A lesion of a patient.

    Args:
        rng: the same state gives the same lesion.
        patient: whose skin and habits.
        width: pixels a side, odd and 51 to 239; drawn (median 129) where not given.

    Raises:
        ValueError: `width` is even or out of range.
    """
    if width is None:
        width = _draw_width(rng)
    if width % 2 == 0 or not 51 <= width <= 239:
        raise ValueError(f"a tile is an odd number of pixels wide, 51 to 239, not {width}")
    while True:
        drawn = _attempt(rng, patient, width)
        # SLICE-3D holds lesions of 1 mm and more; a border that leaves the tile cannot be measured
        if drawn is not None and drawn.attributes["clin_size_long_diam_mm"] >= 1.0:
            return drawn


def encode_jpeg(tile: UInt8) -> bytes:
    """JPEG with the tables of SLICE-3D's tiles (quality 75, 4:2:0), or a lower quality to stay within 6.5 kB."""
    from PIL import Image

    picture = Image.fromarray(tile)
    for quality in (_JPEG_QUALITY, 60, 45, 30):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, subsampling=2)
        if buffer.tell() <= _LARGEST_BYTES:
            break
    return buffer.getvalue()


def _draw_width(rng: np.random.Generator) -> int:
    width = 129.0 * np.exp(0.1 * rng.standard_t(6))
    return int(np.clip(2 * np.floor(width / 2) + 1, 51, 239))


def _attempt(rng: np.random.Generator, patient: PatientStyle, width: int) -> DrawnLesion | None:
    """One try; None where the lesion left the tile or is too small to measure."""
    site = draw_site(rng)
    x, y = pixel_centres(width)
    skin = _skin_colour(rng, patient, site)
    look = _draw_look(rng, patient, skin[0], skin[1])
    reach = float(look.outline.radius.max())
    picture = draw_skin(rng, patient, skin, x, y)
    n_neighbours = add_neighbours(rng, patient, picture, x, y, reach)
    mask = _paint(rng, picture, x, y, look)
    if mask is None:
        return None
    n_hairs = add_hairs(rng, patient, picture)
    add_background(rng, picture, x, y, reach)
    lighting = add_light(rng, patient, picture, x, y)
    photograph(rng, picture)
    valid = padding(rng, x, y, reach)
    # a camera exposes for what it sees: light skin is not brightened beyond L* 82
    exposure = float(np.clip(((82.0 + 16.0) / (skin[0] + 16.0)) ** 3, 1.0, patient.exposure))
    tile = published_planes_to_srgb(picture.L, picture.A, picture.B, exposure)
    tile[~valid] = 0
    mask &= valid
    try:
        attributes = measure(tile, mask, valid, exposure)
    except ValueError:
        return None
    attributes |= _confidences(rng, attributes) | site.position()
    lightness = srgb_to_published_lab(tile[::2, ::2])[..., 0]
    traits = {
        "n_hairs": float(n_hairs),
        "n_neighbours": float(n_neighbours),
        "offset_mm": float(np.hypot(*look.centre)),
        "eccentricity": attributes["tbp_lv_eccentricity"],
        "hue": attributes["tbp_lv_H"],
        "chroma": attributes["tbp_lv_C"],
        "tile_L": float(lightness.mean()),
        "tile_std_L": float(lightness.std()),
        "width_px": float(width),
        "padded_fraction": float(1.0 - valid.mean()),
        "lighting": lighting,
        "edge_softness": look.softness_mm,
        "exposure": exposure,
    }
    return DrawnLesion(tile, mask, attributes, traits, site)


def _skin_colour(rng: np.random.Generator, patient: PatientStyle, site: Site) -> tuple[float, float, float]:
    shift = SKIN_FACTOR @ rng.standard_normal(3)
    L, A, B = (mean + sd * z for mean, sd, z in zip(patient.skin, _SITE_SPREAD, shift, strict=True))
    B += 1.4 * (site.xyz[1] - 1040.0) / 410.0  # legs are paler in b* than the torso
    return float(np.clip(L, 20.0, 86.0)), float(np.clip(A, 3.0, 34.0)), float(np.clip(B, 11.0, 45.0))


def _draw_look(rng: np.random.Generator, patient: PatientStyle, skin_L: float, skin_A: float) -> _Look:
    z = rng.standard_normal(8)
    dark = float(8.15 * np.exp(0.33 * z[0] + patient.contrast_shift + 0.016 * (skin_L - 51.0)))
    dark = min(LEAST_CONTRAST + float(np.log1p(np.exp(dark - LEAST_CONTRAST))) * 0.97, 0.7 * skin_L)
    strong = np.log(dark / 8.0)
    size = 1.68 + (0.32 if z[1] < 0 else 0.78) * z[1] + 0.45 * strong + patient.size_shift
    area = float(np.clip(np.exp(size), 0.7, 100.0))
    radius = float(np.sqrt(area / np.pi))
    ratio = float(np.clip(rng.beta(5.0, 2.6) + 0.06 * strong, 0.3, 0.98))
    roughness = float(np.exp(-1.69 + 0.36 * z[2] - 0.65 * strong + patient.border_shift))
    red = 0.9 + 0.47 * dark + 1.1 * z[3] + patient.redness + (rng.gamma(3.0, 3.0) if rng.random() < 0.03 else 0.0)
    red -= 0.13 * (skin_A - 14.6)
    brown = 1.5 + 0.075 * (skin_L - 51.0) - 0.045 * (dark - 8.9) + 1.85 * z[4]
    varied = float(np.exp(0.5 * z[5] + patient.colour_shift + 0.8 * strong + 0.15 * np.log(area / 6.0)))
    return _Look(
        outline=draw_outline(rng, area, ratio, min(roughness, 0.38)),
        centre=(float(0.2 * z[6]), float(0.2 * z[7])),
        contrast=(-dark, float(red), float(brown)),
        softness_mm=float(np.clip(min(0.17 * np.exp(0.5 * rng.standard_normal()), 0.4 * radius), 0.04, 0.7)),
        halo=float(rng.uniform(0.08, 0.35)) if rng.random() < 0.35 else 0.0,
        halo_mm=float(rng.uniform(0.3, 0.9)),
        dome=float(np.clip(0.25 + 0.25 * rng.standard_normal(), -0.25, 1.0)),
        tilt=float(abs(0.13 * varied * rng.standard_normal())),
        blotches=0.11 * varied,
        stains=1.3 * min(varied, 2.8),
    )


def _paint(rng: np.random.Generator, picture: Planes, x: Float32, y: Float32, look: _Look) -> Mask | None:
    """Put the lesion on the skin and return its mask; the pigment is 1 on average over it."""
    width = y.shape[0]
    pitch = TILE_MM / width
    half = float(look.outline.radius.max()) + float(np.hypot(*look.centre)) + 2.0
    first = max(0, int((TILE_MM / 2 - half) / pitch))
    inner = slice(first, width - first)  # nothing of the lesion shows further out
    box = (inner, inner)
    whole = np.zeros((width, width), dtype=bool)
    picture = Planes(picture.L[box], picture.A[box], picture.B[box], picture.relief[box])
    x, y = x[:, inner] - np.float32(look.centre[0]), y[inner] - np.float32(look.centre[1])
    away, share = distances(rng, look.outline, x, y)
    core = away < 0
    if np.count_nonzero(core) < 12:
        return None
    cover = 1.0 / (1.0 + np.exp(np.clip(away * np.float32(1.7 / look.softness_mm), -20, 20)))
    if look.halo:
        around = 1.0 / (1.0 + np.exp(np.clip((away - look.halo_mm) * np.float32(2.5 / look.halo_mm), -20, 20)))
        cover = np.float32(1 - look.halo) * cover + np.float32(look.halo) * around
    share = np.minimum(share, 1.0)
    direction = rng.uniform(0.0, 2 * np.pi)
    aside = (x * np.float32(np.cos(direction)) + y * np.float32(np.sin(direction))) / outline_radius(look.outline)
    pigment = 1.0 + look.dome * (0.5 - share * share) + look.tilt * np.clip(aside, -1.2, 1.2)
    pigment += look.blotches * look_up(rng, "blotch", x, y, zoom=0.8)
    pigment = cover * np.maximum(pigment, 0.3)
    pigment /= pigment[core].mean()
    dark, red, brown = look.contrast
    stain = look.stains * look_up(rng, "blotch", x, y) * cover
    other = look.stains * look_up(rng, "blotch", x, y, zoom=1.4) * cover
    picture.L += np.float32(dark) * pigment - np.float32(0.5) * cover * picture.relief  # pigment hides the relief
    picture.A += np.float32(red) * (0.6 * cover + 0.4 * pigment) + 0.8 * stain
    picture.B += np.float32(brown) * cover + np.float32(0.12 * dark) * (pigment - cover) + 0.9 * other
    mask = visible_border(picture, core, away, pitch)
    if mask is None:
        return None
    whole[box] = mask
    return whole


def outline_radius(outline: Outline) -> np.float32:
    """Root-mean-square radius in mm."""
    return np.float32(np.sqrt(np.mean(outline.radius**2)))


def _confidences(rng: np.random.Generator, found: dict[str, float]) -> dict[str, float]:
    """The two confidences of the vendor's classifiers, which follow contrast and border in the full table."""
    mole = 1.1 * (found["tbp_lv_deltaLBnorm"] - 7.5) - 16.0 * (found["tbp_lv_symm_2axis"] - 0.27) - 1.3
    mole += float(rng.normal(0.0, 3.4))
    lesion = 9.8 - 0.9 * (found["tbp_lv_norm_border"] - 3.0) + float(rng.normal(0.0, 3.6))
    return {
        "tbp_lv_nevi_confidence": float(100.0 / (1.0 + np.exp(-np.clip(mole, -30, 30)))),
        "tbp_lv_dnn_lesion_confidence": float(100.0 / (1.0 + np.exp(-np.clip(lesion, -3.0, 30)))),
    }
