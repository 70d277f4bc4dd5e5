"""A table of any length: lines are made when they are shown, and a step of the cursor repaints two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from skintui.tui.widgets.ink import INK_CLASSES, INK_CSS, Inked, Part, fit


class Rows(Protocol):
    """What the table shows. Rows are made one at a time, for the width there is."""

    def __len__(self) -> int: ...

    def head(self, width: int) -> Sequence[Part]:
        """The line of column names."""

    def row(self, index: int, width: int) -> Sequence[Part]:
        """The parts of one row."""


class NoRows:
    """An empty table with a message that says what to do."""

    def __init__(self, message: str = "") -> None:
        self.message = message

    def __len__(self) -> int:
        return 0

    def head(self, width: int) -> Sequence[Part]:
        return [(fit(self.message, width), "muted")]

    def row(self, index: int, width: int) -> Sequence[Part]:  # noqa: ARG002 -- there is none
        return []


class LesionTable(ScrollView, Inked, can_focus=True, inherit_bindings=False):
    """The lesions or the queue, with a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INK_CLASSES)
    DEFAULT_CSS = f"LesionTable{INK_CSS}\nLesionTable {{ scrollbar-size: 0 0; overflow-x: hidden; }}"

    @dataclass
    class Moved(Message):
        """The user put the cursor on another row."""

        index: int

    @dataclass
    class Chosen(Message):
        """The user asked for the row under the cursor."""

        index: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Rows = NoRows()
        self.cursor = 0
        self.untold = False
        """Whether the user has put the cursor elsewhere and whoever follows it has not taken note."""
        self._anchor: int | None = None

    def fill(self, rows: Rows, cursor: int = 0) -> None:
        """Show ``rows`` with the cursor on one of them, a range ended; posts nothing."""
        self.rows, self._anchor, self.untold = rows, None, False
        self.cursor = max(0, min(cursor, len(rows) - 1))
        self.virtual_size = Size(self.size.width, len(rows) + 1)
        self._reveal()
        self.refresh()

    def go(self, index: int, *, quiet: bool = False) -> None:
        """Put the cursor on a row, as far as there is one; ``quiet`` posts nothing."""
        index = max(0, min(index, len(self.rows) - 1))
        if index == self.cursor:
            return
        if self._anchor is None:
            self.redraw_row(self.cursor)
            self.redraw_row(index)
        else:
            self._redraw_rows(self.cursor, index)
        self.cursor = index
        self._reveal()
        self.untold = not quiet
        if not quiet:
            self.post_message(self.Moved(index))

    @property
    def range(self) -> range | None:
        """The rows between the one where a range was begun and the cursor, both included; None without one."""
        if self._anchor is None:
            return None
        return range(min(self._anchor, self.cursor), max(self._anchor, self.cursor) + 1)

    def begin_range(self) -> None:
        """Let the cursor take the rows it passes with it."""
        if len(self.rows):
            self._anchor = self.cursor
            self.redraw_row(self.cursor)

    def end_range(self) -> None:
        """Let go of the rows."""
        rows, self._anchor = self.range, None
        if rows is not None:
            self._redraw_rows(rows[0], rows[-1])

    def step(self, count: int) -> None:
        self.go(self.cursor + count)

    @property
    def page(self) -> int:
        """Rows on one screen."""
        return max(1, self.size.height - 1)

    def redraw_row(self, index: int) -> None:
        """Draw one row again, because its content changed."""
        self.refresh_line(index + 1)

    def _redraw_rows(self, first: int, last: int) -> None:
        """Draw again what is in sight of the rows between two, both included."""
        top = round(self.scroll_y)
        for index in range(max(min(first, last), top), min(max(first, last), top + self.page) + 1):
            self.redraw_row(index)

    def _reveal(self) -> None:
        """Scroll so that the cursor is in sight: by a third of a page, so that most steps repaint two lines only."""
        top, page = round(self.scroll_y), self.page
        if self.cursor < top:
            top = self.cursor if top - self.cursor > page else self.cursor - page // 3
        elif self.cursor >= top + page:
            top = self.cursor - page + 1 if self.cursor - top >= 2 * page else self.cursor - page + 1 + page // 3
        else:
            return
        top = max(0, min(top, len(self.rows) - page))
        self.scroll_to(y=top, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return self.line(*self.rows.head(width), width=width)
        index = round(self.scroll_y) + y - 1
        if index >= len(self.rows):
            return Strip.blank(width, self.grounds[1])
        if index != self.cursor:
            taken = self.range is not None and index in self.range
            gutter = ("│", "accent") if taken else (" ", "plain")
            return self.line(gutter, *self.rows.row(index, width - 1), on="cursor" if taken else None, width=width)
        mark = ("▌", "accent") if self.has_focus else ("▏", "muted")
        return self.line(mark, *self.rows.row(index, width - 1), on="cursor", width=width)

    def on_resize(self, event: events.Resize) -> None:
        self.virtual_size = Size(event.size.width, len(self.rows) + 1)
        self._reveal()
        self.refresh()

    def on_focus(self) -> None:
        self.redraw_row(self.cursor)

    def on_blur(self) -> None:
        self.redraw_row(self.cursor)

    def on_click(self, event: events.Click) -> None:
        index = round(self.scroll_y) + event.y - 1
        if event.y > 0 and index < len(self.rows):
            self.go(index)
