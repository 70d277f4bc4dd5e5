"""The record of verdicts: append-only, durable, with an undo that survives a restart.

Every decision, undo and redo is an event in one SQLite table; what counts now is their replay. Nothing is ever changed
or deleted, so two processes can write at once and each sees the other's events at its next step.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from skintui.errors import ReviewError, WorkspaceError
from skintui.review.schema import explaining, open_database
from skintui.review.verdicts import Verdict, now

_COLUMNS = (
    "batch, kind, target, at, reviewer, isic_id, attribute, verdict, proposed_value, note, random_sample, label, "
    "predicted, dataset_sha256"
)
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record."""

    id: int
    kind: str
    """``verdict``, ``undo`` or ``redo``."""
    batch: int
    target: int | None
    at: str
    reviewer: str
    verdict: Verdict | None


@dataclass
class _Stacks:
    """One reviewer's decisions that stand, and those undone, by batch, last on top."""

    done: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)


@dataclass
class _State:
    """The replay of all events up to ``last``."""

    last: int = 0
    stacks: dict[str, _Stacks] = field(default_factory=dict)
    batches: dict[int, list[Verdict]] = field(default_factory=dict)
    standing: dict[Key, list[Verdict]] = field(default_factory=dict)
    touched: list[Key] = field(default_factory=list)
    """Whose standing verdict each event changed, in order: what a tally has to look at again."""

    def apply(self, event: Event) -> None:
        stacks = self.stacks.setdefault(event.reviewer, _Stacks())
        if event.kind == "verdict" and event.verdict is not None:
            self.batches.setdefault(event.batch, []).append(event.verdict)
            self.standing.setdefault(event.verdict.key, []).append(event.verdict)
            self.touched.append(event.verdict.key)
            stacks.undone.clear()
            if not stacks.done or stacks.done[-1] != event.batch:
                stacks.done.append(event.batch)
        elif event.kind == "undo" and stacks.done and stacks.done[-1] == event.target:
            stacks.undone.append(stacks.done.pop())
            for verdict in reversed(self.batches[stacks.undone[-1]]):
                self.standing[verdict.key].pop()
                self.touched.append(verdict.key)
        elif event.kind == "redo" and stacks.undone and stacks.undone[-1] == event.target:
            stacks.done.append(stacks.undone.pop())
            for verdict in self.batches[stacks.done[-1]]:
                self.standing[verdict.key].append(verdict)
                self.touched.append(verdict.key)
        self.last = event.id


class ReviewRecord:
    """Verdicts in one SQLite file. Safe in several threads and several processes.

    Args:
        path: the file, made if missing.
        vfs: name of an SQLite VFS, for file systems with locks of their own (``unix-dotfile``).
    """

    def __init__(self, path: Path, vfs: str | None = None) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._state = _State()
        self._connection, self.writable = open_database(path, vfs)
        try:
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

    def undo_batch(self, reviewer: str) -> tuple[Verdict, ...]:
        """Take the reviewer's last standing decision back: all verdicts decided together, none if there is none."""
        return self._step("undo", reviewer)

    def redo_batch(self, reviewer: str) -> tuple[Verdict, ...]:
        """Reinstate what the reviewer last took back: all verdicts decided together, none if there is none."""
        return self._step("redo", reviewer)

    def _step(self, kind: str, reviewer: str) -> tuple[Verdict, ...]:
        with self._writing() as connection:
            self._refresh()  # inside the transaction: the stack as it is now, other processes' steps included
            stacks = self._state.stacks.get(reviewer.strip(), _Stacks())
            stack = stacks.done if kind == "undo" else stacks.undone
            if not stack:
                return ()
            target = stack[-1]
            _append(connection, kind, reviewer.strip(), now(), target=target)
        return tuple(self._state.batches[target])

    def latest(self) -> dict[Key, Verdict]:
        """The verdict that counts per (isic_id, attribute, reviewer), other processes' included."""
        with self._lock, explaining(self.path):
            self._refresh()
            return {key: verdicts[-1] for key, verdicts in self._state.standing.items() if verdicts}

    def touched(self, after: int = 0) -> list[Key]:
        """Keys whose standing verdict may have changed, from the ``after``-th change on, as of the last look.

        The next call's ``after`` is this one's plus the number of keys: a tally costs what is new, not what there is.
        """
        with self._lock:
            return self._state.touched[after:]

    def standing(self, key: Key) -> Verdict | None:
        """The verdict that counts for one annotation and reviewer, as of the last look."""
        with self._lock:
            verdicts = self._state.standing.get(key)
            return verdicts[-1] if verdicts else None

    def history(self, isic_id: str | None = None) -> list[Event]:
        """Every event in order, undone ones too; of one lesion's verdicts where ``isic_id`` is given."""
        with self._lock, explaining(self.path):
            events = list(self._events(0))
        return [e for e in events if isic_id is None or (e.verdict is not None and e.verdict.isic_id == isic_id)]

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

    def _events(self, after: int) -> Iterator[Event]:
        rows = self._connection.execute(f"SELECT id, {_COLUMNS} FROM events WHERE id > ? ORDER BY id", (after,))  # noqa: S608
        return map(_event, rows)

    def _refresh(self) -> None:
        with explaining(self.path):
            for event in self._events(self._state.last):
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
    if batch is None:
        batch = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM events").fetchone()[0])
    decision = (
        (None,) * 9
        if v is None
        else (
            v.isic_id,
            v.attribute,
            v.verdict,
            v.proposed_value,
            v.note,
            int(v.random_sample),
            v.label,
            v.predicted,
            v.dataset_sha256,
        )
    )
    marks = ", ".join("?" * 14)
    cursor = connection.execute(
        f"INSERT INTO events ({_COLUMNS}) VALUES ({marks})",  # noqa: S608 -- constants only
        (batch, kind, target, at, reviewer, *decision),
    )
    return int(cursor.lastrowid or 0)


def _event(row: tuple[object, ...]) -> Event:
    number, batch, kind, target, at, reviewer, isic_id, name, verdict, value, note, sample, label, predicted, sha = row
    decided = None
    if kind == "verdict":
        decided = Verdict(
            isic_id=str(isic_id),
            attribute=str(name),
            verdict=str(verdict),
            reviewer=str(reviewer),
            proposed_value=_number(value),
            note=str(note or ""),
            reviewed_at=str(at),
            random_sample=bool(sample),
            label=_number(label),
            predicted=_number(predicted),
            dataset_sha256=str(sha or ""),
        )
    goal = int(target) if isinstance(target, int) else None
    return Event(int(str(number)), str(kind), int(str(batch)), goal, str(at), str(reviewer), decided)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
