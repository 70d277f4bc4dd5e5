"""When a review may stop, and how many errors are probably left: closed forms only, nothing to load."""

from __future__ import annotations

import math
from dataclasses import dataclass

SHARES = (0.05, 0.02, 0.01)
"""Shares of wrong labels that the stopping rule is asked for."""
CONFIDENCE = 0.95
Z = 1.959963984540054
"""Standard normal quantile at .975: two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Estimate:
        """The same in other units, e.g. a share of ``factor`` things as a number of them."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


def clean_goal(share: float) -> int:
    """Verdicts in a row that must find nothing wrong before one may stop: ⌊ln .05 / ln(1 − share)⌋.

    The stopping rule of the dermatology clean-up protocol (Gröger et al., 2023, "Towards reliable dermatology
    evaluation benchmarks"): were more than ``share`` of the annotations wrong, so long a run would have a chance of
    about 5 %. 58, 148 and 298 for .05, .02 and .01.
    """
    if not 0 < share < 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}")
    return max(1, math.floor(math.log(1 - CONFIDENCE) / math.log1p(-share)))


def wilson(hits: int, trials: int) -> Estimate | None:
    """The share ``hits / trials`` with Wilson's score interval; None without trials.

    (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n) (Wilson, 1927, "Probable inference"): keeps its level for
    few trials and for shares near 0 and 1, where p̂ ± z·se does not (Brown, Cai & DasGupta, 2001).
    """
    if trials <= 0:
        return None
    share, z2 = hits / trials, Z * Z
    middle = share + z2 / (2 * trials)
    half = Z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    stretch = 1 + z2 / trials
    low = 0.0 if hits == 0 else (middle - half) / stretch
    high = 1.0 if hits == trials else (middle + half) / stretch
    return Estimate(share, low, high)
