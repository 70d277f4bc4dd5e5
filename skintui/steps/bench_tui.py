"""``bench tui``: what a key costs, in seconds and in bytes on the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median

from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.measures import Measure, Measures
from skintui.steps.place import Place
from skintui.steps.screen_run import Answer, Size, screen_run

KEYS = 20
HELD, RATE = 60, 1 / 30
"""Repeats of a key held down, and seconds between them."""
DOWN, PAGE, QUEUE, FLAGGED, HELP, ESCAPE, ENTER = b"j", b"\x06", b"w", b"}", b"?", b"\x1b", b"\r"
FILTER, SORT = b"fareaMM2 > 5\r", b"s"


def bench_tui(place: Place, progress: Progress, *, size: str = "120x40", image: str = "half") -> Measures:
    """Start, keys, and screens opened and closed, with pictures drawn as ``image``. Raises SkintuiError if it dies.

    Of each key the first frame (the row itself) and the whole answer (lesion, neighbours, pictures) are told apart.
    """
    window = Size.read(size)
    lesions = place.lesions(progress)
    n = len(lesions)
    has_findings = place.workspace.findings.is_file()
    progress.start(f"application, {image}", 6 + has_findings)
    found: list[Measure] = []

    def add(what: str, value: float, unit: str, goal: str = "") -> None:
        found.append(Measure(f"{what}, {image}", value, unit, goal, "", n))

    with screen_run(place, window, image) as run:
        painted = run.until(lambda seen: len(seen) > 2000, "the first paint")
        listed = run.until(lambda seen: str(lesions.ids[0]).encode() in seen, "the first lesion")
        add(f"first paint at {window}", painted, "s", "<= 0.6")
        add("first rows", listed, "s", "<= 1")
        run.settle(1.0)
        add("bytes until the first screen is complete", len(run.seen), "bytes")
        for what, keys, goals in _scenes(has_findings):
            progress.advance()
            stop_if_cancelled(progress)
            for measure in _told(what, [run.press(key) for key in keys], goals):
                add(*measure)
        add("row down, key held at 30 a second", run.hold(DOWN, HELD, RATE), "bytes", "<= 1000")
        run.settle()
        add("memory", run.memory(), "MB", "<= 400")
    return Measures(tuple(found))


Goals = tuple[str, str, str]
"""Of the first frame in ms and bytes, and of the settled screen in ms."""


def _scenes(has_findings: bool) -> Iterator[tuple[str, list[bytes], Goals]]:
    """What is done: a name, the keys one after the other, the goals."""
    yield "row down", [DOWN] * KEYS, ("<= 15", "<= 1000", "<= 150")
    yield "page down", [PAGE] * KEYS, ("<= 40", "<= 10000", "")
    if has_findings:
        yield "to the queue", [QUEUE], ("", "", "")
        yield "next flagged", [FLAGGED] * KEYS, ("<= 15", "", "")
        yield "to the list", [QUEUE], ("", "", "")
    yield "help opened", [HELP], ("", "", "")
    yield "help closed", [ESCAPE], ("", "", "")
    yield "sorted", [SORT, ENTER], ("", "", "<= 100")
    yield "filtered", [FILTER], ("", "", "<= 100")


def _told(what: str, answers: list[Answer], goals: Goals) -> Iterator[tuple[str, float, str, str]]:
    """Medians over the answers; of keys that belong together the last one counts."""
    counted = answers if len(answers) == KEYS else answers[-1:]

    def middle(of: Callable[[Answer], float]) -> float:
        return float(median(map(of, counted)))

    yield f"{what}: first frame", middle(lambda a: a.first) * 1e3, "ms", goals[0]
    yield f"{what}: first frame", middle(lambda a: a.first_bytes), "bytes", goals[1]
    yield f"{what}: settled", middle(lambda a: a.settled) * 1e3, "ms", goals[2]
    yield f"{what}: settled", middle(lambda a: a.bytes), "bytes", ""


def bench_silent(place: Place, progress: Progress, *, size: str = "120x40") -> Measures:
    """How much later the first paint comes where the terminal answers no question."""
    window = Size.read(size)
    progress.start("a terminal that answers nothing", 2)
    times = {}
    for image in ("none", "auto"):
        with screen_run(place, window, image) as run:
            times[image] = run.until(lambda seen: b"\x1b[?1049h" in seen and len(seen) > 2000, "the first paint")
        progress.advance()
    late = times["auto"] - times["none"]
    return Measures((Measure("first paint later, terminal that answers nothing", late, "s", "<= 0.3"),))
