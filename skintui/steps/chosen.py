"""What the caller of ``export`` wants to leave, in its words, and the choice of rows that follows from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.files import is_there
from skintui.review.choice import ALL, FLAGGED, REVIEWED, Choice
from skintui.review.verdicts import VERDICTS, Verdict
from skintui.texts import printable

if TYPE_CHECKING:
    import polars as pl

    from skintui.dataset.lesions import Lesions
    from skintui.review.record import Key
    from skintui.steps.place import Place


BOTH = f"{FLAGGED},{REVIEWED}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows leave. Everything given narrows."""

    rows: str = BOTH
    """``flagged``, ``reviewed``, both with a comma, or ``all``."""
    attributes: tuple[str, ...] = ()
    """Names of attributes; none for all."""
    reviewer: str = ""
    verdict: str = ""
    only: pl.DataFrame | None = None
    """Lesions (``isic_id``) or annotations (``isic_id, attribute``); none for all."""
    in_order: bool = False
    """Whether rows come in the order of ``only``, which then is of annotations."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of rows named. Raises UsageError for a word that is none."""
        words = tuple(dict.fromkeys(word.strip() for word in self.rows.split(",") if word.strip()))
        for word in words:
            if word not in (FLAGGED, REVIEWED, ALL):
                raise UsageError(f"no rows '{printable(word, 40)}'", do="choose flagged, reviewed, both, or all")
        if not words:
            raise UsageError("no rows named", do="choose flagged, reviewed, both with a comma, or all")
        return words


def choice_of(wanted: Wanted) -> Choice:
    """The choice of rows. Raises UsageError for a word that is not known."""
    if wanted.verdict and wanted.verdict not in VERDICTS:
        raise UsageError(f"'{printable(wanted.verdict, 40)}' is no verdict", do=f"use one of {', '.join(VERDICTS)}")
    return Choice(wanted.kinds, wanted.attributes, wanted.reviewer, wanted.verdict, wanted.only, wanted.in_order)


def latest_verdicts(place: Place, lesions: Lesions) -> dict[Key, Verdict]:
    """The verdicts that count; none where nobody has decided anything (and no file is made).

    Raises ReviewError where they are of another data set.
    """
    from skintui.review.record import ReviewRecord
    from skintui.steps.freshness import check_record

    if not is_there(place.workspace.review):
        return {}
    with ReviewRecord(place.workspace.review) as record:
        check_record(record, lesions)
        return record.latest()


def label_of(lesions: Lesions) -> Callable[[str, str], float | None]:
    """Tells the present label of an annotation: NaN where missing, None for a lesion that is not there."""
    labels = lesions.labels()
    rows = {isic_id: row for row, isic_id in enumerate(lesions.ids)}
    columns = {a.name: j for j, a in enumerate(ATTRIBUTES)}

    def label_now(isic_id: str, name: str) -> float | None:
        row = rows.get(isic_id)
        return None if row is None else float(labels[row, columns[name]])

    return label_now
