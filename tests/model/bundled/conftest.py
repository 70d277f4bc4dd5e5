"""A handful of discs with known masks: enough to try the stages, nothing to learn skin from."""

from __future__ import annotations

import numpy as np
import pytest

from skintui.model.bundled.drawings import Drawings, blank, level_cuts, to_levels
from skintui.model.bundled.targets import dense_targets


@pytest.fixture(scope="session")
def discs() -> Drawings:
    draw = np.random.default_rng(5)
    drawings = blank(12)
    y, x = np.mgrid[:128, :128] + 0.5
    values = np.zeros((12, 16))
    for i in range(12):
        radius = draw.uniform(10, 40)
        mask = np.hypot(y - 64, x - 64) < radius
        skin, lesion = draw.uniform(120, 200, 3), draw.uniform(40, 110, 3)
        drawings.tiles[i] = np.where(mask[..., None], lesion, skin).astype(np.uint8)
        drawings.cells[i] = dense_targets(drawings.tiles[i], mask)
        drawings.traits[i] = draw.normal(10, 4, drawings.traits.shape[1])
        values[i] = draw.normal(radius, 1, 16)
    drawings.levels[:] = to_levels(values, level_cuts(values))
    return drawings
