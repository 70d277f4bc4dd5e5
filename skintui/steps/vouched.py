"""Which files of the workspace were found to hold the bytes that were vouched for: ``checked.json``.

Findings and predictions of a full data set have a gigabyte: hashing them at every start would take as long as all else.
A file that was touched in any way since is hashed again; ``skintui doctor`` reads all of them.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from skintui.dataset.seal import take_for_intact, untouched
from skintui.errors import WorkspaceError
from skintui.files import sha256_of, write_json
from skintui.texts import parsed_json

NOTE = "checked.json"


def remember(*files: tuple[Path, str]) -> None:
    """Note that files of one folder hold the bytes of a SHA-256. Raises OSError where one cannot be looked at."""
    note = files[0][0].parent / NOTE
    known = _known(note) | {path.name: f"{untouched(path)}:{sha256}" for path, sha256 in files}
    with suppress(WorkspaceError):  # a read-only workspace is looked at all the same
        write_json(note, known)


def forget(folder: Path) -> None:
    """Have every file of a folder read again; without effect where the folder cannot be written to."""
    with suppress(OSError):
        (folder / NOTE).unlink()


def holds(path: Path, sha256: str) -> bool:
    """Whether a file has these bytes. Raises OSError where it cannot be read."""
    if _known(path.parent / NOTE).get(path.name) == f"{untouched(path)}:{sha256}":
        take_for_intact(path)
        return True
    if sha256_of(path) != sha256:
        return False
    remember((path, sha256))
    return True


def _known(note: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        content = parsed_json(note.read_bytes())
        if isinstance(content, dict):
            return {str(name): str(stamp) for name, stamp in content.items()}
    return {}
