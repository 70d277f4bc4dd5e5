from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skintui.errors import ReviewError
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict

WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
path, reviewer, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
record = ReviewRecord(path)
for i in range(count):
    record.record(Verdict(f"ISIC_{i}", "areaMM2", "label_ok", reviewer, note="n" * 200))
    print(i, flush=True)
"""


def verdict(isic_id: str = "ISIC_1", **changes: Any) -> Verdict:
    return Verdict(**{"attribute": "areaMM2", "verdict": "label_ok", "reviewer": "ann", "isic_id": isic_id, **changes})


def writer(path: Path, reviewer: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), reviewer, str(count)], stdout=subprocess.PIPE, text=True
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.sqlite"


def test_a_verdict_reads_back_whole(path: Path) -> None:
    given_verdict = verdict(
        verdict="label_wrong",
        proposed_value=0.1 + 0.2,
        note="schärfer, “so”",
        random_sample=True,
        label=41.2,
        predicted=8.9,
        dataset_sha256="ab",
        reviewed_at="2026-01-02T03:04:05.678Z",
    )
    with ReviewRecord(path) as record:
        record.record(given_verdict)
    with ReviewRecord(path) as record:
        assert list(record.latest().values()) == [given_verdict]


def test_the_record_writes_ahead_and_syncs_every_commit(path: Path) -> None:
    with ReviewRecord(path) as record:
        assert record.journal_mode == "wal"
        assert record._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_the_latest_verdict_of_a_reviewer_counts(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict(verdict="unsure"))
        record.record(verdict(verdict="label_wrong"))
        record.record(verdict(verdict="label_ok", reviewer="ben"))
        found = {key: v.verdict for key, v in record.latest().items()}
    assert found == {("ISIC_1", "areaMM2", "ann"): "label_wrong", ("ISIC_1", "areaMM2", "ben"): "label_ok"}


def test_undo_brings_the_former_verdict_back(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict(verdict="unsure"))
        record.record(verdict(verdict="label_wrong"))
        undone = record.undo("ann")
        assert undone is not None
        assert undone.verdict == "label_wrong"
        assert [v.verdict for v in record.latest().values()] == ["unsure"]


def test_undo_reaches_the_first_decision_after_a_restart(path: Path) -> None:
    for i in range(30):
        with ReviewRecord(path) as record:
            record.record(verdict(f"ISIC_{i}"))
    with ReviewRecord(path) as record:
        undone = [record.undo("ann") for _ in range(30)]
        assert [v.isic_id for v in undone if v] == [f"ISIC_{i}" for i in range(29, -1, -1)]
        assert record.undo("ann") is None
        assert record.latest() == {}


def test_redo_survives_a_restart(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict("ISIC_1"))
        record.record(verdict("ISIC_2"))
        record.undo("ann")
        record.undo("ann")
    with ReviewRecord(path) as record:
        redone = [record.redo("ann"), record.redo("ann"), record.redo("ann")]
        assert [v and v.isic_id for v in redone] == ["ISIC_1", "ISIC_2", None]
        assert len(record.latest()) == 2


def test_deciding_after_undo_clears_redo(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict("ISIC_1"))
        record.undo("ann")
        record.record(verdict("ISIC_2"))
        assert record.redo("ann") is None


def test_what_an_event_touches_is_told_once(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict())
        seen = len(record.touched())
        record.undo("ann")
        record.redo("ann")
        assert record.touched(seen) == [verdict().key] * 2


def test_the_standing_verdict_of_a_key_is_the_one_left_by_undo(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict())
        record.record(verdict(verdict="unsure"))
        record.undo("ann")
        left = record.standing(verdict().key)
    assert left is not None
    assert left.verdict == "label_ok"


def test_undo_leaves_other_reviewers_alone(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict(reviewer="ben"))
        assert record.undo("ann") is None
        assert len(record.latest()) == 1


def test_verdicts_decided_together_are_undone_together(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict("ISIC_0"))
        record.record_many([verdict("ISIC_1"), verdict("ISIC_2"), verdict("ISIC_3")])
        assert [v.isic_id for v in record.undo_batch("ann")] == ["ISIC_1", "ISIC_2", "ISIC_3"]
        assert [key[0] for key in record.latest()] == ["ISIC_0"]
        assert len(record.redo_batch("ann")) == 3
        assert len(record.latest()) == 4


def test_one_bad_verdict_keeps_the_whole_batch_out(path: Path) -> None:
    with ReviewRecord(path) as record:
        with pytest.raises(ReviewError):
            record.record_many([verdict("ISIC_1"), verdict("ISIC_2", verdict="nonsense")])
        assert record.history() == []


def test_nothing_is_ever_changed_or_deleted(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict())
        record.undo("ann")
        assert [e.kind for e in record.history()] == ["verdict", "undo"]
        with pytest.raises(Exception, match="append-only"):
            record._connection.execute("DELETE FROM events")


def test_two_open_records_see_each_other(path: Path) -> None:
    with ReviewRecord(path) as first, ReviewRecord(path) as second:
        first.record(verdict("ISIC_1"))
        second.record(verdict("ISIC_2"))
        undone = first.undo("ann")
        assert undone is not None
        assert undone.isic_id == "ISIC_2"
        assert len(second.latest()) == 1


def test_two_processes_writing_at_once_lose_nothing(path: Path) -> None:
    writers = [writer(path, name, 200) for name in ("ann", "ben")]
    for process in writers:
        process.communicate(timeout=120)
    assert [p.returncode for p in writers] == [0, 0]
    with ReviewRecord(path) as record:
        assert len(record.latest()) == 400
        assert len({e.id for e in record.history()}) == 400


def test_a_killed_writer_loses_no_acknowledged_verdict(path: Path) -> None:
    process = writer(path, "ann", 100_000)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline() for _ in range(150)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += process.stdout.readlines()
    process.wait(timeout=30)
    process.stdout.close()
    with ReviewRecord(path) as record:
        kept = {key[0] for key in record.latest()}
        assert {f"ISIC_{int(line)}" for line in acknowledged if line.endswith("\n")} <= kept
        record.record(verdict("ISIC_after"))


def test_confirmed_are_random_and_uncontested(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict("ISIC_1", random_sample=True))
        record.record(verdict("ISIC_2", random_sample=False))
        record.record(verdict("ISIC_3", random_sample=True))
        record.record(verdict("ISIC_3", reviewer="ben", verdict="label_wrong"))
        record.record(verdict("ISIC_4", random_sample=True, verdict="label_wrong"))
        assert record.confirmed() == [("ISIC_1", "areaMM2")]


def test_a_label_that_changed_since_is_no_longer_confirmed(path: Path) -> None:
    with ReviewRecord(path) as record:
        record.record(verdict("ISIC_1", random_sample=True, label=3.0))
        assert record.confirmed(lambda *_: 3.0) == [("ISIC_1", "areaMM2")]
        assert record.confirmed(lambda *_: 4.0) == []


def test_many_threads_of_one_process_lose_nothing(path: Path) -> None:
    with ReviewRecord(path) as record, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: record.record(verdict(f"ISIC_{i}")), range(100)))
        assert len(record.latest()) == 100


STEPS = st.lists(st.tuples(st.sampled_from(["decide", "undo", "redo"]), st.integers(0, 2)), max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_course_of_steps_replays_like_an_editor(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    path = tmp_path_factory.mktemp("record") / "review.sqlite"
    done: list[tuple[str, str]] = []
    undone: list[tuple[str, str]] = []
    with ReviewRecord(path) as record:
        for number, (step, lesion) in enumerate(steps):
            if step == "decide":
                record.record(verdict(f"ISIC_{lesion}", note=str(number)))
                done.append((f"ISIC_{lesion}", str(number)))
                undone.clear()
            elif step == "undo":
                record.undo("ann")
                if done:
                    undone.append(done.pop())
            else:
                record.redo("ann")
                if undone:
                    done.append(undone.pop())
    with ReviewRecord(path) as again:
        assert {key[0]: v.note for key, v in again.latest().items()} == dict(done)
