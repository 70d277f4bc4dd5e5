from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from textual.content import Content

from skintui.errors import UsageError
from skintui.steps.place import Place
from skintui.tui import theme
from skintui.tui.commands.table import COMMANDS
from skintui.tui.screens.help import HelpScreen, balanced
from tests.tui.opened import Opener, opener


async def test_every_command_of_the_table_can_be_done(opened: Opener) -> None:
    async with opened() as app:
        assert set(app.screen.deeds) == {command.name for command in COMMANDS}


async def test_help_lists_the_commands_that_work_here_only(opened: Opener) -> None:
    async with opened(size=(140, 60)) as app:
        await app.press("?")
        assert isinstance(app.app.screen, HelpScreen)
        for command in COMMANDS:
            assert (command.title in app.text) == (command.name in app.screen.deeds), command
        await app.press("?")
        assert not isinstance(app.app.screen_stack[-1], HelpScreen)


@pytest.mark.parametrize("key", ["q", "escape", "enter"])
async def test_help_closes_without_leaving_the_program(opened: Opener, key: str) -> None:
    async with opened() as app:
        await app.press("?", key)
        assert app.app.screen is app.screen
        assert app.app.is_running


async def test_help_can_be_scrolled_at_80_by_24(opened: Opener) -> None:
    async with opened(size=(80, 24)) as app:
        await app.press("?")
        before = app.text
        await app.press("j", "j", "ctrl+d")
        assert app.text != before


@pytest.mark.parametrize("key", [":", "ctrl+p"])
async def test_the_palette_does_a_command(opened: Opener, key: str) -> None:
    async with opened() as app:
        await app.press(key)
        await app.pilot.press(*"suspicious")
        await app.until(lambda: "suspicious, or all" in app.text)
        await app.until(lambda: app.app.screen.query_one("OptionList").option_count > 0)  # type: ignore[attr-defined]
        await app.press("enter")
        await app.until(lambda: app.session.in_queue)


async def test_own_keys_are_the_ones_that_work(opened: Opener) -> None:
    async with opened(keys={"label_wrong": "z"}) as app:
        await app.press("x")
        assert len(app.session.decisions) == 0
        await app.press("z")
        assert len(app.session.decisions) == 1


async def test_own_keys_are_shown_in_the_bottom_line(opened: Opener) -> None:
    async with opened(keys={"label_wrong": "z"}) as app:
        assert "z wrong" in app.line(39)


async def test_a_clash_of_keys_ends_before_the_application_starts(opened: Opener) -> None:
    with pytest.raises(UsageError, match="bound to both"):
        async with opened(keys={"label_wrong": "v"}):
            pass


async def test_ctrl_t_turns_dark_light_and_high_contrast(opened: Opener) -> None:
    async with opened() as app:
        assert app.app.theme == theme.DARK.name
        dark = app.colours
        await app.press("ctrl+t")
        assert app.app.theme == theme.LIGHT.name
        assert not dark & app.colours & {"#16181b", "#1b1e22", "#d8d8d4"}
        await app.press("ctrl+t")
        assert app.app.theme == theme.HIGH_CONTRAST.name
        await app.press("ctrl+t")
        assert app.colours == dark


@pytest.mark.parametrize(
    ("given", "name"), [("textual-light", "skintui-light"), ("nord", "nord"), ("nope", "skintui-dark")]
)
async def test_the_settings_theme_is_used(opened: Opener, given: str, name: str) -> None:
    async with opened(theme=given) as app:
        assert app.app.theme == name


async def test_q_quits(opened: Opener) -> None:
    async with opened() as app:
        await app.press("q")
        await app.until(lambda: not app.app.is_running)


async def test_a_data_set_that_cannot_be_opened_is_a_message(place: Place) -> None:
    place.workspace.lesions.unlink()
    gone = replace(place.files, root=place.files.root / "gone")
    async with opener(Place(gone, place.workspace))(settled=False) as app:
        await app.until(lambda: "no such folder" in app.message)
        await app.press("j")
        assert app.message == "no data set is open"
        await app.press("?")
        assert isinstance(app.app.screen, HelpScreen)


async def test_without_an_index_the_pane_says_what_to_do(drawn_lesions: Path, tmp_path: Path) -> None:
    from skintui.steps.place import open_place

    bare = open_place(drawn_lesions, workspace=tmp_path / "bare")
    async with opener(bare)(settled=False) as app:
        await app.until(lambda: "No index yet. Press I" in " ".join(app.text.split()))
        await app.press("w")
        assert "no audit yet: press I" in app.message


async def test_an_audit_is_made_where_only_predictions_are(place: Place) -> None:
    place.workspace.findings.unlink()
    async with opener(place)() as app:
        await app.until(lambda: app.session.findings is not None, "findings")
        assert place.workspace.findings.is_file()
        await app.press("w")
        assert app.session.in_queue


async def test_a_damaged_audit_is_made_again(place: Place) -> None:
    place.workspace.findings.write_bytes(b"PAR1nonsense")
    async with opener(place)() as app:
        await app.until(lambda: app.session.findings is not None, "findings")
    assert pl.read_parquet(place.workspace.findings).height > 0


async def test_a_step_that_fails_says_why(place: Place) -> None:
    async with opener(place)() as app:
        app.screen.steps.start("audit", ["/nowhere/at/all"])
        await app.until(lambda: "audit:" in app.message)
        assert "no such folder" in app.message
        assert app.screen.steps.step == ""


async def test_evil_metadata_is_shown_and_does_nothing(drawn_lesions: Path, tmp_path: Path) -> None:
    import shutil

    evil = tmp_path / "evil"
    shutil.copytree(drawn_lesions, evil)
    table = pl.read_csv(evil / "train-metadata.csv", infer_schema_length=None)
    table = table.with_columns(
        pl.lit("[red]x[/red]\x1b[2J").alias("patient_id"), pl.lit("=cmd()|[/]").alias("attribution")
    )
    table.write_csv(evil / "train-metadata.csv")
    from skintui.steps.place import open_place

    async with opener(open_place(evil, workspace=tmp_path / "w"))(settled=False) as app:
        await app.until(lambda: "[red]x[/red]" in app.text)
        assert "=cmd()|[/]" in app.text
        assert "\x1b" not in app.text


def test_the_application_loads_no_torch(place: Place) -> None:
    program = f"""
import asyncio, sys
from pathlib import Path
from skintui.settings import Settings
from skintui.tui.app import SkintuiApp
from skintui.tui.jobs.opening import Request
from skintui.tui.terminal import Graphics
from skintui.workspace import Workspace
workspace = Workspace(Path({str(place.workspace.root)!r}))
request = Request(Path({str(place.files.root)!r}), workspace, Settings(image="half"))

async def look():
    app = SkintuiApp(request, Graphics("half"))
    async with app.run_test(size=(120, 40)) as pilot:
        while not (app.screen_stack[-1].query("NeighbourGrid") and app.screen_stack[-1].grid.neighbours):
            await pilot.pause(0.01)

asyncio.run(look())
loaded = {{"torch", "transformers", "peft", "scipy"}} & set(sys.modules)
sys.exit(f"loaded {{loaded}}" if loaded else 0)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_help_fills_its_columns_in_order_and_evenly() -> None:
    sections = [Content("a\n" * n) for n in (3, 3, 5, 1)]
    assert [len(column) for column in balanced(sections, 2)] == [2, 2]
    assert [len(column) for column in balanced(sections, 1)] == [4]


async def test_the_palette_knows_a_command_by_its_name(opened: Opener) -> None:
    async with opened() as app:
        before = app.app.theme
        await app.press(":")
        await app.pilot.press(*"theme")
        await app.until(lambda: "dark, light, contrast" in app.text)
        await app.until(lambda: app.app.screen.query_one("OptionList").option_count > 0)  # type: ignore[attr-defined]
        await app.press("enter")
        await app.until(lambda: app.app.theme != before)


async def test_ctrl_c_says_which_key_leaves(opened: Opener) -> None:
    async with opened(keys={"quit": "Z"}) as app:
        await app.press("ctrl+c")
        assert app.app.is_running
        assert app.message == "Z leaves; every decision is on the disk"
