"""The application in a real terminal multiplexer, by keys and captured screens."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from skintui.steps.place import Place
from tests.terminals.application import Application
from tests.terminals.programs import needs
from tests.terminals.tmux import Tmux

pytestmark = needs("tmux")


@pytest.fixture
def application(place: Place, tmp_path: Path) -> Application:
    return Application(place, tmp_path)


@pytest.fixture
def terminal(application: Application) -> Iterator[Tmux]:
    terminal = Tmux(application.folder, application.environment)
    yield terminal
    terminal.close()


def test_a_session_from_the_first_frame_to_the_csv(terminal: Tmux, application: Application, tmp_path: Path) -> None:
    lesions = application.place.lesions()
    middle = float(sorted(lesions.labels()[:, 0])[12])
    large = [i for i, area in enumerate(lesions.labels()[:, 0]) if area >= middle]
    first, second = lesions.ids[large[0]], lesions.ids[large[1]]
    terminal.start(application.command())
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
    terminal.until(lambda screen: "flagged and reviewed annotations" in screen)
    terminal.keys("Enter")
    terminal.until(lambda screen: "export to" in screen)
    terminal.keys("C-u")
    terminal.until(lambda screen: "flags.csv" not in screen)
    terminal.text("out.csv")
    terminal.until(lambda screen: "export to out.csv" in screen)
    terminal.keys("Enter")
    terminal.until(lambda screen: "rows written to out.csv" in screen)
    terminal.keys("q")
    terminal.until(lambda screen: "ENDED 0" in screen)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        decided = [row for row in csv.DictReader(file) if row["verdict"]]
    assert [(row["isic_id"], row["attribute"], row["verdict"], row["reviewer"]) for row in decided] == [
        (first, "areaMM2", "label_wrong", "ada")
    ]


def test_it_opens_in_80_columns_and_follows_a_resize(terminal: Tmux, application: Application) -> None:
    first = application.place.lesions().ids[0]
    terminal.start(application.command(), size=(80, 24))
    terminal.until(lambda screen: first in screen and "▀" in screen)
    terminal("resize-window", "-x", "130", "-y", "45")
    terminal.until(lambda screen: "Neighbours" in screen and len(screen.splitlines()) >= 44)


def test_a_clash_in_the_settings_is_one_line_and_code_2(terminal: Tmux, application: Application) -> None:
    settings = application.folder / "home" / "config" / "skintui" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[keys]\nnote = "x"\n', encoding="utf-8")
    terminal.start(application.command())
    screen = terminal.until(lambda screen: "ENDED 2" in screen)
    assert "key 'x' is bound to both 'label_wrong' and 'note'" in " ".join(screen.split())
