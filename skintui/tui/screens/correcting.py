"""Correct a label: the value is held against the columns around it, and what follows from it can be corrected, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.tui.screens.deciding import told, went_on
from skintui.tui.widgets.prompt_bar import Question

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.session.correction import Correction
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display

ALL = "y"
"""Key for the dependants as well."""


class Correcting:
    """A verdict with the right value."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        from skintui.session import Curator

        self._screen, self._session, self._display = screen, session, display
        self._curator = Curator(session)
        self.deeds: dict[str, Callable[[], None]] = {"correct": self.correct}

    def correct(self) -> None:
        from skintui.session.correction import correction

        cell = self._session.selected
        if cell is None:
            return
        attribute, doubted = ATTRIBUTES[cell.attribute], set[str]()

        def answer(text: str) -> None:
            found = correction(self._session, cell, text)
            if found.breaches and text.strip() not in doubted:
                doubted.add(text.strip())
                raise UsageError(f"Enter again keeps it: {found.doubts()}")
            if found.dependants:
                self._ask_dependants(found)
            else:
                self._record(found, dependants=False)

        predicted = self._session.state(cell).predicted
        hint = f"the model says {predicted:.{attribute.decimals}f}" if predicted == predicted else "a number"
        unit = f" in {attribute.unit}" if attribute.unit else ""
        self._screen.prompt.ask(Question(f"right {attribute.title}{unit}", hint, answer))

    def _ask_dependants(self, found: Correction) -> None:
        self._screen.prompt.ask(
            Question(
                f"also {found.consequences()}?",
                f"{ALL}: yes   Enter: only the {ATTRIBUTES[found.cell.attribute].title}   Esc: nothing",
                lambda key: self._record(found, dependants=key == ALL),
                keys=frozenset(ALL),
            )
        )

    def _record(self, found: Correction, *, dependants: bool) -> None:
        self._session.selected = found.cell
        decided = self._curator.correct(found, dependants=dependants)
        went_on(self._screen, self._session, self._display, told(decided))
