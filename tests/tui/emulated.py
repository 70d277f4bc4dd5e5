"""A terminal small enough to be read: what it shows after the bytes it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.cells import cell_len

_TOKEN = re.compile(
    r"\x1bP(?P<dcs>.*?)\x1b\\(?!\x1b)|\x1b_G(?P<apc>.*?)\x1b\\|\x1b\[(?P<numbers>[\d;]*)(?P<final>[A-Za-z])|(?P<text>[^\x1b])",
    re.S,
)


@dataclass
class Cell:
    text: str = " "
    pen: tuple[str, str, str] = ("", "", "")
    """Attributes, colour, ground, in numbers of SGR."""


@dataclass
class Emulated:
    """Cells by (row, column), and the pictures' commands with where the cursor was."""

    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    commands: list[tuple[tuple[int, int], str]] = field(default_factory=list)
    cursor: tuple[int, int] = (0, 0)
    pen: tuple[str, str, str] = ("", "", "")

    def feed(self, data: str) -> Emulated:
        """Show ``data``; fails on a sequence that it does not know."""
        at = 0
        for found in _TOKEN.finditer(data):
            assert found.start() == at, repr(data[at : at + 30])
            at = found.end()
            if found["text"] is not None:
                self._write(found["text"])
            elif found["final"]:
                self._control(found["numbers"], found["final"])
            else:
                self.commands.append((self.cursor, found["dcs"] or found["apc"]))
        assert at == len(data), repr(data[at : at + 30])
        return self

    def line(self, y: int, width: int) -> str:
        return "".join(self.cells.get((y, x), Cell()).text for x in range(width))

    def pens(self, y: int, width: int) -> list[tuple[str, str, str]]:
        return [self.cells.get((y, x), Cell()).pen for x in range(width)]

    def _write(self, text: str) -> None:
        y, x = self.cursor
        width = cell_len(text)
        if width == 0:
            self.cells[y, x - 1].text += text
            return
        self.cells[y, x] = Cell(text, self.pen)
        for extra in range(1, width):
            self.cells[y, x + extra] = Cell("", self.pen)
        self.cursor = y, x + width

    def _control(self, numbers: str, final: str) -> None:
        y, x = self.cursor
        parts = [int(part) for part in numbers.split(";") if part]
        if final == "H":
            row, column = [*parts, 1, 1][:2] if len(parts) != 1 else (parts[0], 1)
            self.cursor = row - 1, column - 1
        elif final == "C":
            self.cursor = y, x + parts[0]
        else:
            assert final == "m", final
            self._style(iter(parts or [0]))

    def _style(self, numbers: Iterator[int]) -> None:
        attributes, colour, ground = self.pen
        for number in numbers:
            if number == 0:
                attributes = colour = ground = ""
            elif number in (38, 48):
                kind = next(numbers)
                said = ";".join(map(str, [number, kind, *(next(numbers) for _ in range(3 if kind == 2 else 1))]))
                colour, ground = (said, ground) if number == 38 else (colour, said)
            elif number == 39:
                colour = ""
            elif number == 49:
                ground = ""
            elif 30 <= number <= 37 or 90 <= number <= 97:
                colour = str(number)
            elif 40 <= number <= 47 or 100 <= number <= 107:
                ground = str(number)
            else:
                attributes = f"{attributes};{number}".strip(";")
        self.pen = attributes, colour, ground
