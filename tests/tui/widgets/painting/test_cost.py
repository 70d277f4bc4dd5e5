"""What a picture costs on the line."""

from __future__ import annotations

import pytest
from PIL import Image

from skintui.tui.widgets.painting.cost import tile_bytes

GREY = Image.new("RGB", (129, 129), (120, 110, 100))


@pytest.mark.parametrize("mode", ["kitty", "sixel", "half"])
def test_a_tile_costs_bytes(mode: str) -> None:
    assert 0 < tile_bytes(GREY, mode, 26, 13, (10, 20)) < 40_000


def test_a_busier_tile_costs_more(skin: Image.Image) -> None:
    assert tile_bytes(skin, "half", 26, 13, (10, 20)) > tile_bytes(GREY, "half", 26, 13, (10, 20))


def test_no_picture_costs_nothing() -> None:
    assert tile_bytes(GREY, "none", 26, 13, (10, 20)) == 0
