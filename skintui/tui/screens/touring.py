"""The tour: one line above the bottom one that says what to try next, and goes on when it has been done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skintui.tui.widgets.heading import Heading
from skintui.tui.widgets.ink import Part

if TYPE_CHECKING:
    from skintui.tui.screens.audit import AuditScreen


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try."""

    text: str
    """``{name}`` stands for the key of the command of that name."""
    tried: tuple[str, ...]
    """Commands any of which ends the step."""


STEPS = (
    Step("{down} {up} move, {attribute} chooses the attribute", ("down", "up")),
    Step("{queue} lists what looks wrong, most suspicious first", ("queue",)),
    Step("{next_pane} to the neighbours, {follow} follows, {back} returns", ("next_pane", "follow", "right")),
    Step(
        "{label_wrong} wrong, {label_ok} right, {correct} the right value: saved at once; {undo} undoes",
        ("label_wrong", "label_ok", "correct", "undo"),
    ),
    Step("{filter} filters, {facets} counts, {views} keeps a view, {clear} shows all", ("filter", "facets", "views")),
    Step("{meter} how far you are, {export} exports, {help} every key", ("meter", "export", "help")),
)


class Touring:
    """Not in the way: every key works as it does without the tour."""

    def __init__(self, screen: AuditScreen) -> None:
        self._screen = screen
        self._step = -1
        self.deeds: dict[str, Callable[[], None]] = {"tour": self.next}

    @property
    def step(self) -> int:
        """Number of the step shown, from 0; −1 where no tour is on."""
        return self._step

    def next(self) -> None:
        """Begin, or go on without having tried."""
        self._step = self._step + 1 if self._step + 1 < len(STEPS) else -1
        self._show()

    def did(self, name: str) -> None:
        """A command was done: the step that asked for it is over."""
        if self._step >= 0 and name in STEPS[self._step].tried:
            self.next()

    def _show(self) -> None:
        line = self._screen.query_one("#tour", Heading)
        line.display = self._step >= 0
        if self._step < 0:
            return
        last = self._step + 1 == len(STEPS)
        key = self._screen.keymap.first("tour")
        self._screen.call_after_refresh(
            line.show,
            [(f"{self._step + 1}/{len(STEPS)}  ", "accent"), *self._text(STEPS[self._step].text)],
            [(key, "accent"), (" ends the tour" if last else " next", "muted")],
        )

    def _text(self, text: str) -> list[Part]:
        """The text with keys in the place of command names."""
        parts: list[Part] = []
        for index, piece in enumerate(text.replace("}", "{").split("{")):
            parts.append((self._screen.keymap.first(piece), "accent") if index % 2 else (piece, "plain"))
        return parts
