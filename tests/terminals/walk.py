"""The walk-through of README as an animation: ``python -m tests.terminals.walk WORKSPACE``.

Plays an audit of the bundled demo in a real kitty, photographs each step once nothing moves any more, writes what is
done below it, and puts the pictures into ``screenshots/walk.gif``.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

from tests.made_results import copied
from tests.terminals.application import ROOT, Application
from tests.terminals.display import KITTY_VARIABLES, Display, Window, kitty
from tests.terminals.shoot import demo
from tests.terminals.waiting import until

CALM = 0.7
"""Seconds without a change after which a step is over."""
COLOURS, SECONDS = 128, 4
LOOK = 0.15
"""Seconds between two looks, so that the terminal has the processor meanwhile."""
PICTURED = 1000
"""Colours a window has once it shows tiles."""
BAND, MARGIN = 34, 12
"""Pixels of the caption's height, and to the left of it."""
GROUND, KEY, WORDS = "#2a2e34", "#e0a458", "#d8d8d4"


@dataclass(frozen=True, slots=True)
class Step:
    """One picture: the keys pressed before it, and what it says."""

    keys: tuple[str, ...]
    key: str
    words: str


STEPS = (
    Step((), "skintui", "the lesions, one of them with its sixteen annotations, and its nearest neighbours"),
    Step(("w",), "w", "the annotations that look wrong, most suspicious first"),
    Step(("tab", "tab", "l"), "Tab", "the lesions nearest to it for this one attribute"),
    Step(("o",), "o", "one of them beside it; Space blinks between the two"),
    Step(("escape", "c", *"25.3"), "c", "the right value: checked, saved at once, on to the next"),
    Step(("enter", "escape", "x", "x", "v", "x", "M"), "M", "how precise the flags are so far, and when you may stop"),
    Step(("escape", "P"), "P", "the model against the labels; the cursor goes to any lesion"),
    Step(("escape", "e"), "e", "what was flagged and decided, as a table or as a patch"),
)


def walked(window: Window) -> list[Image.Image]:
    """A captioned picture of each step."""
    pictures = []
    for step in STEPS:
        for key in step.keys:
            window.keys(key)
            settled(window, CALM / 2)
        pictures.append(captioned(settled(window, CALM), step))
    return pictures


def settled(window: Window, calm: float) -> Image.Image:
    """The window once it has stayed as it is for so long."""
    last, since = window.picture(), time.monotonic()

    def still() -> bool:
        nonlocal last, since
        time.sleep(LOOK)
        now = window.picture()
        if ImageChops.difference(now.convert("RGB"), last.convert("RGB")).getbbox():
            last, since = now, time.monotonic()
        return time.monotonic() - since >= calm

    until(still, "a screen that stays as it is")
    return last


def _colours(window: Window) -> int:
    return len(window.picture().convert("RGB").getcolors(1 << 24) or ())


def captioned(picture: Image.Image, step: Step) -> Image.Image:
    """The picture with its words below."""
    whole = Image.new("RGB", (picture.width, picture.height + BAND), GROUND)
    whole.paste(picture)
    draw = ImageDraw.Draw(whole)
    place = MARGIN, picture.height + BAND // 2
    bold, plain = (ImageFont.truetype(f"DejaVuSans{kind}.ttf", 16) for kind in ("-Bold", ""))
    draw.text(place, step.key, KEY, bold, anchor="lm")
    draw.text((place[0] + draw.textlength(step.key, bold) + MARGIN, place[1]), step.words, WORDS, plain, anchor="lm")
    return whole


def main(workspace: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        application = Application(copied(demo(workspace), Path(temporary) / "workspace"), Path(temporary))
        for decided in (application.place.workspace.review, application.place.workspace.desk):
            decided.unlink(missing_ok=True)
        display = Display()
        try:
            window = display.open(kitty(), application.command(), application, **KITTY_VARIABLES)
            until(lambda: settled(window, CALM) and _colours(window) > PICTURED, "the tiles")
            pictures = [picture.quantize(COLOURS, dither=Image.Dither.NONE) for picture in walked(window)]
        finally:
            display.close()
    first, *others = pictures
    path, milliseconds = ROOT / "screenshots" / "walk.gif", SECONDS * 1000
    first.save(path, save_all=True, append_images=others, duration=milliseconds, loop=0, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
