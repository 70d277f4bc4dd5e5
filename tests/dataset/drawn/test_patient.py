from __future__ import annotations

import numpy as np

from skintui.dataset.drawn.patient import draw_patient


def test_the_same_state_gives_the_same_patient() -> None:
    assert draw_patient(np.random.default_rng(3)) == draw_patient(np.random.default_rng(3))


def test_patients_differ_in_skin() -> None:
    tones = np.array([draw_patient(np.random.default_rng(n)).skin for n in range(300)])
    assert 7 < tones[:, 0].std() < 13
    assert 47 < tones[:, 0].mean() < 55


def test_skin_channels_go_together_as_in_the_full_table() -> None:
    tones = np.array([draw_patient(np.random.default_rng(n)).skin for n in range(1500)])
    together = np.corrcoef(tones.T)
    assert together[0, 2] > 0.3  # lighter skin is yellower
    assert together[1, 2] > 0.2


def test_both_lights_occur() -> None:
    lights = [draw_patient(np.random.default_rng(n)).tile_type for n in range(200)]
    assert 100 < lights.count("3D: XP") < 180
    assert set(lights) == {"3D: XP", "3D: white"}
