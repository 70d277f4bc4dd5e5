"""Files written whole or not at all, checksums, and text that cannot act on a terminal."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from skintui.errors import WorkspaceError

_WHY = {
    errno.ENOSPC: ("the disk is full", "free some space and run it again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run it again"),
    errno.EROFS: ("the file system is read-only", "choose another folder with --workspace"),
    errno.EACCES: ("permission denied", "check the permissions or choose another folder with --workspace"),
    errno.EPERM: ("permission denied", "check the permissions or choose another folder with --workspace"),
    errno.EMFILE: ("too many open files", "raise the limit with 'ulimit -n'"),
    errno.ENOENT: ("no such file or folder", "check the path"),
    errno.ENOTDIR: ("a part of the path is not a folder", "check the path"),
    errno.EISDIR: ("this is a folder, a file is needed", "check the path"),
}


def explained(error: OSError, where: object) -> WorkspaceError:
    """An operating-system error as one line that says what to do."""
    what, do = _WHY.get(error.errno or 0, (error.strerror or str(error) or type(error).__name__, None))
    return WorkspaceError(what, where=where, do=do)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success it is synced and renamed over ``path``.

    On any failure the temporary file is removed and ``path`` keeps its former content. Operating-system errors come
    out as :class:`WorkspaceError`.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise explained(error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_target(out: Path | str, *, force: bool = False) -> None:
    """Raise WorkspaceError where a result cannot go to ``out``: a folder, one in none, or a file without ``force``."""
    path = Path(out).expanduser()
    if str(out) != "-" and not path.parent.is_dir():
        raise WorkspaceError("there is no folder to write into", where=path.parent, do="make it, or name another")
    if str(out) != "-" and path.is_dir():
        raise WorkspaceError("this is a folder, a file is needed", where=path, do="name a file in it")
    if str(out) != "-" and path.exists() and not force:
        raise WorkspaceError("the file exists already", where=path, do="name another or overwrite it with --force")


@contextmanager
def result_stream(out: Path | str, *, force: bool = False, stdout: IO[str] | None = None) -> Iterator[IO[bytes]]:
    """A binary stream for a result: a path, written beside and renamed and never overwritten without ``force``.

    Or ``-`` for ``stdout`` (by default the process's), which gets UTF-8 whatever the locale.
    """
    if str(out) != "-":
        check_target(out, force=force)
        with written_beside(Path(out).expanduser()) as temporary, temporary.open("wb") as file:
            yield file
        return
    stream = sys.stdout if stdout is None else stdout
    binary = getattr(stream, "buffer", None)
    if binary is None:
        memory = io.BytesIO()
        yield memory
        stream.write(memory.getvalue().decode("utf-8"))
    else:
        stream.flush()
        yield binary
        binary.flush()


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable; silently skipped where the platform cannot sync a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text(path: Path, text: str) -> None:
    with written_beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n")


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's content, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def printable(text: str, limit: int | None = None) -> str:
    """``text`` without anything that could act on a terminal.

    Control characters (C0, C1, escape), bidirectional and other format characters, surrogates and unassigned code
    points become ``�``; line breaks and tabs become spaces. ``limit`` cuts with an ellipsis.
    """
    cleaned = "".join(
        " " if char in "\t\n\r" else char if unicodedata.category(char)[0] != "C" else "�" for char in text
    )
    return cleaned if limit is None or len(cleaned) <= limit else cleaned[: max(limit - 1, 0)] + "…"
