from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from skintui.errors import ReviewError, WorkspaceError
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict

OK = Verdict("ISIC_1", "areaMM2", "label_ok", "ann")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.sqlite"


def filled(path: Path, count: int = 300) -> Path:
    with ReviewRecord(path) as record:
        record.record_many([Verdict(f"ISIC_{i}", "areaMM2", "label_ok", "ann", note="n" * 100) for i in range(count)])
    return path


def one_line(error: BaseException) -> str:
    line = str(error)
    assert line
    assert "\n" not in line
    return line


def test_a_file_that_is_no_database_is_named_and_left_alone(path: Path) -> None:
    path.write_bytes(b"isic_id,verdict\n" * 100)
    with pytest.raises(ReviewError) as caught:
        ReviewRecord(path)
    assert "no SQLite database" in one_line(caught.value)
    assert path.read_bytes() == b"isic_id,verdict\n" * 100


def test_a_damaged_database_is_one_line(path: Path) -> None:
    filled(path)
    content = bytearray(path.read_bytes())
    content[100:] = os.urandom(len(content) - 100)
    path.write_bytes(content)
    with pytest.raises(ReviewError) as caught:
        ReviewRecord(path)
    assert str(path) in one_line(caught.value)


def test_a_truncated_database_is_one_line(path: Path) -> None:
    filled(path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ReviewError) as caught:
        ReviewRecord(path)
    assert "damaged" in one_line(caught.value)


def test_an_emptied_file_is_no_new_record(path: Path) -> None:
    path.touch()
    with pytest.raises(ReviewError, match="is empty"):
        ReviewRecord(path)
    assert path.read_bytes() == b""


def test_another_programs_database_is_refused(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(ReviewError, match="something else"):
        ReviewRecord(path)


def test_a_newer_schema_asks_for_an_upgrade(path: Path) -> None:
    filled(path, 1)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE about SET value = '99' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    with pytest.raises(ReviewError, match="upgrade"):
        ReviewRecord(path)


def test_a_full_disk_is_said_and_nothing_recorded_is_lost(path: Path) -> None:
    filled(path, 10)
    with ReviewRecord(path) as record:
        pages = record._connection.execute("PRAGMA page_count").fetchone()[0]
        record._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(WorkspaceError, match="disk is full") as caught:
            record.record_many([Verdict(f"I_{i}", "areaMM2", "label_ok", "ann", note="n" * 900) for i in range(50)])
        one_line(caught.value)
        assert len(record.latest()) == 10
        record._connection.execute("PRAGMA max_page_count = 1000000")
        record.record(OK)
    with ReviewRecord(path) as record:
        assert len(record.latest()) == 10  # ISIC_1 is decided anew, none of the failed fifty


def test_a_locked_database_is_one_line(path: Path) -> None:
    filled(path, 1)
    other = sqlite3.connect(path, isolation_level=None)
    with ReviewRecord(path) as record:
        record._connection.execute("PRAGMA busy_timeout = 1")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ReviewError, match="locked"):
            record.record(OK)
        other.execute("ROLLBACK")
        record.record(OK)
    other.close()


def test_where_memory_cannot_be_shared_a_rollback_journal_serves(path: Path) -> None:
    with ReviewRecord(path, vfs="unix-dotfile") as record:
        assert record.journal_mode == "delete"
        record.record(OK)
        record.undo("ann")
        assert record.latest() == {}


READ_ONLY = """
import os, sys
from pathlib import Path
from skintui.errors import SkintuiError
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
os.setgid(65534); os.setuid(65534)
record = ReviewRecord(Path(sys.argv[1]))
print(len(record.latest()))
try:
    record.record(Verdict("ISIC_9", "areaMM2", "label_ok", "ann"))
except SkintuiError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become a powerless user")
def test_a_read_only_record_is_read_and_refuses_verdicts_in_one_line() -> None:
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to other users
        folder = Path(made)
        path = filled(folder / "review.sqlite", 3)
        path.chmod(0o444)
        folder.chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path)], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.stdout.splitlines()[:1] == ["3"], done.stderr
    assert done.stdout.splitlines()[1].startswith("WorkspaceError")


def test_a_folder_in_place_of_the_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="folder"):
        ReviewRecord(tmp_path)


def test_a_file_in_place_of_the_workspace_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "workspace").write_text("x")
    with pytest.raises(WorkspaceError) as caught:
        ReviewRecord(tmp_path / "workspace" / "review.sqlite")
    one_line(caught.value)
