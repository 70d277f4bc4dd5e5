"""A line that drops: what the screen has answered is kept, and nothing is left running."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from skintui.session.desk import Desk
from skintui.steps.place import Place
from tests.terminals.application import REVIEWER, Application
from tests.terminals.display import Display, xterm
from tests.terminals.matching import Tiles
from tests.terminals.programs import needs
from tests.terminals.scene import scenes
from tests.terminals.server import Server
from tests.terminals.tmux import Tmux
from tests.terminals.waiting import until

in_tmux = needs("tmux")
LINGERING = 15.0
"""Seconds in which a program without a terminal has to end."""
VERDICTS = (("x", "label_wrong"), ("v", "label_ok"), ("b", "both_plausible"))


@pytest.fixture
def tmux(application: Application) -> Iterator[Tmux]:
    tmux = Tmux(application.folder, application.environment)
    yield tmux
    tmux.close()


def decided(place: Place) -> list[tuple[str, str, str]]:
    """What the record holds after ``VERDICTS`` on the first lesions."""
    ids = place.lesions().ids
    return sorted((ids[row], "areaMM2", verdict) for row, (_, verdict) in enumerate(VERDICTS))


def nothing_is_left(application: Application, patience: float = LINGERING) -> bool:
    """Whether the application and all it started end within their time."""
    return until(lambda: not application.processes, "the end of every process", patience)


def decide_in_tmux(tmux: Tmux, application: Application, command: list[str]) -> int:
    """Open the application in tmux and give the verdicts, each once the one before is answered; its process."""
    within, report = application.reporting(command)
    ids = application.place.lesions().ids
    tmux.start(within)
    tmux.shows(f"▌  {ids[0]}", "Neighbours")
    for row, (key, _) in enumerate(VERDICTS):
        tmux.keys(key)
        tmux.shows(f"{ids[row]} area: ", f"{row + 1} reviewed")
    return application.report(report).pid


def reopened_at(tmux: Tmux, application: Application, row: int) -> None:
    """Open again: the screen counts the verdicts and is where one was."""
    ids = application.place.lesions().ids
    tmux.start(application.command())
    tmux.shows(f"{len(VERDICTS)} reviewed", f"▌  {ids[row]}")


@in_tmux
def test_the_end_of_the_tmux_server_loses_nothing(tmux: Tmux, application: Application) -> None:
    decide_in_tmux(tmux, application, application.command())
    tmux.kill()
    assert nothing_is_left(application)
    assert application.verdicts == decided(application.place)
    reopened_at(tmux, application, len(VERDICTS))


@in_tmux
def test_the_end_of_the_application_itself_loses_nothing(tmux: Tmux, application: Application) -> None:
    """Not even the place, once the reviewer has paused there."""
    pid = decide_in_tmux(tmux, application, application.command())
    desk, here = Desk(application.place.workspace.desk), application.place.lesions().ids[len(VERDICTS)]
    until(lambda: desk.get(f"place/{REVIEWER}", {}).get("isic_id") == here, "a place that is kept")
    os.kill(pid, signal.SIGKILL)
    tmux.shows("ENDED 137")
    assert application.verdicts == decided(application.place)
    tmux.close()
    reopened_at(tmux, application, len(VERDICTS))


@in_tmux
@pytest.mark.parametrize("victim", ["tmux", "application"])
def test_an_index_at_work_ends_with_the_line(tmux: Tmux, application: Application, victim: str) -> None:
    shutil.rmtree(application.place.workspace.vectors)
    application.place.workspace.predictions.unlink()
    within, report = application.reporting(application.command())
    tmux.start(within)
    tmux.shows("24 lesions")
    tmux.keys("I")
    tmux.shows("indexing")
    if victim == "tmux":
        tmux.kill()
    else:
        os.kill(application.report(report).pid, signal.SIGKILL)
    assert nothing_is_left(application)


@in_tmux
@needs("sshd", "ssh", "ssh-keygen")
def test_the_end_of_the_ssh_servers_process_loses_nothing(tmux: Tmux, server: Server, application: Application) -> None:
    within, report = application.reporting(application.command())
    decide_in_tmux(tmux, application, server.login(within, application.environment))
    server.kill_session(application.report(report).pid)
    assert nothing_is_left(application)
    tmux.shows("ENDED 255")
    assert application.verdicts == decided(application.place)
    tmux.close()
    reopened_at(tmux, application, len(VERDICTS))


@needs("Xvfb", "xterm", "xdotool")
def test_the_end_of_the_terminal_loses_nothing(
    display: Display, application: Application, tiles: Tiles, tmp_path: Path
) -> None:
    keys = [key for key, _ in VERDICTS]
    window = display.open(xterm(sixel=True), application.command(), application)
    played = scenes(application.place, tmp_path / "pilot", *window.shape, keys)
    window.plays(keys, played, tiles)
    window.kill()
    assert nothing_is_left(application)
    assert application.verdicts == decided(application.place)
    display.open(xterm(sixel=True), application.command(), application).shows(played[-1].without_text, tiles)
