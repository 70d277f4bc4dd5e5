"""``review``: one verdict, durable when this returns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.errors import StaleError, UsageError
from skintui.progress import SILENT
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import OF_A_LABEL, VERDICTS, Verdict
from skintui.steps.freshness import check_record
from skintui.steps.place import Place
from skintui.steps.predictions import look_up

COLUMNS = ("isic_id", "attribute", "verdict", "proposed_value", "note", "reviewer", "reviewed_at", "random_sample")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one annotation."""

    isic_id: str
    attribute: Attribute
    verdict: str
    value: float | None = None
    """The right value in the attribute's unit."""
    note: str = ""
    reviewer: str = ""
    random_sample: bool = False


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The verdict as it was recorded."""

    verdict: Verdict

    def rows(self) -> Iterator[dict[str, Any]]:
        yield asdict(self.verdict)


def review(place: Place, decision: Decision) -> Reviewed:
    """Record a verdict on an annotation of the data set.

    Raises UsageError for an unknown lesion or verdict, a value the attribute cannot have, or a judgement on no label.
    """
    if decision.verdict not in VERDICTS:
        raise UsageError(f"'{decision.verdict[:40]}' is no verdict", do=f"use one of {', '.join(VERDICTS)}")
    attribute, value = decision.attribute, decision.value
    if value is not None and not (math.isfinite(value) and attribute.is_plausible(value)):
        limits = f"{attribute.low:g} to {attribute.with_unit(f'{attribute.high:g}')}"
        raise UsageError(f"{attribute.title} cannot be {value:g}", do=f"give a value from {limits}")
    lesions = place.lesions(SILENT)
    label = float(lesions.labels()[lesions.row_of(decision.isic_id), ATTRIBUTES.index(attribute)])
    if math.isnan(label) and value is None and decision.verdict in OF_A_LABEL:
        raise UsageError(
            f"{decision.isic_id} has no label of {attribute.title} to judge",
            do="give its value, or say 'unsure' or 'image_unusable'",
        )
    shown: dict[tuple[str, str], float] = {}
    with suppress(StaleError):  # nothing was shown of other data
        shown = look_up(place.workspace.predictions, lesions.dataset_sha256, [decision.isic_id], [attribute.name])
    verdict = Verdict(
        isic_id=decision.isic_id,
        attribute=attribute.name,
        verdict=decision.verdict,
        reviewer=decision.reviewer,
        proposed_value=value,
        note=decision.note,
        random_sample=decision.random_sample,
        label=label,
        predicted=shown.get((decision.isic_id, attribute.name)),
        dataset_sha256=lesions.dataset_sha256,
    ).checked()
    with ReviewRecord(place.workspace.review) as record:
        check_record(record, lesions)
        record.record(verdict)
    return Reviewed(verdict)
