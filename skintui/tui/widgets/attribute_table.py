"""The sixteen attributes of one lesion: label, prediction ± spread, difference, suspicion, flag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from skintui.tui import theme
from skintui.tui.widgets.ink import Part, fit
from skintui.tui.widgets.lines import Lines

LABEL, MODEL, SPREAD, DIFFER = 7, 7, 6, 8
NUMBERS = LABEL + MODEL + SPREAD + DIFFER
"""Cells of label, prediction, spread and difference, with the space before each."""
SIGNS = 4
"""Cells of the cursor's mark, the flag and the verdict."""
LONGEST = 19
"""Cells of the longest attribute's name."""


@dataclass(frozen=True, slots=True)
class AttributeLine:
    """One attribute of the lesion as it is shown; NaN where a number is missing."""

    title: str
    short: str
    """The title for a narrow column."""
    decimals: int
    label: float
    predicted: float
    spread: float
    score: float
    """The audit's: how many σ the label is from what is expected; NaN where there is none."""
    flagged: bool = False
    verdict: str = ""
    impossible: bool = False
    """Whether the label breaks a rule that holds without any model."""
    marked: bool = False


class AttributeTable(Lines, can_focus=True):
    """One line per attribute, one of them chosen."""

    @dataclass
    class Moved(Message):
        """The user chose another attribute."""

        index: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.attributes: Sequence[AttributeLine] = ()
        self.chosen = 0

    def fill(self, attributes: Sequence[AttributeLine], chosen: int) -> None:
        self.attributes, self.chosen = attributes, chosen
        self.redraw()

    def lines(self) -> Sequence[Strip]:
        width, height = self.size
        if not self.attributes or width < NUMBERS + 6:
            return []
        rest = max(3, min(10, width - NUMBERS - LONGEST - SIGNS - 1))
        name = min(LONGEST, width - NUMBERS - rest - SIGNS - 1)
        head = f" {fit('', name)}{'label':>{LABEL}}{'model':>{MODEL}}{' ±':<{SPREAD}}{'differ':>{DIFFER}}"
        room = max(1, height - 1)
        first = max(0, min(self.chosen - room // 2, len(self.attributes) - room))
        shown = range(first, min(len(self.attributes), first + room))
        return [self.line((fit(head, width), "head"), width=width)] + [self._line(i, name, rest) for i in shown]

    def _line(self, index: int, name: int, rest: int) -> Strip:
        a, chosen, width = self.attributes[index], index == self.chosen, self.size.width
        flagged = a.flagged or a.impossible
        differ = a.label - a.predicted
        loud = "warn" if flagged else "plain" if abs(a.score) >= 2 else "muted"
        spread = f" ±{theme.number(a.spread, 4, a.decimals).strip()}" if a.spread == a.spread else ""
        sign = theme.VERDICT_SIGNS.get(a.verdict, " ")
        share = theme.suspicion(abs(a.score))
        parts: list[Part] = [
            ("▌" if chosen and self.has_focus else "▏" if chosen else " ", "accent" if self.has_focus else "muted"),
            (fit(a.title if len(a.title) <= name else a.short, name), "strong" if chosen else "plain"),
            (theme.number(a.label, LABEL, a.decimals), "plain"),
            (theme.number(a.predicted, MODEL, a.decimals), "plain"),
            (spread.ljust(SPREAD), "faint"),
            (theme.signed(differ, DIFFER, a.decimals), loud),
            (" " + theme.bar(share, rest), "warn" if flagged else "bar"),
            (theme.MARK if a.marked else " ", "accent"),
            (theme.FLAG if flagged else " ", "warn"),
            (sign, "good" if a.verdict == "label_ok" else "warn" if a.verdict == "label_wrong" else "accent"),
        ]
        return self.line(*parts, on="cursor" if chosen else None, width=width)

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        room = max(1, self.size.height - 1)
        first = max(0, min(self.chosen - room // 2, len(self.attributes) - room))
        if 0 < event.y <= len(self.attributes) - first:
            self.post_message(self.Moved(first + event.y - 1))
