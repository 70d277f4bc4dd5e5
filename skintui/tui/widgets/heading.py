"""One-line headings: of the program, of a pane, and the bottom line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip

from skintui.tui.widgets.ink import Part, fit
from skintui.tui.widgets.lines import Lines


class Heading(Lines):
    """A line with something on the left and something on the right, which yields where both do not fit."""

    DEFAULT_CSS = "Heading { height: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.left: Sequence[Part] = ()
        self.right: Sequence[Part] = ()

    def show(self, left: Sequence[Part] | None = None, right: Sequence[Part] | None = None) -> None:
        """Change one side or both."""
        self.left = self.left if left is None else left
        self.right = self.right if right is None else right
        self.redraw()

    @property
    def text(self) -> str:
        """What is on the line, without styles."""
        return "".join(part for part, _ in (*self.left, *self.right))

    def lines(self) -> Sequence[Strip]:
        width = self.size.width
        left = cut(self.left, width - 1)
        used = sum(cell_len(text) for text, _ in left)
        right = cut(self.right, width - used - 3)
        space = width - used - sum(cell_len(text) for text, _ in right) - 1
        return [self.line(*left, (" " * space, "plain"), *right, width=width)]


def cut(parts: Sequence[Part], width: int) -> list[Part]:
    """The parts that fit into ``width`` cells; the last one shortened, a scrap of less than four cells left out."""
    kept: list[Part] = []
    for text, ink in parts:
        size = cell_len(text)
        if size > width:
            if width >= 4:
                kept.append((fit(text, width), ink))
            break
        kept.append((text, ink))
        width -= size
    return kept
