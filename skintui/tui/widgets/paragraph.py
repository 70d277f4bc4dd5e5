"""A few lines of plain text in the theme's inks."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip

from skintui.tui.widgets.heading import cut, size_of
from skintui.tui.widgets.ink import Part, fit
from skintui.tui.widgets.lines import Lines


class Paragraph(Lines):
    """Lines given from outside; what does not fit is left out, and an ellipsis tells."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.content: Sequence[Sequence[Part]] = ()

    def show(self, content: Sequence[Sequence[Part]]) -> None:
        """Replace the lines."""
        self.content = content
        self.redraw()

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        return "\n".join("".join(text for text, _ in line) for line in self.content)

    def lines(self) -> Sequence[Strip]:
        width, height = self.size
        shown = [cut(parts, width) for parts in self.content[:height]]
        if len(self.content) > height and shown and shown[-1]:
            *parts, (text, ink) = shown[-1]
            room = width - size_of(parts)
            shown[-1] = [*parts, (fit(text.rstrip() + " …", room) if room < cell_len(text) + 2 else f"{text} …", ink)]
        return [self.line(*parts, width=width) for parts in shown]
