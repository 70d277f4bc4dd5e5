"""Large memory pages for what grows in memory while a graph is built.

A graph reads codes all over its memory. With pages of 4 kB the processor has to look up where nearly every one of them
lies, which from some 50 MB on takes longer than the reading: with pages of 2 MB the last of 100,000 codes enter in 60 %
of the time.
"""

from __future__ import annotations

import ctypes
import mmap
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

_LEAST = 4 << 20
_ANONYMOUS = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0\s*")


def ask_for_large_pages(maps: Path = Path("/proc/self/maps")) -> int:
    """Ask Linux for large pages wherever this process holds much anonymous memory; how many places these are.

    usearch maps memory of its own for what it is given, so the process's list of mappings tells where. Advice only:
    nothing changes but the time of reading, and where the system has no large pages, nothing at all.
    """
    asked = 0
    with suppress(OSError, AttributeError, ValueError):
        for line in maps.read_text().splitlines():
            found = _ANONYMOUS.fullmatch(line)
            if found is not None:
                start, stop = (int(address, 16) for address in found.groups())
                if stop - start >= _LEAST:
                    asked += _madvise()(start, stop - start, mmap.MADV_HUGEPAGE) == 0
    return asked


@cache
def _madvise() -> Any:
    function = ctypes.CDLL(None).madvise
    function.argtypes, function.restype = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int), ctypes.c_int
    return function
