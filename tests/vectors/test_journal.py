from __future__ import annotations

import os
from pathlib import Path

import pytest

from skintui.errors import WorkspaceError
from skintui.vectors.journal import ShardRecord, append_record, read_journal, rewrite_journal

ONE = ShardRecord(0, 0, 128, {"image": "aa"}, "bb")
TWO = ShardRecord(1, 128, 256, {"image": "cc"}, "dd")


def test_what_was_appended_is_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    append_record(path, ONE)
    append_record(path, TWO)
    assert read_journal(path) == {0: ONE, 1: TWO}


def test_no_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "journal.jsonl") == {}


def test_a_torn_line_counts_as_not_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    whole = (ONE.line() + TWO.line()).encode()
    for length in range(len(ONE.line()), len(whole)):
        path.write_bytes(whole[:length])
        assert read_journal(path) == {0: ONE}


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "null", '{"shard":0}', '{"shard":true,"start":0,"stop":1,"rows":{},"predictions":""}']
)
def test_an_unreadable_line_costs_only_its_own_shard(tmp_path: Path, line: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(line + "\n" + TWO.line())
    assert read_journal(path) == {1: TWO}


def test_bytes_that_are_not_text_cost_only_their_line(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"\xff\x00\n" + TWO.line().encode())
    assert read_journal(path) == {1: TWO}


def test_rewriting_leaves_only_the_given_shards(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    append_record(path, ONE)
    rewrite_journal(path, {1: TWO})
    assert read_journal(path) == {1: TWO}


def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal.jsonl"
    append_record(path, ONE)
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: write(handle, content[:10]))
    with pytest.raises(WorkspaceError, match="disk is full"):
        append_record(path, TWO)
    assert path.read_text() == ONE.line()
