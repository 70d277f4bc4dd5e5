"""From standing verdicts to the corrections that can be made: one value per annotation, contradictions left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from skintui.review.verdicts import Verdict
from skintui.review.votes import RIGHT, WRONG, Annotation


@dataclass(frozen=True, slots=True)
class Correction:
    """The value that an annotation shall have."""

    isic_id: str
    attribute: str
    value: float
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An annotation whose correction is not made, and why."""

    isic_id: str
    attribute: str
    why: str
    do: str = ""
    """What would resolve it; empty where nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """What can be corrected, and what cannot, each by lesion and attribute."""

    made: tuple[Correction, ...]
    left_out: tuple[LeftOut, ...]


def corrections(
    verdicts: Iterable[Verdict], label_now: Callable[[str, str], float | None] | None = None
) -> Corrections:
    """The proposed values of the standing ``label_wrong`` verdicts, where nobody found the label right.

    ``label_now`` tells the present label of an annotation (NaN for missing, None for a lesion that is not there): a
    correction of another label is left out.
    """
    votes: dict[Annotation, list[Verdict]] = {}
    for verdict in verdicts:
        votes.setdefault((verdict.isic_id, verdict.attribute), []).append(verdict)
    made: list[Correction] = []
    left_out: list[LeftOut] = []
    for annotation, cast in sorted(votes.items()):
        if not any(v.verdict == WRONG and v.proposed_value is not None for v in cast):
            continue
        settled = _settled(annotation, cast, label_now)
        (made if isinstance(settled, Correction) else left_out).append(settled)  # type: ignore[arg-type]
    return Corrections(tuple(made), tuple(left_out))


def _settled(
    annotation: Annotation, cast: list[Verdict], label_now: Callable[[str, str], float | None] | None
) -> Correction | LeftOut:
    """The one value of an annotation, or why there is none."""
    proposals = [v for v in cast if v.verdict == WRONG and v.proposed_value is not None]
    values = sorted({v.proposed_value for v in proposals if v.proposed_value is not None})
    against = [v for v in cast if v.verdict in RIGHT]
    if len(values) > 1 or against:
        told = [f"{v.reviewer} {v.verdict}{_value(v)}" for v in sorted(cast, key=lambda v: v.reviewer)]
        do = "take one reviewer's with --reviewer NAME, or decide again until they agree"
        return LeftOut(*annotation, f"reviewers differ: {', '.join(told)}", do)
    if label_now is not None:
        now = label_now(*annotation)
        if now is None:
            return LeftOut(*annotation, "the lesion is not in the data set")
        if now == values[0]:
            return LeftOut(*annotation, f"the label is {values[0]!r} already")
        if any(v.label is not None and v.label != now for v in proposals):
            shown = "missing" if math.isnan(now) else repr(now)
            return LeftOut(*annotation, f"the label is {shown} now, not what was judged", "judge it again")
    return Correction(*annotation, values[0], tuple(sorted(v.reviewer for v in proposals)))


def _value(verdict: Verdict) -> str:
    return "" if verdict.proposed_value is None else f" {verdict.proposed_value!r}"
