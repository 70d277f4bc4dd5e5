from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.faults.harness import Case, Fault, assert_survived, run_case
from tests.faults.machine import Machine


class Coin(Case):
    """Every third trial goes wrong and costs two verdicts."""

    name, group, small = "coin", "test", 3

    def __init__(self) -> None:
        self.cleaned = False

    def trials(self, times: int, chance: random.Random) -> Iterable[object]:
        return range(times)

    def disturb(self, trial: object) -> None:
        self.last = trial

    def check(self, trial: object) -> list[Fault]:
        return [Fault("tails", lost=2)] if trial == 2 else []

    def clean(self) -> None:
        self.cleaned = True


def test_trials_are_counted_and_the_case_is_cleaned_up(tmp_path: Path) -> None:
    case = Coin()
    outcome = run_case(case, tmp_path / "room")
    assert (outcome.tried, outcome.survived, outcome.lost) == (3, 2, 2)
    assert outcome.faults == ["coin, 2: tails"]
    assert case.cleaned


def test_a_case_out_of_time_says_so(tmp_path: Path) -> None:
    outcome = run_case(Coin(), tmp_path / "room", 50, seconds=-1)
    assert outcome.cut_short
    assert outcome.tried == 0


def test_a_fault_fails_the_test_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="coin, 2: tails"):
        assert_survived(Coin, tmp_path / "room")


def test_a_call_is_real_and_says_how_it_ended(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "machine", ("skintui.cli.main",))
    try:
        ended = machine.call("--version")
        assert (ended.code, ended.stdout.split()[0]) == (0, "skintui")
        assert machine.call("scan", tmp_path / "nowhere").explained
        killed = machine.call("doctor", stop=lambda call: True)
        assert killed.code == -9
    finally:
        machine.close()
