"""The rows of the table: lesions, or suspicious annotations, made from the session when they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from skintui.attributes import ATTRIBUTES
from skintui.texts import printable
from skintui.tui import theme
from skintui.tui.widgets.ink import Part, fit

if TYPE_CHECKING:
    from skintui.session import AttributeState, Cell, Session
    from skintui.session.columns import Column, Fitting

ID = 13
"""Cells of an ``isic_id`` and of the mark behind it."""
BAR = 5
"""Cells of the suspicion in the queue, with the space before and behind."""
ROOM_FOR_NUMBERS = 48
"""Width from which on the queue shows label and prediction."""


class LesionRows:
    """Every lesion of the view: its id, and the columns that fit, of the chosen attribute or of the metadata."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._fittings: dict[int, Fitting] = {}

    def __len__(self) -> int:
        return len(self._session.listing)

    def _fitting(self, width: int) -> Fitting:
        if width not in self._fittings:
            self._fittings[width] = self._session.columns.fitting(width - 2 - ID)
        return self._fittings[width]

    def beyond(self, width: int) -> bool:
        """Whether columns lie to the right of those that fit into a table of this width."""
        return self._fitting(width - 1).right

    def crowded(self, width: int) -> bool:
        """Whether the pinned columns leave no room for others."""
        return self._fitting(width - 1).crowded

    def head(self, width: int) -> Sequence[Part]:
        fitting = self._fitting(width - 1)
        heads = "".join(_head(column, size) for column, size in fitting.columns)
        line = fit(f"   {'lesion':<{ID}}{heads}", width)
        at_the_end = fitting.right and line.endswith(" ")
        before = ("‹" if fitting.left else " ") + ("›" if fitting.right and not at_the_end else " ")
        return [(f" {before}{line[3:-1]}{'›' if at_the_end else line[-1]}", "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        session = self._session
        cell = session.listing.cell(index, session.attribute)
        state, isic_id = session.state(cell), session.ids[cell.row]
        elsewhere = session.decisions.of_lesion(isic_id)
        verdict = state.verdict or (elsewhere.verdict if elsewhere else "")
        return [
            *signs(state, verdict),
            *_name(session, cell, "plain"),
            *(self._value(column, size, cell, state) for column, size in self._fitting(width).columns),
        ]

    def _value(self, column: Column, width: int, cell: Cell, state: AttributeState) -> Part:
        decimals = ATTRIBUTES[cell.attribute].decimals
        match column.kind:
            case "label":
                return (theme.number(state.label, width, decimals), "plain")
            case "model":
                return (theme.number(state.predicted, width, decimals), "muted")
            case "difference":
                return (theme.signed(state.label - state.predicted, width, decimals), "muted")
            case "score":
                return (theme.number(state.score, width, column.decimals), "muted")
            case "suspicion":
                return (" " + theme.bar(theme.suspicion(state.score), width - 1), "warn" if state.flagged else "bar")
            case "number":
                value = self._session.columns.number(column.name, cell.row)
                return (theme.number(value, width, column.decimals), "muted")
            case _:
                return (fit("  " + self._session.columns.text(column.name, cell.row), width), "faint")


def _head(column: Column, width: int) -> str:
    """The name of a column above its values: the unit stays when the name is cut."""
    if column.is_text:
        return fit(f"  {column.title}", width)
    unit = f" {column.unit}" if column.unit and column.title else column.unit
    room = width - 1 - cell_len(unit)
    title = column.title if cell_len(column.title) <= room else fit(column.title, room)
    return " " * (width - cell_len(title) - cell_len(unit)) + title + unit


class QueueRows:
    """Suspicious annotations, most suspicious first."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __len__(self) -> int:
        return len(self._session.listing)

    def head(self, width: int) -> Sequence[Part]:
        numbers = f"{'label':>8}{'model':>9}" if width >= ROOM_FOR_NUMBERS else ""
        name = width - 3 - ID - len(numbers) - BAR
        return [(fit(f"   {'lesion':<{ID}}{fit('attribute', name)}{numbers}", width), "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        session = self._session
        cell = session.listing.cell(index, 0)
        state, attribute = session.state(cell), ATTRIBUTES[cell.attribute]
        numbers = width >= ROOM_FOR_NUMBERS
        name = width - 2 - ID - (17 if numbers else 0) - BAR
        ink = "muted" if state.verdict else "plain"
        parts = [*signs(state, state.verdict), *_name(session, cell, ink), (fit(attribute.called(name), name), ink)]
        if numbers:
            parts.append((" " + theme.number(state.label, 7, attribute.decimals), "plain"))
            parts.append((theme.number(state.predicted, 8, attribute.decimals), "muted"))
        parts.append((f" {theme.bar(theme.suspicion(state.score), BAR - 2)} ", "warn" if state.flagged else "bar"))
        return parts


def signs(state: AttributeState, verdict: str) -> list[Part]:
    """Two cells: the verdict's sign and the flag."""
    ink = {"label_ok": "good", "label_wrong": "warn"}.get(verdict, "accent")
    flag = theme.FLAG if state.flagged or state.impossible else " "
    return [(theme.VERDICT_SIGNS.get(verdict, " "), ink), (flag, "warn")]


def _name(session: Session, cell: Cell, ink: str) -> list[Part]:
    """The id, and behind it the sign of a mark."""
    isic_id = printable(session.ids[cell.row])
    if cell in session.marks:
        return [(fit(isic_id, ID - 1), ink), (theme.MARK, "accent")]
    return [(fit(isic_id, ID), ink)]
