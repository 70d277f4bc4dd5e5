"""Sentences about one annotation and its neighbours."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.texts import printable
from skintui.tui import theme
from skintui.tui.widgets.ink import Part, wrapped
from skintui.tui.widgets.neighbour_grid import Neighbour

if TYPE_CHECKING:
    from skintui.review.verdicts import Verdict
    from skintui.session import Cell, Lane, Session

NUMBER = 8
"""Cells of a number above the cards."""
MINUS = re.compile(r"(?<![\w.])-(?=[\d.])")
"""A minus before a number, in text that was written for the command line, too."""
LEGEND: list[Part] = [(" label", "strong"), ("  model", "muted"), ("  similarity", "plain"), ("  id", "faint")]
"""What is under each card, every word in the ink of what it names."""


def judgement(session: Session, cell: Cell, width: int, note: str = "") -> list[list[Part]]:
    """What is known and decided about the chosen annotation, most important first.

    ``note`` is what the model has to say of itself: that it is reading, or why it could not.
    """
    attribute, state = ATTRIBUTES[cell.attribute], session.state(cell)
    unit = f" {attribute.unit}" if attribute.unit else ""
    head: list[Part] = [(f" {attribute.title}", "strong"), (unit, "faint")]
    if state.label != state.label:
        head.append(("   no label", "muted"))
    if state.score == state.score:
        head.append((f"   {state.score:.1f} σ off", "warn" if state.flagged else "muted"))
    if session.findings is not None and state.q_value == state.q_value:
        kind = " est." if session.findings.findings.q_kind == "estimate" else ""
        q = f"{state.q_value:.3f}" if state.q_value >= 0.001 else "< 0.001"
        head.append((f"   q {q}{kind}", "warn" if state.flagged else "muted"))
    lines = [head]
    verdict = session.decisions.of(session.ids[cell.row], cell.attribute)
    if verdict is not None:
        lines.append([(_said(verdict), "accent")])
        others = session.decisions.others(session.ids[cell.row], cell.attribute)
        lines += [[(_said(each), "plain")] for each in others if each is not verdict]
    reason = session.findings.reason(cell) if session.findings is not None else ""
    facts, _, why = (note, "", "") if note else MINUS.sub("−", reason).rpartition(": ")
    for text, ink in ((why, "plain"), (facts, "muted")) if facts else ((why, "muted"),):
        lines.extend([(f" {line}", ink)] for line in wrapped(printable(text), max(10, width - 2), 4))
    return lines


def _said(verdict: Verdict) -> str:
    """What one reviewer decided."""
    sign, words = theme.VERDICT_SIGNS[verdict.verdict], theme.VERDICT_WORDS[verdict.verdict]
    value = f", right value {verdict.proposed_value:g}" if verdict.proposed_value is not None else ""
    remark = f" · {printable(verdict.note)}" if verdict.note else ""
    return f" {sign} {words}{value} · {printable(verdict.reviewer, 30)}{remark}"


def neighbour_context(session: Session, cell: Cell, found: Sequence[Neighbour]) -> list[list[Part]]:
    """The label above the middle of the neighbours' labels and their median absolute deviation."""
    attribute, lines = ATTRIBUTES[cell.attribute], [_label(session, cell)]
    labels = [n.label for n in found if n.label == n.label]
    if labels:
        middle = statistics.median(labels)
        mad = statistics.median(abs(value - middle) for value in labels)
        near = theme.number(middle, NUMBER, attribute.decimals)
        around = f" ± {mad:.{attribute.decimals}f}"
        lines.append([(" near ", "faint"), (near, "plain"), (around, "muted"), _unit(attribute)])
    return lines


def _label(session: Session, cell: Cell) -> list[Part]:
    attribute, label = ATTRIBUTES[cell.attribute], float(session.labels[cell.row, cell.attribute])
    return [(" label", "faint"), (theme.number(label, NUMBER, attribute.decimals), "strong"), _unit(attribute)]


def _unit(attribute: Attribute) -> Part:
    return (f" {attribute.unit}" if attribute.unit else "", "faint")


def why_no_neighbours(reason: str, step: str, key: str, width: int) -> list[list[Part]]:
    """What to do where there are no neighbours to show."""
    if step:
        text = "The index is being made. Neighbours and predictions appear here when it is done."
    elif reason:
        text = printable(reason, 200)
    else:
        text = f"No index yet. Press {key} to make it in the background, or run: skintui index DATASET"
    return [[(f" {line}", "muted")] for line in wrapped(text, width, 6)]


def patient_context(session: Session, cell: Cell, lane: Lane) -> list[list[Part]]:
    """The label, whose lesions these are, and how many."""
    flagged: Part = (f", {lane.flagged:,} flagged", "warn" if lane.flagged else "muted")
    return [
        [*_label(session, cell), (f"   {printable(lane.patient, 20)}", "plain")],
        [(f" {lane.lesions:,} lesions", "muted"), *([flagged] if session.findings is not None else [])],
    ]


def why_no_lane(reason: str, lane: Lane | None, width: int) -> list[list[Part]]:
    """Why there are no other lesions of the patient to show."""
    if lane is None:
        text = printable(reason, 200)
    elif not lane.patient:
        text = "The patient of this lesion is unknown, so nobody knows which lesions are theirs."
    else:
        text = f"{printable(lane.patient, 20)} has no other lesion in this data set."
    return [[(f" {line}", "muted")] for line in wrapped(text, width, 6)]


def pane_name(text: str, active: bool) -> Part:
    """The name of a pane, marked where it has the focus."""
    return (f"{'▌' if active else ' '}{text}", "accent" if active else "strong")
