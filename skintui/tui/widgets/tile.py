"""One tile of 15 × 15 mm."""

from __future__ import annotations

from PIL.Image import Image
from textual.geometry import Region
from textual.strip import Strip

from skintui.tui.widgets.ink import Inked, fit
from skintui.tui.widgets.painting import Painter


class Tile(Inked):
    """Draws a picture into its box, square and to the left; text instead where there is none.

    The picture is drawn when the widget is painted, never because a neighbour's text changed.
    """

    def __init__(self, painter: Painter | None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._painter = painter
        self._picture: Image | None = None
        self.key = ""
        """Name of what is shown; empty for nothing."""
        self._message = ""

    def show(self, key: str, picture: Image) -> None:
        """Show ``picture``; nothing is sent where ``key`` is on screen already."""
        if key == self.key and self._picture is not None:
            return
        self.key, self._picture, self._message = key, picture, ""
        self.refresh()

    def clear(self, message: str = "") -> None:
        """Take the picture away and show ``message``."""
        if self._picture is None and message == self._message:
            return
        self.key, self._picture, self._message = "", None, message
        self.refresh()

    @property
    def picture(self) -> Image | None:
        """The picture on screen."""
        return self._picture

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of the part that is visible; one that would lie over what covers it is left out."""
        width, height = self.size
        lines = self._text(width, height)
        if self._picture is not None and self._painter is not None and self._is_uncovered(crop):
            columns, rows = self._painter.box(width, height)
            if columns and rows:
                region = Region(self.region.x, self.region.y, columns, rows)
                painted = self._painter.paint(self.key, self._picture, region)
                pad = Strip.blank(width - columns, self.rich_style)
                lines[:rows] = [Strip.join([strip, pad]) if width > columns else strip for strip in painted]
        return [line.crop(crop.x, crop.right) if crop.width < width else line for line in lines[crop.y : crop.bottom]]

    def _is_uncovered(self, crop: Region) -> bool:
        if self._painter is None or not self._painter.lies_over_text:
            return True
        return crop.size == self.size and self.is_attached and self.screen.is_active

    def _text(self, width: int, height: int) -> list[Strip]:
        blank = Strip.blank(width, self.rich_style)
        message = self._message
        if self._picture is not None and self._painter is None:
            message = f"{self._picture.width}×{self._picture.height} px"
        lines = [blank] * height
        if message and height:
            lines[height // 2] = self.line((fit(message, width), "faint"), width=width).apply_style(self.rich_style)
        return lines
