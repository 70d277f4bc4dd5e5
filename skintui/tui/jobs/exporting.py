"""Writing what leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.screen import Screen

from skintui.texts import printable
from skintui.tui.jobs.opening import explained
from skintui.tui.messages import Exported

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skintui.session import Session

LISTED, WIDE, PATCH, CARD = "listed", "wide", "patch", "card"
"""What leaves besides kinds of rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """What is to be written where."""

    kind: str
    """Kinds of rows as ``skintui export --rows`` takes them, or one of the above."""
    path: str
    force: bool = False
    places: NDArray[np.int64] | None = None
    """Flat places of the annotations listed."""


class Exporting:
    """Writes in a thread: at full size the findings take a while to join."""

    def __init__(self, screen: Screen[None], session: Session) -> None:
        self._screen, self._session = screen, session

    def start(self, export: Export) -> None:
        self._screen.run_worker(lambda: self._work(export), group="export", thread=True)

    def _work(self, export: Export) -> None:
        try:
            message = Exported(printable(self._written(export), 400))
        except Exception as error:  # noqa: BLE001 -- shown in the bottom line
            message = Exported("", explained(error))
        self._screen.post_message(message)

    def _written(self, export: Export) -> str:
        """Write it; what there is to say."""
        from skintui.progress import SILENT

        place, path, force = self._session.place, export.path, export.force
        if export.kind == CARD:
            from skintui.steps.card import write_card

            write_card(place, path, SILENT, force=force)
            return f"audit card written to {path}"
        if export.kind == PATCH:
            from skintui.steps.patch import patch

            done = patch(place, path, SILENT, force=force)
            left = f" · {len(done.left_out):,} left out: 'skintui export --patch' tells why" if done.left_out else ""
            return f"{done.summary()}{left}"
        from skintui.session.listed import annotation_table
        from skintui.steps.chosen import BOTH, Wanted
        from skintui.steps.export import export as write_rows

        wanted = Wanted(rows=BOTH if export.kind == WIDE else export.kind)
        if export.places is not None:
            wanted = Wanted(rows="all", only=annotation_table(self._session.lesions, export.places), in_order=True)
        return write_rows(place, path, SILENT, wanted, wide=export.kind == WIDE, force=force).summary()
