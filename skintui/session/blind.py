"""Reviewing without seeing what others decided, or what the model says.

What is hidden is withheld where it is kept, so that no pane, list, filter or message can show it: other people's
verdicts by the decisions, the prediction and everything made from it (suspicion, flags, reasons) by the session, which
then answers as if there were no audit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skintui.session.queue import OF_THE_AUDIT, RANDOM, SECOND, SUSPICION
from skintui.session.reading import Floats, Predictions, Reading
from skintui.session.rules import Rules

if TYPE_CHECKING:
    from skintui.session.session import Session


@dataclass(frozen=True, slots=True)
class Blind:
    """What is hidden."""

    verdicts: bool = False
    """Other people's verdicts and notes."""
    prediction: bool = False
    """The prediction, and all that rests on it."""

    def __bool__(self) -> bool:
        return self.verdicts or self.prediction

    def words(self) -> str:
        hidden = [word for word, on in (("first verdict", self.verdicts), ("prediction", self.prediction)) if on]
        return f"{' and '.join(hidden)} hidden" if hidden else ""


class Withheld(Predictions):
    """Predictions that nobody sees; what the model reads meanwhile is kept for later."""

    def __init__(self, kept: Predictions) -> None:
        self._kept = kept
        self.spread = self.predicted = np.broadcast_to(np.float64(np.nan), kept.predicted.shape)
        self.stored = kept.stored

    def fill(self, predicted: Floats, spread: Floats, folder: Path | None = None) -> None:
        self._kept.fill(predicted, spread, folder)
        self.stored = True

    def put(self, row: int, reading: Reading) -> None:
        self._kept.put(row, reading)

    def has(self, row: int) -> bool:  # noqa: ARG002 -- the model is not asked while nobody may see its answer
        return True


def hide(session: Session, blind: Blind) -> None:
    """Hide what ``blind`` says and show the rest again; survives a restart.

    With verdicts hidden the queue is that of the second review, where others have decided anything. Filters and orders
    that rest on what is hidden are dropped; the others are applied anew.
    """
    was_queue, order = session.in_queue, session.queue.order
    session.blind = blind
    session.decisions.withhold(blind.verdicts)
    session.desk.put(f"blind/{session.decisions.reviewer}", [blind.verdicts, blind.prediction])
    session.apply(_harmless(session) if blind.prediction else session.rules)
    if blind.verdicts:
        session.queue.order = SECOND
        if session.show_queue(True):
            return
        session.queue.order = order
    if blind.prediction and session.queue.order in OF_THE_AUDIT:
        session.queue.order = RANDOM
    elif session.queue.order == SECOND and session.queue.why_not(session.findings):
        session.queue.order = SUSPICION  # the second review is done
    if not session.show_queue(was_queue):
        session.show_queue(False)


def _harmless(session: Session) -> Rules:
    """The rules in force without those that tell what the model says."""
    rules = session.rules
    kept = Rules(tuple(each for each in rules.filters if not session.sieve.needs_audit(Rules((each,)))))
    return kept if session.sieve.needs_audit(Rules(order=rules.order)) else replace(kept, order=rules.order)


def kept(session: Session) -> Blind:
    """What was hidden when the reviewer last worked here: a lost connection must not show it."""
    value = session.desk.get(f"blind/{session.decisions.reviewer}")
    return Blind(*map(bool, value)) if isinstance(value, list) and len(value) == 2 else Blind()
