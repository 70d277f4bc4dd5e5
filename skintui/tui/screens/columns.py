"""Choose the columns of the list: shown or hidden, their order, which stay in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from skintui.texts import printable
from skintui.tui.widgets.ink import fit

if TYPE_CHECKING:
    from skintui.session.columns import Columns

HINTS = (
    ("Space", "show"), ("J K", "move"), ("p", "pin"), ("s S", "sort ↑ ↓"), ("/", "narrow"), ("Esc", "back"),
)  # fmt: skip
SHOWN, PINNED = "✓", "pinned"
_MEANING = {
    "label": "label of the attribute",
    "model": "prediction",
    "suspicion": "suspicion, a bar",
    "difference": "label − prediction",
    "score": "spreads off",
}


class ColumnsScreen(ModalScreen[None]):
    """The columns shown in their order, then the others; the table follows every change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("q,C,enter", "close", show=False),
        Binding("down,j,ctrl+n", "step(1)", show=False),
        Binding("up,k,ctrl+p", "step(-1)", show=False),
        Binding("pagedown,ctrl+d", "step(8)", show=False),
        Binding("pageup,ctrl+u", "step(-8)", show=False),
        Binding("home,g", "step(-1000)", show=False),
        Binding("end,G", "step(1000)", show=False),
        Binding("space", "show", show=False),
        Binding("J", "move(1)", show=False),
        Binding("K", "move(-1)", show=False),
        Binding("p", "pin", show=False),
        Binding("s", "sort(False)", show=False),
        Binding("S", "sort(True)", show=False),
        Binding("slash", "narrow", show=False),
    ]

    def __init__(self, columns: Columns, changed: Callable[[], None], sort: Callable[[str, bool], str]) -> None:
        """``changed`` is called after every change; ``sort``, with a name and whether to go down, tells what it did."""
        super().__init__()
        self._columns, self._changed, self._sort = columns, changed, sort
        self._listed: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            entry = Input(placeholder="columns", compact=True)
            entry.cursor_blink = False
            yield entry
            yield OptionList(compact=True)
            yield Static(_hints(), markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).disabled = True
        self._list(0)

    # What is listed

    def _list(self, cursor: int) -> None:
        """List the columns that match what was typed, the cursor on one of them."""
        words = self.query_one(Input).value.casefold().split()
        told = [(name, self._told(name)) for name in self._columns.names]
        kept = [(name, line) for name, line in told if all(word in f"{line} {name}".casefold() for word in words)]
        self._listed = [name for name, _ in kept]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(Content(line)) for _, line in kept])
        options.highlighted = max(0, min(cursor, len(kept) - 1)) if kept else None

    def _told(self, name: str) -> str:
        shown = name in self._columns.shown
        pinned = PINNED if shown and name in self._columns.pinned else ""
        column = self._columns.column(name)
        words = _MEANING.get(name, "" if column.title == name else name)
        title = column.title or name
        return f"{SHOWN if shown else ' '} {fit(title, 20)} {column.unit:<5} {pinned:<6} {fit(printable(words), 24)}"

    @property
    def name_here(self) -> str | None:
        """The column under the cursor."""
        index = self.query_one(OptionList).highlighted
        return self._listed[index] if index is not None and index < len(self._listed) else None

    def _say(self, text: str) -> None:
        self.query_one(Static).update(Content(text))

    def _redrawn(self, cursor: int) -> None:
        self._list(cursor)
        self._changed()
        self.refresh()

    # What is done

    def action_step(self, count: int) -> None:
        options = self.query_one(OptionList)
        if self._listed:
            options.highlighted = max(0, min(len(self._listed) - 1, (options.highlighted or 0) + count))

    def action_show(self) -> None:
        """Show or hide a column; the cursor goes on to the one behind it."""
        name = self.name_here
        if name is not None:
            here = self._listed.index(name)
            self._redrawn(here + 1 if self._columns.toggle(name) else here)

    def action_move(self, count: int) -> None:
        name = self.name_here
        if name is None:
            return
        if name not in self._columns.shown:
            self._say("show it first: space")
        elif self._columns.move(name, count):
            self._redrawn(0)
            self.query_one(OptionList).highlighted = self._listed.index(name)

    def action_pin(self) -> None:
        name = self.name_here
        if name is not None:
            self._columns.pin(name)
            self._redrawn(0)
            self.query_one(OptionList).highlighted = self._listed.index(name)

    def action_sort(self, descending: bool) -> None:
        name = self.name_here
        if name is not None:
            self._say(self._sort(name, descending))
            self.refresh()

    def action_narrow(self) -> None:
        entry = self.query_one(Input)
        entry.disabled = False
        entry.focus()

    def action_leave(self) -> None:
        """Drop what was typed, else close."""
        entry = self.query_one(Input)
        if entry.value or not entry.disabled:
            entry.value = ""
            self._typed()
        else:
            self.action_close()

    def action_close(self) -> None:
        self.dismiss()

    @on(Input.Changed)
    def _narrowed(self) -> None:
        self._list(0)

    @on(Input.Submitted)
    def _typed(self) -> None:
        """Go back to the list; what was typed goes on narrowing it."""
        self.query_one(Input).disabled = True
        self.set_focus(None)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_show()


def _hints() -> Content:
    return Content("  ").join(Content.assemble((key, "$accent"), f" {does}") for key, does in HINTS)
