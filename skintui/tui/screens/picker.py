"""Choose one of a list; typing narrows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

NOTHING = "nothing like this; Esc leaves"


class Picker(ModalScreen[str | None]):
    """Answers with the name of the choice, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", show=False),
        Binding("down,ctrl+n", "step(1)", show=False),
        Binding("up,ctrl+p", "step(-1)", show=False),
        Binding("pagedown", "step(8)", show=False),
        Binding("pageup", "step(-8)", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]], current: str | None = None) -> None:
        """``choices`` are pairs of name and words, ``current`` the name to begin with."""
        super().__init__()
        self._title, self._choices, self._current = title, choices, current
        self._listed: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical():
            entry = Input(placeholder=f"{self._title}: type to narrow", compact=True)
            entry.cursor_blink = False
            yield entry
            yield OptionList(compact=True)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._list("")
        if self._current in self._listed:
            self.query_one(OptionList).highlighted = self._listed.index(self._current)
        self.query_one(Input).focus()

    def _list(self, text: str) -> None:
        words = text.casefold().split()
        kept = [(name, shown) for name, shown in self._choices if all(word in shown.casefold() for word in words)]
        self._listed = [name for name, _ in kept]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(Content(shown)) for _, shown in kept] or [Option(NOTHING, disabled=True)])
        options.highlighted = 0 if kept else None

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        self._list(event.value)

    @on(Input.Submitted)
    def _entered(self) -> None:
        index = self.query_one(OptionList).highlighted
        if index is not None and index < len(self._listed):
            self.dismiss(self._listed[index])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._listed[event.option_index])

    def action_step(self, count: int) -> None:
        options = self.query_one(OptionList)
        if self._listed:
            options.highlighted = max(0, min(len(self._listed) - 1, (options.highlighted or 0) + count))
