from __future__ import annotations

import numpy as np

from skintui.dataset.drawn.diagnosis import draw_detail, draw_diagnosis

USUAL = {"tbp_lv_norm_color": 3.1, "tbp_lv_norm_border": 3.3}


def _many(found: dict[str, float], n: int = 40_000) -> list[dict[str, str | float | int | None]]:
    rng = np.random.default_rng(6)
    return [draw_diagnosis(rng, found) for _ in range(n)]


def test_about_one_in_a_thousand_is_malignant() -> None:
    assert 10 < sum(d["target"] == 1 for d in _many(USUAL)) < 60


def test_a_varied_lesion_is_likelier_malignant() -> None:
    varied = {"tbp_lv_norm_color": 9.0, "tbp_lv_norm_border": 8.0}
    assert sum(d["target"] == 1 for d in _many(varied)) > 3 * sum(d["target"] == 1 for d in _many(USUAL))


def test_detail_is_almost_always_missing() -> None:
    assert sum("iddx_3" in d for d in _many(USUAL)) < 0.01 * 40_000


def test_full_name_begins_with_the_first_level() -> None:
    for diagnosis in _many(USUAL):
        assert str(diagnosis["iddx_full"]).split("::")[0] == diagnosis["iddx_1"]
        assert (diagnosis["iddx_1"] == "Malignant") == (diagnosis["target"] == 1)


def test_most_nevi_told_in_detail_have_a_fourth_level_and_hardly_any_a_fifth() -> None:
    rng = np.random.default_rng(8)
    row: dict[str, str | float | int | None] = {"iddx_full": "Benign::Melanocytic, benign::Nevus", "iddx_3": "Nevus"}
    found = [draw_detail(rng, row) for _ in range(4000)]
    assert 0.9 < np.mean(["iddx_4" in levels for levels in found]) < 1
    assert 1 <= sum("iddx_5" in levels for levels in found) < 40
    full = next(levels for levels in found if "iddx_5" in levels)
    assert full["iddx_full"] == f"{row['iddx_full']}::{full['iddx_4']}::{full['iddx_5']}"
    assert draw_detail(rng, {"iddx_full": "…", "iddx_3": "Hemangioma"}) == {}
