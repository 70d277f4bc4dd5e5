"""An X display of one's own, and the windows of terminals on it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageGrab

from tests.terminals.application import Application, Report
from tests.terminals.matching import FINE, Tiles
from tests.terminals.programs import path_of
from tests.terminals.scene import Scene, Step
from tests.terminals.waiting import until, until_right

SIZE = (1400, 960)
"""Pixels of the display."""
_X_NAMES = {"?": "question", "escape": "Escape", "enter": "Return", "tab": "Tab", ".": "period", "space": "space"}
"""Names X has for keys the application writes otherwise."""


class Display:
    """Xvfb on the first free number."""

    def __init__(self) -> None:
        ours, its = os.pipe()
        width, height = SIZE
        command = [path_of("Xvfb"), "-displayfd", str(its), "-screen", "0", f"{width}x{height}x24"]
        command += ["-nolisten", "tcp", "-noreset", "-dpi", "96"]
        self._server = subprocess.Popen(command, pass_fds=[its], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(its)
        with os.fdopen(ours, encoding="ascii") as answer:
            number = answer.readline().strip()
        assert number, "Xvfb did not start"
        self.name = f":{number}"
        self.windows: list[Window] = []

    def close(self) -> None:
        for window in self.windows:
            window.close()
        self._server.terminate()
        self._server.wait()

    def picture(self) -> Image.Image:
        """Every pixel of the display."""
        return ImageGrab.grab(xdisplay=self.name)

    def xdotool(self, *arguments: str) -> None:
        """A real key press or change of a window."""
        environment = {**os.environ, "DISPLAY": self.name}
        subprocess.run(["xdotool", *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)

    def open(self, terminal: list[str], program: list[str], application: Application, **variables: str) -> Window:
        """A terminal with a program in it."""
        within, report = application.reporting(program)
        environment = {**application.environment, "DISPLAY": self.name, **variables}
        log = report.with_suffix(".log")
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [*terminal, *within], env=environment, cwd=application.folder, stdout=sink, stderr=sink
            )
        window = Window(self, process, report, log)
        self.windows.append(window)
        return window


class Window:
    """One terminal on a display, at its upper left corner."""

    def __init__(self, display: Display, process: subprocess.Popen[bytes], report: Path, log: Path) -> None:
        self._display, self._process, self._log = display, process, log
        self._path = report
        self.report = until(self._begun, "a program in the terminal")
        self.size = (self.report.columns, self.report.rows)
        display.xdotool("mousemove", str(SIZE[0] - 1), str(SIZE[1] - 1))
        display.xdotool("windowfocus", self.report.window)

    def _begun(self) -> Report | None:
        assert self._process.poll() is None, f"the terminal did not start: {self.complaints}"
        return Report.read(self._path)

    @property
    def complaints(self) -> str:
        """What the terminal wrote to its log."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def keys(self, *names: str) -> None:
        """Press keys, named as the application names them."""
        self._display.xdotool("key", *[_X_NAMES.get(name, name) for name in names])

    @property
    def shape(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Cells of the window, and pixels of a cell."""
        return self.size, self.report.cell

    def picture(self) -> Image.Image:
        """The cells of the window as pixels."""
        (columns, rows), (width, height) = self.shape
        return self._display.picture().crop((0, 0, columns * width, rows * height))

    def resize(self, columns: int, rows: int) -> None:
        """Make the window this many cells wide and high."""
        self.size = (columns, rows)
        width, height = self.report.cell
        self._display.xdotool("windowsize", self.report.window, str(columns * width), str(rows * height))

    def spoil(self) -> None:
        """Write over the screen, as another program's message does."""
        with Path(f"/proc/{self.report.pid}/fd/1").open("wb", buffering=0) as terminal:
            for row in range(3, self.size[1] - 2, 4):
                terminal.write(b"\x1b7\x1b[%d;30H\x1b[m%s\x1b8" % (row, b"Broadcast message " * 4))

    def shows(self, scene: Scene, tiles: Tiles, side: int = FINE) -> None:
        """Wait until the window shows just this scene; keep the picture where something stays wrong."""
        if wrong := until_right(lambda: scene.faults(self.picture(), tiles, side)):
            kept = self._log.with_suffix(".png")
            self.picture().save(kept)
            raise AssertionError("\n".join([*wrong, f"see {kept}", self.complaints[-500:]]))

    def plays(self, steps: Sequence[Step], scenes: Sequence[Scene], tiles: Tiles, side: int = FINE) -> None:
        """Wait for the first scene, then do each step and wait for the scene it leads to.

        A screen to be drawn again is spoilt first, so that the drawing shows.
        """
        self.shows(scenes[0], tiles, side)
        for step, before, scene in zip(steps, scenes, scenes[1:], strict=False):
            if step == "ctrl+l":
                self.spoil()
                until(lambda: before.faults(self.picture(), tiles, side), "a spoilt screen")  # noqa: B023 -- asked at once
            if isinstance(step, str):
                self.keys(step)
            else:
                self.resize(*step)
            try:
                self.shows(scene, tiles, side)
            except AssertionError as error:
                raise AssertionError(f"after {step!r}: {error}") from error

    def kill(self) -> None:
        """End the terminal as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self._process.terminate()
        self._process.wait()


def xterm(*, sixel: bool, size: tuple[int, int] = (120, 40)) -> list[str]:
    """An xterm of this many cells without margins."""
    columns, rows = size
    command = [path_of("xterm"), "-geometry", f"{columns}x{rows}+0+0", "-b", "0", "-bw", "0", "+sb", "-u8"]
    command += ["-fa", "DejaVu Sans Mono", "-fs", "9", "-ti", "vt340" if sixel else "vt220"]
    resources = {"decTerminalID": "vt340", "numColorRegisters": "1024", "sixelScrolling": "true"} if sixel else {}
    for name, value in resources.items():
        command += ["-xrm", f"XTerm*{name}: {value}"]
    return [*command, "-e"]


def kitty(size: tuple[int, int] = (120, 40)) -> list[str]:
    """A kitty of this many cells without margins; it needs ``KITTY_VARIABLES`` in its environment."""
    columns, rows = size
    options = {
        "font_family": "DejaVu Sans Mono",
        "font_size": "9",
        "initial_window_width": f"{columns}c",
        "initial_window_height": f"{rows}c",
        "remember_window_size": "no",
        "placement_strategy": "top-left",
        "window_padding_width": "0",
        "confirm_os_window_close": "0",
        "cursor_blink_interval": "0",
        "enable_audio_bell": "no",
        "update_check_interval": "0",
        "shell_integration": "disabled",
        "linux_display_server": "x11",
    }
    command = [path_of("kitty"), "--config", "NONE"]
    for name, value in options.items():
        command += ["-o", f"{name}={value}"]
    return command


KITTY_VARIABLES = {"LIBGL_ALWAYS_SOFTWARE": "1", "GALLIUM_DRIVER": "llvmpipe"}
"""OpenGL without a graphics card."""
