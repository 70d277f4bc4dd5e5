"""What stands on the terminal, kept so that only cells that differ are sent.

Textual writes every cell of a region that may have changed, each run of one style with its full colours and a reset; a
closed window sends the whole screen again. Here an update is compared with the cells sent before, and of colours only
those that change are said. This is also what knows whether a picture made of pixels is still whole: its cells hold a
mark (a private-use character that numbers the picture), and are sent as blanks; see :class:`Overlay`.

Upstream this would belong into ``Compositor.render_update`` (a buffer of the last frame) and into ``Strip.render`` (a
running style instead of a reset per segment).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import SGR_STYLES

FIRST_MARK, LAST_MARK = 0x100000, 0x10E000
"""Characters that stand for pictures, in a private plane that no text of a data set gets through to the screen."""
GAP = 10
"""Unchanged cells within a change that are sent again rather than jumped over."""


class Overlay(Protocol):
    """Pictures that lie over cells which hold their mark."""

    def cells(self, mark: str, row: int, start: int, end: int) -> str:
        """What is written for the cells ``start`` to ``end`` of screen row ``row``; text has the default colour."""

    def settle(self, frame: Frame, written: list[Region]) -> str:
        """What to send after the cells ``written``, so that every picture is where its marks are and nowhere else."""

    def forget(self, data: bool) -> None:
        """Nothing is where it was sent; with ``data``, the terminal may have lost pictures altogether."""


class Pen(NamedTuple):
    """How a cell is drawn, in the numbers of SGR; empty for the terminal's own."""

    attributes: str = ""
    colour: str = ""
    ground: str = ""


PLAIN = Pen()
_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})


class Row:
    """The cells of one line: the character (empty in the second half of a wide one, None if unknown) and its pen."""

    __slots__ = ("pens", "texts")

    def __init__(self) -> None:
        self.texts: list[str | None] = []
        self.pens: list[Pen] = []

    def reach(self, end: int) -> None:
        if (short := end - len(self.texts)) > 0:
            self.texts += [None] * short
            self.pens += [PLAIN] * short


class Frame:
    """The screen as it was last sent."""

    def __init__(self, overlay: Overlay | None = None) -> None:
        self.overlay = overlay
        self._rows: dict[int, Row] = {}
        self._region = Region()
        self._pen: Pen | None = None
        self._cursor: tuple[int, int] | None = None
        self._out: list[str] = []
        self._written: list[Region] = []

    def forget(self, data: bool = False) -> None:
        """The terminal may show anything now: the next update is sent whole (with ``data``, every picture, too)."""
        self._rows.clear()
        if self.overlay is not None:
            self.overlay.forget(data)

    def thrifty(self, update: CompositorUpdate) -> CompositorUpdate:
        """``update``, sending only what differs from what is on the terminal."""
        return _Thrifty(update, self)

    def holds(self, mark: str, region: Region) -> bool:
        """Whether all cells of ``region`` hold ``mark``."""
        wanted = [mark] * region.width
        rows = (self._rows.get(y) for y in region.line_range)
        return all(row is not None and row.texts[region.x : region.right] == wanted for row in rows)

    def difference(self, update: CompositorUpdate, console: Console) -> str:
        """The bytes that turn the screen into what ``update`` shows."""
        if isinstance(update, LayoutUpdate) and update.region != self._region:
            self.forget()
            self._region = update.region
        self._pen, self._cursor, self._out, self._written = None, None, [], []
        system = console._color_system or ColorSystem.TRUECOLOR
        for y, x, strip in _placed(update):
            for text, style, control in strip:
                if control or not text:
                    self._out.append(text)
                else:
                    x = self._draw(y, x, text, pen_of(style, system) if style else PLAIN)
        if self._pen not in (None, PLAIN):
            self._out.append("\x1b[m")
        if self.overlay is not None:
            self._out.append(self.overlay.settle(self, self._written))
        return "".join(self._out)

    def _draw(self, y: int, x: int, text: str, pen: Pen) -> int:
        """Send the part of ``text`` that differs, and say where the text ends."""
        if not text.isprintable() and not is_mark(text[0]):
            text = harmless(text)
        cells = cells_of(text)
        count = len(cells)
        blank = on_blanks(pen)
        wanted: list[Pen]
        if is_mark(text[0]):
            wanted = [blank] * count
        else:
            wanted = [pen] * count if " " not in text else [blank if cell == " " else pen for cell in cells]
        row = self._rows.setdefault(y, Row())
        row.reach(x + count)
        before, pens = row.texts[x : x + count], row.pens[x : x + count]
        if before == cells and pens == wanted:
            return x + count
        changed = [i for i in range(count) if before[i] != cells[i] or pens[i] != wanted[i]]
        row.texts[x : x + count] = cells
        row.pens[x : x + count] = wanted
        for start, end in _runs(changed):
            while start and cells[start] == "":
                start -= 1
            while end < count and cells[end] == "":
                end += 1
            self._send(y, x + start, cells[start:end], pen)
        return x + count

    def _send(self, y: int, x: int, cells: list[str], pen: Pen) -> None:
        text, end = "".join(cells), x + len(cells)
        self._out.append(_move(self._cursor, y, x))
        self._written.append(Region(x, y, len(cells), 1))
        self._cursor = None if end >= self._region.right else (y, end)
        if is_mark(text[0]):
            pen = on_blanks(pen)
            self._out.append(change(self._pen, pen))
            self._pen = pen
            self._out.append(self.overlay.cells(text[0], y, x, end) if self.overlay else " " * len(cells))
            return
        if text.isspace():
            pen = on_blanks(pen)
            if self._pen is not None and on_blanks(self._pen).attributes == pen.attributes:
                pen = self._pen._replace(ground=pen.ground)  # the rest does not show
        self._out.append(change(self._pen, pen))
        self._pen = pen
        self._out.append(text)


class _Thrifty(CompositorUpdate):
    """An update that Textual writes by way of a frame."""

    def __init__(self, update: CompositorUpdate, frame: Frame) -> None:
        self._update, self._frame = update, frame

    def render_segments(self, console: Console) -> str:
        return self._frame.difference(self._update, console)


def _placed(update: CompositorUpdate) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    """Every strip of an update with its line and column."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield y, x, strip
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, start, end in update.spans:
            for stop, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if chop is not None and x <= end and stop > start:
                    yield y, x, chop.crop(0, min(stop, end) - x)


def _runs(changed: list[int]) -> Iterator[tuple[int, int]]:
    """Stretches of the changed cells, small gaps included."""
    start = last = changed[0]
    for index in changed[1:]:
        if index - last > GAP:
            yield start, last + 1
            start = index
        last = index
    yield start, last + 1


def _move(cursor: tuple[int, int] | None, y: int, x: int) -> str:
    if cursor == (y, x):
        return ""
    if cursor is not None and cursor[0] == y and 0 < x - cursor[1] < 100:
        return f"\x1b[{x - cursor[1]}C"
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"


def is_mark(character: str) -> bool:
    """Whether a character stands for a picture."""
    return FIRST_MARK <= ord(character) < LAST_MARK


def harmless(text: str) -> str:
    """``text`` of the same width without what acts on a terminal: the last gate, whatever let it through before."""
    return "".join(
        char if char.isprintable() or unicodedata.category(char) == "Zs" else " " * cell_len(char) for char in text
    )


def cells_of(text: str) -> list[str]:
    """``text`` by cells: a wide character is followed by an empty one, marks ride on the character before them.

    Where that does not add up to its width (sequences drawn as one), the whole of it counts as its first cell.
    """
    return list(text) if text.isascii() else list(_wide_cells(text))


@lru_cache(8192)
def _wide_cells(text: str) -> tuple[str, ...]:
    if text[0] == text[-1] and len(set(text)) == 1 and cell_len(text[0]) == 1:
        return tuple(text)
    cells: list[str] = []
    for character in text:
        width = cell_len(character)
        if width == 0 and cells:
            lead = max(i for i, cell in enumerate(cells) if cell)
            cells[lead] += character
        else:
            cells += [character] + [""] * (width - 1)
    width = cell_len(text)
    return tuple(cells) if len(cells) == width else (text, *[""] * (width - 1))


@lru_cache(16384)
def pen_of(style: Style, system: ColorSystem) -> Pen:
    """The numbers of a style, colours that the terminal lacks replaced."""
    bits = style._attributes & style._set_attributes
    attributes = ";".join(name for bit, name in enumerate(SGR_STYLES) if bits & (1 << bit))
    colour, ground = style.color, style.bgcolor
    return Pen(
        attributes,
        ";".join(colour.downgrade(system).get_ansi_codes()) if colour else "",
        ";".join(ground.downgrade(system).get_ansi_codes(False)) if ground else "",
    )


@lru_cache(16384)
def on_blanks(pen: Pen) -> Pen:
    """What of a pen shows on blanks: the ground, and lines through or around them."""
    if pen.attributes and _SEEN_ON_BLANKS.intersection(pen.attributes.split(";")):
        return pen
    return Pen(ground=pen.ground)


@lru_cache(16384)
def change(old: Pen | None, new: Pen) -> str:
    """The shortest sequence from one pen to another; from None where the terminal's pen is not known."""
    if old == new:
        return ""
    if old is None or old.attributes != new.attributes:
        return f"\x1b[{';'.join(['0', *filter(None, new)])}m".replace("[0m", "[m")
    parts = []
    if old.colour != new.colour:
        parts.append(new.colour or "39")
    if old.ground != new.ground:
        parts.append(new.ground or "49")
    return f"\x1b[{';'.join(parts)}m"
