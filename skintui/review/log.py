"""The write-ahead log that a killed process leaves: SQLite drops what follows the first damaged frame without a word.

The index of the log (``-shm``) outlives the process and tells how many frames were on the disk when the last decision
was called recorded: it is written after them. Where fewer are right now, verdicts would be lost
(https://www.sqlite.org/walformat.html, "The WAL File Format", "WAL-Index Format").
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from skintui.errors import ReviewError

_HEADER, _FRAME = 32, 24


def refuse_damaged_log(path: Path) -> None:
    """Raise ReviewError where the log beside ``path`` has fewer right frames than were written; OSError as it comes."""
    log = path.with_name(f"{path.name}-wal")
    for _ in range(3):  # another process may begin the log anew meanwhile
        promised = _promised(path.with_name(f"{path.name}-shm"))
        if promised is None or not log.is_file():
            return
        content, (count, salts) = log.read_bytes(), promised
        if content[16:24] == salts and _right_frames(content, count) >= count:
            return
    what = "the log of the last verdicts is damaged"
    do = "restore it from a backup, or move it away to go on without the verdicts in it"
    raise ReviewError(what, where=log, do=do)


def _promised(index: Path) -> tuple[int, bytes] | None:
    """Frames recorded and the salts of their log; None where the index is not one, or tells of none."""
    if not index.is_file():
        return None
    content = index.read_bytes()[:96]
    if len(content) < 96 or content[:48] != content[48:] or struct.unpack_from("=I", content)[0] != 3_007_000:
        return None
    count = int(struct.unpack_from("=I", content, 16)[0])
    return (count, content[32:40]) if count else None


def _right_frames(content: bytes, count: int) -> int:
    """How many of the first ``count`` frames are as they were written."""
    if len(content) < _HEADER:
        return 0
    magic, _, page = struct.unpack_from(">III", content)
    words = ">u4" if magic & 1 else "<u4"
    state = _sums(np.frombuffer(content, words, 6), np.zeros(2, np.uint32))
    if magic >> 1 != 0x377F0682 >> 1 or state.tolist() != list(struct.unpack_from(">II", content, 24)):
        return 0
    for number in range(count):
        at = _HEADER + number * (_FRAME + page)
        frame = content[at : at + _FRAME + page]
        if len(frame) < _FRAME + page or frame[8:16] != content[16:24]:
            return number
        state = _sums(np.frombuffer(frame[:8] + frame[_FRAME:], words), state)
        if state.tolist() != list(struct.unpack_from(">II", frame, 16)):
            return number
    return count


def _sums(values: NDArray[np.uint32], state: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """SQLite's running checksum: ``s0 += x0 + s1; s1 += x1 + s0`` per pair, modulo 2^32, as one product."""
    of_values, of_state = _powers(values.size // 2)
    pairs = values.astype(np.uint32).reshape(-1, 2)
    moved = (of_state * state).sum(axis=1, dtype=np.uint32)
    added: NDArray[np.uint32] = (of_values * pairs[:, np.newaxis, :]).sum(axis=(0, 2), dtype=np.uint32)
    state_after: NDArray[np.uint32] = moved + added
    return state_after


@cache
def _powers(count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """What each of ``count`` pairs (count, 2, 2) and the state before them (2, 2) add to the state after them."""
    step, entering = np.array([[1, 1], [1, 2]], np.uint64), np.array([[1, 0], [1, 1]], np.uint64)
    power, found = np.eye(2, dtype=np.uint64), np.empty((count, 2, 2), np.uint32)
    for number in range(count - 1, -1, -1):
        found[number] = (power @ entering) & 0xFFFFFFFF
        power = (power @ step) & np.uint64(0xFFFFFFFF)
    return found, power.astype(np.uint32)
