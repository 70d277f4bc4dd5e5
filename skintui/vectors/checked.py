"""Which files of an index were read whole and found right, told by size, times and inode: ``checked.json``.

A graph of a full data set has 0.3 GB and a file of vectors 2.9 GB: hashing them at every start would cost more than the
searches. A file that was touched in any way since is read again, once; ``skintui doctor`` reads all of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from skintui.dataset.seal import untouched
from skintui.errors import WorkspaceError
from skintui.files import write_json
from skintui.texts import parsed_json
from skintui.vectors.fingerprint import damaged

_RACY_SECONDS = 2.0
"""A file changed this recently is not remembered: a second change could leave its times the same."""
_CHECKED: dict[Path, dict[str, str]] = {}


def refuse_damaged(path: Path, token: str, is_right: Callable[[], bool]) -> None:
    """Raise VectorsError where ``is_right`` denies a file; not asked where the untouched file was found right before.

    ``token`` names the content that is right (its checksum). Raises OSError where the file cannot be looked at.
    """
    stamp = _stamp(path, token)
    known = _remembered(path.parent)
    if known.get(path.name) == stamp:
        return
    if not is_right():
        raise damaged(path)
    status = path.stat()
    if time.time() - max(status.st_mtime, status.st_ctime) > _RACY_SECONDS and _stamp(path, token) == stamp:
        _remember(path.parent, {**known, path.name: stamp})


def _stamp(path: Path, token: str) -> str:
    return f"{untouched(path)}:{token}"


def _remembered(folder: Path) -> dict[str, str]:
    if folder not in _CHECKED:
        _CHECKED[folder] = {}
        with suppress(OSError, ValueError):
            content = parsed_json((folder / "checked.json").read_bytes())
            if isinstance(content, dict):
                _CHECKED[folder] = {str(name): str(stamp) for name, stamp in content.items()}
    return _CHECKED[folder]


def _remember(folder: Path, stamps: dict[str, str]) -> None:
    _CHECKED[folder] = stamps
    with suppress(WorkspaceError):  # a read-only workspace is searched all the same
        write_json(folder / "checked.json", stamps)
