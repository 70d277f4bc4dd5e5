"""One annotation as a line of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.dataset.schema import PATIENT
from skintui.session.listing import Cell

if TYPE_CHECKING:
    from skintui.session.session import Session


def told(session: Session, cell: Cell) -> tuple[str, ...]:
    """Id, patient, attribute, label, prediction, score, q-value, flag, verdict, right value, note; empty for none."""
    state, attribute = session.state(cell), ATTRIBUTES[cell.attribute]
    isic_id = session.ids[cell.row]
    verdict = session.decisions.of(isic_id, cell.attribute)
    right = verdict.proposed_value if verdict is not None else None
    return (
        isic_id,
        str(session.lesions.table.get_column(PATIENT)[cell.row]),
        attribute.name,
        _number(state.label),
        _number(state.predicted),
        _number(state.score),
        _number(state.q_value),
        "flagged" if state.flagged or state.impossible else "",
        state.verdict,
        "" if right is None else _number(right),
        verdict.note if verdict is not None else "",
    )


def _number(value: float) -> str:
    return f"{value:.6g}" if value == value else ""
