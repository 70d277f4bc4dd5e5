"""Text of data files reaches no terminal and no spreadsheet as anything but text."""

from __future__ import annotations

import csv
import io
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skintui.cli.main import run
from skintui.steps.place import Place
from tests.hostile import data
from tests.hostile.sequences import kinds
from tests.terminals.application import Application
from tests.terminals.bare import BareLine

KEYS = (
    *(
        "j",
        "l",
        "w",
        "w",
        "]",
        "m",
        "o",
        "\x1b",
        "F",
        "\x1b",
        "W",
        "j",
        "\r",
        "\x1b",
        "L",
        "j",
        "/red\r",
        "\x1b",
        "E",
        "\x1b",
    ),
    *("M", "\x1b", "C", "\x1b", "?", "\x1b", "P", "\x1b", "Q", "\x1b", "a", "\x1b", "p", "\x1b", ":", "\x1b", "y", "Y"),
    *("/ISIC\r", "fsex = 'x'\r", "\x1b", "ssex\r", "\x1b", "t\x15note\r", "x", "u", "e", "\x1b", "R", "R", "#3\r", "q"),
)
"""Every screen and prompt, one after the other."""
ANSWERS = (
    b"\x1b]11;rgb:0000/0000/0000\x1b\\\x1bP1+r544e=78\x1b\\\x1b[?62;4c\x1b[6;20;10t\x1b[200~\x1b]0;pasted\x07\x1b[201~"
)
"""What a hostile terminal, or what is pasted into one, may say."""


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Place]:
    return data.clean(tmp_path_factory.mktemp("clean")), data.hostile(tmp_path_factory.mktemp("hostile"))


def _walked(place: Place, folder: Path) -> bytes:
    """Everything the application writes on a walk through its screens."""
    words = [str(place.files.root), "--workspace", str(place.workspace.root), "--image", "half"]
    line = BareLine([sys.executable, "-m", "skintui", *words], Application(place, folder))
    try:
        line.until(lambda: b"ISIC_" in line.written, "the list")
        line.type(ANSWERS)
        for key in KEYS:
            _quiet(line)
            line.type(key.encode())
        _quiet(line)
        return line.written
    finally:
        line.close()


def _quiet(line: BareLine) -> None:
    """Read on until nothing has come for a moment, or the program is gone."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and select.select([line._ours], [], [], 0.08)[0]:
        try:
            line.written += os.read(line._ours, 65536)
        except OSError:
            return


def test_no_sequence_reaches_the_terminal_that_a_clean_data_set_does_not_send(
    twins: tuple[Place, Place], tmp_path: Path
) -> None:
    plain, evil = (_walked(place, tmp_path / str(k)) for k, place in enumerate(twins))
    assert any(text in evil for text in (b"[bold red]", b"0;owned", b"second", b"evil"))  # shown, as what it is
    assert kinds(evil) - kinds(plain) == set()
    assert {kind for kind in kinds(evil) if kind.startswith("character")} == set()


Verb = Callable[..., list[str]]


def _verbs(place: Place, out: Path) -> Iterator[list[str]]:
    root, isic_id = str(place.files.root), place.lesions().ids[2]
    here = ["--workspace", str(place.workspace.root), "--progress", "none"]
    for form in ("table", "csv", "json"):
        yield ["scan", root, *here, "--format", form]
        yield ["audit", root, *here, "--format", form]
        yield ["neighbours", root, isic_id, *here, "--attribute", "areaMM2", "--format", form]
    yield ["neighbours", root, data.PAYLOADS[0], *here, "--attribute", data.PAYLOADS[2]]
    yield ["review", root, isic_id, *here, "--attribute", "deltaL", "--verdict", "label_ok", "--note", data.PAYLOADS[1]]
    yield ["review", root, data.PAYLOADS[0], *here, "--attribute", "A", "--verdict", data.PAYLOADS[2]]
    yield ["export", root, "-", *here]
    yield ["export", root, str(out / "wide.csv"), *here, "--wide"]
    yield ["export", root, str(out / "out.csv"), *here, "--reviewed"]
    yield ["import", str(out / "out.csv"), root, *here]
    yield ["merge", str(place.workspace.root), str(place.workspace.root)]
    yield ["doctor", *here]
    yield ["describe", root, data.PAYLOADS[0], *here]
    yield [data.PAYLOADS[0]]


def test_no_verb_says_anything_that_acts(
    twins: tuple[Place, Place], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for words in _verbs(twins[1], tmp_path):
        code = run(words)
        shown = capfdbinary.readouterr()
        assert code in (0, 1, 2), (words, shown.err)
        assert b"unexpected" not in shown.err, shown.err
        assert kinds(shown.out + shown.err) <= {"control '\\n'"}, words
        if "csv" in words or words[2:3] == ["-"]:
            _check_cells(shown.out.decode())
    for file in tmp_path.glob("*.csv"):
        assert kinds(file.read_bytes()) <= {"control '\\n'"}
        _check_cells(file.read_text(encoding="utf-8"))


def _check_cells(text: str) -> None:
    """No cell of text is what a spreadsheet would take for a formula."""
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            if cell.lstrip()[:1] in tuple("=+-@＝＋－＠"):
                float(cell)
