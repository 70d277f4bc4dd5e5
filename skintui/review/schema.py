"""The verdicts' SQLite file: its table, how it is opened, and what its failures mean to a person."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from skintui.errors import ReviewError, SkintuiError, WorkspaceError
from skintui.files import explained, made_once
from skintui.mounts import locks_hold, mount_of
from skintui.review.log import refuse_damaged_log
from skintui.review.migration import migrate
from skintui.texts import printable

SCHEMA_VERSION = 2
_making = threading.Lock()
BUSY_MS = 30_000
"""How long one process waits for another's transaction."""

_ABOUT = "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"
_EVENTS = """
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch INTEGER NOT NULL,          -- id of the first event decided together with this one; undone together
  kind TEXT NOT NULL CHECK (kind IN ('verdict', 'undo', 'redo')),
  target INTEGER,                  -- batch that an undo or redo concerns
  at TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  isic_id TEXT, attribute TEXT, verdict TEXT, proposed_value REAL, note TEXT,
  random_sample INTEGER, label REAL, predicted REAL, dataset_sha256 TEXT,
  checksum INTEGER NOT NULL        -- CRC-32 of the event, continuing that of the event before
) STRICT;
CREATE TRIGGER events_are_final BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
"""


def open_database(path: Path, vfs: str | None = None, *, reading: bool = False) -> tuple[sqlite3.Connection, bool]:
    """A connection to the verdicts in ``path`` (made if missing) and whether it can be written.

    A file on a read-only medium is opened for reading, and any file where only that is asked for. Raises ReviewError
    or WorkspaceError, each one line.
    """
    with explaining(path):
        _has_header(path)
        refuse_damaged_log(path)
        if reading:
            return _open_for_reading(path), False
        if not path.exists():
            _make(path)
        try:
            connection = _connect(path, vfs)
        except sqlite3.OperationalError:
            if not path.is_file():
                raise
            return _open_for_reading(path), False
        try:
            _journal(connection, path)
            _prepare(connection, path)
        except sqlite3.OperationalError as error:
            connection.close()
            if not _is_read_only(error) or not path.is_file():
                raise
            return _open_for_reading(path), False
        except BaseException:
            connection.close()
            raise
        return connection, True


def _connect(path: Path, vfs: str | None) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode=rw" + (f"&vfs={vfs}" if vfs else "")
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        connection.close()
        raise
    return connection


def _journal(connection: sqlite3.Connection, path: Path) -> None:
    """Write-ahead log where the file system can share its memory, a rollback journal elsewhere; synced either way."""
    mode = _rollback_journal(connection, path) if mount_of(path).is_network else _ahead_where_possible(connection)
    if mode != "wal":
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = FULL")


def _rollback_journal(connection: sqlite3.Connection, path: Path) -> str:
    """The mode for a network file system. Raises ReviewError where locks do not keep writers apart there."""
    mount = mount_of(path)
    if not mount.locks_reach_others or not locks_hold(path.parent):
        raise ReviewError(
            f"locks do not hold between machines on this network file system ({mount.kind}): two people's verdicts "
            "could destroy each other",
            where=path,
            do="choose a folder on another disk with --workspace, or mount it with locks",
        )
    try:
        return str(connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0])
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise ReviewError(
            f"a program on this machine has the verdicts open in a way that is not safe on {mount.kind}",
            where=path,
            do="close every skintui that uses this workspace and open it again",
        ) from error


def _ahead_where_possible(connection: sqlite3.Connection) -> str:
    until = time.monotonic() + BUSY_MS / 1000
    mode = ""
    while not mode:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if _is_read_only(error) or "full" in str(error):
                raise
            if "locked" not in str(error):
                break  # no shared memory here
            if time.monotonic() > until:
                raise
            time.sleep(0.02)  # SQLite does not wait by itself when two processes switch a new file at once
    return mode


def _make(path: Path) -> None:
    """A new file with its tables, there whole or not at all: an empty one can then only be a damaged one."""
    with _making, made_once(path) as temporary, closing(sqlite3.connect(temporary)) as connection, connection:
        for statement in (_ABOUT, *_statements(_EVENTS)):
            connection.execute(statement)
        connection.execute("INSERT INTO about VALUES ('schema_version', ?)", (str(SCHEMA_VERSION),))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an old file up to date; refuse a file that is another's or newer."""
    if schema_version(connection, path) < SCHEMA_VERSION:
        migrate(connection, path, _statements(_EVENTS), lambda: schema_version(connection, path))


def _statements(script: str) -> list[str]:
    out, pending = [], ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            out.append(pending)
            pending = ""
    return out


def schema_version(connection: sqlite3.Connection, path: Path) -> int:
    """Schema version of the file, 1 or 2. Raises ReviewError where it is none of them."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"about", "events"} <= tables:
        raise ReviewError("this SQLite file holds something else", where=path, do="choose another workspace")
    row = connection.execute("SELECT value FROM about WHERE key = 'schema_version'").fetchone()
    version = int(row[0]) if row and str(row[0]).isdecimal() else 0
    if version > SCHEMA_VERSION:
        raise ReviewError(
            f"the verdicts were written by a newer skintui (schema {version}, this one knows {SCHEMA_VERSION})",
            where=path,
            do="upgrade skintui",
        )
    if version < 1:
        raise ReviewError("the verdicts name no schema version", where=path, do="restore the file from a backup")
    return version


def _open_for_reading(path: Path) -> sqlite3.Connection:
    """A read-only connection; ``immutable`` where the folder does not even allow the shared-memory file."""
    for extra in ("", "&immutable=1"):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro{extra}", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            schema_version(connection, path)
        except sqlite3.OperationalError:
            connection.close()
            if extra:
                raise
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise AssertionError("unreachable")


def _has_header(path: Path) -> None:
    """Refuse a file that is no database before SQLite writes anything beside it."""
    if path.is_dir():
        raise ReviewError("a folder stands where the verdicts should be", where=path, do="remove it")
    if path.is_file() or path.is_symlink():
        if not path.stat().st_size:
            raise ReviewError("the verdicts' file is empty", where=path, do=f"{BACKUP}, or remove it to begin anew")
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\x00":
                raise ReviewError("the verdicts' file is no SQLite database", where=path, do=BACKUP)


BACKUP = "move it away or restore it from a backup"


def _is_read_only(error: sqlite3.Error) -> bool:
    return "readonly" in str(error) or "read-only" in str(error) or "unable to open" in str(error)


_LEAST = 65_536
"""Bytes that SQLite needs to open a database for writing: its shared memory takes 32 KiB."""


def _no_space(path: Path) -> bool:
    """Whether not even the files beside the database fit: SQLite then says that it cannot open it."""
    try:
        return shutil.disk_usage(path.parent).free < _LEAST
    except OSError:
        return False


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turn failures of SQLite and the operating system into one line that says what to do."""
    try:
        yield
    except SkintuiError:
        raise
    except OSError as error:
        raise explained(error, path) from error
    except sqlite3.Error as error:
        raise _explained(error, path) from error


def _explained(error: sqlite3.Error, path: Path) -> SkintuiError:
    text = str(error)
    if "full" in text or (_is_read_only(error) and _no_space(path)):
        return WorkspaceError("the disk is full, the verdict is not recorded", where=path, do="free some space")
    if _is_read_only(error):
        return WorkspaceError("the verdicts cannot be written here", where=path, do="check the permissions")
    if "locked" in text or "busy" in text:
        return ReviewError(
            "another program keeps the verdicts locked", where=path, do="close it, or let it go on where it was stopped"
        )
    if "malformed" in text or "not a database" in text or "corrupt" in text:
        return ReviewError("the verdicts' file is damaged", where=path, do=BACKUP)
    return ReviewError(
        f"the verdicts cannot be used ({printable(text, 200)})", where=path, do="check the disk and the file"
    )
