"""The styles text is drawn in, named by meaning and taken from the theme."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.css.styles import RenderStyles
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Part = tuple[str, str]
"""Text and the name of its ink."""

INKS = ("plain", "muted", "strong", "accent", "warn", "good", "head", "cursor", "faint", "bar")

INK_CLASSES = frozenset(f"ink--{name}" for name in INKS)
INK_CSS = """ {
    & > .ink--plain { color: $foreground; }
    & > .ink--muted { color: $foreground $muted; }
    & > .ink--faint { color: $foreground $faint; }
    & > .ink--strong { color: $foreground; text-style: bold; }
    & > .ink--accent { color: $accent; }
    & > .ink--bar { color: $accent; }
    & > .ink--warn { color: $error; }
    & > .ink--good { color: $success; }
    & > .ink--head { color: $foreground $muted; }
    & > .ink--cursor { background: $panel; }
}
"""
"""Rules of a widget that draws with inks; Textual inherits them from the first base only, so others repeat them."""


class Inked(Widget):
    """A widget that draws with named inks."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INK_CLASSES)
    DEFAULT_CSS = "Inked" + INK_CSS

    _grounds: tuple[Color, Style] | None = None

    def ink(self, name: str, ground: Color | None = None) -> Style:
        """The style named ``name``: only its own colours, its transparency laid on the widget's background."""
        ground = ground or self.grounds[0]
        styles = self._component_styles[f"ink--{name}"]  # another object whenever the theme or a class changes
        kept = self._inks.get(name)
        if kept is None or kept[0] is not styles or kept[1] != ground:
            colour = (ground + styles.color).rich_color if styles.has_rule("color") else None
            below = (ground + styles.background).rich_color if styles.has_rule("background") else None
            kept = self._inks[name] = styles, ground, Style(color=colour, bgcolor=below) + styles.text_style
        return kept[2]

    @cached_property
    def _inks(self) -> dict[str, tuple[RenderStyles, Color, Style]]:
        """Inks made, with what they were made from."""
        return {}

    @property
    def grounds(self) -> tuple[Color, Style]:
        """The background, and the style of blank cells on it; looked for through all ancestors once in a paint."""
        if self._grounds is None:
            self._grounds = self.background_colors[1], self.rich_style
        return self._grounds

    def render_lines(self, crop: Region) -> list[Strip]:
        self._grounds = None
        return super().render_lines(crop)

    def notify_style_update(self) -> None:
        self._grounds = None
        super().notify_style_update()

    def line(self, *parts: Part, on: str | None = None, width: int | None = None) -> Strip:
        """One line of inked parts, cut or padded to ``width``, lying on the background of the ink ``on``."""
        ground, below = self.grounds
        below = below + self.ink(on, ground) if on else below
        strip = Strip([Segment(text, below + self.ink(name, ground)) for text, name in joined(parts)])
        return strip if width is None else strip.adjust_cell_length(width, below)


def joined(parts: Iterable[Part]) -> list[Part]:
    """The parts with spaces and equal neighbours joined to the part before: each change of style costs 40 bytes."""
    out: list[Part] = []
    for text, name in parts:
        if out and text and (text.isspace() or out[-1][0].isspace() or out[-1][1] == name):
            before, ink = out.pop()
            out.append((before + text, ink if text.isspace() else name))
        elif text:
            out.append((text, name))
    return out


def fit(text: str, width: int) -> str:
    """``text`` in exactly ``width`` cells: padded, or cut with an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - 1) + "…"


def wrapped(text: str, width: int, lines: int) -> list[str]:
    """``text`` broken between words into at most ``lines`` lines of ``width`` cells; the last one is cut."""
    out: list[str] = []
    for word in text.split():
        if out and cell_len(out[-1]) + 1 + cell_len(word) <= width:
            out[-1] += f" {word}"
        elif len(out) == lines:
            out[-1] = fit(f"{out[-1]} {word}{' ' * width}…", width)
            break
        else:
            out.append(word)
    return [fit(line, width) if cell_len(line) > width else line for line in out]
