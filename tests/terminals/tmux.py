"""A tmux server of one's own."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.terminals.programs import path_of
from tests.terminals.waiting import PATIENCE, until


class Tmux:
    """One server with one window, asked and typed to from outside."""

    def __init__(self, folder: Path, environment: Mapping[str, str], settings: Sequence[str] = ()) -> None:
        self.folder = folder
        self._environment = {**environment, "TMUX_TMPDIR": str(folder)}
        configuration = folder / "tmux.conf"
        configuration.write_text("".join(f"{line}\n" for line in settings), encoding="utf-8")
        self.command = [path_of("tmux"), "-L", "skintui-test", "-u", "-f", str(configuration)]

    def __call__(self, *arguments: str) -> str:
        command = [*self.command, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=self._environment).stdout

    def start(self, command: Sequence[str], size: tuple[int, int] = (120, 40)) -> None:
        """Run a command in the window; it says ``ENDED`` and the exit code afterwards."""
        columns, rows = (str(number) for number in size)
        line = f"{shlex.join(command)}; echo ENDED $?; cat"
        self("new-session", "-d", "-x", columns, "-y", rows, "-c", str(self.folder), line)

    def starting(self, command: Sequence[str]) -> list[str]:
        """The command that runs another in a window shown by the terminal where it is given."""
        return ["env", f"TMUX_TMPDIR={self.folder}", *self.command, "new-session", shlex.join(command)]

    def keys(self, *names: str) -> None:
        self("send-keys", *names)

    def text(self, words: str) -> None:
        self("send-keys", "-l", words)

    @property
    def screen(self) -> str:
        """The window's text."""
        return self("capture-pane", "-p")

    @property
    def coloured(self) -> list[str]:
        """The window's lines with the colours."""
        return self("capture-pane", "-p", "-e", "-N").splitlines()

    def until(self, condition: Callable[[str], bool], patience: float = PATIENCE) -> str:
        """The first screen for which the condition holds."""
        screen = ""

        def seen() -> bool:
            nonlocal screen
            screen = self.screen
            return condition(screen)

        try:
            until(seen, "the screen", patience)
        except AssertionError as error:
            raise AssertionError(screen) from error
        return screen

    def shows(self, *words: str) -> str:
        """The first screen that holds all of these."""
        return self.until(lambda screen: all(word in screen for word in words))

    @property
    def pid(self) -> int:
        """The server's process; 0 where none runs."""
        return int(self("display-message", "-p", "#{pid}") or 0)

    def kill(self) -> None:
        """End the server as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the server; another may start once this returns."""
        if pid := self.pid:
            self("kill-server")
            until(lambda: not Path(f"/proc/{pid}").exists(), "the end of the tmux server")
