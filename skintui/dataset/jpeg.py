"""Whether a JPEG decodes, at a third of what Pillow takes and without Python's lock: at full size that is the scan.

Only a yes counts. It is given to plain files alone (JFIF, baseline or progressive, grey or three colours) that
libjpeg-turbo decodes without so much as a warning; Pillow, which is more lenient, decides on all others and says what
is wrong with them.
"""

from __future__ import annotations

import simplejpeg

_JFIF, _QUANTISATION, _HUFFMAN, _RESTART, _COMMENT, _SCAN = 0xE0, 0xDB, 0xC4, 0xDD, 0xFE, 0xDA
_FRAMES = (0xC0, 0xC2)
_PLAIN = frozenset({_QUANTISATION, _HUFFMAN, _RESTART, _COMMENT})


def surely_decodes(data: bytes, most: int) -> bool:
    """Whether a plain JPEG of at most ``most`` pixels a side decodes without a warning; False says nothing."""
    if not _is_plain(data, most):
        return False
    try:
        simplejpeg.decode_jpeg(data, colorspace="GRAY", min_height=1, min_width=1, min_factor=8, strict=True)
    except (ValueError, RuntimeError, MemoryError):
        return False
    return True


def _is_plain(data: bytes, most: int) -> bool:
    """Whether all segments up to the first scan are of the usual kind, one of them a frame of a size that is right."""
    if data[:2] != b"\xff\xd8":
        return False
    at, end, framed = 2, len(data) - 10, False
    while at < end and data[at] == 0xFF:
        kind, length = data[at + 1], data[at + 2] << 8 | data[at + 3]
        if kind in _FRAMES:
            height, width = data[at + 5] << 8 | data[at + 6], data[at + 7] << 8 | data[at + 8]
            bits, colours = data[at + 4], data[at + 9]
            if framed or bits != 8 or colours not in (1, 3) or not (0 < height <= most and 0 < width <= most):
                return False
            framed = True
        elif kind == _SCAN:
            return framed
        elif kind == _JFIF:
            if length != 16 or data[at + 4 : at + 9] != b"JFIF\0":
                return False
        elif kind not in _PLAIN:
            return False
        at += 2 + length
    return False
