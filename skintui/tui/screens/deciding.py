"""Commands that decide: each is on the disk before the screen shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from skintui.attributes import BY_NAME
from skintui.errors import SkintuiError
from skintui.nouns import counted
from skintui.texts import printable
from skintui.tui import theme
from skintui.tui.commands.keymap import shown
from skintui.tui.commands.table import VERDICT_COMMANDS
from skintui.tui.screens.journal import LogScreen
from skintui.tui.widgets.prompt_bar import Question

if TYPE_CHECKING:
    from skintui.review.verdicts import Verdict
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Deciding:
    """Verdicts, on one annotation or on all that are marked, notes, undo."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        from skintui.session import Curator

        self._screen, self._session, self._display = screen, session, display
        self._curator = Curator(session)
        self.deeds: dict[str, Callable[[], None]] = {
            **{name: partial(self._guarded, partial(self.decide, name, name)) for name in VERDICT_COMMANDS},
            "repeat": partial(self._guarded, self.repeat),
            "flag": partial(self._guarded, self.flag),
            "note": self.note,
            "undo": partial(self._guarded, self.undo),
            "redo": partial(self._guarded, self.redo),
            "log": self.log,
        }

    def _guarded(self, deed: Callable[[], None]) -> None:
        """A full disk or a locked file is a message; the verdict then was not recorded."""
        try:
            deed()
        except SkintuiError as error:
            self._screen.say(_in_short(error), "warn")

    def decide(self, verdict: str, command: str) -> None:
        """Decide as the user's ``command`` says; over marks it is asked for once more."""
        if self._screen.table.range is not None:
            self._screen.deeds["mark_range"]()  # a verdict over a range is one over what it marks
        if self._session.marks:
            self._ask_many(verdict, command)
            return
        recorded = self._curator.decide(verdict)
        if recorded is not None:
            went_on(self._screen, self._session, self._display, told([recorded]))

    def repeat(self) -> None:
        """The verdict one gave last, without its value and note, which were of another annotation."""
        verdict = self._curator.last()
        if verdict:
            self.decide(verdict, "repeat")
        else:
            self._screen.say("no verdict to repeat: give one first")

    def _ask_many(self, verdict: str, command: str) -> None:
        count, keymap = len(self._session.marks), self._screen.keymap
        words = f"{theme.VERDICT_WORDS[verdict]} for {counted(count, 'annotation')}?"
        again = frozenset(filter(lambda key: len(key) == 1, map(shown, keymap.keys[command])))
        hint = f"{keymap.first(command)} again or Enter: yes   Esc: no"
        self._screen.prompt.ask(Question(words, hint, lambda _: self._decide_many(verdict), keys=again))

    def _decide_many(self, verdict: str) -> None:
        among = self._session.selected is not None and self._session.selected in self._session.marks
        decided = self._curator.decide_many(verdict)
        self._display.rows_changed()
        undo = self._screen.keymap.first("undo")
        back = f"{undo} takes {'it' if len(decided) == 1 else 'them'} back"
        words = f"{theme.VERDICT_WORDS[verdict]}: {counted(len(decided), 'annotation')}; {back}"
        if among:
            went_on(self._screen, self._session, self._display, words)
        else:
            self._display.decided()
            self._display.annotations()
            self._screen.say(words)

    def flag(self) -> None:
        words = self._curator.flag()
        self._display.decided()
        self._display.annotations()
        self._screen.say(words)

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

    def _stepped(self, verdicts: Sequence[Verdict], word: str, nothing: str) -> None:
        if not verdicts:
            self._screen.say(nothing)
            return
        if len(verdicts) > 1:
            self._display.rows_changed()
        self._display.moved_elsewhere()
        self._display.decided()
        self._screen.say(f"{word}: {told(verdicts)}")

    def log(self) -> None:
        from skintui.session.journal import Journal

        journal = Journal(self._session.decisions, theme.VERDICT_WORDS)
        self._screen.app.push_screen(LogScreen(journal, self._session.decisions.undo), self._logged)

    def _logged(self, chosen: Verdict | None) -> None:
        """Draw again what was taken back meanwhile, and go to the annotation chosen."""
        went = chosen is None or self._curator.visit(chosen)
        self._display.rows_changed()
        self._display.decided()
        self._display.moved_elsewhere()
        if not went:
            self._screen.say("the data set has lost this lesion")


def _in_short(error: SkintuiError) -> str:
    """What is wrong and what to do, then where: a long path would push both off the line."""
    where = f" ({error.where})" if error.where is not None else ""
    return printable("; ".join(filter(None, (error.what, error.do)))) + printable(where)


def went_on(screen: AuditScreen, session: Session, display: Display, words: str) -> None:
    """After a verdict on the selected annotation: go on to the next, or say what to do at the end."""
    from skintui.session.onward import advance

    display.decided()
    more = advance(session)
    display.moved_elsewhere()
    screen.say(words if more else f"{words} · {_end(screen, session)}")


def _end(screen: AuditScreen, session: Session) -> str:
    from skintui.session.onward import open_count

    if not session.in_queue:
        return "the last row"
    left = open_count(session)
    if left:
        above = f": {screen.keymap.first('previous_unreviewed')}" if "previous_unreviewed" in screen.deeds else ""
        return f"the end of the queue, {left:,} above are still open{above}"
    order, export = screen.keymap.first("queue_order"), screen.keymap.first("export")
    return f"the queue is done: {order} for another, {export} to export"


def told(verdicts: Sequence[Verdict]) -> str:
    """Verdicts decided together, in a few words."""
    first = verdicts[0]
    attribute = BY_NAME[first.attribute]
    value = f" {attribute.with_unit(f'{first.proposed_value:g}')}" if first.proposed_value is not None else ""
    more = f" and {len(verdicts) - 1:,} more" if len(verdicts) > 1 else ""
    return f"{printable(first.isic_id, 20)} {attribute.title}: {theme.VERDICT_WORDS[first.verdict]}{value}{more}"
