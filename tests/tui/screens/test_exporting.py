from __future__ import annotations

import csv
from pathlib import Path

import pytest

from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.place import Place
from skintui.tui.screens.picker import Picker
from tests.tui.opened import Opened, Opener


async def export(app: Opened, name: str, what: str = "") -> None:
    """Choose what leaves by words of its line, and type where to."""
    await app.press("e")
    await app.until(lambda: isinstance(app.app.screen, Picker), "the choice")
    await app.type(what)
    await app.until(lambda: not isinstance(app.app.screen, Picker), "the line")
    await app.press("ctrl+u")
    await app.type(name)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def test_first_offered_is_what_was_flagged_or_decided(opened: Opener, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    async with opened() as app:
        await app.press("x", "v")
        await export(app, str(out))
        await app.until(lambda: "rows written to" in app.message)
        ids = app.session.ids[:2]
    rows = [row for row in table(out) if row["verdict"]]
    assert {(row["isic_id"], row["verdict"]) for row in rows} == {(ids[0], "label_wrong"), (ids[1], "label_ok")}


async def test_the_current_view_leaves_as_it_is_listed(opened: Opener, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    async with opened() as app:
        app.session.filter("areaMM2 > 5")
        app.session.sort("areaMM2", descending=True)
        expected = [app.session.ids[row] for row in app.session.view.rows]
        await export(app, str(out), "current view")
        every = app.session.findings.count
        await app.until(lambda: f"{len(expected)} of {every} rows written to" in app.message)
    rows = table(out)
    assert [row["isic_id"] for row in rows] == expected
    assert {row["attribute"] for row in rows} == {"areaMM2"}


async def test_the_current_view_is_offered_with_its_size(opened: Opener) -> None:
    async with opened() as app:
        every = app.session.findings.count
        await app.press("e")
        await app.until(lambda: f"current view, area: 24 of {every} rows" in app.text)


async def test_the_queue_leaves_with_its_attributes(opened: Opener, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    async with opened() as app:
        await app.press("w")
        first = app.session.listing.cell(0, 0)
        await export(app, str(out), "current view")
        await app.until(lambda: "rows written to" in app.message)
        assert table(out)[0]["isic_id"] == app.session.ids[first.row]
        assert len(table(out)) == len(app.session.listing)


async def test_wide_counts_lesions(opened: Opener, tmp_path: Path) -> None:
    async with opened() as app:
        await app.press("x")
        await export(app, str(tmp_path / "out.csv"), "wide")
        await app.until(lambda: "lesions written to" in app.message)


async def test_a_patch_tells_how_many_corrections(opened: Opener, place: Place, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    with ReviewRecord(place.workspace.review) as record:
        record.record(Verdict(place.lesions().ids[0], "areaMM2", "label_wrong", "ada", proposed_value=12.5))
    async with opened() as app:
        await export(app, str(out), "patch")
        await app.until(lambda: "1 of 1 corrections written to" in app.message)
    assert [row["new"] for row in table(out)] == ["12.5"]


async def test_a_card_is_markdown(opened: Opener, tmp_path: Path) -> None:
    out = tmp_path / "card.md"
    async with opened() as app:
        await export(app, str(out), "card")
        await app.until(lambda: "audit card written to" in app.message)
    assert out.read_text(encoding="utf-8").startswith("# Audit card")


async def test_escape_writes_nothing(opened: Opener, tmp_path: Path) -> None:
    async with opened() as app:
        await app.press("e")
        await app.until(lambda: isinstance(app.app.screen, Picker), "the choice")
        await app.press("escape")
        assert not app.screen.prompt.display


async def test_an_existing_file_is_replaced_after_a_second_enter_only(opened: Opener, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("precious", encoding="utf-8")
    async with opened() as app:
        await export(app, str(out))
        assert "exists" in app.screen.prompt.problem
        assert out.read_text(encoding="utf-8") == "precious"
        await app.press("enter")
        await app.until(lambda: "rows written" in app.message)
    assert out.read_text(encoding="utf-8").startswith("isic_id,")


@pytest.mark.parametrize("name", ["-", ""])
async def test_export_wants_a_file(opened: Opener, name: str) -> None:
    async with opened() as app:
        await export(app, name, "card")
        assert "name a file, e.g. audit-card.md" in app.screen.prompt.problem


async def test_an_export_that_cannot_be_written_is_a_message(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    async with opened() as app:
        await export(app, str(tmp_path / "file" / "out.csv"))
        await app.until(lambda: "file" in app.message)
        assert app.app.is_running


async def test_without_an_audit_the_reviewed_can_leave(opened: Opener, place: Place) -> None:
    place.workspace.findings.unlink()
    async with opened() as app:
        await app.press("e")
        await app.until(lambda: "reviewed only" in app.text)
        assert "current view" not in app.text


async def test_a_patch_tells_how_many_were_left_out(opened: Opener, place: Place, tmp_path: Path) -> None:
    with ReviewRecord(place.workspace.review) as record:
        for reviewer, value in (("ada", 12.5), ("ben", 13.5)):
            isic_id = place.lesions().ids[0]
            record.record(Verdict(isic_id, "areaMM2", "label_wrong", reviewer, proposed_value=value))
    async with opened() as app:
        await export(app, str(tmp_path / "out.csv"), "patch")
        await app.until(lambda: "0 of 1 corrections written to" in app.message)
        assert "1 left out: 'skintui export --patch' tells why" in app.message
