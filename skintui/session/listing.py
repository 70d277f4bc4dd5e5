"""What the table shows, by position: every lesion of the view, or the suspicious annotations of its lesions."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.view import LesionView

A = len(ATTRIBUTES)
Codes = NDArray[np.signedinteger[Any]]
"""Flat places of annotations; of a whole data set in 32 bits."""


class Cell(NamedTuple):
    """One annotation: a lesion and one of its attributes."""

    row: int
    """Row of the lesion in the data set."""
    attribute: int
    """Position in ``ATTRIBUTES``."""

    @property
    def code(self) -> int:
        """The annotation's place in an (n, 16) matrix laid flat."""
        return self.row * A + self.attribute

    @classmethod
    def of(cls, code: int) -> Cell:
        return cls(*divmod(int(code), A))


class Listing(Protocol):
    """A sequence of annotations."""

    def __len__(self) -> int: ...

    def cell(self, index: int, attribute: int) -> Cell:
        """The annotation at a position; ``attribute`` is the chosen one, for listings of whole lesions."""

    def position(self, cell: Cell) -> int | None:
        """Where an annotation stands; None where it is not listed."""

    def places(self, start: int, stop: int, attribute: int) -> NDArray[np.int64]:
        """Flat places (:attr:`Cell.code`) of the annotations from one position up to another."""


class LesionListing:
    """Every lesion of a view."""

    def __init__(self, view: LesionView) -> None:
        self.view = view

    def __len__(self) -> int:
        return len(self.view)

    def cell(self, index: int, attribute: int) -> Cell:
        return Cell(int(self.view.rows[index]), attribute)

    def position(self, cell: Cell) -> int | None:
        return self.view.position_of(cell.row)

    def places(self, start: int, stop: int, attribute: int) -> NDArray[np.int64]:
        return self.view.rows[start:stop] * A + attribute


class QueueListing:
    """Annotations in a given order, those of the view only."""

    def __init__(self, codes: Codes, view: LesionView) -> None:
        whole = view.cells is None and len(view) == view.frame.height
        self.codes = codes if whole else codes[view.holds(codes)]
        """(m,) flat places."""
        self._last = 0

    def __len__(self) -> int:
        return len(self.codes)

    def cell(self, index: int, attribute: int) -> Cell:  # noqa: ARG002 -- each entry has its own attribute
        return Cell.of(self.codes[index])

    def position(self, cell: Cell) -> int | None:
        for index in (self._last, self._last + 1):  # a step, and asking again, need no search
            if index < len(self.codes) and self.codes[index] == cell.code:
                self._last = index
                return index
        found = np.flatnonzero(self.codes == cell.code)
        if not len(found):
            return None
        self._last = int(found[0])
        return self._last

    def places(self, start: int, stop: int, attribute: int) -> NDArray[np.int64]:  # noqa: ARG002 -- likewise
        return self.codes[start:stop].astype(np.int64)
