from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def picture() -> Image.Image:
    """129 × 129 pixels: red above, blue below, as odd-sided as a tile."""
    pixels = np.zeros((129, 129, 3), np.uint8)
    pixels[:65, :, 0] = 250
    pixels[65:, :, 2] = 250
    return Image.fromarray(pixels)


@pytest.fixture(scope="session")
def skin() -> Image.Image:
    """A drawn lesion's texture: smooth skin, a dark spot, noise as a camera's."""
    chance = np.random.default_rng(3)
    y, x = np.mgrid[:129, :129]
    spot = np.clip(1.6 - np.hypot(y - 60, x - 70) / 22, 0, 1)[..., None]
    pixels = np.array([198, 152, 128]) + 12 * np.sin(x / 17 + y / 29)[..., None] - spot * np.array([92, 82, 70])
    pixels = pixels + chance.normal(0, 5, (129, 129, 1)) + chance.normal(0, 2, (129, 129, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
