"""A block of lines that repaints only those that changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip

from skintui.tui.widgets.ink import Inked


class Lines(Inked):
    """Base of the text blocks: a subclass says what the lines are, this compares them with what is on screen."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Strip] = []
        self._stale = True

    def lines(self) -> Sequence[Strip]:
        """The lines as they should be now; called whenever :meth:`redraw` is."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw again, sending only the lines that differ."""
        if not self.is_attached:
            return
        self._grounds = None
        before, self._lines = self._lines, list(self.lines())
        width = self.size.width
        blank = Strip.blank(width, self.grounds[1])
        for y in range(max(len(before), len(self._lines))):
            old = before[y] if y < len(before) else blank
            new = self._lines[y] if y < len(self._lines) else blank
            if old is not new and (old != new or old.cell_length != new.cell_length):
                self.refresh(Region(0, y, width, 1))

    def render_line(self, y: int) -> Strip:
        if self._stale:
            self._lines, self._stale = list(self.lines()), False
        if y < len(self._lines):
            return self._lines[y]
        return Strip.blank(self.size.width, self.grounds[1])

    def on_resize(self) -> None:
        self._stale = True
        self.refresh()

    def notify_style_update(self) -> None:
        """Follow a change of theme when next painted, for only then all styles are new."""
        super().notify_style_update()
        self._stale = True
