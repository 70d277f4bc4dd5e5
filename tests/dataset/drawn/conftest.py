from __future__ import annotations

import numpy as np
import pytest

from skintui.dataset.drawn import DrawnLesion, draw_lesion, draw_patient


@pytest.fixture(scope="session")
def lesions() -> list[DrawnLesion]:
    """Two hundred lesions of fifty patients."""
    return [
        draw_lesion(np.random.default_rng([4, n // 4, n]), draw_patient(np.random.default_rng([4, n // 4])))
        for n in range(200)
    ]
