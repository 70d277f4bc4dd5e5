"""What the caller of ``export`` wants to leave, in its words, and the choice of rows that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skintui.dataset.view import LesionView
from skintui.errors import UsageError
from skintui.files import printable
from skintui.review.choice import ALL, FLAGGED, REVIEWED, Choice
from skintui.review.verdicts import VERDICTS, Verdict

if TYPE_CHECKING:
    import polars as pl

    from skintui.dataset.lesions import Lesions
    from skintui.review.record import Key
    from skintui.steps.place import Place


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows leave. Everything given narrows."""

    rows: str = f"{FLAGGED},{REVIEWED}"
    """``flagged``, ``reviewed``, both with a comma, or ``all``."""
    attributes: tuple[str, ...] = ()
    """Names of attributes; none for all."""
    reviewer: str = ""
    verdict: str = ""
    filters: tuple[str, ...] = ()
    """Expressions as the application's filter reads them: only lesions that match all."""
    only: pl.DataFrame | None = None
    """Annotations (``isic_id, attribute``) in the order wanted."""

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


def choice_of(lesions: Lesions, wanted: Wanted) -> Choice:
    """The choice of rows. Raises UsageError for a word or an expression that cannot be read."""
    if wanted.verdict and wanted.verdict not in VERDICTS:
        raise UsageError(f"'{printable(wanted.verdict, 40)}' is no verdict", do=f"use one of {', '.join(VERDICTS)}")
    within = wanted.only
    if wanted.filters:
        view = LesionView.of(lesions.frame)
        for expression in wanted.filters:
            view = view.where(expression)
        matching = lesions.frame.select("isic_id")[view.rows]
        within = matching if within is None else within.join(matching, on="isic_id", maintain_order="left")
    return Choice(wanted.kinds, wanted.attributes, wanted.reviewer, wanted.verdict, within)


def latest_verdicts(place: Place) -> dict[Key, Verdict]:
    """The verdicts that count; none where nobody has decided anything (and no file is made)."""
    from skintui.review.record import ReviewRecord

    if not place.workspace.review.is_file():
        return {}
    with ReviewRecord(place.workspace.review) as record:
        return record.latest()
