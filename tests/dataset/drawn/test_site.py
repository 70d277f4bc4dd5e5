from __future__ import annotations

import numpy as np

from skintui.dataset.drawn.site import draw_site


def test_legs_lie_below_the_head() -> None:
    sites = [draw_site(np.random.default_rng(n)) for n in range(600)]
    legs = [site.xyz[1] for site in sites if site.general == "lower extremity"]
    heads = [site.xyz[1] for site in sites if site.general == "head/neck"]
    assert max(legs) < min(heads)


def test_an_unknown_site_has_no_general_name() -> None:
    sites = [draw_site(np.random.default_rng(n)) for n in range(1500)]
    unknown = [site for site in sites if site.location == "Unknown"]
    assert unknown
    assert all(site.general is None for site in unknown)
    assert 0.005 < len(unknown) / len(sites) < 0.03


def test_left_and_right_lie_on_their_sides() -> None:
    for site in (draw_site(np.random.default_rng(n)) for n in range(300)):
        if "Arm" in site.location:
            assert (site.xyz[0] < 0) == site.location.startswith("Left")
