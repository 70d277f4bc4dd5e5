"""The application in a real terminal multiplexer, by keys and captured screens."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skintui import bundled
from skintui.steps.place import Place

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.skipif(not bundled.adapter().is_dir(), reason="the bundled model is not in this checkout"),
]
PATIENCE = 40.0


class Terminal:
    """One tmux server with one window."""

    def __init__(self, socket: str, folder: Path) -> None:
        self.socket, self.folder = socket, folder

    def tmux(self, *arguments: str) -> str:
        command = ["tmux", "-L", self.socket, "-f", "/dev/null", *arguments]
        environment = dict(os.environ)  # without the LINES and COLUMNS that readline sets behind Python's back
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment).stdout

    def start(self, command: list[str], size: tuple[int, int] = (120, 40)) -> None:
        line = " ".join(f"'{word}'" for word in command)
        columns, rows = (str(number) for number in size)
        self.tmux("new-session", "-d", "-x", columns, "-y", rows, "-c", str(self.folder), f"{line}; echo ENDED $?; cat")

    def keys(self, *names: str) -> None:
        self.tmux("send-keys", *names)

    def text(self, words: str) -> None:
        self.tmux("send-keys", "-l", words)

    @property
    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def until(self, condition: Callable[[str], bool]) -> str:
        deadline = time.monotonic() + PATIENCE
        while not condition(screen := self.screen):
            assert time.monotonic() < deadline, screen
            time.sleep(0.02)
        return screen


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    root = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")])))
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path))
    monkeypatch.setenv("SKINTUI_REVIEWER", "ada")
    terminal = Terminal("skintui-test", tmp_path)
    yield terminal
    terminal.tmux("kill-server")


def call(place: Place, *options: str) -> list[str]:
    workspace = ["--workspace", str(place.workspace.root)]
    return [sys.executable, "-m", "skintui", str(place.files.root), *workspace, *options]


def test_a_session_from_the_first_frame_to_the_csv(terminal: Terminal, place: Place, tmp_path: Path) -> None:
    lesions = place.lesions()
    middle = float(sorted(lesions.labels()[:, 0])[12])
    large = [i for i, area in enumerate(lesions.labels()[:, 0]) if area >= middle]
    first, second = lesions.ids[large[0]], lesions.ids[large[1]]
    terminal.start(call(place))
    terminal.until(lambda screen: "24 lesions" in screen and lesions.ids[0] in screen and "Neighbours" in screen)
    assert "▀" in terminal.until(lambda screen: "▀" in screen)
    terminal.keys("f")
    terminal.until(lambda screen: "filter areaMM2 > 20 AND" in screen)
    terminal.text(f"areaMM2 >= {middle}")
    terminal.keys("Enter")
    terminal.until(lambda screen: "12 of 24 lesions" in screen)
    terminal.keys("g")
    terminal.until(lambda screen: f"▌  {first}" in screen and f" {first} " in screen.splitlines()[1])
    terminal.keys("Enter")
    terminal.until(lambda screen: "▌Neighbours" in screen)
    terminal.keys("BTab", "BTab")
    terminal.until(lambda screen: "▌Lesions" in screen)
    terminal.keys("x")
    terminal.until(lambda screen: f"{first} area: label wrong" in screen and f"✗ {first}" in screen)
    terminal.keys("v")
    terminal.until(lambda screen: f"{second} area: label right" in screen and "2 reviewed" in screen)
    terminal.keys("u")
    terminal.until(lambda screen: f"taken back: {second}" in screen and "1 reviewed" in screen)
    terminal.keys("e")
    terminal.until(lambda screen: "export to" in screen)
    terminal.keys("C-u")
    terminal.text("out.csv")
    terminal.keys("Enter")
    terminal.until(lambda screen: "rows written to out.csv" in screen)
    terminal.keys("q")
    terminal.until(lambda screen: "ENDED 0" in screen)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        decided = [row for row in csv.DictReader(file) if row["verdict"]]
    assert [(row["isic_id"], row["attribute"], row["verdict"], row["reviewer"]) for row in decided] == [
        (first, "areaMM2", "label_wrong", "ada")
    ]


def test_it_opens_in_80_columns_and_follows_a_resize(terminal: Terminal, place: Place) -> None:
    first = place.lesions().ids[0]
    terminal.start(call(place), size=(80, 24))
    terminal.until(lambda screen: first in screen and "▀" in screen)
    terminal.tmux("resize-window", "-x", "130", "-y", "45")
    terminal.until(lambda screen: "Neighbours" in screen and len(screen.splitlines()) >= 44)


def test_a_clash_in_the_settings_is_one_line_and_code_2(
    terminal: Terminal, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[keys]\nnote = "x"\n', encoding="utf-8")
    monkeypatch.setenv("SKINTUI_CONFIG", str(settings))
    terminal.start(call(place))
    screen = terminal.until(lambda screen: "ENDED 2" in screen)
    assert "key 'x' is bound to both 'label_wrong' and 'note'" in " ".join(screen.split())
