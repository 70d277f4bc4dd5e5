"""The log: every decision, newest first; words narrow it, and one's own can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from skintui.attributes import BY_NAME
from skintui.errors import SkintuiError
from skintui.texts import printable
from skintui.tui import theme
from skintui.tui.widgets.heading import Heading, Hints
from skintui.tui.widgets.ink import Part, fit
from skintui.tui.widgets.lesion_table import LesionTable

if TYPE_CHECKING:
    from skintui.review.verdicts import Verdict
    from skintui.session.journal import Entry, Journal

KEYS: Sequence[Part] = (
    ("/", "accent"), (" filter  ", "muted"), ("Enter", "accent"), (" go there  ", "muted"), ("x", "accent"),
    (" take back  ", "muted"), ("Esc", "accent"), (" back", "muted"),
)  # fmt: skip
TIME, LESION, VERDICT, VALUE = 18, 14, 17, 9
NAMES, SHORT_NAMES = (12, 19), (9, 15)
"""Cells of a reviewer and an attribute, and where there is little room."""
ROOM_FOR_YEAR = 100
"""Width from which on the time has its year and names their whole length."""
BACK, AGAIN = "↩", "↪"
"""Signs of what was taken back, and of what was reinstated."""


class JournalRows:
    """One line an event; what does not count any more is faint and has a sign of its own."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __len__(self) -> int:
        return len(self._journal)

    def head(self, width: int) -> Sequence[Part]:
        reviewer, attribute = _names(width)
        names = (("time (UTC)", _time(width)), ("reviewer", reviewer), ("lesion", LESION), ("attribute", attribute))
        text = " " + "".join(fit(name, cells) for name, cells in names)
        return [(fit(f"{text}{fit('verdict', VERDICT)}{'value':>{VALUE - 2}}  note", width), "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        entry = self._journal.entry(index)
        verdict, ink = entry.verdict, "plain" if entry.stands else "faint"
        quiet = "muted" if entry.stands else "faint"
        of_reviewer, of_attribute = _names(width)
        parts: list[Part] = [
            (fit(_when(entry.event.at, width), _time(width)), quiet),
            (fit(printable(entry.event.reviewer, 30), of_reviewer - 1) + " ", ink),
        ]
        if verdict is None:
            return parts
        attribute = BY_NAME.get(verdict.attribute)
        title = attribute.title if attribute is not None else printable(verdict.attribute, 30)
        value = verdict.proposed_value
        number = float("nan") if value is None else value
        sign, words = what(entry)
        return [
            *parts,
            (fit(printable(verdict.isic_id, 30), LESION - 1) + " ", ink),
            (fit(title, of_attribute - 1) + " ", ink),
            (fit(f"{sign} {words}", VERDICT - 1) + " ", _ink(entry)),
            (theme.number(number, VALUE - 2) if value is not None else " " * (VALUE - 2), ink),
            ("  " + remark(entry), quiet),
        ]


def _names(width: int) -> tuple[int, int]:
    return NAMES if width >= ROOM_FOR_YEAR else SHORT_NAMES


def _time(width: int) -> int:
    return TIME if width >= ROOM_FOR_YEAR else TIME - 5


def _when(at: str, width: int) -> str:
    """A time to the minute; without its year where there is little room."""
    return printable(at)[0 if width >= ROOM_FOR_YEAR else 5 : 16].replace("T", " ")


def _ink(entry: Entry) -> str:
    if not entry.stands or entry.verdict is None:
        return "faint"
    return {"label_ok": "good", "label_wrong": "warn"}.get(entry.verdict.verdict, "accent")


def what(entry: Entry) -> tuple[str, str]:
    """The sign of an event and what it says in two words."""
    from skintui.session.journal import KINDS

    if entry.event.verdict is None:
        return (BACK if entry.event.kind == "undo" else AGAIN), KINDS.get(entry.event.kind, entry.event.kind)
    word = entry.event.verdict.verdict
    return (theme.VERDICT_SIGNS.get(word, " ") if entry.stands else BACK), theme.VERDICT_WORDS.get(word, word)


def remark(entry: Entry) -> str:
    """What else is to be said of an event."""
    many = f"{entry.together:,} together" if entry.together > 1 else ""
    note = entry.event.verdict.note if entry.event.verdict is not None else ""
    return " · ".join(filter(None, [many, printable(note, 200)]))


class LogScreen(Screen["Verdict | None"]):
    """Answers with the verdict whose annotation to go to, or None."""

    AUTO_FOCUS = "LesionTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,L", "dismiss(None)", show=False),
        Binding("slash,f", "filter", show=False),
        Binding("enter", "go", show=False),
        Binding("x,delete", "take_back", show=False),
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("g,home", "step(-1000000000)", show=False),
        Binding("G,end", "step(1000000000)", show=False),
        Binding("pagedown,ctrl+d,ctrl+f", "page(1)", show=False),
        Binding("pageup,ctrl+u,ctrl+b", "page(-1)", show=False),
    ]

    table = getters.query_one(LesionTable)

    def __init__(self, journal: Journal, take_back: Callable[[int], Sequence[Verdict]]) -> None:
        """``take_back`` takes one's decision back by its batch: the verdicts that do not count any more."""
        super().__init__()
        self._journal, self._take_back = journal, take_back
        self._asked: int | None = None

    def compose(self) -> ComposeResult:
        yield Heading(id="log-title", classes="pane-heading")
        entry = Input(placeholder="reviewer, lesion, attribute, verdict, note, day", compact=True)
        entry.cursor_blink = False
        yield entry
        yield LesionTable()
        yield Hints(id="log-keys")

    def on_mount(self) -> None:
        self.query_one(Input).display = False
        self._say()
        self._list(0)

    def _list(self, cursor: int) -> None:
        self.table.fill(JournalRows(self._journal), cursor)
        total, shown = self._journal.total, len(self._journal)
        count = f"{total:,} events" if shown == total else f"{shown:,} of {total:,} events"
        empty = "" if total else " · nothing is decided yet: a verdict appears here"
        self.query_one("#log-title", Heading).show([(" Log", "strong"), (f"  {count}{empty}", "muted")])

    def _say(self, text: str = "", ink: str = "plain") -> None:
        """A message in the bottom line, or the keys."""
        self.query_one("#log-keys", Heading).show(left=[(text, ink)] if text else KEYS)

    def _entry(self) -> Entry | None:
        return self._journal.entry(self.table.cursor) if len(self._journal) else None

    # Moving

    def action_step(self, count: int) -> None:
        self._calm()
        self.table.step(count)

    def action_page(self, sign: int) -> None:
        self._calm()
        self.table.step(sign * self.table.page)

    def _calm(self) -> None:
        """Drop a question, and what the last command said."""
        self._asked = None
        if self.query_one("#log-keys", Heading).left is not KEYS:
            self._say()

    def action_go(self) -> None:
        entry = self._entry()
        if entry is not None and entry.verdict is not None:
            self.dismiss(entry.verdict)

    # Filtering

    def action_filter(self) -> None:
        self._calm()
        line = self.query_one(Input)
        line.display = True
        line.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._calm()
        self._journal.narrow(event.value)
        self._list(0)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.query_one(Input).display = bool(self.query_one(Input).value)
        self.table.focus()

    def action_leave(self) -> None:
        """Drop the question, then the filter, then leave."""
        line = self.query_one(Input)
        if self._asked is not None:
            self._calm()
        elif line.display:
            line.value = ""
            line.display = False
            self.table.focus()
        else:
            self.dismiss(None)

    # Taking back

    def action_take_back(self) -> None:
        entry = self._entry()
        if entry is None or entry.verdict is None:
            return
        refused = why_not(entry)
        if refused:
            self._say(refused, "warn")
        elif self._asked != entry.event.batch:
            self._asked = entry.event.batch
            many = f" and the {entry.together - 1:,} decided with it" if entry.together > 1 else ""
            isic_id = printable(entry.verdict.isic_id, 20)
            self._say(f"x again takes {what(entry)[1]} of {isic_id}{many} back; Esc leaves it", "accent")
        else:
            self._asked = None
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        before = self._journal.total, len(self._journal)
        try:
            taken = self._take_back(entry.event.batch)
        except SkintuiError as error:
            self._say(str(error), "warn")
            return
        self._journal.refresh()
        self._list(self.table.cursor + max(0, len(self._journal) - before[1]))  # the cursor stays on its event
        self._say(f"{len(taken):,} taken back; U on the lesions' screen reinstates" if taken else "it did not stand")


def why_not(entry: Entry) -> str:
    """Why an event cannot be taken back; empty where it can."""
    if entry.event.verdict is None:
        return "this is no verdict: choose the verdict itself"
    if not entry.own:
        return f"only {printable(entry.event.reviewer, 30)} can take this back; give your own verdict there (Enter)"
    return "" if entry.stands else "taken back already"
