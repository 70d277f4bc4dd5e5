"""A verdict: what one person decided about one annotation."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from skintui.attributes import attribute
from skintui.errors import ReviewError

VERDICTS: tuple[str, ...] = ("label_wrong", "label_ok", "both_plausible", "unsure", "image_unusable")
OF_A_LABEL = ("label_wrong", "label_ok", "both_plausible")
"""Those that only a label can have; a missing one can be given a value, nothing else."""
NOTE_LIMIT = 2000
"""Longest note, in characters."""
REVIEWER_LIMIT = 100
"""Longest reviewer's name, in characters."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision about one annotation; ``checked`` tells whether it can be recorded."""

    isic_id: str
    attribute: str
    """Attribute name as on the command line, e.g. ``areaMM2``."""
    verdict: str
    """One of ``VERDICTS``."""
    reviewer: str
    proposed_value: float | None = None
    """The right value in the attribute's unit, if the reviewer knows it."""
    note: str = ""
    reviewed_at: str = ""
    """RFC 3339, UTC; the record fills it in where it is empty."""
    random_sample: bool = False
    """Whether the lesion came from a random queue: only then does ``label_ok`` calibrate the audit."""
    label: float | None = None
    """The label the reviewer saw, in units."""
    predicted: float | None = None
    """The prediction the reviewer saw, in units."""
    dataset_sha256: str = ""
    """Fingerprint of the metadata the label came from."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.isic_id, self.attribute, self.reviewer

    def checked(self) -> Verdict:
        """The verdict as it will be recorded: names trimmed, missing numbers None. Raises ReviewError or UsageError."""
        if self.verdict not in VERDICTS:
            raise ReviewError(f"'{self.verdict[:40]}' is no verdict", do=f"use one of {', '.join(VERDICTS)}")
        isic_id, reviewer = self.isic_id.strip(), self.reviewer.strip()
        if not isic_id:
            raise ReviewError("a verdict needs a lesion", do="name its isic_id")
        if not reviewer:
            raise ReviewError("a verdict needs a reviewer", do="name one with --reviewer or SKINTUI_REVIEWER")
        if len(reviewer) > REVIEWER_LIMIT:
            raise ReviewError(f"the reviewer's name is longer than {REVIEWER_LIMIT} characters", do="shorten it")
        if len(self.note) > NOTE_LIMIT:
            raise ReviewError(
                f"the note has {len(self.note):,} characters, at most {NOTE_LIMIT:,} are kept", do="shorten it"
            )
        for text in (isic_id, reviewer, self.note, self.dataset_sha256):
            _encodable(text)
        if self.proposed_value is not None and not math.isfinite(self.proposed_value):
            raise ReviewError(f"the proposed value {self.proposed_value} is no finite number", do="give a number")
        return replace(
            self,
            isic_id=isic_id,
            reviewer=reviewer,
            attribute=attribute(self.attribute).name,
            label=_finite(self.label),
            predicted=_finite(self.predicted),
            reviewed_at=_stamp(self.reviewed_at),
        )


def now() -> str:
    """The present as RFC 3339 in UTC, to the millisecond."""
    return rfc3339(datetime.now(UTC))


def rfc3339(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC; one without a time zone is taken for UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
"""A time that needs no other spelling: Python reads any character between day and hour."""


def _stamp(text: str) -> str:
    """The time of a verdict as it is kept: now where none is given, in UTC where it was told in another zone."""
    if not text:
        return now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ReviewError(f"'{text[:40]}' is no time", do="write it like 2026-01-31T09:30:00Z") from error
    return text if _WRITTEN.fullmatch(text) else rfc3339(moment)


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _encodable(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ReviewError("the text holds bytes that are no UTF-8", do="type it again") from error
