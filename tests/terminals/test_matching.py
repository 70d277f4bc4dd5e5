"""That comparing pixels tells tiles apart: what a terminal could get wrong is found wrong."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageOps

from skintui.steps.place import Place
from tests.terminals.matching import COARSE, FINE, Tiles, faults


@pytest.fixture
def picture(prepared: Place) -> Image.Image:
    """The first lesion's tile as a terminal draws it: scaled, in few colours, with a bar in its corner."""
    drawn = prepared.lesions().tile(prepared.lesions().ids[0]).convert("RGB").resize((180, 180))
    drawn = drawn.quantize(64).convert("RGB")
    drawn.paste((255, 255, 255), (6, 170, 30, 174))
    return drawn


@pytest.mark.parametrize("side", [FINE, COARSE])
def test_a_tile_drawn_in_few_colours_is_itself(picture: Image.Image, prepared: Place, tiles: Tiles, side: int) -> None:
    assert faults(tiles.matches(picture, side), prepared.lesions().ids[0]) == []


@pytest.mark.parametrize("side", [FINE, COARSE])
def test_no_tile_passes_for_another(picture: Image.Image, prepared: Place, tiles: Tiles, side: int) -> None:
    matches = tiles.matches(picture, side)
    assert all(faults(matches, isic_id) for isic_id in prepared.lesions().ids[1:])


def test_a_tile_mirrored_moved_by_a_cell_or_cut_is_wrong(picture: Image.Image, prepared: Place, tiles: Tiles) -> None:
    cut = picture.copy()
    cut.paste((20, 20, 20), (0, 90, 180, 180))
    for wrong in (ImageOps.mirror(picture), ImageOps.flip(picture), ImageChops.offset(picture, 8, 0), cut):
        assert faults(tiles.matches(wrong), prepared.lesions().ids[0])
