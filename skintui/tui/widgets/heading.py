"""One-line headings: of the program, of a pane, and the bottom line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip

from skintui.tui.widgets.ink import Part, fit
from skintui.tui.widgets.lines import Lines


class Heading(Lines):
    """A line with something on the left and something on the right; the left yields where both do not fit."""

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
        left, right = self._fitting(width - 1)
        space = width - 1 - size_of(left) - size_of(right)
        return [self.line(*left, (" " * space, "plain"), *right, width=width)]

    def _fitting(self, width: int) -> tuple[Sequence[Part], Sequence[Part]]:
        right = cut(self.right, width)
        return cut(self.left, width - size_of(right) - 1 if right else width), right


class Hints(Heading):
    """A line of keys, each followed by what it does, and perhaps a message before them; keys yield pair by pair."""

    def _fitting(self, width: int) -> tuple[Sequence[Part], Sequence[Part]]:
        left = cut(self.left, width) if len(self.left) == 1 else pairs(self.left, width)
        return left, pairs(self.right, width - size_of(left) - 2 if left else width)


def pairs(parts: Sequence[Part], width: int) -> list[Part]:
    """The keys, with their words, that fit into ``width`` cells."""
    kept: list[Part] = []
    for index in range(0, len(parts), 2):
        key, words = parts[index : index + 2]
        if size_of([*kept, key, (words[0].rstrip(), "")]) > width:
            break
        kept += [key, words]
    return cut(kept, width)


def size_of(parts: Sequence[Part]) -> int:
    """Cells of the parts."""
    return sum(cell_len(text) for text, _ in parts)


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
