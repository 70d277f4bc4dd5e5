"""Annotations marked for one verdict over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from skintui.session.listing import Cell


class Marks:
    """A set of annotations, in the order in which they were marked."""

    def __init__(self) -> None:
        self._codes: dict[int, None] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def __contains__(self, cell: Cell) -> bool:
        return cell.code in self._codes

    def __iter__(self) -> Iterator[Cell]:
        return map(Cell.of, self._codes)

    def toggle(self, cell: Cell) -> bool:
        """Mark an annotation, or take its mark away; whether it is marked now."""
        if cell.code in self._codes:
            del self._codes[cell.code]
            return False
        self._codes[cell.code] = None
        return True

    def add(self, cells: Iterable[Cell]) -> None:
        self._codes.update(dict.fromkeys(cell.code for cell in cells))

    def add_places(self, places: NDArray[np.int64]) -> int:
        """Mark annotations by their flat places; how many were not marked before."""
        before = len(self._codes)
        self._codes.update(dict.fromkeys(places.tolist()))
        return len(self._codes) - before

    def clear(self) -> None:
        self._codes.clear()
