from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from skintui.dataset.drawn import draw_lesion, draw_patient
from skintui.dataset.outline import contour, enlarged, lesion_mask

SKIN, MOLE = (205, 160, 140), (110, 70, 55)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def test_the_outline_of_drawn_lesions_is_near_the_truth() -> None:
    found = []
    for n in range(50):
        drawn = draw_lesion(np.random.default_rng([4, n // 4, n]), draw_patient(np.random.default_rng([4, n // 4])))
        found.append(overlap(lesion_mask(Image.open(io.BytesIO(drawn.jpeg()))), drawn.mask))
    assert np.mean(found) > 0.8
    assert np.median(found) > 0.85


def disc(x: float, y: float, radius: float, side: int = 121) -> np.ndarray:
    rows, columns = np.ogrid[:side, :side]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)


def picture(*masks: np.ndarray) -> Image.Image:
    pixels = np.empty((121, 121, 3), np.uint8)
    pixels[:] = SKIN
    for mask in masks:
        pixels[mask] = MOLE
    return Image.fromarray(pixels)


def test_a_plain_disc_is_found_to_the_pixel_at_its_border() -> None:
    truth = disc(60, 60, 18)
    assert overlap(lesion_mask(picture(truth)), truth) > 0.95


def test_of_two_lesions_the_central_one_counts() -> None:
    truth = disc(62, 58, 12)
    assert overlap(lesion_mask(picture(truth, disc(15, 100, 14))), truth) > 0.93


def test_a_hair_across_the_lesion_is_none_of_it() -> None:
    truth = disc(60, 60, 14)
    hairy = picture(truth)
    ImageDraw.Draw(hairy).line((0, 10, 120, 105), fill=(40, 30, 25), width=1)
    assert overlap(lesion_mask(hairy), truth) > 0.9


def test_padding_is_no_lesion() -> None:
    truth = disc(60, 60, 14)
    padded = np.array(picture(truth))
    padded[:, 95:] = 0
    assert overlap(lesion_mask(Image.fromarray(padded)), truth) > 0.93


@pytest.mark.parametrize("size", [(1, 1), (9, 9), (121, 121), (40, 90)])
@pytest.mark.parametrize("colour", [(0, 0, 0), SKIN])
def test_a_tile_of_one_colour_has_no_outline(size: tuple[int, int], colour: tuple[int, int, int]) -> None:
    mask = lesion_mask(Image.new("RGB", size, colour))
    assert mask.shape == size[::-1]
    assert not mask.any()


def test_a_contour_is_one_pixel_wide() -> None:
    mask = np.zeros((7, 7), np.bool_)
    mask[2:5, 1:6] = True
    assert contour(mask).sum() == 12  # 3 × 5 less its 1 × 3 inside


def test_a_mask_keeps_its_share_of_the_picture_when_enlarged() -> None:
    mask = disc(60, 60, 20)
    large = enlarged(mask, (500, 500))
    assert large.shape == (500, 500)
    assert large.mean() == pytest.approx(mask.mean(), rel=0.02)


def test_real_lesions_are_found_in_the_middle(slice3d: Path) -> None:
    import h5py

    with h5py.File(slice3d / "vendor-image.hdf5") as file:
        masks = [lesion_mask(Image.open(io.BytesIO(file[name][()]))) for name in file]
    middles = [np.argwhere(mask).mean(axis=0) / mask.shape for mask in masks if mask.any()]
    assert len(middles) == len(masks)
    assert np.abs(np.array(middles) - 0.5).max() < 0.15
