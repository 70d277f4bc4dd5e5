"""The next annotation of a listing that has some property, by whole blocks: millions of entries are looked through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skintui.session.listing import Listing

_FIRST, _GROWTH = 1 << 10, 8
"""Entries in the first block, and how many times more in each after it: most answers lie near."""


@dataclass(frozen=True, slots=True)
class Found:
    """A position in the listing, and whether the search went on from the other end to find it."""

    index: int
    wrapped: bool


def seek(listing: Listing, wanted: NDArray[np.bool_], attribute: int, start: int, step: int) -> Found | None:
    """The nearest entry after ``start`` (before it where ``step`` is −1) that is wanted, the entry itself last.

    Args:
        listing: what is looked through.
        wanted: (n · 16,) by flat place.
        attribute: the chosen one, for listings of whole lesions.
        start: a position; −1 to begin with the first entry.
        step: 1 or −1.
    """
    n = len(listing)
    spans = [(start + 1, n), (0, min(start + 1, n))] if step > 0 else [(0, max(start, 0)), (max(start, 0), n)]
    for wrapped, (low, high) in enumerate(spans):
        found = _within(listing, wanted, attribute, low, high, step)
        if found is not None:
            return Found(found, bool(wrapped))
    return None


def _within(listing: Listing, wanted: NDArray[np.bool_], attribute: int, low: int, high: int, step: int) -> int | None:
    """The first wanted entry of ``low`` … ``high``, the last one where ``step`` is −1."""
    size = _FIRST
    while low < high:
        begin, end = (low, min(high, low + size)) if step > 0 else (max(low, high - size), high)
        hits = np.flatnonzero(wanted[listing.places(begin, end, attribute)])
        if len(hits):
            return begin + int(hits[0 if step > 0 else -1])
        low, high = (end, high) if step > 0 else (low, begin)
        size *= _GROWTH
    return None
