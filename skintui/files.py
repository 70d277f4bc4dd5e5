"""Files written whole or not at all, and checksums."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

from skintui.errors import WorkspaceError

_WHY = {
    errno.ENOSPC: ("the disk is full", "free some space and run it again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run it again"),
    errno.EROFS: ("the file system is read-only", "choose another folder with --workspace"),
    errno.EACCES: ("permission denied", "check the permissions or choose another folder with --workspace"),
    errno.EPERM: ("permission denied", "check the permissions or choose another folder with --workspace"),
    errno.EFBIG: ("a file may not grow so large here", "raise the limit with 'ulimit -f' or choose another folder"),
    errno.EMFILE: ("too many open files", "raise the limit with 'ulimit -n'"),
    errno.ENOENT: ("no such file or folder", "check the path"),
    errno.ENOTDIR: ("a part of the path is not a folder", "check the path"),
    errno.ELOOP: ("this is a link that leads nowhere", "remove it"),
    errno.EISDIR: ("this is a folder, a file is needed", "check the path or remove it"),
}


def explained(error: OSError, where: object) -> WorkspaceError:
    """An operating-system error as one line that says what to do."""
    what, do = _WHY.get(error.errno or 0, (error.strerror or str(error) or type(error).__name__, None))
    return WorkspaceError(what, where=where, do=do)


def system_error(error: BaseException) -> OSError | None:
    """The operating system's error behind another library's, which tells its number in words; None without one."""
    if isinstance(error, OSError) and error.errno:
        return error
    number = re.search(r"\(os error (\d+)\)", str(error))
    return OSError(int(number[1]), os.strerror(int(number[1]))) if number else None


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success it is synced and renamed over ``path``.

    On any failure the temporary file is removed and ``path`` keeps its former content; what a killed writer left is
    removed by the next process that writes there. Operating-system errors come out as :class:`WorkspaceError`.
    """
    with _placed(path, Path.replace) as temporary:
        yield temporary


@contextmanager
def made_once(path: Path) -> Iterator[Path]:
    """Like :func:`written_beside`, for a file that never takes another's place: one that is there by then stays."""
    with _placed(path, _link) as temporary:
        yield temporary


@contextmanager
def _placed(path: Path, into_place: Callable[[Path, Path], object]) -> Iterator[Path]:
    temporary = path.with_name(f".{path.name}.{_here()}-{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        into_place(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise explained(system_error(error) or error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _link(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not path.exists():
            temporary.replace(path)


_LEFT = re.compile(r"\..+\.([0-9a-f]{8})-(\d+)\.part")
_ABANDONED = 86_400
"""Seconds after which what another machine has not touched is taken for left behind."""
_swept: set[str] = set()


@cache
def _here() -> str:
    """Where process numbers mean the same processes: this boot of this machine, inside this container."""
    import platform

    known = [platform.node()]
    with suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
    with suppress(OSError):
        known.append(str(Path("/proc/self/ns/pid").readlink()))
    return f"{zlib.crc32(' '.join(known).encode()):08x}"


def _sweep(folder: Path) -> None:
    """Remove, once per process and folder, the temporary files of writers that are no more."""
    if str(folder) in _swept:
        return
    _swept.add(str(folder))
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            left = _LEFT.fullmatch(entry.name)
            if left is None:
                continue
            with suppress(OSError):
                if left[1] == _here():
                    gone = not _runs(int(left[2]))
                else:
                    gone = time.time() - entry.stat().st_mtime > _ABANDONED
                if gone:
                    Path(entry.path).unlink()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


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


def is_there(path: Path) -> bool:
    """Whether anything stands under this name: a folder or a broken link in a file's place is not nothing."""
    return os.path.lexists(path)


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
