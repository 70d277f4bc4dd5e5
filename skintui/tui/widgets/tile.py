"""One tile of 15 × 15 mm."""

from __future__ import annotations

from dataclasses import dataclass

from PIL.Image import Image
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from skintui.texts import printable
from skintui.tui.messages import Encode
from skintui.tui.widgets.ink import Inked, fit
from skintui.tui.widgets.painting import Painter


class Tile(Inked):
    """Draws a picture into its box, square and to the left; text instead where there is none.

    The picture is drawn when the widget is painted, never because a neighbour's text changed. Until it has been encoded
    the box is empty: what stood there belongs to another lesion.
    """

    @dataclass
    class Encoded(Message, bubble=False):
        """The picture can be painted, or why not."""

        key: str
        reason: str

    def __init__(
        self, painter: Painter | None, *, bar: bool = True, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._painter, self._bar = painter, bar
        self._picture: Image | None = None
        self.key = ""
        """Name of what is shown; empty for nothing."""
        self._message = ""

    def show(self, key: str, picture: Image) -> None:
        """Show ``picture``; nothing is sent where ``key`` is on screen already."""
        if key == self.key and self._picture is not None:
            return
        self.key, self._picture, self._message = key, picture, ""
        self._is_ready()  # begun now, it is mostly done when the screen is painted
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
        """Lines of the part that is visible."""
        width, height = self.size
        lines = self._text(width, height)
        box = self._box()
        if self._picture is not None and self._painter is not None and box and self._is_ready():
            region = Region(self.region.x, self.region.y, *box)
            painted = self._painter.paint(self.key, self._picture, region, self._bar)
            style = self.grounds[1]
            painted = [strip.apply_style(style) for strip in painted]
            pad = Strip.blank(width - box.width, style)
            lines[: box.height] = [Strip.join([strip, pad]) if width > box.width else strip for strip in painted]
        return [line.crop(crop.x, crop.right) if crop.width < width else line for line in lines[crop.y : crop.bottom]]

    def on_tile_encoded(self, message: Encoded) -> None:
        if message.key == self.key and message.reason:
            self.clear(printable(message.reason))
        elif message.key == self.key:
            self.refresh()

    def _box(self) -> Size:
        """Cells of the picture."""
        return Size(*self._painter.box(*self.size)) if self._painter is not None else Size()

    def _is_ready(self) -> bool:
        """Whether the picture can be painted at once; if not, it is being encoded."""
        painter, picture, key, size, bar = self._painter, self._picture, self.key, self._box(), self._bar
        if painter is None or picture is None or not size or painter.later is None:
            return True
        if not painter.is_ready(key, size, bar):
            painter.later(
                Encode(
                    who=self,
                    prepare=lambda: painter.prepare(key, picture, size, bar),
                    wanted=lambda: key == self.key,
                    done=lambda reason: self.post_message(Tile.Encoded(key, reason)),
                )
            )
            return False
        return True

    def _text(self, width: int, height: int) -> list[Strip]:
        blank = Strip.blank(width, self.grounds[1])
        message = self._message
        if self._picture is not None and self._painter is None:
            message = f"{self._picture.width}×{self._picture.height} px"
        lines = [blank] * height
        if message and height:
            lines[height // 2] = self.line((fit(message, width), "faint"), width=width).apply_style(self.grounds[1])
        return lines
