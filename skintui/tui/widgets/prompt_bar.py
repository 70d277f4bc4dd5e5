"""A line to type into at the bottom of the screen; what it overlays is one line, so no picture is drawn again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from skintui.errors import SkintuiError


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what is done with the answer."""

    label: str
    """One or two words before the line."""
    hint: str
    """What an answer looks like, shown while the line is empty."""
    answer: Callable[[str], None]
    """Called with the text typed; a SkintuiError it raises is shown and the line stays."""
    value: str = ""
    """Text to begin with."""


class PromptBar(Horizontal):
    """Asks one question at a time. Enter answers, Escape leaves."""

    BINDINGS = [  # noqa: RUF012 -- Textual's class variable
        Binding("escape", "leave", show=False),
        Binding("tab,shift+tab", "stay", show=False),
    ]
    DEFAULT_CSS = """
    PromptBar {
        height: 1; display: none; background: $panel;
        & > .label { width: auto; padding: 0 1; color: $accent; text-style: bold; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
        & > .problem { width: auto; max-width: 60%; padding: 0 1; color: $error; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static(classes="label", markup=False)
        entry = Input(compact=True)
        entry.cursor_blink = False  # a blinking cursor is traffic on a slow line
        yield entry
        yield Static(classes="problem", markup=False)

    def ask(self, question: Question) -> None:
        """Open the line."""
        self._question = question
        self._before = self.screen.focused
        self._label.update(Content(question.label))
        self._problem.update("")
        self._input.placeholder = question.hint
        self._input.value = question.value
        self._input.cursor_position = len(question.value)
        self._give_way(False)
        self._input.focus()

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    @property
    def _label(self) -> Static:
        return self.query_one(".label", Static)

    @property
    def _problem(self) -> Static:
        return self.query_one(".problem", Static)

    @property
    def problem(self) -> str:
        """What was wrong with the last answer."""
        return str(self._problem.render())

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self._question.answer(event.value)
        except SkintuiError as error:
            self._problem.update(Content(str(error)))
            return
        self.action_leave()

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        if self.problem:
            self._problem.update("")

    def action_leave(self) -> None:
        self._give_way(True)
        self.screen.set_focus(self._before)

    def _give_way(self, shown: bool) -> None:
        """Show what else is on this line, or hide it while something is asked."""
        for widget in self.siblings:
            widget.display = shown
        self.display = not shown

    def action_stay(self) -> None:
        """Tab does nothing here."""
