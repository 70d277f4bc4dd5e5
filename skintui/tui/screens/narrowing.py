"""Commands that narrow by a value, and views kept under a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from skintui.tui.screens.facets import FacetScreen
from skintui.tui.screens.views import ViewScreen

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.session.rules import Filter
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Narrowing:
    """Facets and saved views; each a screen of its own that changes what is listed here."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        from skintui.session.facets import Facets
        from skintui.session.saved_views import SavedViews

        self._screen, self._session, self._display = screen, session, display
        self._facets, self._views = Facets(session), SavedViews(session)
        self._facet: str | None = None
        self.deeds: dict[str, Callable[[], None]] = {"facets": self.facets, "views": self.views}

    def facets(self) -> None:
        before = self._session.view

        def narrow(rule: Filter) -> None:
            self._session.narrow(rule)

        facets = FacetScreen(self._session, self._facets, narrow, self._facet)

        def closed(_: None) -> None:
            self._facet = facets.chosen
            if self._session.view is not before:
                self._relisted()

        self._screen.app.push_screen(facets, closed)

    def views(self) -> None:
        def closed(name: str | None) -> None:
            if name is not None:
                self._relisted()

        self._screen.app.push_screen(ViewScreen(self._session, self._views), closed)

    def _relisted(self) -> None:
        self._display.listing()
        self._display.moved_elsewhere()
        self._screen.say(self._session.view.describe())
