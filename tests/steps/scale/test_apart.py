import os

import pytest

from skintui.errors import SkintuiError, UsageError
from skintui.steps.scale.apart import apart, cold


def refuse() -> None:
    raise UsageError("not like this")


def hold(megabytes: int) -> int:
    return len(bytearray(megabytes * 10**6))


def die() -> None:
    os._exit(9)


def test_the_call_runs_in_another_process() -> None:
    assert apart(os.getpid).value != os.getpid()


def test_its_memory_is_its_own() -> None:
    assert apart(hold, 300).megabytes - apart(hold, 1).megabytes == pytest.approx(300, abs=20)


def test_an_error_arrives_as_it_was_raised() -> None:
    with pytest.raises(UsageError, match="not like this"):
        apart(refuse)


def test_a_killed_process_is_told() -> None:
    with pytest.raises(SkintuiError, match="was killed"):
        apart(die)


def test_cold_passes_over_what_is_not_there(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_bytes(b"x")
    cold(tmp_path, tmp_path / "none")
    assert (tmp_path / "file").read_bytes() == b"x"
