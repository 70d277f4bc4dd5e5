"""Going on after a verdict: to the next annotation that is still to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skintui.session.seeking import seek

if TYPE_CHECKING:
    from skintui.session.session import Session


def advance(session: Session) -> bool:
    """Select the next annotation still to be decided (in the queue), or the next lesion; False at the end."""
    index = session.position
    if index is None:
        return True  # what is selected is not listed: there one stays
    if session.in_queue:
        return go_open(session, index)
    session.select(index + 1)
    return index + 1 < len(session.listing)


def go_open(session: Session, after: int = -1) -> bool:
    """Select the first annotation behind a position that is still to be decided; False where there is none."""
    found = seek(session.listing, session.queue.undecided, session.attribute, after, 1)
    if found is None or found.wrapped:
        return False
    session.select(found.index)
    return True


def open_count(session: Session) -> int:
    """How many of the listed annotations are still to be decided."""
    places = session.listing.places(0, len(session.listing), session.attribute)
    return int(np.count_nonzero(session.queue.undecided[places]))
