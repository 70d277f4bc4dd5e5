from __future__ import annotations

import random
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from skintui.dataset.jpeg import surely_decodes
from skintui.dataset.tiles import decode_tile
from skintui.errors import TileError
from tests.dataset.conftest import jpeg

PIXELS = np.random.default_rng(0).integers(0, 255, (40, 52, 3), dtype=np.uint8)


def saved(mode: str = "RGB", **options: object) -> bytes:
    out = BytesIO()
    Image.fromarray(PIXELS).convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


PLAIN = {
    "baseline": saved(),
    "progressive": saved(progressive=True),
    "grey": saved("L"),
    "full colour": saved(subsampling=0),
    "restarts": saved(restart_marker_blocks=3),
    "comment": saved(comment=b"taken on a Monday"),
    "noise": jpeg(31),
}


@pytest.mark.parametrize("kind", PLAIN)
def test_plain_files_are_known_at_once(kind: str) -> None:
    assert surely_decodes(PLAIN[kind], 4096)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"words", saved("CMYK"), saved()[:-400], saved()[:300]])
def test_nothing_is_said_of_others(data: bytes) -> None:
    assert not surely_decodes(data, 4096)


def test_a_file_of_too_many_pixels_is_not_decoded() -> None:
    assert surely_decodes(saved(), 52)
    assert not surely_decodes(saved(), 51)


def test_whatever_surely_decodes_is_a_tile() -> None:
    """Bytes changed, put in, taken out, cut off: most of it in the tables before the pixels."""
    chance, seeds = random.Random(5), list(PLAIN.values())
    known = 0
    for _ in range(2500):
        data = bytearray(chance.choice(seeds))
        at = chance.randrange(2, len(data) if chance.random() < 0.4 else 640)
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randrange(1, 20)]
            case 2:
                data[at:at] = chance.randbytes(chance.randrange(1, 8))
            case _:
                del data[at:]
        if surely_decodes(bytes(data), 4096):
            known += 1
            try:
                decode_tile(bytes(data))
            except TileError as error:
                pytest.fail(f"{error}: {bytes(data).hex()}")
    assert known > 100
