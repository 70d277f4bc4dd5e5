"""How far the review is: what was found, whether one may stop, and what is probably left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from skintui.audit.conformal import readiness
from skintui.audit.stopping import Estimate, clean_goal, wilson
from skintui.session.tally import Tally

if TYPE_CHECKING:
    from skintui.dataset.lesions import Lesions
    from skintui.session.aside import Matrix
    from skintui.session.decisions import Decisions
    from skintui.session.reading import RankedFindings

Todo = Literal["audit", "calibrate", "audit again", "queue", "passed over", "stop"]
"""What to do next: make an audit; confirm random labels; audit again with them; go on down the queue; go back to what
was passed over; stop and export."""


@dataclass(frozen=True, slots=True)
class AttributeMeter:
    """One attribute's verdicts."""

    attribute: int
    reviewed: int
    judged: int
    wrong: int
    precision: Estimate | None
    """Share of wrong labels among the judged; None where nothing was judged."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether q-values rest on labels that people confirmed."""

    conformal: bool
    """Whether they do in the present audit."""
    confirmed: int
    """Labels found right on randomly drawn lesions, as of now."""
    needed: int
    """How many it takes before anything can be flagged at the audit's rate."""
    fdr: float
    why: str
    """The audit's own line about its q-values."""

    @property
    def missing(self) -> int:
        return 0 if self.conformal else max(self.needed - self.confirmed, 0)


@dataclass(frozen=True, slots=True)
class Meter:
    """The state of the review. Estimates are None where there is nothing to estimate from."""

    reviewed: int
    """Annotations with a verdict of anybody who may be seen."""
    own: int
    """Those whose verdict is the reviewer's own."""
    flagged: int
    """Annotations the audit flags."""
    flagged_judged: int
    """Those of them judged wrong or not wrong."""
    flagged_wrong: int
    flagged_left: int
    """Flagged annotations without any verdict."""
    precision: Estimate | None
    """Share of wrong labels among the flagged ones judged."""
    left: Estimate | None
    """Wrong labels among the flagged ones without a verdict, at the precision so far."""
    share: float
    """Share of wrong labels that the stopping rule is asked to speak against."""
    clean_run: int
    """See :meth:`Tally.clean_run`."""
    goal: int
    """Length of the clean run at which one may stop."""
    passed_over: int
    """More suspicious annotations without a verdict above the clean run; none may be left out."""
    sample: int
    """Randomly drawn annotations that were judged."""
    sample_wrong: int
    annotations: int
    """Annotations with a label."""
    left_overall: Estimate | None
    """Wrong labels among all annotations without a verdict, at the random sample's rate."""
    calibration: Calibration | None
    """None without an audit."""
    attributes: tuple[AttributeMeter, ...]
    """Those with a verdict, in the order of ``ATTRIBUTES``."""

    @property
    def todo(self) -> Todo:
        if self.calibration is None:
            return "audit"
        if not self.flagged and self.calibration.missing:
            return "calibrate"
        if not self.calibration.conformal and not self.calibration.missing:
            return "audit again"
        if self.clean_run < self.goal and self.reviewed < self.annotations:
            return "queue"
        return "passed over" if self.passed_over else "stop"


class Gauge:
    """Makes the meter, keeping the counts; what only depends on the audit is worked out once."""

    def __init__(
        self, decisions: Decisions, lesions: Lesions, findings: RankedFindings | None, labels: Matrix | None = None
    ) -> None:
        """Counts every verdict there is: with very many not for the thread that draws."""
        self.findings = findings
        self._tally = tally = Tally(decisions, lesions, findings, labels)
        self._annotations = int(np.isfinite(lesions.labels()).sum())
        self._audit = _AuditFigures.of(findings) if findings is not None else None
        tally.catch_up()

    def read(self, share: float) -> Meter:
        """The meter as of now."""
        tally = self._tally
        tally.catch_up()
        total = self.findings.flagged_count if self.findings is not None else 0
        precision = wilson(tally.flagged.wrong, tally.flagged.judged)
        rate = wilson(tally.random.wrong, tally.random.judged)
        flagged_left, unseen = total - tally.flagged.reviewed, max(self._annotations - tally.all.reviewed, 0)
        goal = clean_goal(share)
        return Meter(
            reviewed=tally.all.reviewed,
            own=tally.own,
            flagged=total,
            flagged_judged=tally.flagged.judged,
            flagged_wrong=tally.flagged.wrong,
            flagged_left=flagged_left,
            precision=precision,
            left=precision.times(flagged_left) if precision is not None else None,
            share=share,
            clean_run=tally.clean_run,
            goal=goal,
            passed_over=tally.passed_over(goal),
            sample=tally.random.judged,
            sample_wrong=tally.random.wrong,
            annotations=self._annotations,
            left_overall=rate.times(unseen) if rate is not None else None,
            calibration=self._audit.calibration(tally.confirmed) if self._audit is not None else None,
            attributes=tuple(
                AttributeMeter(j, count.reviewed, count.judged, count.wrong, wilson(count.wrong, count.judged))
                for j, count in enumerate(tally.attributes)
                if count.reviewed
            ),
        )


@dataclass(frozen=True, slots=True)
class _AuditFigures:
    """What the calibration's need follows from."""

    conformal: bool
    tests: int
    suspicious: int
    fdr: float
    why: str

    @classmethod
    def of(cls, ranked: RankedFindings) -> _AuditFigures:
        found = ranked.findings
        return cls(found.q_kind == "conformal", ranked.tested, ranked.suspicious, found.fdr, found.why)

    def calibration(self, confirmed: int) -> Calibration:
        state = readiness(confirmed, self.tests, self.suspicious, self.fdr)
        return Calibration(self.conformal, confirmed, state.needed, self.fdr, self.why)
