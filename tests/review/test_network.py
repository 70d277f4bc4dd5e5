"""A workspace on a network file system: told by its type, which stands in for a server here."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from skintui.errors import ReviewError
from skintui.mounts import Mount
from skintui.review import schema
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict

OK = Verdict("ISIC_1", "areaMM2", "label_ok", "ann")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.sqlite"


@pytest.fixture
def nfs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "mount_of", lambda _: Mount("nfs4"))


def test_no_shared_memory_is_used(path: Path, nfs: None) -> None:
    with ReviewRecord(path) as record:
        record.record(OK)
        assert record.journal_mode == "delete"
        assert [file.name for file in path.parent.iterdir() if "-shm" in file.name or "-wal" in file.name] == []


def test_a_record_that_was_written_ahead_on_a_disk_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ReviewRecord(path) as record:
        record.record(OK)
        assert record.journal_mode == "wal"
    monkeypatch.setattr(schema, "mount_of", lambda _: Mount("cifs"))
    with ReviewRecord(path) as record:
        assert record.journal_mode == "delete"
        assert len(record.latest()) == 1


def test_one_that_is_open_with_shared_memory_is_refused_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "BUSY_MS", 100)
    with ReviewRecord(path) as record:
        record.record(OK)
        monkeypatch.setattr(schema, "mount_of", lambda _: Mount("nfs4"))
        with pytest.raises(ReviewError, match="close every skintui"):
            ReviewRecord(path)
        assert len(record.latest()) == 1


@pytest.mark.parametrize("mount", [Mount("fuse.sshfs"), Mount("nfs", ("rw", "nolock")), Mount("cifs", ("nobrl",))])
def test_without_locks_it_is_refused_with_the_reason(path: Path, mount: Mount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "mount_of", lambda _: mount)
    with pytest.raises(ReviewError, match=rf"locks do not hold.*{mount.kind}.*--workspace"):
        ReviewRecord(path)


def test_locks_that_are_promised_and_not_kept_are_refused(
    path: Path, nfs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "locks_hold", lambda _: False)
    with pytest.raises(ReviewError, match="locks do not hold"):
        ReviewRecord(path)


WRITER = """
import sys
import time
from pathlib import Path
from skintui.mounts import Mount
from skintui.review import schema
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
schema.mount_of = lambda _: Mount("nfs4")
with ReviewRecord(Path(sys.argv[1])) as record:
    for i in range(25):
        record.record(Verdict(f"ISIC_{i}", "areaMM2", "label_ok", sys.argv[2]))
"""


def test_two_writers_with_a_rollback_journal_lose_nothing(path: Path, nfs: None) -> None:
    both = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("ann", "ben")]
    assert [writer.wait(60) for writer in both] == [0, 0]
    with ReviewRecord(path) as record:
        assert len(record.latest()) == 50


def test_a_look_does_not_wait_for_a_writer_to_finish(path: Path, nfs: None) -> None:
    with ReviewRecord(path) as record:
        record.record(OK)
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN EXCLUSIVE")
            begun = time.monotonic()
            with pytest.raises(ReviewError, match="locked"):
                record.refresh(20)
            assert time.monotonic() - begun < 5
        finally:
            other.close()
        record.refresh(20)
        assert len(record.latest()) == 1
