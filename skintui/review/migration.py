"""From the first schema of the verdicts' file to the present one, the old file kept beside; no event is rewritten.

Schema 2 gives every event a checksum over its content and the checksum before it, so that an event that was changed,
lost or moved on the disk is noticed (:func:`chained`). The migration is one transaction: a process that dies in it
leaves the old schema, and two that begin at once wait for each other.
"""

from __future__ import annotations

import itertools
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from skintui.errors import ReviewError
from skintui.files import written_beside

COLUMNS = (
    "batch, kind, target, at, reviewer, isic_id, attribute, verdict, proposed_value, note, random_sample, label, "
    "predicted, dataset_sha256"
)
"""Of an event, its number and checksum aside; the same in both schemas."""


def chained(before: int, number: int, values: Sequence[object]) -> int:
    """Checksum (CRC-32) of an event's number and values, continuing the checksum of the event before it.

    Numbers of REAL columns are floats on their way in and out, so ``repr`` gives the same text on both.
    """
    return zlib.crc32(repr((number, *values)).encode("utf-8", "surrogatepass"), before)


def migrate(connection: sqlite3.Connection, path: Path, create: Sequence[str], version: Callable[[], int]) -> None:
    """Bring a file of schema 1 to schema 2, a copy of it kept as ``review.sqlite.v1`` (or ``.v1-2``, ``.v1-3``, …).

    Args:
        connection: to the file, able to write, no transaction under way.
        path: of the file.
        create: statements that make the events' table and what belongs to it.
        version: reads the file's schema version anew.

    Raises ReviewError where an event cannot be what it says, OSError or sqlite3.Error where the disk is full.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version() == 1:  # another process may have been first
            _keep(path)
            _rebuild(connection, path, create)
            connection.execute("UPDATE about SET value = '2' WHERE key = 'schema_version'")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _keep(path: Path) -> None:
    """A copy of the file as it is now, on the disk before anything changes; an equal one is not made twice."""
    source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        content = source.serialize()  # with what still lies in the write-ahead log
    finally:
        source.close()
    for number in itertools.count(1):
        name = path.with_name(f"{path.name}.v1" + (f"-{number}" if number > 1 else ""))
        if not name.exists():
            with written_beside(name) as temporary:
                temporary.write_bytes(content)
            return
        if name.is_file() and name.read_bytes() == content:
            return


def _rebuild(connection: sqlite3.Connection, path: Path, create: Sequence[str]) -> None:
    """The events in a table of the present schema; checksums over what that table made of them."""
    for trigger in ("events_are_final", "events_stay"):
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    connection.execute("ALTER TABLE events RENAME TO events_before")
    table, *triggers = create
    connection.execute(table)
    insert = f"INSERT INTO events (id, {COLUMNS}, checksum) VALUES ({', '.join('?' * 16)})"  # noqa: S608
    read = f"SELECT id, {COLUMNS} FROM %s ORDER BY id"  # noqa: S608 -- constants only
    number, checksum, checksums = 0, 0, []
    try:
        for row in connection.execute(read % "events_before"):
            number = row[0]
            connection.execute(insert, (*row, 0))
    except sqlite3.IntegrityError as error:
        what = f"event {number} is none that skintui writes ({error})"
        raise ReviewError(what, where=path, do="move the file away or restore it from a backup") from error
    for number, *values in connection.execute(read % "events"):
        checksum = chained(checksum, number, values)
        checksums.append((checksum, number))
    connection.executemany("UPDATE events SET checksum = ? WHERE id = ?", checksums)
    connection.execute("DROP TABLE events_before")
    for trigger in triggers:
        connection.execute(trigger)
