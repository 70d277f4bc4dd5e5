"""A few lines of plain text in the theme's inks."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from skintui.tui.widgets.ink import Part
from skintui.tui.widgets.lines import Lines


class Paragraph(Lines):
    """Lines given from outside; those that do not fit are left out."""

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
        return [self.line(*parts, width=width) for parts in self.content[:height]]
