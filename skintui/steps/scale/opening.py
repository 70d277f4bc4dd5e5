"""The first scan, opening again, and the first tile out of a cold file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from skintui.progress import SILENT
from skintui.steps.measures import Measure
from skintui.steps.place import Place
from skintui.steps.scale.apart import apart, cold

TILES = 5
"""Cold tiles taken, spread over the file; the median is told."""


def measure_opening(place: Place) -> Iterator[Measure]:
    """Seconds and memory of the first scan, seconds of opening again, milliseconds to the first tile; all cold."""
    n = len(place.lesions())
    with TemporaryDirectory(prefix="skintui-scale-", dir=place.workspace.root) as folder:
        fresh = Place(place.files, type(place.workspace)(Path(folder)))
        before = apart(first_tiles, fresh, n, False)
        cold(place.files.images, place.files.metadata)
        scanned = apart(first_scan, fresh)
        again = apart(opened, fresh)
        after = apart(first_tiles, fresh, n, True)
    yield Measure("first scan", scanned.value, "s", "<= 60", "", n)
    yield Measure("first scan, memory", scanned.megabytes, "MB", "<= 1500", "", n)
    yield Measure("opened again", again.value, "s", "<= 0.3", "", n)
    yield Measure("first tile of a cold HDF5, never scanned", before.value * 1e3, "ms", "<= 500", "", n)
    yield Measure("first tile of a cold HDF5, scanned", after.value * 1e3, "ms", "<= 50", "", n)


def first_scan(place: Place) -> float:
    """Seconds of ``scan`` in an empty workspace."""
    from skintui.steps.scan import scan

    shutil.rmtree(place.workspace.root, ignore_errors=True)
    place.workspace.root.mkdir()
    return scan(place, SILENT).seconds


def opened(place: Place) -> float:
    """Seconds until the lesions of a scanned data set are known, and where one of them is."""
    from skintui.dataset import lesions as _loaded  # noqa: F401 -- libraries are loaded before the clock starts

    begun = perf_counter()
    lesions = place.lesions()
    lesions.row_of(lesions.ids[-1])
    return perf_counter() - begun


def first_tiles(place: Place, n: int, scanned: bool) -> float:
    """Median seconds until a tile is decoded, the file and its index opened anew from a cold disk for each.

    Ids are read before the clock starts where nothing was scanned: what is asked is the file of tiles.
    """
    from skintui.dataset.tiles import decode_tile, open_tiles

    lesions = place.lesions()
    times = []
    for row in np.linspace(0, n - 1, TILES).astype(int):
        isic_id = lesions.ids[row]
        cold(place.files.images, place.workspace.tile_offsets)
        begun = perf_counter()
        tiles = open_tiles(place.files, place.workspace.tile_offsets if scanned else None)
        decode_tile(tiles.read(isic_id))
        times.append(perf_counter() - begun)
        tiles.close()
    return median(times)
