"""The rows of the table: lesions, or suspicious annotations, made from the session when they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.files import printable
from skintui.tui import theme
from skintui.tui.widgets.ink import Part, fit

if TYPE_CHECKING:
    from skintui.session import AttributeState, Session

ID = 13
"""Cells of an ``isic_id`` and the space behind it."""
ROOM_FOR_MODEL, ROOM_FOR_PATIENT = 33, 48
"""Widths from which on the prediction, and the patient, have a column."""


class LesionRows:
    """Every lesion of the view, with the chosen attribute."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __len__(self) -> int:
        return len(self._session.listing)

    def head(self, width: int) -> Sequence[Part]:
        model = f"{'model':>8}" if width >= ROOM_FOR_MODEL else ""
        patient = "  patient" if width >= ROOM_FOR_PATIENT else ""
        return [(fit(f"   {'lesion':<{ID - 1}}{'label':>7}{model}    {patient}", width), "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        session = self._session
        cell = session.listing.cell(index, session.attribute)
        state, attribute = session.state(cell), ATTRIBUTES[cell.attribute]
        isic_id = session.ids[cell.row]
        elsewhere = session.decisions.of_lesion(isic_id)
        verdict = state.verdict or (elsewhere.verdict if elsewhere else "")
        parts = [
            *signs(state, verdict),
            (fit(printable(isic_id), ID), "plain"),
            (theme.number(state.label, 7, attribute.decimals), "plain"),
        ]
        if width >= ROOM_FOR_MODEL:
            parts.append((theme.number(state.predicted, 8, attribute.decimals), "muted"))
        parts.append((" " + theme.bar(theme.suspicion(state.score), 3), "warn" if state.flagged else "bar"))
        if width >= ROOM_FOR_PATIENT:
            parts.append((fit("  " + printable(str(session.lesions.patients[cell.row])), width - 38), "faint"))
        return parts


class QueueRows:
    """Suspicious annotations, most suspicious first."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __len__(self) -> int:
        return len(self._session.listing)

    def head(self, width: int) -> Sequence[Part]:
        numbers = f"{'label':>8}{'model':>9}" if width >= ROOM_FOR_PATIENT else ""
        name = width - 2 - ID - len(numbers) - 5
        return [(fit(f"   {'lesion':<{ID}}{fit('attribute', name)}{numbers}", width), "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        session = self._session
        cell = session.listing.cell(index, 0)
        state, attribute = session.state(cell), ATTRIBUTES[cell.attribute]
        numbers = width >= ROOM_FOR_PATIENT
        name = width - 2 - ID - (17 if numbers else 0) - 5
        parts = [
            *signs(state, state.verdict),
            (fit(printable(session.ids[cell.row]), ID), "muted" if state.verdict else "plain"),
            (fit(attribute.title, name), "muted" if state.verdict else "plain"),
        ]
        if numbers:
            parts.append((" " + theme.number(state.label, 7, attribute.decimals), "plain"))
            parts.append((theme.number(state.predicted, 8, attribute.decimals), "muted"))
        parts.append((" " + theme.bar(theme.suspicion(state.score), 4), "warn" if state.flagged else "bar"))
        return parts


def signs(state: AttributeState, verdict: str) -> list[Part]:
    """Two cells: the verdict's sign and the flag."""
    ink = {"label_ok": "good", "label_wrong": "warn"}.get(verdict, "accent")
    flag = theme.FLAG if state.flagged or state.impossible else " "
    return [(theme.VERDICT_SIGNS.get(verdict, " "), ink), (flag, "warn")]
