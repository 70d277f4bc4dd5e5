"""That comparing pixels tells tiles apart: what a terminal could get wrong is found wrong."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from skintui.steps.place import Place
from tests.terminals.matching import COARSE, FINE, Tiles, faults


@pytest.fixture
def isic_id(prepared: Place) -> str:
    """The lesion whose tile has most to tell it by: a blurred one moved by a cell is still nearest to itself."""
    lesions = prepared.lesions()

    def change(isic_id: str) -> float:
        tile = lesions.tile(isic_id).convert("RGB").resize((180, 180))
        moved = (ImageOps.mirror(tile), ImageOps.flip(tile), ImageChops.offset(tile, 10, 0))
        return min(sum(ImageStat.Stat(ImageChops.difference(tile, other)).mean) for other in moved)

    return max(lesions.ids, key=change)


@pytest.fixture
def picture(prepared: Place, isic_id: str) -> Image.Image:
    """The lesion's tile as a terminal draws it: scaled, in few colours, with a bar in its corner."""
    drawn = prepared.lesions().tile(isic_id).convert("RGB").resize((180, 180))
    drawn = drawn.quantize(64).convert("RGB")
    drawn.paste((255, 255, 255), (6, 170, 30, 174))
    return drawn


@pytest.mark.parametrize("side", [FINE, COARSE])
def test_a_tile_drawn_in_few_colours_is_itself(picture: Image.Image, isic_id: str, tiles: Tiles, side: int) -> None:
    assert faults(tiles.matches(picture, side), isic_id) == []


@pytest.mark.parametrize("side", [FINE, COARSE])
def test_no_tile_passes_for_another(
    picture: Image.Image, isic_id: str, prepared: Place, tiles: Tiles, side: int
) -> None:
    matches = tiles.matches(picture, side)
    assert all(faults(matches, other) for other in prepared.lesions().ids if other != isic_id)


def test_a_tile_mirrored_moved_by_a_cell_or_cut_is_wrong(picture: Image.Image, isic_id: str, tiles: Tiles) -> None:
    cut = picture.copy()
    cut.paste((20, 20, 20), (0, 90, 180, 180))
    for wrong in (ImageOps.mirror(picture), ImageOps.flip(picture), ImageChops.offset(picture, 10, 0), cut):
        assert faults(tiles.matches(wrong), isic_id)
