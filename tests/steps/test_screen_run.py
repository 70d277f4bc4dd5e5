"""The application on a pseudo-terminal, watched from outside."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from skintui.errors import SkintuiError, UsageError
from skintui.steps.place import Place
from skintui.steps.screen_run import ScreenRun, Size, screen_run
from tests.made_results import copied, drawn_lesions, prepared

__all__ = ["drawn_lesions", "prepared"]

WINDOW = Size(100, 30)


def contents(folder: Path) -> dict[str, str]:
    """The digest of every file below a folder, but of the note which of them were found undamaged."""
    files = (path for path in folder.rglob("*") if path.is_file() and "checked.json" not in path.name)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def run(prepared: Place) -> Iterator[ScreenRun]:
    """The application with its first screen complete."""
    with screen_run(prepared, WINDOW, "none") as run:
        run.until(lambda seen: prepared.lesions().ids[0].encode() in seen, "the first lesion")
        run.settle(1.0)
        yield run


def test_a_size_is_read() -> None:
    assert Size.read("120x40") == Size(120, 40)
    assert str(Size(80, 24)) == "80x24"


@pytest.mark.parametrize(
    "text", ["", "120", "120x", "axb", "120x40x2", "19x40", "120x4", "-120x40", "9999x40", "²20x40"]
)
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="120x40"):
        Size.read(text)


def test_a_key_is_answered_first_by_the_row_then_by_the_rest(run: ScreenRun) -> None:
    answer = run.press(b"j")
    assert 0 < answer.first <= answer.settled
    assert 0 < answer.first_bytes < answer.bytes


def test_a_key_that_changes_nothing_is_answered_by_nothing(run: ScreenRun) -> None:
    run.press(b"\x1b[H")  # the first row; up from there leads nowhere
    run.press(b"gg")
    run.press(b"k")
    assert run.press(b"k").bytes == 0


def test_the_bytes_of_a_held_key_are_those_of_one_repeat(run: ScreenRun) -> None:
    assert 0 < run.hold(b"j", 10, 1 / 30) < 2000
    run.settle()


def test_the_memory_is_that_of_a_running_application(run: ScreenRun) -> None:
    assert 20 < run.memory() < 2000


def test_an_application_that_ends_says_its_last_words(prepared: Place, tmp_path: Path) -> None:
    place = copied(prepared, tmp_path / "workspace")
    with (
        pytest.raises(SkintuiError, match=r"the application ended .*'dim'"),
        screen_run(place, WINDOW, "dim") as run,
    ):
        run.until(lambda _: False, "nothing")


def test_the_workspace_is_looked_at_and_left_as_it_was(prepared: Place, tmp_path: Path) -> None:
    place = copied(prepared, tmp_path / "workspace")
    place.workspace.review.write_bytes(b"someone's")
    place.workspace.desk.write_bytes(b"someone's")
    before = contents(place.workspace.root)
    with screen_run(place, WINDOW, "none") as run:
        run.until(lambda seen: place.lesions().ids[0].encode() in seen, "the first lesion")
        run.settle()
        run.press(b"x")  # a verdict
        run.press(b"j")
    assert contents(place.workspace.root) == before


def test_the_users_settings_count_for_nothing(prepared: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('image = "no such way"\n', encoding="utf-8")
    monkeypatch.setenv("SKINTUI_CONFIG", str(settings))
    monkeypatch.setenv("SKINTUI_FDR", "many")
    with screen_run(prepared, WINDOW, "none") as run:
        assert run.until(lambda seen: b"skintui" in seen, "the first paint") > 0


def test_an_application_whose_terminal_is_gone_ends(prepared: Place, tmp_path: Path) -> None:
    files = prepared.files
    workspace = tmp_path / "workspace"
    shutil.copytree(prepared.workspace.root, workspace)
    command = [sys.executable, "-m", "skintui", str(files.root), "--metadata", str(files.metadata), "--image", "none"]
    ours, its = os.openpty()
    child = subprocess.Popen(
        [*command, "--images", str(files.images), "--workspace", str(workspace)],
        stdin=its, stdout=its, stderr=its, start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": str(tmp_path)},
    )  # fmt: skip
    os.close(its)
    seen = b""
    while b"\x1b[?1049h" not in seen:
        seen += os.read(ours, 65536)
    os.close(ours)
    try:
        assert child.wait(30) == -signal.SIGHUP
    finally:
        child.kill()
