"""Checksums inside the files that they are about: a file and its checksum change in one rename.

A sealed file holds the CRC-32 of itself with the seal's own digits as zeros. A changed byte, which a parquet reader
would pass on as another number, is noticed before anything is read. Files of earlier builds have no seal: they are
taken as they are, and so is one whose seal alone is damaged.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skintui.files import write_text
from skintui.texts import parsed_json

NOTE = "skintui.seal"
"""Key of a parquet file's own metadata that holds the seal."""
OPEN = "sealed:00000000"
"""The note of a file that is still to be sealed."""
_SEAL = re.compile(rb"sealed:[0-9a-f]{8}")
_BLOCK = 1 << 22
_KEY = "seal"
_intact: dict[str, str] = {}
"""Files found intact, by what the file system told of them then."""


def seal(path: Path) -> None:
    """Write the checksum of a file into its open seal, which stands in its last part once."""
    with path.open("rb+") as file:
        at = _place(file.fileno())
        if at is not None:
            os.pwrite(file.fileno(), b"sealed:%08x" % _checksum(file.fileno(), at), at)


def is_intact(path: Path) -> bool:
    """Whether a file is as it was sealed, or has no seal. Raises OSError where it cannot be read.

    Read once for as long as the file system tells the same of it.
    """
    with path.open("rb") as file:
        known = _told(os.fstat(file.fileno()))
        if _intact.get(str(path)) == known:
            return True
        at = _place(file.fileno())
        if at is None or os.pread(file.fileno(), len(OPEN), at) == b"sealed:%08x" % _checksum(file.fileno(), at):
            _intact[str(path)] = known
            return True
    return False


def untouched(path: Path) -> str:
    """What the file system tells of a file: the same later, on this machine or another, means that nobody touched it.

    Raises OSError where it cannot be looked at.
    """
    return _told(path.stat())


def take_for_intact(path: Path) -> None:
    """Let :func:`is_intact` believe it: whoever sealed the file has noted what is :func:`untouched` since."""
    _intact[str(path)] = untouched(path)


def _told(status: os.stat_result) -> str:
    """Without the device's number, which is another one on every machine that mounts a shared folder."""
    return f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}"


def _place(handle: int) -> int | None:
    """Where the seal stands: last in the file's footer."""
    size = os.fstat(handle).st_size
    start = max(size - (1 << 20), 0)
    found = list(_SEAL.finditer(os.pread(handle, size - start, start)))
    return start + found[-1].start() if found else None


def _checksum(handle: int, at: int) -> int:
    checksum, position = 0, 0
    while block := os.pread(handle, _BLOCK, position):
        first, last = at - position, at - position + len(OPEN)
        if last > 0 and first < len(block):
            zeroed = bytearray(block)
            start, stop = max(first, 0), min(last, len(block))
            zeroed[start:stop] = OPEN.encode()[start - first : stop - first]
            block = bytes(zeroed)
        checksum = zlib.crc32(block, checksum)
        position += len(block)
    return checksum


def write_sealed_json(path: Path, value: Mapping[str, Any], *, indent: int | None = 2) -> None:
    """An object as JSON, with a checksum of its other members as one more; quickly without ``indent``."""
    sealed = {**value, _KEY: f"{_checksum_of(value):08x}"}
    write_text(path, json.dumps(sealed, ensure_ascii=False, indent=indent, sort_keys=True) + "\n")


def read_sealed_json(content: bytes) -> dict[str, Any]:
    """What :func:`write_sealed_json` wrote. Raises ValueError where it is not that, or no object at all."""
    value = parsed_json(content)
    if not isinstance(value, dict):
        raise ValueError("no object")
    seal = value.pop(_KEY, None)
    if seal is not None and seal != f"{_checksum_of(value):08x}":
        raise ValueError("not as it was sealed")
    return value


def _checksum_of(value: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())
