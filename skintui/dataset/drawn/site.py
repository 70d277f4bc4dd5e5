"""Where on the body a lesion lies: the table's location names with their share and a position in the body model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np


@dataclass(frozen=True, slots=True)
class Site:
    """A location as in `tbp_lv_location`, with the coarser names of two other columns.

    Attributes:
        location: value of `tbp_lv_location`.
        simple: value of `tbp_lv_location_simple`.
        general: value of `anatom_site_general`, None where the site is unknown.
        xyz: position in mm; y is the height above the floor.
    """

    location: str
    simple: str
    general: str | None
    xyz: tuple[float, float, float]

    def position(self) -> dict[str, float]:
        """The three coordinate columns."""
        return {f"tbp_lv_{axis}": value for axis, value in zip("xyz", self.xyz, strict=True)}


# location, simple, general, relative share, centre (x, y, z) mm, spread of each
_SITES: Final = (
    ("Torso Back Top Third", "Torso Back", "posterior torso", 17.5, (0, 1370, 135), (85, 60, 40)),
    ("Torso Back Middle Third", "Torso Back", "posterior torso", 11.6, (0, 1200, 120), (80, 60, 40)),
    ("Torso Back Bottom Third", "Torso Back", "posterior torso", 1.6, (0, 1030, 130), (80, 50, 40)),
    ("Torso Front Top Half", "Torso Front", "anterior torso", 15.5, (0, 1330, -40), (90, 70, 40)),
    ("Torso Front Bottom Half", "Torso Front", "anterior torso", 6.2, (0, 1120, -60), (85, 70, 40)),
    ("Left Arm - Upper", "Left Arm", "upper extremity", 5.6, (-290, 1270, 80), (70, 90, 40)),
    ("Left Arm - Lower", "Left Arm", "upper extremity", 2.7, (-420, 1080, 40), (60, 90, 50)),
    ("Right Arm - Upper", "Right Arm", "upper extremity", 5.3, (285, 1270, 80), (70, 90, 40)),
    ("Right Arm - Lower", "Right Arm", "upper extremity", 2.6, (420, 1080, 40), (60, 90, 50)),
    ("Left Leg - Upper", "Left Leg", "lower extremity", 5.6, (-150, 700, 60), (55, 110, 50)),
    ("Left Leg - Lower", "Left Leg", "lower extremity", 6.9, (-180, 300, 20), (45, 120, 40)),
    ("Right Leg - Upper", "Right Leg", "lower extremity", 5.9, (150, 700, 60), (55, 110, 50)),
    ("Right Leg - Lower", "Right Leg", "lower extremity", 6.6, (180, 300, 20), (45, 120, 40)),
    ("Head & Neck", "Head & Neck", "head/neck", 3.0, (0, 1590, 30), (65, 60, 60)),
    ("Unknown", "Unknown", None, 1.4, (0, 1040, 55), (190, 350, 85)),
)
_SHARES: Final = np.cumsum([site[3] for site in _SITES]) / sum(site[3] for site in _SITES)


def draw_site(rng: np.random.Generator) -> Site:
    """A location drawn with the shares of the full table."""
    at = int(np.searchsorted(_SHARES, rng.random(), side="right"))
    location, simple, general, _share, centre, spread = _SITES[min(at, len(_SITES) - 1)]
    x, y, z = (float(c + s * d) for c, s, d in zip(centre, spread, rng.standard_normal(3), strict=True))
    return Site(location, simple, general, (x, y, z))
