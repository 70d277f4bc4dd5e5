"""Drawn tiles: their form, that numbers can be read off them, and that they are spread like the full table."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skintui.dataset.drawn import DrawnLesion, draw_lesion, draw_patient
from skintui.dataset.drawn.lesion import encode_jpeg
from skintui.dataset.drawn.measure import measure
from skintui.dataset.identities import check_identities


def _values(lesions: list[DrawnLesion], column: str) -> np.ndarray:
    return np.array([lesion.attributes[column] for lesion in lesions])


def test_the_same_state_gives_the_same_tile() -> None:
    patient = draw_patient(np.random.default_rng(1))
    first, second = (draw_lesion(np.random.default_rng(2), patient) for _ in range(2))
    assert np.array_equal(first.tile, second.tile)
    assert first.attributes == second.attributes


def test_tiles_are_square_odd_and_within_the_real_widths(lesions: list[DrawnLesion]) -> None:
    for lesion in lesions:
        high, wide, channels = lesion.tile.shape
        assert (high, channels) == (wide, 3)
        assert lesion.tile.dtype == np.uint8
        assert wide % 2 == 1
        assert 51 <= wide <= 239
        assert lesion.mask.shape == (high, wide)


def test_median_width_is_that_of_real_tiles(lesions: list[DrawnLesion]) -> None:
    assert 123 <= np.median([lesion.tile.shape[0] for lesion in lesions]) <= 135


@pytest.mark.parametrize("width", [50, 49, 128, 241])
def test_an_impossible_width_is_refused(width: int) -> None:
    with pytest.raises(ValueError, match="odd number of pixels"):
        draw_lesion(np.random.default_rng(0), draw_patient(np.random.default_rng(0)), width)


@pytest.mark.parametrize("width", [51, 129, 239])
def test_the_width_asked_for_is_drawn(width: int) -> None:
    lesion = draw_lesion(np.random.default_rng(0), draw_patient(np.random.default_rng(0)), width)
    assert lesion.tile.shape == (width, width, 3)
    assert lesion.traits["width_px"] == width


def test_the_lesion_lies_at_the_centre(lesions: list[DrawnLesion]) -> None:
    for lesion in lesions:
        rows, columns = np.nonzero(lesion.mask)
        millimetre = 15 / lesion.mask.shape[0]
        off = np.hypot(rows.mean() + 0.5 - len(lesion.mask) / 2, columns.mean() + 0.5 - len(lesion.mask) / 2)
        assert off * millimetre < 2.0


def test_attributes_are_what_tile_and_mask_say(lesions: list[DrawnLesion]) -> None:
    for lesion in lesions[:40]:
        if lesion.traits["padded_fraction"] == 0:
            for column, value in measure(lesion.tile, lesion.mask, exposure=lesion.traits["exposure"]).items():
                assert lesion.attributes[column] == pytest.approx(value, rel=1e-9), column


def test_every_numeric_vendor_column_is_known(lesions: list[DrawnLesion]) -> None:
    from skintui.dataset.schema import SCHEMA

    numeric = {c.name for c in SCHEMA if c.kind != "text" and (c.name.startswith("tbp_lv") or c.is_attribute)}
    assert set(lesions[0].attributes) == numeric


def test_all_values_are_finite_and_possible(lesions: list[DrawnLesion]) -> None:
    from skintui.attributes import ATTRIBUTES

    for lesion in lesions:
        assert all(math.isfinite(value) for value in (*lesion.attributes.values(), *lesion.traits.values()))
        for attribute in ATTRIBUTES:
            assert attribute.is_plausible(lesion.attributes[attribute.column])


def test_the_table_s_identities_hold(lesions: list[DrawnLesion]) -> None:
    import polars as pl

    frame = pl.DataFrame([{"isic_id": f"ISIC_{n:07d}"} | lesion.attributes for n, lesion in enumerate(lesions)])
    check = check_identities(frame)
    assert check.not_applied == ()
    assert check.broken.height == 0


def test_lesions_are_one_millimetre_and_more(lesions: list[DrawnLesion]) -> None:
    assert _values(lesions, "clin_size_long_diam_mm").min() >= 1.0


def test_borders_can_be_seen(lesions: list[DrawnLesion]) -> None:
    contrast = _values(lesions, "tbp_lv_deltaL")
    softness = np.array([lesion.traits["edge_softness"] for lesion in lesions])
    assert np.mean(contrast <= -3.5) > 0.97
    assert np.mean(softness <= 0.4) > 0.9


def test_a_threshold_on_the_tile_finds_the_drawn_size(lesions: list[DrawnLesion]) -> None:
    from scipy import ndimage

    from skintui.dataset.drawn.colour import srgb_to_published_lab

    drawn, seen = [], []
    for lesion in lesions[:80]:
        lightness = ndimage.gaussian_filter(srgb_to_published_lab(lesion.tile, lesion.traits["exposure"])[..., 0], 0.7)
        middle = lesion.attributes["tbp_lv_L"] + lesion.attributes["tbp_lv_Lext"]
        parts, _count = ndimage.label(lightness < middle / 2)
        overlap = np.bincount(parts[lesion.mask], minlength=2)
        drawn.append(lesion.mask.mean())
        seen.append((parts == 1 + int(np.argmax(overlap[1:]))).mean())
    rank = [np.argsort(np.argsort(values)) for values in (drawn, seen)]
    assert np.corrcoef(rank[0], rank[1]).item(1) > 0.7


def test_jpeg_has_the_real_size_and_decodes(lesions: list[DrawnLesion]) -> None:
    sizes = []
    for lesion in lesions:
        data = lesion.jpeg()
        sizes.append(len(data))
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.size == lesion.tile.shape[1::-1]
    assert max(sizes) <= 6500
    assert 1900 < np.median(sizes) < 3200


def test_a_busy_tile_is_compressed_more() -> None:
    noise = np.random.default_rng(0).integers(90, 160, (129, 129, 3)).astype(np.uint8)
    assert len(encode_jpeg(noise)) <= 6500


def test_a_patient_s_lesions_share_the_skin() -> None:
    tones = []
    for n in range(30):
        patient = draw_patient(np.random.default_rng([n]))
        tones.append(
            [draw_lesion(np.random.default_rng([n, k]), patient, 81).attributes["tbp_lv_Lext"] for k in range(3)]
        )
    within, between = np.var(tones, axis=1).mean(), np.var(np.mean(tones, axis=1))
    assert between > within


def test_a_larger_mole_style_draws_larger_moles() -> None:
    patient = draw_patient(np.random.default_rng(1))
    areas = [
        np.median(
            [
                draw_lesion(np.random.default_rng(n), replace(patient, size_shift=shift), 81).attributes[
                    "tbp_lv_areaMM2"
                ]
                for n in range(15)
            ]
        )
        for shift in (-0.6, 0.6)
    ]
    assert areas[1] > 1.5 * areas[0]


def test_some_tiles_are_padded_and_the_lesion_never_is() -> None:
    patient = replace(draw_patient(np.random.default_rng(1)), hairs=0.0, neighbours=0.0)
    padded = [draw_lesion(np.random.default_rng([9, n]), patient, 51) for n in range(400)]
    padded = [lesion for lesion in padded if lesion.traits["padded_fraction"] > 0]
    assert 1 <= len(padded) <= 24
    assert all(lesion.tile[lesion.mask].any(axis=-1).mean() > 0.99 for lesion in padded)


# Quartiles of the full table (401,059 rows) lie in slice3d_describe.csv; the median of two hundred drawn lesions has to
# come near its median, in units of the column's interquartile range.
NEAR = {"tbp_lv_symm_2axis": 0.45, "tbp_lv_stdL": 0.45, "clin_size_long_diam_mm": 0.5, "tbp_lv_Bext": 0.5}


def test_medians_are_near_those_of_the_full_table(lesions: list[DrawnLesion], slice3d: Path) -> None:
    from skintui.attributes import COLUMNS

    with (slice3d / "slice3d_describe.csv").open(encoding="utf-8") as file:
        real = {row["column"]: row for row in csv.DictReader(file)}
    for column in (*COLUMNS, "tbp_lv_symm_2axis", "tbp_lv_stdL", "tbp_lv_Lext", "tbp_lv_eccentricity"):
        low, middle, high = (float(real[column][name]) for name in ("25%", "50%", "75%"))
        off = abs(float(np.median(_values(lesions, column))) - middle) / (high - low)
        assert off < NEAR.get(column, 0.4), column


@pytest.mark.parametrize(
    ("one", "other", "real"),
    [
        ("tbp_lv_areaMM2", "tbp_lv_perimeterMM", 0.92),
        ("tbp_lv_A", "tbp_lv_Aext", 0.76),
        ("tbp_lv_B", "tbp_lv_Bext", 0.91),
        ("tbp_lv_deltaL", "tbp_lv_deltaLB", -1.0),
        ("tbp_lv_deltaL", "tbp_lv_stdL", -0.92),
        ("tbp_lv_area_perim_ratio", "tbp_lv_norm_border", 0.92),
        ("tbp_lv_norm_color", "tbp_lv_radial_color_std_max", 0.96),
    ],
)
def test_columns_go_together_as_in_the_full_table(
    lesions: list[DrawnLesion], one: str, other: str, real: float
) -> None:
    assert np.corrcoef(_values(lesions, one), _values(lesions, other))[0, 1] == pytest.approx(real, abs=0.2)
