"""Finding an id from what a person remembers of it: all, its end, a part, or something like it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Kind = Literal["exact", "end", "part", "near", "none"]

_ENOUGH_TO_BE_NEAR = 4
"""Characters of an id from which on something like it is looked for; fewer are like everything."""
_LONGER = 2
"""How many times as long as the longest id a text may be and still be like one."""
_TYPOS = 2
"""Letters wrong, missing, too many or swapped in a whole id that is still like another."""
_PARTLY = 80.0
"""Percent of a part that has to agree."""
_FEW = 20
"""Ids that are like the text; the nearest ones."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Ids found."""

    kind: Kind
    places: NDArray[np.int64]
    """Their positions: in order, or the nearest first where the kind is ``near``."""

    def __len__(self) -> int:
        return len(self.places)

    def after(self, start: int) -> int | None:
        """The first position from ``start`` on, then from the top; of like ids the one after that before ``start``."""
        if not len(self):
            return None
        if self.kind == "near":
            here = np.flatnonzero(self.places == start - 1)
            return int(self.places[(here[0] + 1) % len(self) if len(here) else 0])
        later = self.places[self.places >= start]
        return int(later[0] if len(later) else self.places[0])


class Ids:
    """The ids of a view, prepared for searching; letter case is ignored."""

    def __init__(self, ids: pl.Series) -> None:
        self._ids = ids.str.to_lowercase()

    def find(self, text: str) -> Matches:
        """All ids that match in the first way that finds any: exact, end, part, near."""
        wanted = text.strip().casefold()
        if not wanted or not len(self._ids):
            return _NONE
        ids = self._ids
        ways: tuple[tuple[Kind, pl.Series], ...] = (
            ("exact", ids == wanted),
            ("end", ids.str.ends_with(wanted)),
            ("part", ids.str.contains(wanted, literal=True)),
        )
        for kind, found in ways:
            places = found.fill_null(value=False).arg_true()
            if places.len():
                return Matches(kind, places.to_numpy().astype(np.int64))
        return self._near(wanted.removeprefix(self._head))

    def _near(self, wanted: str) -> Matches:
        """Ids with a few typos, then those with the same letters in the same order, then those partly the same."""
        if not _ENOUGH_TO_BE_NEAR <= len(wanted) <= _LONGER * self._longest:
            return _NONE
        from rapidfuzz import fuzz, process
        from rapidfuzz.distance import OSA

        typos = min(_TYPOS, len(wanted) // 3)
        found = process.extract(wanted, self._tails, scorer=OSA.distance, score_cutoff=typos, limit=_FEW)
        places = [place for _, _, place in found]
        if not places:
            pattern = ".*".join(re.escape(letter) for letter in wanted)
            places = self._ids.str.contains(pattern).fill_null(value=False).arg_true().head(_FEW).to_list()
        if not places and len(wanted) > _ENOUGH_TO_BE_NEAR:
            partly = process.extract(wanted, self._tails, scorer=fuzz.partial_ratio, score_cutoff=_PARTLY, limit=_FEW)
            places = [place for _, _, place in partly]
        return Matches("near", np.asarray(places, dtype=np.int64)) if places else _NONE

    @cached_property
    def _head(self) -> str:
        """What every id begins with, up to the first digit."""
        first, last = str(self._ids.min() or ""), str(self._ids.max() or "")
        common = takewhile(lambda pair: pair[0] == pair[1] and not pair[0].isdigit(), zip(first, last, strict=False))
        return "".join(letter for letter, _ in common)

    @cached_property
    def _longest(self) -> int:
        return int(self._ids.str.len_chars().fill_null(0).to_numpy().max(initial=_ENOUGH_TO_BE_NEAR))

    @cached_property
    def _tails(self) -> list[str | None]:
        return self._ids.str.strip_prefix(self._head).to_list()


_NONE = Matches("none", np.zeros(0, dtype=np.int64))
