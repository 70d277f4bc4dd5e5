"""The application at one size, and other tables of the same lesions beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from statistics import median

from skintui.errors import SkintuiError
from skintui.progress import Progress
from skintui.steps.bench_tui import bench_tui
from skintui.steps.measures import Measure
from skintui.steps.place import Place
from skintui.steps.screen_run import Size, program_run

IMAGE, WINDOW = "half", "120x40"
PATIENCE = 300.0
"""Seconds another table may take to its first rows."""
KEYS = 10
DOWN, PAGE = b"\x1b[B", b"\x1b[6~"
PEERS = {"DataTable": "textual", "textual-fastdatatable": "textual_fastdatatable"}


def measure_screen(place: Place, progress: Progress, *, peers: bool) -> Iterator[Measure]:
    """Everything ``bench tui`` measures with pictures of half cells, without the ways back from a window."""
    beside = dict(peer_tables(place)) if peers else {}
    for measure in bench_tui(place, progress, size=WINDOW, image=IMAGE).measures:
        what = measure.what.removesuffix(f", {IMAGE}")
        told = "; ".join(
            f"{name} {values[what, measure.unit]}" for name, values in beside.items() if (what, measure.unit) in values
        )
        yield replace(measure, what=f"application: {what}", peer=told)


def peer_tables(place: Place) -> Iterator[tuple[str, dict[tuple[str, str], str]]]:
    """Of each table that is installed: our words for what was measured, and value with unit."""
    first = place.lesions().ids[0].encode()
    for name, module in PEERS.items():
        if find_spec(module) is None:
            continue
        command = [sys.executable, "-m", "skintui.tui.peer_tables", name, str(place.workspace.lesions)]
        with program_run(command, Size.read(WINDOW)) as run:
            try:
                listed = run.until(lambda seen: first in seen, "the first row", PATIENCE)
            except SkintuiError as error:
                yield name, {("first rows", "s"): error.what}
                continue
            run.settle(1.0)
            values = {("first rows", "s"): f"{listed:.2g} s", ("memory", "MB"): f"{run.memory():.0f} MB"}
            for what, key in (("row down", DOWN), ("page down", PAGE)):
                answers = [run.press(key) for _ in range(KEYS)]
                values[f"{what}: first frame", "ms"] = f"{median(a.settled for a in answers) * 1e3:.0f} ms"
                values[f"{what}: first frame", "bytes"] = f"{median(a.bytes for a in answers):.0f} bytes"
            yield name, values
