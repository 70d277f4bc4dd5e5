"""``bench forward``: the packed pass over sixteen questions against one pass per question, in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skintui.errors import SkintuiError
from skintui.progress import Progress
from skintui.steps.measures import Measure, Measures
from skintui.steps.place import dataset_folder
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from PIL.Image import Image

LAYERS = 2
"""Decoder layers of a random-weight shape: the whole 7B would not fit where this is run."""


def bench_forward(
    weights: Weights | None, progress: Progress, *, tiles: int = 8, shape: str | None = None, repeats: int = 3
) -> Measures:
    """Tiles per second both ways and how far apart their results are.

    ``shape`` takes random weights of Qwen2-VL's full width (``7b``, ``2b``) and two layers in place of ``weights``.
    """
    from skintui.model.timing import measure_forward, random_reader

    progress.start("loading the model")
    if shape is not None:
        device, dtype = (weights.device, weights.dtype) if weights is not None else ("auto", "auto")
        reader = random_reader(shape, LAYERS, device=device, dtype=dtype)
    else:
        assert weights is not None  # noqa: S101 -- the caller names one or the other
        reader = weights.load()
    progress.start("reading both ways")
    timing = measure_forward(reader, sample_tiles(tiles), repeats)
    peer = f"{timing.separate:.4g} separate"
    which = f"{reader.fingerprint['model_id']} on {reader.device}, {reader.dtype}"
    return Measures(
        (
            Measure(f"packed pass, {which}", timing.packed, "tiles/s", peer=peer, rows=tiles),
            Measure("speed-up over separate passes", timing.speedup, "times", goal=">= 4", rows=tiles),
            Measure("largest relative difference", timing.relative_error, "", "< 1e-4 in float32", rows=tiles),
        )
    )


def sample_tiles(count: int) -> list[Image]:
    """Tiles of the bundled demo, as often as needed; noise of a tile's size where there is no demo."""
    from PIL import Image

    from skintui.dataset.locate import locate
    from skintui.dataset.metadata import read_metadata
    from skintui.dataset.schema import ID
    from skintui.dataset.tiles import decode_tile, open_tiles

    try:
        files = locate(dataset_folder(None))
        ids = read_metadata(files.metadata)[0].get_column(ID).head(count).to_list()
        source = open_tiles(files)
        found = [decode_tile(source.read(isic_id)) for isic_id in ids]
    except SkintuiError:
        noise = np.random.default_rng(0).integers(0, 256, (count, 131, 131, 3), dtype=np.uint8)
        found = [Image.fromarray(pixels) for pixels in noise]
    return [found[i % len(found)] for i in range(count)]
