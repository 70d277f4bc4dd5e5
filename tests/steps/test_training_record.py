"""The loss curve beside an adapter."""

from __future__ import annotations

from pathlib import Path

import pytest

from skintui.errors import WorkspaceError
from skintui.steps.training_record import read_losses


def test_losses_come_in_the_order_of_the_steps(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 3.5}\n{"step": 2, "loss": 2.0, "lr": 0.1}\n')
    curve = read_losses(tmp_path)
    assert (curve.steps, curve.losses) == ((1, 2), (3.5, 2.0))


def test_a_half_written_last_line_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 3.5}\n{"step": 2, "lo')
    assert read_losses(tmp_path).steps == (1,)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\n{"step": 2, "loss": 2.0}\n')
    with pytest.raises(WorkspaceError, match="line 1"):
        read_losses(tmp_path)


def test_an_adapter_without_a_record_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="skintui train"):
        read_losses(tmp_path)
