"""What a killed process left in the write-ahead log is whole, or it is refused."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from skintui.errors import ReviewError
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """The files of a process that was killed after ten decisions."""
    with ReviewRecord(tmp_path / "review.sqlite") as record:
        for number in range(10):
            record.record(Verdict(f"ISIC_{number}", "areaMM2", "label_ok", "ann"))
        (tmp_path / "left").mkdir()
        for ending in ("", "-wal", "-shm"):
            shutil.copyfile(f"{record.path}{ending}", tmp_path / "left" / f"review.sqlite{ending}")
    return tmp_path / "left" / "review.sqlite"


def test_a_whole_log_is_taken_in(left: Path) -> None:
    with ReviewRecord(left) as record:
        assert len(record.latest()) == 10


@pytest.mark.parametrize("seed", range(6))
def test_a_changed_byte_in_the_log_costs_no_verdict_silently(left: Path, seed: int) -> None:
    log, chance = left.with_name("review.sqlite-wal"), random.Random(seed)
    content = bytearray(log.read_bytes())
    content[chance.randrange(len(content))] ^= chance.randint(1, 255)
    log.write_bytes(content)
    with pytest.raises(ReviewError, match=r"review\.sqlite-wal: the log of the last verdicts is damaged"):
        ReviewRecord(left)
    assert log.read_bytes() == content


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_log_cut_short_is_refused(left: Path, share: float) -> None:
    log = left.with_name("review.sqlite-wal")
    log.write_bytes(log.read_bytes()[: int(share * log.stat().st_size)])
    with pytest.raises(ReviewError, match="log of the last verdicts"):
        ReviewRecord(left)


def test_a_damaged_index_of_the_log_costs_nothing(left: Path) -> None:
    index = left.with_name("review.sqlite-shm")
    index.write_bytes(b"\x07" * 200)
    with ReviewRecord(left) as record:
        assert len(record.latest()) == 10
