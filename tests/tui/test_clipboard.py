from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from skintui.tui.clipboard import copy


@pytest.fixture
def sent() -> list[str]:
    return []


def test_outside_of_tmux_it_is_osc_52(sent: list[str]) -> None:
    copy("ISIC_1", sent.append, {})
    assert sent == ["ISIC_1"]


def test_where_tmux_is_not_there_it_is_osc_52(sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    copy("ISIC_1", sent.append, {"TMUX": "/tmp/gone,1,0"})  # noqa: S108 -- a name only
    assert sent == ["ISIC_1"]


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """A tmux as it comes, without a configuration."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    command = ["tmux", "-f", "/dev/null", "-S", str(tmp_path / "socket")]
    subprocess.run([*command, "new-session", "-d", "sleep 60"], check=True, env={**os.environ, "TERM": "xterm"})
    yield command
    subprocess.run([*command, "kill-server"], check=False)


def test_tmux_as_it_comes_takes_the_text(tmux: list[str], sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", f"{tmux[-1]},1,0")
    copy("ISIC_1\tIP_2", sent.append)
    shown = subprocess.run([*tmux, "show-buffer"], capture_output=True, text=True, check=True)
    assert (shown.stdout, sent) == ("ISIC_1\tIP_2", [])


def test_a_tmux_that_does_not_answer_leaves_osc_52(
    sent: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    monkeypatch.setenv("TMUX", f"{tmp_path / 'nobody'},1,0")
    copy("ISIC_1", sent.append)
    assert sent == ["ISIC_1"]
