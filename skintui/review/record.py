"""The record of verdicts: append-only, durable, with an undo that survives a restart.

Every decision, undo and redo is an event in one SQLite table; what counts now is their replay
(:mod:`skintui.review.replay`). Nothing is ever changed or deleted, so two processes can write at once and each sees the
other's events at its next step.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sys import intern
from types import TracebackType
from typing import Any

from skintui.attributes import BY_NAME
from skintui.errors import ReviewError, WorkspaceError
from skintui.review.migration import COLUMNS, chained
from skintui.review.replay import Event, Key, State
from skintui.review.schema import BACKUP, BUSY_MS, SCHEMA_VERSION, explaining, open_database, schema_version
from skintui.review.verdicts import NOTE_LIMIT, REVIEWER_LIMIT, VERDICTS, Verdict, now

__all__ = ["Event", "Key", "ReviewRecord"]


class ReviewRecord:
    """Verdicts in one SQLite file. Safe in several threads and several processes.

    Args:
        path: the file, made if missing.
        vfs: name of an SQLite VFS, for file systems with locks of their own (``unix-dotfile``).
        reading: only read a file that is there, which then stays as it is, its schema too.
    """

    def __init__(self, path: Path, vfs: str | None = None, *, reading: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._state = State()
        self._connection, self.writable = open_database(path, vfs, reading=reading)
        self._checksum = 0  # of the last event read
        try:
            with explaining(path):  # a file of the first schema that can only be read has no checksums
                self._chained = schema_version(self._connection, path) == SCHEMA_VERSION
            self._refresh()
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> ReviewRecord:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        with self._lock, explaining(self.path):
            self._connection.close()

    @property
    def journal_mode(self) -> str:
        """``wal``, or ``delete`` on a file system that cannot share memory between processes."""
        with self._lock, explaining(self.path):
            return str(self._connection.execute("PRAGMA journal_mode").fetchone()[0])

    def quick_check(self) -> str:
        """``ok``, or what SQLite finds wrong with the file itself."""
        with self._lock, explaining(self.path):
            return str(self._connection.execute("PRAGMA quick_check").fetchone()[0])

    def record(self, verdict: Verdict) -> int:
        """Append one verdict; its event number comes back once it is on the disk."""
        return self.record_many([verdict])[0]

    def record_many(self, verdicts: Sequence[Verdict]) -> list[int]:
        """Append verdicts of one reviewer in one transaction; one undo takes all of them back."""
        checked = [verdict.checked() for verdict in verdicts]
        if not checked:
            return []
        if len({v.reviewer for v in checked}) > 1:
            raise ReviewError("verdicts decided together are of one reviewer", do="record them one by one")
        with self._writing() as connection:
            ids: list[int] = []
            for v in checked:
                ids.append(
                    _append(connection, "verdict", v.reviewer, v.reviewed_at, batch=ids[0] if ids else None, v=v)
                )
        return ids

    def undo(self, reviewer: str) -> Verdict | None:
        """Take the reviewer's last standing decision back; the (first) verdict taken back, or None."""
        return next(iter(self.undo_batch(reviewer)), None)

    def redo(self, reviewer: str) -> Verdict | None:
        """Reinstate what the reviewer last took back, unless they have decided since; the (first) verdict, or None."""
        return next(iter(self.redo_batch(reviewer)), None)

    def undo_batch(self, reviewer: str, batch: int | None = None) -> tuple[Verdict, ...]:
        """Take a standing decision of the reviewer's back, the last one unless ``batch`` names another.

        All verdicts decided together come back; none if there is none, or that one does not stand.
        """
        return self._step("undo", reviewer, batch)

    def redo_batch(self, reviewer: str, batch: int | None = None) -> tuple[Verdict, ...]:
        """Reinstate what the reviewer took back and has not decided since, the last one unless ``batch`` is given.

        It counts where it did before: a later verdict on the same annotation still comes after it.
        """
        return self._step("redo", reviewer, batch)

    def _step(self, kind: str, reviewer: str, batch: int | None) -> tuple[Verdict, ...]:
        with self._writing() as connection:
            self._refresh()  # inside the transaction: the stack as it is now, other processes' steps included
            stacks = self._state.of(reviewer.strip())
            stack = stacks.done if kind == "undo" else stacks.undone
            if not stack or (batch is not None and batch not in stack):
                return ()
            target = stack[-1] if batch is None else batch
            _append(connection, kind, reviewer.strip(), now(), target=target)
        return tuple(self._state.batches[target])

    def refresh(self, patience_ms: int = BUSY_MS) -> None:
        """Look at what other processes have written since.

        With a rollback journal a reader waits for a writer: at most ``patience_ms``, then ReviewError.
        """
        with self._lock, explaining(self.path):
            if patience_ms != BUSY_MS:
                self._connection.execute(f"PRAGMA busy_timeout = {int(patience_ms)}")
            try:
                self._refresh()
            finally:
                if patience_ms != BUSY_MS:
                    self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def latest(self) -> dict[Key, Verdict]:
        """The verdict that counts per (isic_id, attribute, reviewer), other processes' included."""
        with self._lock:
            self._refresh()
            return {key: votes[-1][1] for key, votes in self._state.standing.items() if votes}

    def touched(self, after: int = 0) -> list[Key]:
        """Keys whose standing verdict may have changed, from the ``after``-th change on, as of the last look.

        The next call's ``after`` is this one's plus the number of keys: a tally costs what is new, not what there is.
        """
        with self._lock:
            return self._state.touched[after:]

    def standing(self, key: Key) -> Verdict | None:
        """The verdict that counts for one annotation and reviewer, as of the last look."""
        with self._lock:
            votes = self._state.standing.get(key)
            return votes[-1][1] if votes else None

    def batch_of(self, key: Key) -> int | None:
        """The decision that the standing verdict of a key was part of, as of the last look."""
        with self._lock:
            votes = self._state.standing.get(key)
            return votes[-1][0] if votes else None

    def stands(self, event: Event) -> bool:
        """Whether the decision of an event has not been taken back, as of the last look."""
        with self._lock:
            return event.batch in self._state.standing_batches

    def last(self, reviewer: str) -> Verdict | None:
        """The reviewer's last decision that stands (its first verdict), as of the last look."""
        with self._lock:
            done = self._state.of(reviewer.strip()).done
            return self._state.batches[done[-1]][0] if done else None

    def together(self, batch: int) -> tuple[Verdict, ...]:
        """The verdicts decided together, as of the last look."""
        with self._lock:
            return tuple(self._state.batches.get(batch, ()))

    def events(self, after: int = 0) -> list[Event]:
        """Every event in order, undone ones too, from the ``after``-th on, as of the last look."""
        with self._lock:
            return self._state.events[after:]

    def history(self, isic_id: str | None = None) -> list[Event]:
        """Every event in order, undone ones too; of one lesion's verdicts where ``isic_id`` is given."""
        self.refresh()
        found = self.events()
        return [e for e in found if isic_id is None or (e.verdict is not None and e.verdict.isic_id == isic_id)]

    def confirmed(self, label_now: Callable[[str, str], float | None] | None = None) -> list[tuple[str, str]]:
        """(isic_id, attribute) of labels found right on random lesions and contested by nobody: the calibration set.

        ``label_now`` tells the present label of an annotation: a verdict on another label confirms nothing.
        """
        votes: dict[tuple[str, str], list[Verdict]] = {}
        for verdict in self.latest().values():
            votes.setdefault((verdict.isic_id, verdict.attribute), []).append(verdict)
        return sorted(
            annotation
            for annotation, cast in votes.items()
            if any(v.random_sample for v in cast)
            and all(v.verdict == "label_ok" for v in cast)
            and (label_now is None or all(v.label in (None, label_now(*annotation)) for v in cast))
        )

    def _refresh(self) -> None:
        with explaining(self.path):
            checksum = "checksum" if self._chained else "0"
            query = f"SELECT {checksum}, id, {COLUMNS} FROM events WHERE id > ? ORDER BY id"  # noqa: S608 -- constants
            for written, number, *values in self._connection.execute(query, (self._state.last,)):
                if self._chained:
                    self._checksum = chained(self._checksum, number, values)
                    if written != self._checksum:
                        what = f"event {number} is not what was written, the verdicts' file is damaged"
                        raise ReviewError(what, where=self.path, do=BACKUP)
                event = _event(number, values)
                if not _is_known(event):
                    raise ReviewError(f"event {number} is none that skintui writes", where=self.path, do=BACKUP)
                self._state.apply(event)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start, rolled back on any failure."""
        if not self.writable:
            raise WorkspaceError("the verdicts cannot be written here", where=self.path, do="check the permissions")
        with self._lock, explaining(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._refresh()


def _append(
    connection: sqlite3.Connection,
    kind: str,
    reviewer: str,
    at: str,
    *,
    batch: int | None = None,
    target: int | None = None,
    v: Verdict | None = None,
) -> int:
    """Insert one event; without ``batch`` it begins one, numbered like itself."""
    last = connection.execute("SELECT id, checksum FROM events ORDER BY id DESC LIMIT 1").fetchone() or (0, 0)
    number = last[0] + 1
    decision: tuple[object, ...] = (None,) * 9
    if v is not None:
        told = (v.isic_id, v.attribute, v.verdict, _real(v.proposed_value), v.note, int(v.random_sample))
        decision = (*told, _real(v.label), _real(v.predicted), v.dataset_sha256)
    values = (number if batch is None else batch, kind, target, at, reviewer, *decision)
    marks = ", ".join("?" * 16)
    connection.execute(
        f"INSERT INTO events (id, {COLUMNS}, checksum) VALUES ({marks})",  # noqa: S608 -- constants only
        (number, *values, chained(last[1], number, values)),
    )
    return number


def _real(value: float | None) -> float | None:
    """A number as it comes back from SQLite, which knows no negative zero."""
    return None if value is None else float(value) + 0.0


def _is_known(event: Event) -> bool:
    """Whether every word of an event is one that is written here: a file from elsewhere may hold anything."""
    v = event.verdict
    if event.kind != "verdict":
        return event.kind in ("undo", "redo") and len(event.reviewer) <= REVIEWER_LIMIT
    return (
        v is not None
        and bool(v.isic_id)
        and v.attribute in BY_NAME
        and v.verdict in VERDICTS
        and len(v.reviewer) <= REVIEWER_LIMIT
        and len(v.note) <= NOTE_LIMIT
    )


def _event(number: int, values: Sequence[Any]) -> Event:
    """An event from its row: the table is STRICT, so each value has its column's type. Few texts are many events'."""
    batch, kind, target, at, reviewer, isic_id, name, verdict, value, note, sample, label, predicted, sha = values
    reviewer, decided = intern(reviewer), None
    if kind == "verdict" and isic_id is not None and name is not None and verdict is not None:
        decided = Verdict(
            isic_id=isic_id,
            attribute=intern(name),
            verdict=intern(verdict),
            reviewer=reviewer,
            proposed_value=value,
            note=note or "",
            reviewed_at=at,
            random_sample=bool(sample),
            label=label,
            predicted=predicted,
            dataset_sha256=intern(sha or ""),
        )
    return Event(number, intern(kind), batch, target, at, reviewer, decided)
