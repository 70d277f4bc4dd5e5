"""Where the datasets of an HDF5 file lie, read off the file's own tables.

The library opens one dataset after the other, which at full size takes longer than decoding all tiles. What it looks
at there has a fixed form in the files that h5py writes by default: superblock 0, a root group with a B-tree of symbol
tables and a heap of names, object headers of version 1 (HDF5 File Format Specification, sections II.A, III.A to III.D,
IV.A). That form is read here in bulk, and only that: whatever looks otherwise in any way is left to the library.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from operator import lt

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]

_WINDOW = 1 << 22
"""Bytes read at once."""
_GAP = 1 << 16
"""Bytes between two addresses that are not worth reading along."""
_ROWS = 1 << 14
"""Addresses looked at together: in a file made to deceive all of them may be the same."""
_HEADER = 272
"""Bytes of an object header that are looked at; h5py gives a dataset of bytes 16 + 256."""
_FORMS = 16
"""Kinds of headers among those looked at together; whatever is left then is asked of the library."""
_ALIKE = 2
"""Headers that must say the same: one by itself may be a damaged one, on which the library has the word."""
_MOST = 1 << 40
"""No address or size of a file that this is for is larger: sums of a few stay far from overflowing."""
_PADDING, _SPACE, _TYPE, _OLD_FILL, _FILL, _LAYOUT = 0x00, 0x01, 0x03, 0x04, 0x05, 0x08
_ATTRIBUTE, _TABLE, _MODIFIED = 0x0C, 0x11, 0x12
_UNDERSTOOD = frozenset({_PADDING, _SPACE, _TYPE, _OLD_FILL, _FILL, _LAYOUT, _MODIFIED})
"""Messages that a tile's header may have: those without which there is none, and what says nothing of its place."""
_LEAST = {_SPACE: 8, _TYPE: 8, _LAYOUT: 18, _TABLE: 16}
"""Bytes that a message has at least."""
_SHARED = 2
_CLASSES = (0, 3, 5)
"""Integers, strings, opaque bytes."""
_SOFT_LINK = 2


class _OtherwiseError(Exception):
    """The file is not of the form that is read here."""


@dataclass(frozen=True, slots=True)
class Links:
    """The hard links of the root group."""

    names: list[str]
    headers: Numbers
    """(n,) addresses of the object headers."""


def read_links(handle: int) -> Links | None:
    """The entries of an open HDF5 file; None where its tables have another form or are damaged."""
    try:
        return _links(handle)
    except (_OtherwiseError, OSError):
        return None


def located(handle: int, headers: Numbers, most: int) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
    """Rows of ``headers``, and where the bytes of these datasets begin and how many they are, part by part.

    The beginning is -1 where the library has to be asked: the bytes do not lie in one piece inside this file, or the
    header says anything that is not understood here.
    """
    end = os.fstat(handle).st_size
    for rows, block in _read(handle, headers, _HEADER):
        offsets, sizes = _places(block)
        inside = (offsets > 0) & (offsets <= end) & (sizes > 0) & (sizes <= most) & (offsets + sizes <= end)
        yield rows, np.where(inside, offsets, -1), np.where(inside, sizes, 0)


def _links(handle: int) -> Links:
    end = os.fstat(handle).st_size
    start = np.frombuffer(os.pread(handle, 96, 0), np.uint8)
    _demand(len(start) == 96 and start[:16].tobytes() == b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0")
    leaf, internal = (int(k) for k in _field(start, 16, "<u2", 2))
    base, eof, root = (int(_field(start, at, "<i8")) for at in (24, 40, 64))
    _demand(base == 0 and 0 < eof <= end <= _MOST and 0 < leaf <= 256 and 0 < internal <= 256)
    tree, heap = _root(_all(handle, np.array([root], np.int64), _HEADER, end)[0].tobytes())
    tables = _tables(handle, tree, internal, end)
    names_at, headers, cached = _symbols(handle, tables, leaf)
    hard = cached != _SOFT_LINK
    names, headers = _names(handle, heap, names_at[hard], end), headers[hard]
    _demand(bool(((headers > 0) & (headers < end)).all()))
    return Links(names, headers)


def _root(header: bytes) -> tuple[int, int]:
    """Addresses of B-tree and heap; a group that was changed to another form has other messages instead."""
    messages = _messages(header) or {}
    _demand(set(messages) <= {_TABLE, _PADDING, _MODIFIED, _ATTRIBUTE} and _TABLE in messages)
    tree, heap = struct.unpack_from("<qq", header, messages[_TABLE])
    return tree, heap


def _messages(header: bytes) -> dict[int, int] | None:
    """Where the body of each message of an object header begins, by kind.

    None for one of another version, longer than what was read, or with a message that stands twice, is kept elsewhere
    or is too short.
    """
    version, _, messages, _, length = struct.unpack_from("<BBHII", header)
    found: dict[int, int] = {}
    at, end = 16, 16 + length
    if version != 1 or end > _HEADER:
        return None
    for _ in range(messages):
        if at + 8 > end:
            return None
        kind, extent, flags = struct.unpack_from("<HHB", header, at)
        body, at = at + 8, at + 8 + extent
        if flags & _SHARED or at > end or kind in found or extent < _LEAST.get(kind, 0):
            return None
        found[kind] = body
    return found


def _tables(handle: int, root: int, k: int, end: int) -> Numbers:
    """Addresses of the symbol tables: the leaves of the B-tree, level by level."""
    width = 32 + 32 * k
    nodes, level = np.array([root], np.int64), None
    while True:
        block = _all(handle, nodes, width, end)
        found = int(block[0, 5])
        _demand(level is None or found == level - 1)
        level = found
        used = _column(block, 6, "<u2")
        right = (block[:, :4] == np.frombuffer(b"TREE", np.uint8)).all() and (block[:, 4] == 0).all()
        _demand(bool(right and (block[:, 5] == level).all() and (used <= 2 * k).all()))
        children = np.ascontiguousarray(block[:, 32:]).view("<i8")[:, ::2]
        nodes = children[np.arange(children.shape[1]) < used[:, None]].astype(np.int64)
        _demand(len(nodes) <= end // 8 and len(np.unique(nodes)) == len(nodes))
        if level == 0:
            return nodes


def _symbols(handle: int, tables: Numbers, k: int) -> tuple[Numbers, Numbers, Numbers]:
    """Of every entry: where its name begins in the heap, the address of its header, what is cached of it."""
    block = _all(handle, tables, 8 + 80 * k, os.fstat(handle).st_size)
    used = _column(block, 6, "<u2")
    right = (block[:, :5] == np.frombuffer(b"SNOD\1", np.uint8)).all() and (used <= 2 * k).all()
    _demand(bool(right))
    entries = np.ascontiguousarray(block[:, 8:]).reshape(len(block), 2 * k, 40)
    entries = entries[np.arange(2 * k) < used[:, None]]
    cached = _column(entries, 16, "<u4")
    _demand(bool((cached <= _SOFT_LINK).all()))
    return _column(entries, 0, "<i8"), _column(entries, 8, "<i8"), cached


def _names(handle: int, heap: int, starts: Numbers, end: int) -> list[str]:
    head = _all(handle, np.array([heap], np.int64), 32, end)
    size, at = int(_column(head, 8, "<i8")[0]), int(_column(head, 24, "<i8")[0])
    _demand(head[0, :5].tobytes() == b"HEAP\0" and 0 < size <= end and 0 < at <= end - size)
    text = os.pread(handle, size, at)
    _demand(len(text) == size and text[-1:] == b"\0" and bool(((starts > 0) & (starts < size)).all()))
    names = [text[start : text.index(b"\0", start)] for start in starts.tolist()]
    _demand(all(names) and all(map(lt, names, names[1:])))  # as the library looks them up
    return [name.decode("utf-8", "replace") for name in names]


def _places(block: Bytes) -> tuple[Numbers, Numbers]:
    """Beginning and size of each dataset, from (n, 272) headers; -1 where one says more than is understood here.

    One header is read, and holds for all that say the same but for their numbers; then one of the others.
    """
    offset, size = np.full(len(block), -1, np.int64), np.zeros(len(block), np.int64)
    rest = np.arange(len(block))
    for _ in range(_FORMS):
        if not len(rest):
            break
        form = _Form.of(block[rest[0]].tobytes())
        if form is None:
            rest = rest[1:]
            continue
        alike = (block[rest][:, form.fixed] == block[rest[0], form.fixed]).all(axis=1)
        rows, rest = rest[alike], rest[~alike]
        if len(rows) < _ALIKE:
            continue
        stored, item = _column(block[rows], form.layout + 10, "<i8"), _column(block[rows], form.item, "<u4")
        count = _column(block[rows], form.count, "<i8") if form.count else np.ones(len(rows), np.int64)
        right = (item > 0) & (count > 0) & (count <= _MOST) & (stored % np.maximum(item, 1) == 0)
        right &= stored // np.maximum(item, 1) == count
        offset[rows] = np.where(right, _column(block[rows], form.layout + 2, "<i8"), -1)
        size[rows] = stored
    return offset, size


@dataclass(frozen=True, slots=True)
class _Form:
    """Where the numbers of an object header stand."""

    item: int
    """Bytes of one element."""
    count: int
    """Number of elements; 0 where there is but one."""
    layout: int
    """Message that holds beginning (at 2) and size (at 10)."""
    fixed: NDArray[np.bool_]
    """(272,) every byte of the header that is none of these numbers."""

    @staticmethod
    def of(header: bytes) -> _Form | None:
        """None where the header says more than this, or not all of it."""
        found = _messages(header)
        if found is None or not {_SPACE, _TYPE, _LAYOUT} <= set(found) <= _UNDERSTOOD:
            return None
        space, stored, layout = found[_SPACE], found[_TYPE], found[_LAYOUT]
        rank, bounded = header[space + 1], header[space + 2]
        if header[space] != 1 or rank > 1 or bounded > 1 or header[stored] & 15 not in _CLASSES:
            return None
        if header[layout : layout + 2] != b"\3\1":
            return None
        end = 16 + int.from_bytes(header[8:12], "little")
        count, after = space + 8 if rank else 0, space + 8 + 8 * rank * (1 + bounded)
        if after > end:
            return None
        fixed = np.arange(_HEADER) < end
        fixed[stored + 4 : stored + 8] = fixed[layout + 2 : layout + 18] = fixed[space + 8 : after] = False
        return _Form(stored + 4, count, layout, fixed)


def _read(handle: int, addresses: Numbers, width: int) -> Iterator[tuple[Numbers, Bytes]]:
    """Rows of ``addresses`` in the order of the file, and the (n, width) bytes there; zeros beyond the end."""
    order = np.argsort(addresses, kind="stable")
    sorted_ = addresses[order]
    breaks = np.append(np.flatnonzero(np.diff(sorted_) > _GAP) + 1, len(sorted_))
    start = 0
    while start < len(sorted_):
        first = int(sorted_[start])
        near = np.searchsorted(sorted_[: start + _ROWS], first + _WINDOW, "right")
        stop = int(min(near, breaks[np.searchsorted(breaks, start + 1)]))
        length = int(sorted_[stop - 1]) - first + width
        block = os.pread(handle, length, first).ljust(length, b"\0")
        every = np.lib.stride_tricks.sliding_window_view(np.frombuffer(block, np.uint8), width)
        yield order[start:stop], every[sorted_[start:stop] - first]
        start = stop


def _all(handle: int, addresses: Numbers, width: int, end: int) -> Bytes:
    """The (n, width) bytes at every address, in the order asked."""
    _demand(
        bool(len(addresses)) and bool(((addresses > 0) & (addresses < end)).all()) and len(addresses) * width <= end
    )
    found = np.empty((len(addresses), width), np.uint8)
    for rows, block in _read(handle, addresses, width):
        found[rows] = block
    return found


def _column(block: Bytes, at: int, kind: str) -> Numbers:
    """(n,) numbers at one place of every row."""
    stop = at + np.dtype(kind).itemsize
    return np.ascontiguousarray(block[:, at:stop]).view(kind)[:, 0].astype(np.int64)


def _field(block: Bytes, at: int, kind: str, count: int = 1) -> NDArray[np.generic]:
    found = block[at : at + count * np.dtype(kind).itemsize].view(kind)
    return found if count > 1 else found[0]


def _demand(holds: bool) -> None:
    if not holds:
        raise _OtherwiseError
