"""Going to the next annotation of the listing that is flagged, or that has no verdict of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skintui.session.listing import A
from skintui.session.seeking import Found, seek

if TYPE_CHECKING:
    from skintui.session.session import Session


def go_flagged(session: Session, step: int) -> Found | None:
    """Select the next flagged annotation (the one before where ``step`` is −1); None where none is listed.

    In a list of lesions the chosen attribute counts; where it is flagged nowhere, the next lesion that has anything
    flagged, the first of its flagged attributes chosen.
    """
    if session.findings is None:
        return None
    flags = session.findings.flags
    here = _here(session, step)
    found = seek(session.listing, flags.reshape(-1), session.attribute, here, step)
    if found is None and not session.in_queue:
        found = seek(session.listing, np.repeat(flags.any(axis=1), A), 0, here, step)
    if found is not None:
        cell = session.select(found.index)
        session.strayed = True
        if cell is not None and not flags[cell]:
            session.choose_attribute(int(flags[cell.row].argmax()))
    return found


def go_unreviewed(session: Session, step: int) -> Found | None:
    """Select the next annotation without a verdict of one's own; None where every one listed has it."""
    found = seek(session.listing, ~session.decisions.decided, session.attribute, _here(session, step), step)
    if found is not None:
        session.select(found.index)
    return found


def _here(session: Session, step: int) -> int:
    """The position to begin from; before the first (behind the last) where what is selected is not listed."""
    place = session.position
    return place if place is not None else -1 if step > 0 else len(session.listing)
