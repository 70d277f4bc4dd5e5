from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.screen import Screen

from skintui.tui.jobs.step_run import StepRun
from skintui.tui.messages import StepAdvanced, StepFinished
from tests.tui.opened import wait_until


class Listening(Screen[None]):
    def __init__(self) -> None:
        super().__init__()
        self.steps = StepRun(self)
        self.advanced: list[StepAdvanced] = []
        self.finished: list[StepFinished] = []

    def on_step_advanced(self, message: StepAdvanced) -> None:
        self.advanced.append(message)

    def on_step_finished(self, message: StepFinished) -> None:
        self.finished.append(message)


class Host(App[None]):
    def on_mount(self) -> None:
        self.listening = Listening()
        self.push_screen(self.listening)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program in the place of the interpreter that runs steps."""

    def put(body: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))

    return put


async def test_progress_lines_become_messages(program: Callable[[str], None]) -> None:
    program(
        "import sys\n"
        "e = sys.stderr.write\n"
        'e(\'{"event": "start", "stage": "reading", "total": 600, "done": 64}\\n\')\n'
        'e(\'{"event": "advance", "stage": "reading", "total": 600, "done": 128, "seconds_left": 30.5}\\n\')\n'
        'e(\'{"event": "note", "message": "tile left out"}\\n\')\n'
        "e('600 lesions indexed\\n')\n"
    )
    app = Host()
    async with app.run_test() as pilot:
        assert app.listening.steps.start("index", [])
        await wait_until(pilot, lambda: bool(app.listening.finished))
        seen = [(m.step, m.stage, m.done, m.total, m.seconds_left) for m in app.listening.advanced]
        assert seen == [("index", "reading", 64, 600, None), ("index", "reading", 128, 600, 30.5)]
        assert app.listening.finished[0].reason == ""


async def test_the_last_line_is_the_reason_of_a_failure(program: Callable[[str], None]) -> None:
    program("import sys; sys.stderr.write('skintui: /data: no such \\x1b[31mfolder\\n'); sys.exit(1)")
    app = Host()
    async with app.run_test() as pilot:
        app.listening.steps.start("index", [])
        await wait_until(pilot, lambda: bool(app.listening.finished))
        assert app.listening.finished[0].reason == "/data: no such �[31mfolder"


async def test_one_step_at_a_time(program: Callable[[str], None]) -> None:
    program("import time; time.sleep(60)")
    app = Host()
    async with app.run_test() as pilot:
        assert app.listening.steps.start("index", [])
        assert not app.listening.steps.start("audit", [])
        app.listening.steps.stop()
        await wait_until(pilot, lambda: bool(app.listening.finished))
        assert app.listening.steps.start("audit", [])
        app.listening.steps.stop()


async def test_a_step_ends_with_the_application(program: Callable[[str], None], tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program(f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    app = Host()
    async with app.run_test() as pilot:
        app.listening.steps.start("index", [])
        await wait_until(pilot, lambda: note.is_file() and bool(note.read_text()))
    number = int(note.read_text())
    for _ in range(500):
        if not _runs(number):
            break
        await asyncio.sleep(0.01)
    assert not _runs(number)


def _runs(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and os.getpid() != number
