"""Parts of the lesions by who and where they are of, and which parts are large enough to be measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from skintui.errors import UsageError
from skintui.nouns import counted
from skintui.steps.evaluation.cohort import Part
from skintui.steps.evaluation.result import LeftOut
from skintui.texts import printable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

_COLUMNS = {
    "sex": "sex",
    "age": "age_approx",
    "site": "anatom_site_general",
    "tile_type": "tbp_tile_type",
    "source": "attribution",
    "patient_size": "patient_id",
}
BY = tuple(_COLUMNS)
"""What lesions can be grouped by."""
AGES = (30, 45, 60, 75)
"""Years at which a band begins."""
SIZES = (10, 50, 250)
"""Lesions of a patient at which a band begins."""
MIN_LESIONS = 20
MIN_PATIENTS = 3
"""With fewer the figures would tell of single people, and no interval could be had."""
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Members:
    """One group's lesions."""

    by: str
    group: str
    places: Rows
    """Positions in the part, sorted."""
    patients: int

    @property
    def too_small(self) -> str:
        """Why it is not measured, empty where it is."""
        if self.places.size < MIN_LESIONS:
            return f"fewer than {MIN_LESIONS} lesions"
        return f"fewer than {MIN_PATIENTS} patients" if self.patients < MIN_PATIENTS else ""

    def left_out(self, reason: str) -> LeftOut:
        return LeftOut(self.by, self.group, self.places.size, self.patients, reason)


def parse_by(text: str) -> tuple[str, ...]:
    """``sex,age`` as words, each once. Raises UsageError for an unknown one."""
    words = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for word in words:
        if word not in BY:
            raise UsageError(f"cannot group by '{printable(word, 40)}'", do=f"choose from {', '.join(BY)}")
    if not words:
        raise UsageError("no group given", do=f"choose from {', '.join(BY)}")
    return words


def members(part: Part, by: str) -> list[Members]:
    """The groups of a part: bands from the lowest, else by name, the unknown last (all of them without the column)."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(_names(part, by)):
        places.setdefault(name, []).append(place)
    patients = part.patients
    bands = {"age": _bands(AGES, "years"), "patient_size": _bands(SIZES, "lesions")}.get(by, [])
    order = [*bands, *sorted(set(places) - {*bands, UNKNOWN}), UNKNOWN]
    rows = {name: np.asarray(places[name], np.int64) for name in order if name in places}
    return [Members(by, name, of_it, len(set(patients[of_it].tolist()))) for name, of_it in rows.items()]


def measurable(part: Part, words: Sequence[str]) -> tuple[list[Members], list[LeftOut]]:
    """The groups large enough, and the others with the reason."""
    kept, dropped = [], []
    for by in words:
        for one in members(part, by):
            if reason := one.too_small:
                dropped.append(one.left_out(reason))
            else:
                kept.append(one)
    return kept, dropped


def describe_left_out(dropped: Sequence[LeftOut]) -> str:
    """One line that names them."""
    named = ", ".join(f"{one.by} {one.group} ({counted(one.lesions, 'lesion')}, {one.reason})" for one in dropped[:8])
    more = f" and {len(dropped) - 8} more" if len(dropped) > 8 else ""
    return f"left out as too small: {named}{more}"


def _names(part: Part, by: str) -> Iterator[str]:
    """(m) names of groups."""
    if by == "patient_size":
        _, place, sizes = np.unique(part.lesions.patients, return_inverse=True, return_counts=True)
        bands = _bands(SIZES, "lesions")
        yield from (bands[band] for band in np.searchsorted(SIZES, sizes[place[part.rows]], "right").tolist())
        return
    bands = _bands(AGES, "years")
    texts = part.texts(_COLUMNS[by]) or [None] * part.rows.size
    for text in texts:
        if text is None:
            yield UNKNOWN
        elif by == "age":
            years = float(text)
            yield bands[int(np.searchsorted(AGES, years, "right"))] if math.isfinite(years) else UNKNOWN
        else:
            yield printable(text, 80)


def _bands(starts: Sequence[int], unit: str) -> list[str]:
    """Names of the bands: below the first start, between every two, from the last."""
    between = (f"{low} to {high - 1} {unit}" for low, high in pairwise(starts))
    return [f"under {starts[0]} {unit}", *between, f"{starts[-1]} {unit} and over"]
