"""What is listed, as a table that an export chooses its rows by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.session.blind import Blind
from skintui.session.listing import A
from skintui.session.rules import Where
from skintui.session.session import Session
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.dataset.lesions import Lesions
    from skintui.dataset.view import LesionView
    from skintui.steps.place import Place

_NAMES = pl.Series("attribute", [a.name for a in ATTRIBUTES])


def annotation_table(lesions: Lesions, codes: NDArray[np.int64]) -> pl.DataFrame:
    """Annotations given as flat places (row × 16 + attribute) as ``isic_id, attribute``, in their order."""
    ids = lesions.table.get_column("isic_id").gather(codes // A)
    return pl.DataFrame([ids.alias("isic_id"), _NAMES.gather(codes % A)])


def listed_by(
    place: Place,
    reviewer: str,
    *,
    view: str = "",
    filters: Sequence[str] = (),
    attribute: int = 0,
) -> tuple[pl.DataFrame, bool]:
    """What a saved view and further filters leave, and whether its order counts: only that of a view does.

    What the reviewer has hidden in the application counts all the same, as in every export.

    A view gives the annotations it lists, filters alone the lesions that match (or annotations, where they name what
    the audit or a verdict says). ``attribute`` is the one that ``label`` and the like are of. Raises FilterError or
    UsageError where nothing of that kind can be listed here.
    """
    session = Session(place, reviewer=reviewer)
    try:
        session.blind = Blind()
        session.decisions.withhold(False)
        session.load_results()
        session.choose_attribute(attribute)
        if view:
            _show(session, view)
        for expression in filters:
            session.apply(session.rules.narrowed(Where(expression, session.attribute)))  # nothing may match
        if view:
            codes = session.listing.places(0, len(session.listing), session.attribute)
            return annotation_table(session.lesions, codes), True
        return _of_view(session.lesions, session.view), False
    finally:
        session.close()


def _show(session: Session, name: str) -> None:
    from skintui.session.saved_views import SavedViews

    views = SavedViews(session)
    names = [view.name for view in views.all()]
    if name not in names:
        known = ", ".join(f"'{printable(each, 40)}'" for each in names[:10])
        do = f"the views here are {known}" if names else "there are none yet; save one in the application with W"
        raise UsageError(f"no view '{printable(name, 40)}'", do=do)
    views.load(name)


def _of_view(lesions: Lesions, view: LesionView) -> pl.DataFrame:
    """The lesions of a view, or its annotations where it chose some."""
    if view.cells is None:
        return lesions.table.frame("isic_id")[view.rows]
    held = np.zeros(view.cells.mask.shape, dtype=np.bool_)
    held[view.rows] = view.cells.mask[view.rows]
    return annotation_table(lesions, np.flatnonzero(held))
