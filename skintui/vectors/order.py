"""In which order lesions enter a graph: those that are alike one after the other, so that what they meet is at hand.

A graph of hundreds of thousands of codes is far larger than a processor's caches, and entering one compares it with
some thousands of others. Entered along a tour through the data, a lesion meets the codes that the one before it met:
building takes half the time, and a search reads memory and disk in fewer places. A random tenth enters first, which
ties the graph together; without it, neighbours in clusters that come late would be lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_STOPS = 1024
_LEAST_AROUND = 64
"""Lesions around a stop on average, at least."""
_FIRST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Tour:
    """Stops (s, r) among the coordinates of lesions, each followed by the nearest that is left."""

    stops: NDArray[np.float32]

    def stop_of(self, coordinates: NDArray[np.float32]) -> NDArray[np.int16]:
        """The nearest stop (m,) of lesions (m, r), counted along the tour."""
        halves = np.einsum("ij,ij->i", self.stops, self.stops) / 2
        nearest: NDArray[np.int16] = np.argmax(coordinates @ self.stops.T - halves, axis=1).astype(np.int16)
        return nearest

    @staticmethod
    def through(sample: NDArray[np.float32], n: int) -> Tour:
        """A tour through the coordinates (m, r) of some of ``n`` lesions; one stop at the origin where m is 0."""
        if not len(sample):
            return Tour(np.zeros((1, sample.shape[1]), np.float32))
        count = max(1, min(MOST_STOPS, len(sample), n // _LEAST_AROUND))
        stops = sample[np.linspace(0, len(sample) - 1, count).astype(np.int64)]
        halves = np.einsum("ij,ij->i", stops, stops) / 2
        left, path = np.ones(count, np.bool_), [0]
        while len(path) < count:
            left[path[-1]] = False
            distance = np.where(left, halves - stops @ stops[path[-1]], np.inf)
            path.append(int(np.argmin(distance)))
        return Tour(stops[path])


def entering(stops: NDArray[np.int16], seed: int = 0) -> NDArray[np.int64]:
    """The order (m,) in which lesions with these stops (m,) enter; the same ``seed`` gives the same order."""
    drawn = np.random.default_rng(seed).permutation(stops.size)
    first = int(_FIRST_SHARE * stops.size)
    others = np.sort(drawn[first:])
    return np.concatenate([drawn[:first], others[np.argsort(stops[others], kind="stable")]])
