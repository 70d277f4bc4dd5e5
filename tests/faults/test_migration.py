"""A verdicts' file of the first schema: migrated whole or not at all, the old file kept."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from skintui.errors import ReviewError, SkintuiError
from skintui.review.record import ReviewRecord
from skintui.review.schema import SCHEMA_VERSION
from skintui.review.verdicts import Verdict

FIRST_SCHEMA = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('verdict', 'undo', 'redo')),
  target INTEGER,
  at TEXT NOT NULL,
  reviewer TEXT NOT NULL,
  isic_id TEXT, attribute TEXT, verdict TEXT, proposed_value REAL, note TEXT,
  random_sample INTEGER, label REAL, predicted REAL, dataset_sha256 TEXT
) STRICT;
CREATE TRIGGER events_are_final BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_stay BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
INSERT INTO about VALUES ('schema_version', '1');
"""
_VERDICT = "INSERT INTO events (batch, kind, at, reviewer, isic_id, attribute, verdict, proposed_value, note, "
_VERDICT += "random_sample, label, predicted, dataset_sha256) VALUES (?, 'verdict', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_STEP = "INSERT INTO events (batch, kind, target, at, reviewer) VALUES (?, ?, ?, ?, ?)"
AT = "2026-01-31T09:30:00.000Z"


def first(path: Path, many: int = 0, wal: bool = True) -> Path:
    """A file as the first builds wrote it: verdicts, a batch of two, an undo and a redo, an undo that stands."""
    connection = sqlite3.connect(path, isolation_level=None)
    if wal:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(FIRST_SCHEMA)
    verdict = ("areaMM2", "label_wrong", 9, "its scale", 0, 3.5, -0.0, "abc")
    connection.execute(_VERDICT, (1, AT, "ada", "ISIC_1", *verdict))
    connection.execute(_VERDICT, (2, AT, "ada", "ISIC_2", *verdict))
    connection.execute(_VERDICT, (2, AT, "ada", "ISIC_3", *verdict))
    connection.execute(_STEP, (4, "undo", 2, AT, "ada"))
    connection.execute(_STEP, (5, "redo", 2, AT, "ada"))
    connection.execute(_VERDICT, (6, AT, "ben", "ISIC_1", "deltaL", "label_ok", None, "", 1, None, None, None))
    connection.execute(_VERDICT, (7, AT, "ben", "ISIC_2", "deltaL", "unsure", None, "", 1, None, None, None))
    connection.execute(_STEP, (8, "undo", 7, AT, "ben"))
    with_many = [(9 + i, AT, "eve", f"ISIC_{i}", *verdict) for i in range(many)]
    connection.execute("BEGIN")
    connection.executemany(_VERDICT, with_many)
    connection.execute("COMMIT")
    connection.close()
    return path


KEYS = {
    ("ISIC_1", "areaMM2", "ada"),
    ("ISIC_2", "areaMM2", "ada"),
    ("ISIC_3", "areaMM2", "ada"),
    ("ISIC_1", "deltaL", "ben"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.sqlite"


def version_of(path: Path) -> str:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        return str(connection.execute("SELECT value FROM about WHERE key = 'schema_version'").fetchone()[0])
    finally:
        connection.close()


def test_every_event_comes_along_and_still_counts_as_it_did(path: Path) -> None:
    with ReviewRecord(first(path)) as record:
        assert set(record.latest()) == KEYS
        kept = record.latest()["ISIC_2", "areaMM2", "ada"]
        assert (kept.proposed_value, kept.note, kept.reviewed_at, kept.label) == (9.0, "its scale", AT, 3.5)
        assert [event.kind for event in record.events()] == [
            *("verdict", "verdict", "verdict", "undo", "redo", "verdict", "verdict", "undo"),
        ]
    assert version_of(path) == str(SCHEMA_VERSION)


def test_work_goes_on_where_it_was(path: Path) -> None:
    with ReviewRecord(first(path)) as record:
        assert [v.isic_id for v in record.undo_batch("ada")] == ["ISIC_2", "ISIC_3"]
        assert record.record(Verdict("ISIC_9", "areaMM2", "label_ok", "ada")) == 10
    with ReviewRecord(path) as record:
        assert ("ISIC_9", "areaMM2", "ada") in record.latest()
        assert ("ISIC_3", "areaMM2", "ada") not in record.latest()


def test_the_old_file_is_kept_beside(path: Path) -> None:
    first(path)
    ReviewRecord(path).close()
    kept = path.with_name("review.sqlite.v1")
    assert version_of(kept) == "1"
    connection = sqlite3.connect(kept)
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (8,)
    connection.close()


def test_a_kept_file_is_never_written_over(path: Path) -> None:
    kept = path.with_name("review.sqlite.v1")
    kept.write_bytes(b"of another day")
    ReviewRecord(first(path)).close()
    assert kept.read_bytes() == b"of another day"
    assert version_of(path.with_name("review.sqlite.v1-2")) == "1"


def test_the_same_old_file_is_kept_once(path: Path) -> None:
    again = first(path.with_name("again"))
    for _ in range(2):
        shutil.copyfile(again, path)
        ReviewRecord(path).close()
    assert sorted(each.name for each in path.parent.glob("review.sqlite.v1*")) == ["review.sqlite.v1"]


def test_events_are_append_only_afterwards(path: Path) -> None:
    ReviewRecord(first(path)).close()
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("UPDATE events SET verdict = 'label_ok'")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM events")
    connection.close()


def test_an_older_build_that_still_has_it_open_cannot_write_past_it(path: Path) -> None:
    old = sqlite3.connect(first(path), isolation_level=None)
    ReviewRecord(path).close()
    with pytest.raises(sqlite3.IntegrityError, match="checksum"):
        old.execute(_STEP, (9, "undo", 1, AT, "ada"))
    old.close()


_OPEN = "import sys; from pathlib import Path; from skintui.review.record import ReviewRecord as R; "
_OPEN += "r = R(Path(sys.argv[1])); print(len(r.latest())); r.close()"
_DIE = """
import os, signal, sys
from pathlib import Path
from skintui.review import migration
from skintui.review.record import ReviewRecord
count, real = 0, migration.chained
def dying(*values):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*values)
migration.chained = dying
ReviewRecord(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moment", [1, 200])
def test_killed_in_the_middle_nothing_has_changed_and_it_is_done_the_next_time(path: Path, moment: int) -> None:
    first(path, many=300)
    done = subprocess.run([sys.executable, "-c", _DIE, str(path), str(moment)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert version_of(path) == "1"
    with ReviewRecord(path) as record:
        assert len(record.latest()) == len(KEYS) + 300
    assert version_of(path.with_name("review.sqlite.v1")) == "1"
    assert not list(path.parent.glob("*-2"))


def test_two_that_open_it_at_once_both_have_all(path: Path) -> None:
    first(path, many=300)
    both = [subprocess.Popen([sys.executable, "-c", _OPEN, str(path)], stdout=subprocess.PIPE, text=True) for _ in "ab"]
    said = [each.communicate()[0].strip() for each in both]
    assert said == [str(len(KEYS) + 300)] * 2
    assert [each.name for each in path.parent.glob("review.sqlite.v1*")] == ["review.sqlite.v1"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become a powerless user")
@pytest.mark.parametrize("wal", [True, False])
def test_where_nothing_can_be_written_the_old_file_is_read(wal: bool) -> None:
    with tempfile.TemporaryDirectory() as made:
        path = first(Path(made) / "review.sqlite", wal=wal)
        path.chmod(0o444)
        Path(made).chmod(0o555)
        code = _OPEN.replace("r = R", "import os; os.setgid(65534); os.setuid(65534); r = R")
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.stdout.strip() == str(len(KEYS)), done.stderr


def test_what_the_old_file_cannot_mean_is_refused_and_stays(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(
        FIRST_SCHEMA.replace("STRICT", "").replace("CHECK (kind IN ('verdict', 'undo', 'redo'))", "")
    )
    connection.execute(_STEP, (1, "verdict", None, b"\x1b]0;x", "ada"))
    connection.commit()
    connection.close()
    with pytest.raises(ReviewError, match="event 1"):
        ReviewRecord(path)
    assert version_of(path) == "1"


FOREIGN = {
    "an unknown verdict": ("areaMM2", "maybe", ""),
    "an unknown attribute": ("weight", "label_ok", ""),
    "a text without end": ("areaMM2", "label_ok", "x" * 5_000_000),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_words_of_another_program_are_refused_in_a_line(path: Path, what: str) -> None:
    name, verdict, note = FOREIGN[what]
    connection = sqlite3.connect(first(path))
    values = (9, AT, "ada", "ISIC_1", name, verdict, None, note, 0, None, None, None)
    connection.execute(_VERDICT, values)
    connection.commit()
    connection.close()
    with pytest.raises(SkintuiError) as caught:
        ReviewRecord(path)
    assert "event 9" in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_changed_verdict_is_noticed(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record_many([Verdict(f"ISIC_{i}", "areaMM2", "label_ok", "ann") for i in range(5)])
    content = path.read_bytes()
    assert content.count(b"ISIC_3") == 1
    path.write_bytes(content.replace(b"ISIC_3", b"ISIC_7"))
    with pytest.raises(ReviewError, match="event 4 is not what was written"):
        ReviewRecord(path)


def test_a_verdict_that_is_gone_is_noticed(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record_many([Verdict(f"ISIC_{i}", "areaMM2", "label_ok", "ann") for i in range(5)])
    connection = sqlite3.connect(path)
    connection.executescript("DROP TRIGGER events_stay; DELETE FROM events WHERE id = 2")
    connection.close()
    with pytest.raises(ReviewError, match="event 3 is not what was written"):
        ReviewRecord(path)
