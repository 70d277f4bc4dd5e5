"""A line to type into at the bottom of the screen; what it overlays is one line, so no picture is drawn again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from skintui.errors import SkintuiError
from skintui.texts import printable
from skintui.tui.messages import Remarked
from skintui.tui.widgets.heading import Heading
from skintui.tui.widgets.ink import Part

if TYPE_CHECKING:
    from skintui.session.completion import Completion

CALM = 0.15
"""Seconds without a key after which what is typed is checked."""
TYPED = 14
"""Cells of what is typed that a message leaves."""
OFFERED = 8
"""Completions shown at once."""


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
    complete: Callable[[str, int], Completion] | None = None
    """What could stand at the cursor of the text; called with every key, so it has to be fast."""
    check: Callable[[str], None] | None = None
    """Called with the text when the keys are calm; a ``Remarked`` answers whenever it is ready."""
    recall: Sequence[str] = ()
    """Earlier answers, the latest first."""
    keys: frozenset[str] = frozenset()
    """Where nothing is to be typed: characters that answer at once. Enter answers with nothing, others do nothing."""


class PromptBar(Horizontal):
    """Asks one question at a time. Enter answers, Escape leaves, Tab completes, the arrows recall."""

    BINDINGS = [  # noqa: RUF012 -- Textual's class variable
        Binding("escape", "leave", show=False),
        Binding("tab", "complete(1)", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
        Binding("up", "recall(1)", show=False),
        Binding("down", "recall(-1)", show=False),
        Binding("right", "accept", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    PromptBar {
        height: 1; display: none; background: $panel;
        & > .label { width: auto; padding: 0 1; color: $accent; text-style: bold; }
        & > Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
        & > Heading { width: 1fr; display: none; }
        &.-aided > Heading { display: block; }
        &.-problem > Heading { display: block; }
    }
    """

    def compose(self) -> ComposeResult:
        yield Static(classes="label", markup=False)
        entry = Input(compact=True)
        entry.cursor_blink = False  # a blinking cursor is traffic on a slow line
        yield entry
        yield Heading()

    def on_mount(self) -> None:
        self.problem = ""
        """What was wrong with the last answer."""
        self._remark: Part = ("", "muted")
        self._good = True
        self._offer: Completion | None = None
        self._taken, self._completed = -1, ""
        self._recalled = -1
        self._calm: Timer | None = None

    def ask(self, question: Question) -> None:
        """Open the line."""
        self._question = question
        if not self.display:  # one question may follow from the answer to another
            self._before = self.screen.focused
        self._recalled = -1
        self.query_one(".label", Static).update(Content(question.label))
        self._input.placeholder = question.hint
        with self.prevent(Input.Changed):
            self._input.value = question.value
        self._input.cursor_position = len(question.value)
        self.set_class(bool(question.complete or question.check), "-aided")
        self._say("")
        self._give_way(False)
        self._input.focus()
        self._typed(question.value)

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        event.stop()
        self._answer(event.value)

    def _answer(self, text: str) -> None:
        question = self._question
        try:
            question.answer(text)
        except SkintuiError as error:
            self._say(str(error))
            return
        if self._question is question:
            self.action_leave()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.problem:
            self._say("")
        if self._question.keys and event.value:
            self._input.value = ""
            if event.value in self._question.keys:
                self._answer(event.value)
            return
        self._typed(event.value)

    def _typed(self, text: str) -> None:
        """Offer what could come next, and have the text checked when the keys are calm."""
        if text != self._completed:
            self._taken = -1
        if self._question.complete is not None and self._taken < 0:
            self._offer = self._question.complete(text, self._input.cursor_position)
        self._remark = ("", "muted")
        self._stop()
        if self._question.check is not None and text.strip():
            self._calm = self.set_timer(CALM, lambda: self._check(text))
        self._show()

    def _check(self, text: str) -> None:
        self._calm = None
        if self._question.check is not None:
            self._question.check(text)

    def on_remarked(self, message: Remarked) -> None:
        """An answer of the check: shown if it still belongs to what is typed."""
        message.stop()
        if self.display and message.text == self._input.value:
            self._remark, self._good = (
                (printable(message.words, 200), "plain" if message.good else "muted"),
                message.good,
            )
            self._show()

    def _say(self, problem: str) -> None:
        self.problem = problem
        self.set_class(bool(problem), "-problem")
        self._taken, self._offer = -1, None
        self._show()

    def _show(self) -> None:
        """The right half: what is wrong, or what could be typed and what is known of the text."""
        aside = self.query_one(Heading)
        aside.styles.width = self._room(self.problem) if self.problem else None
        if self.problem:
            aside.show(left=[(self.problem, "warn")], right=[])
            return
        words = self._offer.words if self._offer is not None and self._input.value.strip() else ()
        first = max(0, min(self._taken, len(words) - 1))
        offered = [
            (f"{printable(word, 40)}  ", "accent" if index == self._taken else "muted")
            for index, word in enumerate(words[first : first + OFFERED], first)
        ]
        remark = [self._remark] if self._remark[0] and (self._good or not offered) else []
        aside.show(left=remark, right=offered) if remark else aside.show(left=offered, right=[])

    def _room(self, problem: str) -> int:
        """Cells for all of a message, as long as some are left for what was typed."""
        label = self.query_one(".label", Static).size.width
        return max(self.size.width // 2, min(cell_len(problem) + 2, self.size.width - label - TYPED))

    # Keys

    def action_complete(self, step: int) -> None:
        """Put the next completion in the place of what is typed; the one before with −1."""
        if self._question.complete is None:
            return
        if self._taken < 0:
            self._offer = self._question.complete(self._input.value, self._input.cursor_position)
        if self._offer is not None and self._offer.words:
            self._take((self._taken + step) % len(self._offer.words) if self._taken >= 0 or step > 0 else -1)

    def _take(self, index: int) -> None:
        assert self._offer is not None  # noqa: S101 -- asked before
        offer, text = self._offer, self._input.value
        word = offer.words[index]
        end = offer.end if self._taken < 0 else offer.start + len(offer.words[self._taken])
        self._taken = index % len(offer.words)
        self._completed = text[: offer.start] + word + text[end:]
        self._input.value = self._completed
        self._input.cursor_position = offer.start + len(word)

    def action_accept(self) -> None:
        """At the end of the line take the first completion, elsewhere move."""
        at_end = self._input.cursor_position >= len(self._input.value)
        if at_end and self._taken < 0 and self._offer is not None and self._offer.words and self._input.value.strip():
            self._take(0)
        else:
            self._input.action_cursor_right()

    def action_recall(self, step: int) -> None:
        """An earlier answer in the place of the text; a later one with −1."""
        index = max(-1, min(len(self._question.recall) - 1, self._recalled + step))
        if index != self._recalled:
            self._recalled, self._taken = index, -1
            self._input.value = self._question.recall[index] if index >= 0 else ""
            self._input.cursor_position = len(self._input.value)

    def action_leave(self) -> None:
        self._stop()
        self._give_way(True)
        self.screen.set_focus(self._before)

    def _stop(self) -> None:
        if self._calm is not None:
            self._calm.stop()
            self._calm = None

    def _give_way(self, shown: bool) -> None:
        """Show what else is on this line, or hide it while something is asked."""
        for widget in self.siblings:
            widget.display = shown
        self.display = not shown
