"""How far two reviewers agree beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from skintui.review.record import Key
from skintui.review.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two reviewers' verdicts on the annotations both judged."""

    reviewers: tuple[str, str]
    shared: int
    agreed: int
    kappa: float | None
    """Cohen's κ; None where nothing was shared or chance alone explains full agreement."""
    disagreements: tuple[tuple[Verdict, Verdict], ...]


def cohen_kappa(pairs: list[tuple[str, str]]) -> float | None:
    """Cohen's κ of two raters' categories over the same items: (p_o − p_e) / (1 − p_e) (Cohen 1960)."""
    n = len(pairs)
    if n == 0:
        return None
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(first[c] * second[c] for c in first) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def agreements(latest: Mapping[Key, Verdict]) -> list[Agreement]:
    """Every pair of reviewers who judged at least one annotation in common, by name."""
    by_reviewer: dict[str, dict[tuple[str, str], Verdict]] = {}
    for (isic_id, attribute, reviewer), verdict in latest.items():
        by_reviewer.setdefault(reviewer, {})[isic_id, attribute] = verdict
    names = sorted(by_reviewer)
    found = (_between(a, b, by_reviewer[a], by_reviewer[b]) for i, a in enumerate(names) for b in names[i + 1 :])
    return [agreement for agreement in found if agreement.shared]


def _between(
    a: str, b: str, first: Mapping[tuple[str, str], Verdict], second: Mapping[tuple[str, str], Verdict]
) -> Agreement:
    both = [(first[key], second[key]) for key in sorted(first.keys() & second.keys())]
    apart = tuple(pair for pair in both if pair[0].verdict != pair[1].verdict)
    kappa = cohen_kappa([(x.verdict, y.verdict) for x, y in both])
    return Agreement((a, b), len(both), len(both) - len(apart), kappa, apart)
