"""The words and numbers under two lesions that are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.texts import printable
from skintui.tui import theme
from skintui.tui.widgets.ink import Part, fit

if TYPE_CHECKING:
    from skintui.session import Cell, Neighbour, Session

WORDS = 3
"""Lines under a picture."""
TABLE = 54
"""Cells of a line of the table."""
LINES = 1 + len(ATTRIBUTES)
"""Lines of the table with its head."""
ROOM_FOR_NAME = 48
"""Width of a picture from which on its words name the attribute."""
_NUMBER, _NAME = 9, 19


def query_words(session: Session, cell: Cell, width: int) -> list[list[Part]]:
    """Who the selected lesion is, and its annotation."""
    verdict = session.state(cell).verdict
    said = f"   {theme.VERDICT_SIGNS[verdict]} {theme.VERDICT_WORDS[verdict]}" if verdict else ""
    return [
        [(printable(session.ids[cell.row]), "strong"), ("  selected", "muted")],
        _annotation(session, cell, width),
        [(_patient(session, cell.row), "muted"), (said, "accent")],
    ]


def other_words(session: Session, cell: Cell, beside: Neighbour, width: int) -> list[list[Part]]:
    """Who the lesion beside it is, its annotation, and what tells them apart."""
    attribute, there = ATTRIBUTES[cell.attribute], cell._replace(row=beside.row)
    differ = session.state(there).label - session.state(cell).label
    same = session.known.same_patient(cell.row, beside.row)
    similarity = theme.number(beside.similarity, 5, 3).strip()
    return [
        [(printable(session.ids[beside.row]), "strong"), (f"  similarity {similarity}", "muted")],
        _annotation(session, there, width),
        [
            (f"differs {theme.signed(differ, 9, attribute.decimals).strip()}", "strong"),
            (f" {attribute.unit}" if attribute.unit else "", "faint"),
            ("   = same patient" if same else f"   {_patient(session, beside.row)}", "accent" if same else "muted"),
        ],
    ]


def _annotation(session: Session, cell: Cell, width: int) -> list[Part]:
    """Label and prediction; the attribute is named where there is room, the title line has it anyway."""
    attribute, state = ATTRIBUTES[cell.attribute], session.state(cell)
    model = theme.number(state.predicted, 9, attribute.decimals).strip()
    spread = f" ± {theme.number(state.spread, 7, attribute.decimals).strip()}" if state.spread == state.spread else ""
    return [
        (f"{attribute.title} " if width >= ROOM_FOR_NAME else "", "muted"),
        (theme.number(state.label, 9, attribute.decimals).strip(), "strong"),
        (f" {attribute.unit}" if attribute.unit else "", "faint"),
        (f"  model {model}", "plain"),
        (spread, "muted"),
        (f" {theme.FLAG}" if state.flagged or state.impossible else "", "warn"),
    ]


def _patient(session: Session, row: int) -> str:
    """The patient's name; facts begin with it."""
    return session.known.facts(row)[0]


def table(session: Session, cell: Cell, beside: Neighbour) -> list[list[Part]]:
    """Labels of both for every attribute, and the second less the first; the one of ``cell`` is marked."""
    head = f" {'':<{_NAME}}{'selected':>{_NUMBER}} {'beside':>{_NUMBER}} {'differ':>{_NUMBER}}"
    lines: list[list[Part]] = [[(fit(head, TABLE), "head")]]
    for index, attribute in enumerate(ATTRIBUTES):
        one = session.state(cell._replace(attribute=index))
        two = session.state(cell._replace(row=beside.row, attribute=index))
        chosen = index == cell.attribute
        flags = [theme.FLAG if state.flagged or state.impossible else " " for state in (one, two)]
        lines.append(
            [
                ("▌" if chosen else " ", "accent"),
                (fit(attribute.called(_NAME), _NAME), "strong" if chosen else "plain"),
                (theme.number(one.label, _NUMBER, attribute.decimals), "plain"),
                (flags[0], "warn"),
                (theme.number(two.label, _NUMBER, attribute.decimals), "plain"),
                (flags[1], "warn"),
                (theme.signed(two.label - one.label, _NUMBER, attribute.decimals), "strong" if chosen else "muted"),
                (f" {attribute.unit}", "faint"),
            ]
        )
    return lines


def keys(bound: Sequence[tuple[str, str]]) -> list[Part]:
    """A line of keys and what they do."""
    parts: list[Part] = []
    for key, does in bound:
        parts += [(key, "accent"), (f" {does}  ", "muted")]
    return parts
