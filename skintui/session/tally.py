"""Counts over the verdicts, brought up to date by what has changed: a verdict costs the same among ten or 100,000."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.review.votes import RIGHT, WRONG
from skintui.session.listing import Cell

if TYPE_CHECKING:
    from skintui.dataset.lesions import Lesions
    from skintui.review.verdicts import Verdict
    from skintui.session.aside import Matrix
    from skintui.session.decisions import Decisions
    from skintui.session.reading import RankedFindings

_PLACE = {attribute.name: j for j, attribute in enumerate(ATTRIBUTES)}
T = TypeVar("T", int, tuple[str, int])


@dataclass(slots=True)
class Count:
    """Verdicts of one kind of annotation."""

    reviewed: int = 0
    """Annotations with a verdict."""
    judged: int = 0
    """Those whose verdict says whether the present label is wrong."""
    wrong: int = 0

    def add(self, vote: _Vote, sign: int) -> None:
        self.reviewed += sign
        self.judged += sign * vote.judged
        self.wrong += sign * vote.wrong


@dataclass(frozen=True, slots=True)
class _Vote:
    """What one annotation adds to the counts."""

    attribute: int
    own: bool
    judged: bool
    wrong: bool
    flagged: bool
    random: bool
    confirmed: bool
    """Whether it calibrates the audit: found right on a random lesion."""
    step: tuple[str, int] | None
    """Time and place of an own judgement on the way down the queue; None for others and for random ones."""
    place: int
    """Place among the findings, −1 for none."""


class Tally:
    """Counts of the verdicts that count for the reader (their own first), as far as they may be seen.

    Args:
        decisions: the verdicts.
        lesions: the data set; a verdict on a label that has changed since judges nothing.
        findings: the audit, if there is one.
        labels: those of the lesions where they are kept elsewhere.
    """

    def __init__(
        self, decisions: Decisions, lesions: Lesions, findings: RankedFindings | None, labels: Matrix | None = None
    ) -> None:
        self.findings = findings
        self._decisions, self._lesions = decisions, lesions
        self._labels: Matrix = lesions.labels() if labels is None else labels
        self._begin()

    def _begin(self) -> None:
        self.all, self.flagged, self.random = Count(), Count(), Count()
        self.attributes = tuple(Count() for _ in ATTRIBUTES)
        self.own = self.confirmed = 0
        self._alone, self._seen = self._decisions.alone, 0
        self._votes: dict[tuple[str, str], _Vote] = {}
        self._clean: list[tuple[str, int]] = []
        self._wrong: list[tuple[str, int]] = []
        self._places: list[int] = []

    def catch_up(self) -> None:
        """Count what was decided or taken back since, other people's verdicts included where they may be seen."""
        if self._alone != self._decisions.alone:
            self._begin()
        fresh = self._decisions.touched(self._seen)
        self._seen += len(fresh)
        annotations = list(dict.fromkeys(fresh))
        cells = [self._cell(*annotation) for annotation in annotations]
        facts = self._facts([cell for cell in cells if cell is not None])
        for annotation, cell in zip(annotations, cells, strict=True):
            before = self._votes.pop(annotation, None)
            now = self._vote(annotation[0], cell, *next(facts)) if cell is not None else None
            if before is not None:
                self._count(before, -1)
            if now is not None:
                self._votes[annotation] = now
                self._count(now, 1)

    def _cell(self, isic_id: str, name: str) -> Cell | None:
        try:
            return Cell(self._lesions.row_of(isic_id), _PLACE[name])
        except (KeyError, UsageError):  # an attribute or a lesion that the data set has no longer
            return None

    def _facts(self, cells: Sequence[Cell]) -> Iterator[tuple[float, int]]:
        """Label and place among the findings of each annotation, −1 for none; read at once."""
        rows, attributes = np.array(cells, dtype=np.int64).reshape(-1, 2).T
        labels = self._labels[rows, attributes].tolist()
        places = [-1] * len(cells) if self.findings is None else self.findings.places(rows, attributes).tolist()
        return zip(labels, places, strict=True)

    def _vote(self, isic_id: str, cell: Cell, label: float, place: int) -> _Vote | None:
        verdict = self._decisions.of(isic_id, cell.attribute)
        if verdict is None:
            return None
        current = verdict.label is None or verdict.label == label
        judged = current and verdict.verdict in (WRONG, *RIGHT)
        own = verdict.reviewer == self._decisions.reviewer
        return _Vote(
            attribute=cell.attribute,
            own=own,
            judged=judged,
            wrong=judged and verdict.verdict == WRONG,
            flagged=self.findings is not None and bool(self.findings.flags[cell]),
            random=verdict.random_sample,
            confirmed=judged and self._calibrates(verdict, cell),
            step=(verdict.reviewed_at, place) if own and judged and not verdict.random_sample and place >= 0 else None,
            place=place,
        )

    def _calibrates(self, verdict: Verdict, cell: Cell) -> bool:
        """As :meth:`ReviewRecord.confirmed` has it, of annotations that the audit can test."""
        if not verdict.random_sample or verdict.verdict != "label_ok" or cell.code in self._decisions.contested:
            return False
        return self.findings is None or isfinite(self.findings.score[cell])

    def _count(self, vote: _Vote, sign: int) -> None:
        self.all.add(vote, sign)
        self.attributes[vote.attribute].add(vote, sign)
        if vote.flagged:
            self.flagged.add(vote, sign)
        if vote.random:
            self.random.add(vote, sign)
        self.own += sign * vote.own
        self.confirmed += sign * vote.confirmed
        if vote.step is not None:
            _keep(self._wrong if vote.wrong else self._clean, vote.step, sign)
        if vote.place >= 0:
            _keep(self._places, vote.place, sign)

    @property
    def clean_run(self) -> int:
        """The reviewer's verdicts in a row, newest backwards, that found nothing wrong on the way down the queue.

        Verdicts on randomly drawn annotations are another course and stand aside; ``unsure`` and ``image_unusable``
        neither add to a run nor end it. An annotation decided again counts at the time of its last verdict.
        """
        return len(self._clean) - self._run_start

    @property
    def _run_start(self) -> int:
        return bisect_right(self._clean, self._wrong[-1]) if self._wrong else 0

    def passed_over(self, newest: int) -> int:
        """How many more suspicious annotations without a verdict stand above the ``newest`` of the clean run.

        A run only speaks for what is less suspicious than itself: none may have been left out on the way.
        """
        run = self._clean[max(self._run_start, len(self._clean) - newest) :]
        if not run:
            return 0
        deepest = max(place for _, place in run)
        return deepest + 1 - bisect_right(self._places, deepest)


def _keep(ordered: list[T], item: T, sign: int) -> None:
    """Put an item into an ordered list, or take it out."""
    if sign > 0:
        insort(ordered, item)
    else:
        del ordered[bisect_left(ordered, item)]
