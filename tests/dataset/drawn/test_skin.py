from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from skintui.dataset.drawn.patient import PatientStyle, draw_patient
from skintui.dataset.drawn.shape import pixel_centres
from skintui.dataset.drawn.skin import Planes, add_hairs, draw_skin


def _plain() -> PatientStyle:
    return replace(draw_patient(np.random.default_rng(0)), freckling=0.0)


def _skin(style: PatientStyle) -> Planes:
    return draw_skin(np.random.default_rng(3), style, (55.0, 15.0, 25.0), *pixel_centres(129))


def test_skin_has_the_colour_asked_for() -> None:
    skin = _skin(_plain())
    assert float(np.median(skin.L)) == pytest.approx(55.0, abs=1.5)
    assert float(skin.A.mean()) == pytest.approx(15.0, abs=1.5)
    assert float(skin.B.mean()) == pytest.approx(25.0, abs=1.5)


def test_texture_grows_with_the_patient_s() -> None:
    calm, rough = (_skin(replace(_plain(), texture=t)).L.std() for t in (0.5, 2.0))
    assert rough > 1.5 * calm


def test_freckles_darken() -> None:
    freckled = replace(_plain(), freckling=1.0)
    means = [
        draw_skin(np.random.default_rng(n), style, (55.0, 15.0, 25.0), *pixel_centres(129)).L.mean()
        for style in (_plain(), freckled)
        for n in range(12)
    ]
    assert np.mean(means[12:]) < np.mean(means[:12])


def test_a_hairless_patient_has_no_hair() -> None:
    style = replace(_plain(), hairs=0.0)
    skin = _skin(style)
    before = skin.L.copy()
    assert add_hairs(np.random.default_rng(0), style, skin) == 0
    assert np.array_equal(skin.L, before)


def test_dark_hair_darkens() -> None:
    style = replace(_plain(), hairs=30.0, hair_lightness=12.0)
    skin = _skin(style)
    before = skin.L.copy()
    assert add_hairs(np.random.default_rng(0), style, skin) > 0
    assert skin.L.min() < before.min() - 5
