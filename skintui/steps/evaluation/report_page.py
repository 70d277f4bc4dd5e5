"""What a report is made of: sections with paragraphs, figures, tables, facts and points, all of them plain text.

Nothing here is HTML: the template escapes every word, wherever it came from.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from skintui.attributes import BY_NAME
from skintui.texts import printable

NONE = "–"
"""What stands where there is no number."""


@dataclass(frozen=True)
class Figure:
    """A plot, embedded."""

    draw: Callable[[], str]
    """Draws it, once, when it is needed."""
    alt: str
    """What the plot shows, in words, for who does not see it."""
    caption: str

    @cached_property
    def svg(self) -> str:
        return self.draw()

    @property
    def source(self) -> str:
        """The plot as a data address."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode("utf-8")).decode("ascii")

    @property
    def width(self) -> int:
        return self._pixels[0]

    @property
    def height(self) -> int:
        return self._pixels[1]

    @property
    def _pixels(self) -> tuple[int, int]:
        """Size on the page (1 pt = 4/3 px), so that the page does not jump while it loads."""
        sizes = [re.search(rf'<svg[^>]*?\b{side}="([\d.]+)pt"', self.svg) for side in ("width", "height")]
        w, h = (round(float(found[1]) * 4 / 3) if found is not None else 480 for found in sizes)
        return w, h


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; the first cell is its head."""

    cells: tuple[str, ...]
    best: AbstractSet[int] = frozenset()
    """Columns set in bold."""
    total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    name: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    words: AbstractSet[int] = frozenset({0})
    """Columns of words, set left."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is."""

    name: str
    value: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One number of the summary."""

    value: str
    what: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One numbered section; it exists only where it has something to say."""

    key: str
    title: str
    texts: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    facts: tuple[Fact, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report."""

    title: str
    lead: str
    version: str
    cards: tuple[Card, ...]
    sections: tuple[Section, ...] = field(default=())


def number(value: Any, digits: int = 2) -> str:
    """A number with so many decimals and a real minus sign; a dash where there is none."""
    if not is_number(value):
        return NONE
    text = f"{float(value):.{digits}f}"
    return text.replace("-", "−") if float(text) != 0 else text.lstrip("-")


def between(interval: Any, digits: int = 2) -> str:
    """``low–high`` of an interval, ``low to high`` where a minus is about; a dash where there is none."""
    low, high = ends(interval)
    if not (is_number(low) and is_number(high)):
        return NONE
    return f"{number(low, digits)}{'–' if low >= 0 else ' to '}{number(high, digits)}"


def with_interval(value: Any, interval: Any, digits: int = 2) -> str:
    """``value (low–high)``."""
    span = between(interval, digits)
    return number(value, digits) if span == NONE else f"{number(value, digits)} ({span})"


def estimate(one: Any) -> tuple[Any, tuple[Any, Any]]:
    """Value and interval of ``{"value", "low", "high"}``."""
    if not isinstance(one, Mapping):
        return None, (None, None)
    return one.get("value"), (one.get("low"), one.get("high"))


def title(name: str) -> str:
    """An attribute's title; an unknown one by its own name."""
    return BY_NAME[name].title if name in BY_NAME else words(name, 60)


def ends(interval: Any) -> tuple[float, float]:
    """Both ends, NaN where there is no interval."""
    if isinstance(interval, Sequence) and not isinstance(interval, str) and len(interval) == 2:
        return as_float(interval[0]), as_float(interval[1])
    return math.nan, math.nan


def as_float(value: Any) -> float:
    return float(value) if is_number(value) else math.nan


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def count(value: Any) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{int(value):,}".replace(",", "\u202f") if is_number(value) else NONE


def words(value: Any, limit: int = 300) -> str:
    """Text that came from a file, on one line without control characters."""
    return printable(str(value), limit)
