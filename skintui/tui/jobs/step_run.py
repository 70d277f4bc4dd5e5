"""A long step (index, audit) in a process of its own: torch stays out of ours, and the screen never waits."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from textual.screen import Screen

from skintui.texts import printable
from skintui.tui.messages import StepAdvanced, StepFinished


class StepRun:
    """Runs ``skintui VERB …`` with ``--progress json`` and turns its lines into messages; one step at a time."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._process: Process | None = None
        self._stopped = False
        self.step = ""
        """Name of the step at work; empty for none."""

    def start(self, step: str, arguments: Sequence[str]) -> bool:
        """Begin a step; False where one is at work already."""
        if self.step:
            return False
        self.step, self._stopped = step, False
        self._screen.run_worker(self._run(step, [step, *arguments, "--progress", "json"]), group="step")
        return True

    def stop(self) -> None:
        """End the step at work; what it has finished is kept and a later run goes on from there."""
        self._stopped = True
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.terminate()

    async def _run(self, step: str, arguments: list[str]) -> None:
        reason = ""
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "skintui", *arguments, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
            )
            if self._stopped:
                self.stop()
            last = await self._follow(step, self._process)
            code = await self._process.wait()
            reason = "" if code == 0 else last or f"'skintui {step}' ended with code {code}"
        except asyncio.CancelledError:
            self.stop()
            raise
        except OSError as error:
            reason = f"'skintui {step}' cannot be started ({error.strerror})"
        finally:
            self.step, self._process = "", None
        self._screen.post_message(StepFinished(step, reason))

    async def _follow(self, step: str, process: Process) -> str:
        """Post the progress; the last line that was none of it, which is the error where there is one."""
        last = ""
        assert process.stderr is not None  # noqa: S101 -- a pipe was asked for
        while line := await _line_of(process.stderr):
            event = _event(line)
            if event is None:
                last = printable(line.strip(), 300).removeprefix("skintui: ") or last
            elif event.get("event") in ("start", "advance"):
                total = event.get("total")
                self._screen.post_message(
                    StepAdvanced(
                        step,
                        printable(str(event.get("stage", "")), 60),
                        int(event.get("done") or 0),
                        int(total) if total is not None else None,
                        event.get("seconds_left"),
                    )
                )
        return last


async def _line_of(stream: asyncio.StreamReader) -> str:
    with suppress(ValueError):  # a line longer than the buffer is none of ours
        return (await stream.readline()).decode("utf-8", "replace")
    return "\n"


def _event(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and "event" in value else None
