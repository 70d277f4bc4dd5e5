"""Commands that decide: each is on the disk before the screen shows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES, BY_NAME
from skintui.errors import SkintuiError, UsageError
from skintui.files import printable
from skintui.tui import theme
from skintui.tui.commands.table import VERDICT_COMMANDS
from skintui.tui.jobs.exporting import Exporting
from skintui.tui.widgets.prompt_bar import Question

if TYPE_CHECKING:
    from skintui.review.verdicts import Verdict
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Deciding:
    """Verdicts, notes, undo, export."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        from skintui.session import Curator

        self._screen, self._session, self._display = screen, session, display
        self._curator = Curator(session)
        self._exporting = Exporting(screen, session)
        self.deeds: dict[str, Callable[[], None]] = {
            **{name: partial(self._guarded, partial(self.decide, name)) for name in VERDICT_COMMANDS},
            "correct": self.correct,
            "flag": partial(self._guarded, self.flag),
            "note": self.note,
            "undo": partial(self._guarded, self.undo),
            "redo": partial(self._guarded, self.redo),
            "export": self.export,
        }

    def _guarded(self, deed: Callable[[], None]) -> None:
        """A full disk or a locked file is a message; the verdict then was not recorded."""
        try:
            deed()
        except SkintuiError as error:
            self._screen.say(str(error), "warn")

    def decide(self, verdict: str, value: float | None = None) -> None:
        recorded = self._curator.decide(verdict, value=value)
        if recorded is not None:
            self._advance()
            self._screen.say(_told(recorded))

    def _advance(self) -> None:
        self._display.decided()
        self._session.advance()
        self._display.moved_elsewhere()

    def correct(self) -> None:
        from skintui.session.decisions import plausible_value

        cell = self._session.selected
        if cell is None:
            return
        attribute = ATTRIBUTES[cell.attribute]

        def answer(text: str) -> None:
            value = plausible_value(text, cell)
            self._session.selected = cell
            self.decide("label_wrong", value)

        predicted = self._session.state(cell).predicted
        hint = f"the model says {predicted:.{attribute.decimals}f}" if predicted == predicted else "a number"
        unit = f" in {attribute.unit}" if attribute.unit else ""
        self._screen.prompt.ask(Question(f"right {attribute.title}{unit}", hint, answer))

    def flag(self) -> None:
        told = self._curator.flag()
        self._display.decided()
        self._display.annotations()
        self._screen.say(told)

    def note(self) -> None:
        cell = self._session.selected
        if cell is None:
            return
        own = self._session.decisions.own(self._session.ids[cell.row], cell.attribute)

        def answer(text: str) -> None:
            self._session.selected = cell
            self._curator.annotate(text.strip())
            self._display.decided()
            self._display.annotations()

        self._screen.prompt.ask(Question("note", "kept with your verdict", answer, own.note if own else ""))

    def undo(self) -> None:
        self._stepped(self._curator.undo(), "taken back", "nothing to undo")

    def redo(self) -> None:
        self._stepped(self._curator.redo(), "reinstated", "nothing to redo")

    def _stepped(self, verdict: Verdict | None, word: str, nothing: str) -> None:
        if verdict is None:
            self._screen.say(nothing)
            return
        self._display.moved_elsewhere()
        self._display.decided()
        self._screen.say(f"{word}: {_told(verdict)}")

    def export(self) -> None:
        refused: set[str] = set()

        def answer(text: str) -> None:
            path = text.strip()
            if path in ("", "-"):
                raise UsageError("name a file, e.g. flags.csv")
            if Path(path).expanduser().exists() and path not in refused:
                refused.add(path)
                raise UsageError("the file exists; Enter again replaces it")
            self._exporting.start(path, force=path in refused)

        self._screen.prompt.ask(Question("export to", "flagged and reviewed annotations as CSV", answer, "flags.csv"))


def _told(verdict: Verdict) -> str:
    attribute = BY_NAME[verdict.attribute]
    value = f" {attribute.with_unit(f'{verdict.proposed_value:g}')}" if verdict.proposed_value is not None else ""
    words = theme.VERDICT_WORDS[verdict.verdict]
    return f"{printable(verdict.isic_id, 20)} {attribute.title}: {words}{value}"
