from __future__ import annotations

import mmap
from pathlib import Path

from skintui.vectors.pages import ask_for_large_pages


def test_only_large_anonymous_memory_is_asked_for(tmp_path: Path) -> None:
    """16 MB of this process; not what is small, read-only, of a file, or named."""
    held = mmap.mmap(-1, 16 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    place = next(line for line in Path("/proc/self/maps").read_text().splitlines() if _holds(line, 16 << 20))
    maps = tmp_path / "maps"
    start = place.split()[0]
    maps.write_text(
        f"{start} rw-p 00000000 00:00 0 \n"
        f"{start} r--p 00000000 00:00 0 \n"
        f"{start} rw-p 00000000 fe:00 1234  /a/file\n"
        f"{start} rw-p 00000000 00:00 0  [heap]\n"
        "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
    )
    assert ask_for_large_pages(maps) == 1
    held.close()


def test_a_system_that_does_not_tell_is_left_alone(tmp_path: Path) -> None:
    assert ask_for_large_pages(tmp_path / "missing") == 0


def _holds(line: str, size: int) -> bool:
    parts = line.split()
    start, stop = (int(address, 16) for address in parts[0].split("-"))
    return len(parts) == 5 and parts[1] == "rw-p" and stop - start >= size
