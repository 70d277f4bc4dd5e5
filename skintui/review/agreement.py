"""How far reviewers agree beyond chance: on the verdict, and on the right value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from skintui.attributes import ATTRIBUTES
from skintui.review.verdicts import Verdict

Annotation = tuple[str, str]
_PLACE = {a.name: j for j, a in enumerate(ATTRIBUTES)}


@dataclass(frozen=True, slots=True)
class OfAttribute:
    """Agreement on one attribute."""

    attribute: str
    shared: int
    agreed: int
    kappa: float | None
    valued: int
    """Annotations for which somebody proposed a value and everybody's verdict implies one."""
    icc: float | None
    """ICC(2,1) of the implied values; None where fewer than two are valued or nothing varies."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Verdicts of two or more reviewers on the annotations that all of them judged."""

    reviewers: tuple[str, ...]
    shared: int
    agreed: int
    """Annotations on which all gave the same verdict."""
    kappa: float | None
    """Cohen's κ of two, Fleiss' κ of more; None where nothing was shared or chance alone explains full agreement."""
    disagreements: tuple[tuple[Verdict, ...], ...]
    attributes: tuple[OfAttribute, ...]
    """Those with a shared annotation, in the order of ``ATTRIBUTES``."""


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's κ of two raters' categories over the same items: (p_o − p_e) / (1 − p_e) (Cohen 1960)."""
    n = len(pairs)
    if n == 0:
        return None
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(first[c] * second[c] for c in first) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def fleiss_kappa(items: Sequence[Sequence[str]]) -> float | None:
    """Fleiss' κ over items that each have the same number of ratings, two or more (Fleiss 1971).

    (P̄ − P̄_e) / (1 − P̄_e) with P̄ the mean share of pairs of ratings that are alike, and P̄_e the sum of the squared
    shares of the categories.
    """
    if not items:
        return None
    n = len(items[0])
    if n < 2 or any(len(item) != n for item in items):
        raise ValueError("every item needs the same number of ratings, at least two")
    alike, total = 0.0, Counter[str]()
    for item in items:
        counts = Counter(item)
        total += counts
        alike += sum(c * (c - 1) for c in counts.values()) / (n * (n - 1))
    expected = sum((c / (n * len(items))) ** 2 for c in total.values())
    return None if expected == 1 else (alike / len(items) - expected) / (1 - expected)


def intraclass(items: Sequence[Sequence[float]]) -> float | None:
    """ICC(2,1): two-way random effects, absolute agreement, single rater (Shrout & Fleiss 1979).

    (BMS − EMS) / (BMS + (k − 1) EMS + k (JMS − EMS) / n) for n items by k raters, with the mean squares between items,
    between raters (judges) and of the error. None for fewer than two items, or where nothing varies.
    """
    n, k = len(items), len(items[0]) if items else 0
    if n < 2 or k < 2:
        return None
    mean = sum(map(sum, items)) / (n * k)
    rows = [sum(item) / k - mean for item in items]
    columns = [sum(column) / n - mean for column in zip(*items, strict=True)]
    total = sum((value - mean) ** 2 for item in items for value in item)
    between, judges = k * sum(r * r for r in rows), n * sum(c * c for c in columns)
    bms, jms = between / (n - 1), judges / (k - 1)
    ems = (total - between - judges) / ((n - 1) * (k - 1))
    below = bms + (k - 1) * ems + k * (jms - ems) / n
    return (bms - ems) / below if below > 0 else None


def implied_value(verdict: Verdict) -> float | None:
    """The value a verdict stands for: the one proposed, or the label where that was found right; else none."""
    if verdict.proposed_value is not None:
        return verdict.proposed_value
    return verdict.label if verdict.verdict == "label_ok" else None


def agreements(latest: Mapping[tuple[str, str, str], Verdict]) -> list[Agreement]:
    """Every pair of reviewers who judged at least one annotation in common, by name; then all together, if more."""
    by_reviewer: dict[str, dict[Annotation, Verdict]] = {}
    for (isic_id, attribute, reviewer), verdict in latest.items():
        by_reviewer.setdefault(reviewer, {})[isic_id, attribute] = verdict
    names = sorted(by_reviewer)
    groups: list[tuple[str, ...]] = list(combinations(names, 2))
    if len(names) > 2:
        groups.append(tuple(names))
    found = (_among(group, [by_reviewer[name] for name in group]) for group in groups)
    return [agreement for agreement in found if agreement.shared]


def _among(names: tuple[str, ...], given: Sequence[Mapping[Annotation, Verdict]]) -> Agreement:
    shared = sorted(set(given[0]).intersection(*given[1:]))
    items = [tuple(each[annotation] for each in given) for annotation in shared]
    of: dict[str, list[tuple[Verdict, ...]]] = {}
    for item in items:
        of.setdefault(item[0].attribute, []).append(item)
    in_order = sorted(of, key=lambda name: _PLACE.get(name, len(_PLACE)))
    return Agreement(
        reviewers=names,
        shared=len(items),
        agreed=sum(map(_alike, items)),
        kappa=_kappa(items),
        disagreements=tuple(item for item in items if not _alike(item)),
        attributes=tuple(_of_attribute(name, of[name]) for name in in_order),
    )


def _of_attribute(name: str, items: Sequence[tuple[Verdict, ...]]) -> OfAttribute:
    values = _values(items)
    return OfAttribute(name, len(items), sum(map(_alike, items)), _kappa(items), len(values), intraclass(values))


def _values(items: Sequence[tuple[Verdict, ...]]) -> list[list[float]]:
    """Implied values of the annotations somebody proposed one for: two who leave a label as it is prove no skill."""
    valued = []
    for item in items:
        values = [value for value in map(implied_value, item) if value is not None]
        if len(values) == len(item) and any(v.proposed_value is not None for v in item):
            valued.append(values)
    return valued


def _alike(item: Sequence[Verdict]) -> bool:
    return all(v.verdict == item[0].verdict for v in item[1:])


def _kappa(items: Sequence[tuple[Verdict, ...]]) -> float | None:
    categories = [tuple(v.verdict for v in item) for item in items]
    if items and len(items[0]) == 2:
        return cohen_kappa([(a, b) for a, b in categories])
    return fleiss_kappa(categories)
