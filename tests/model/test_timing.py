from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from skintui.errors import UsageError
from skintui.model.reader import LesionReader
from skintui.model.timing import SHAPES, measure_forward, random_reader


def test_both_ways_are_timed_and_agree(tiny_reader: LesionReader, tiles: list[Image.Image]) -> None:
    timing = measure_forward(tiny_reader, tiles, repeats=1)
    assert timing.packed > 0
    assert timing.separate > 0
    assert timing.speedup == timing.packed / timing.separate
    assert timing.relative_error < 1e-4


def test_a_random_reader_reads_in_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = {"hidden": 128, "mlp": 64, "heads": 1, "groups": 1, "layers": 28, "vocabulary": 152064, "tied": True}
    monkeypatch.setitem(SHAPES, "narrow", narrow)
    reader = random_reader("narrow", 2, device="cpu", tile_px=56)
    reading = reader.read([Image.new("RGB", (99, 99), (200, 150, 120))])
    assert reading.attribute_vectors.shape == (1, 16, 128)
    assert np.isfinite(reading.attribute_vectors).all()


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(UsageError, match="choose one of 7b, 2b"):
        random_reader("70b")
