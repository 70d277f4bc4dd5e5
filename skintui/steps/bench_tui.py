"""``bench tui``: what a key costs, in seconds and in bytes on the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.measures import Measure, Measures
from skintui.steps.place import Place
from skintui.steps.screen_run import CELL, Answer, ScreenRun, Size, screen_run
from skintui.texts import printable

if TYPE_CHECKING:
    from PIL.Image import Image

    from skintui.dataset.lesions import Lesions

KEYS, STARTS = 20, 3
"""How often a key is pressed, and the application started: medians are told."""
HELD, RATE = 60, 1 / 30
"""Repeats of a key held down, and seconds between them."""
DOWN, PAGE, QUEUE, FLAGGED, HELP, ESCAPE, ENTER = b"j", b"\x06", b"w", b"}", b"?", b"\x1b", b"\r"
SORT, FILTER, EXPRESSION = b"s", b"f", b"areaMM2 > 5"
TILE = Size(26, 13)
TILES = 24
TILE_GOALS = {"kitty": "<= 40000", "sixel": "<= 15000", "half": "<= 4000"}


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to be done with keys."""

    what: str
    key: bytes
    """What is measured."""
    before: Sequence[bytes] = ()
    """What leads there, each time; not measured."""
    times: int = 1
    """How often it is done."""
    first: str = ""
    """Goal of the first frame, in ms."""
    first_bytes: str = ""
    settled: str = ""
    """Goal of the settled screen, in ms, where no pictures have to fill in."""

    def play(self, run: ScreenRun, most: int, pictures: bool) -> Iterator[tuple[str, float, str, str]]:
        """Name, value, unit and goal of what was measured: medians, of at most so many times."""
        answers: list[Answer] = []
        while len(answers) < min(self.times, most):
            for key in self.before:
                run.press(key)
            answer = run.press(self.key)
            if not answer.bytes:  # the end of the list
                break
            answers.append(answer)
        if not answers:
            return

        def middle(of: Callable[[Answer], float]) -> float:
            return float(median(map(of, answers)))

        yield f"{self.what}: first frame", middle(lambda a: a.first) * 1e3, "ms", self.first
        yield f"{self.what}: first frame", middle(lambda a: a.first_bytes), "bytes", self.first_bytes
        yield f"{self.what}: settled", middle(lambda a: a.settled) * 1e3, "ms", "" if pictures else self.settled
        yield f"{self.what}: settled", middle(lambda a: a.bytes), "bytes", ""


SCENES = (
    Scene("row down", DOWN, times=KEYS, first="<= 15", first_bytes="<= 1000"),
    Scene("page down", PAGE, times=KEYS, first="<= 40", first_bytes="<= 10000"),
    Scene("help opened", HELP),
    Scene("help closed", ESCAPE),
    Scene("sorted", ENTER, before=[SORT], times=5, settled="<= 100"),
    Scene("filtered", ENTER, before=[ESCAPE, FILTER, EXPRESSION], times=5, settled="<= 100"),
    Scene("filter dropped", ESCAPE),
)
"""Escape is answered a tenth of a second late: Textual waits for the rest of a sequence."""
AUDITED = (
    Scene("next flagged", FLAGGED, times=KEYS, first="<= 15"),
    Scene("to the queue", QUEUE),
    Scene("queue row down", DOWN, times=KEYS, first="<= 15", first_bytes="<= 1000"),
    Scene("to the list", QUEUE),
)
"""What only an audited data set has."""


def bench_tui(
    place: Place, progress: Progress, *, size: str = "120x40", image: str = "half", keys: int = KEYS
) -> Measures:
    """Start, keys, and screens opened and closed, with pictures drawn as ``image``. Raises SkintuiError if it dies.

    Of each key the first frame (the row itself) and the whole answer (lesion, neighbours, pictures) are told apart.
    """
    window = Size.read(size)
    lesions = place.lesions(progress)
    scenes = [*SCENES, *(AUDITED if place.workspace.findings.is_file() else ())]
    progress.start(f"application, {image}", STARTS + len(scenes))
    found: list[Measure] = []

    def add(what: str, value: float, unit: str, goal: str = "") -> None:
        found.append(Measure(f"{what}, {image}", value, unit, goal, "", len(lesions)))

    starts = []
    for last in (False,) * (STARTS - 1) + (True,):
        with screen_run(place, window, image) as run:
            starts.append(_started(run, lesions))
            _advance(progress)
            if not last:
                continue
            add(f"first paint at {window}", median(painted for painted, _ in starts), "s", "<= 0.6")
            add("first rows", median(listed for _, listed in starts), "s", "<= 1")
            run.settle(1.0)
            add("bytes until the first screen is complete", len(run.seen), "bytes")
            for scene in scenes:
                for measure in scene.play(run, keys, pictures=image != "none"):
                    add(*measure)
                _advance(progress)
            run.hold(DOWN, HELD // 4, RATE)  # the pictures of the first step
            add("row down, key held at 30 a second", run.hold(DOWN, HELD, RATE), "bytes", "<= 1000")
            run.settle()
            add("memory", run.memory(), "MB", "<= 400")
    return Measures(tuple(found))


def bench_neighbours(place: Place, progress: Progress, *, size: str = "120x40", keys: int = KEYS) -> Measures:
    """How long after the key a new lesion's neighbours are on the screen; nothing where there is no index.

    Measured without pictures, which fill in afterwards: what comes last then are the neighbours.
    """
    if not place.workspace.vectors.is_dir():
        return Measures(())
    lesions = place.lesions(progress)
    progress.start("neighbours", 1)
    with screen_run(place, Size.read(size), "none") as run:
        _started(run, lesions)
        run.settle(1.0)
        settled = [run.press(DOWN).settled for _ in range(min(keys, len(lesions) - 1))]
    _advance(progress)
    if not settled:
        return Measures(())
    return Measures((Measure("neighbours of a new lesion", median(settled) * 1e3, "ms", "<= 150", "", len(lesions)),))


def bench_tiles(
    place: Place,
    progress: Progress,
    modes: Sequence[str],
    cost: Callable[[Image, str, int, int, tuple[int, int]], int],
) -> Measures:
    """The most that any of some tiles takes on the line, per way of drawing.

    Args:
        place: whose tiles.
        progress: told of each mode.
        modes: ways of drawing; one that draws nothing is left out.
        cost: bytes of a tile, by mode, columns, lines, and pixels of a cell.
    """
    lesions = place.lesions(progress)
    count = min(TILES, len(lesions))
    pictures = [lesions.tile(lesions.ids[place * len(lesions) // count]) for place in range(count)]
    progress.start("tiles", len(modes))
    found = []
    for mode in modes:
        most = max(cost(picture, mode, TILE.columns, TILE.lines, CELL) for picture in pictures)
        what = f"largest of {count} tiles in {TILE} cells of {CELL[0]}x{CELL[1]} pixels, {mode}"
        if most:
            found.append(Measure(what, most, "bytes", TILE_GOALS.get(mode, ""), "", len(lesions)))
        _advance(progress)
    return Measures(tuple(found))


def bench_silent(place: Place, progress: Progress, *, size: str = "120x40") -> Measures:
    """How much later the first paint comes where the terminal answers no question."""
    window = Size.read(size)
    progress.start("a terminal that answers nothing", 2 * STARTS)
    times: dict[str, list[float]] = {"none": [], "auto": []}
    for image in [*times] * STARTS:
        with screen_run(place, window, image) as run:
            times[image].append(_painted(run))
        _advance(progress)
    late = median(times["auto"]) - median(times["none"])
    return Measures((Measure("first paint later, terminal that answers nothing", late, "s", "<= 0.3"),))


def _started(run: ScreenRun, lesions: Lesions) -> tuple[float, float]:
    """Seconds until the application is on the screen, and until the first lesion is."""
    first = printable(lesions.ids[0], 10).rstrip("…").encode()
    return _painted(run), run.until(lambda seen: first in seen, "the first lesion")


def _painted(run: ScreenRun) -> float:
    return run.until(lambda seen: b"skintui" in seen.partition(b"\x1b[?1049h")[2], "the first paint")


def _advance(progress: Progress) -> None:
    progress.advance()
    stop_if_cancelled(progress)
