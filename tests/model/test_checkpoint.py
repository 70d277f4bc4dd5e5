from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch

from skintui.errors import WorkspaceError
from skintui.model.checkpoint import CHECKPOINT, save_checkpoint


def test_a_full_disk_is_one_line_and_the_former_state_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weight = torch.nn.Parameter(torch.ones(3))
    optimiser = torch.optim.AdamW([weight])
    save_checkpoint(tmp_path, 1, {"w": weight}, optimiser, {})
    before = (tmp_path / CHECKPOINT).read_bytes()

    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WorkspaceError, match="disk is full"):
        save_checkpoint(tmp_path, 2, {"w": weight}, optimiser, {})
    assert (tmp_path / CHECKPOINT).read_bytes() == before
