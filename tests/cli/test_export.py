"""``export`` and ``import`` as they are called."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from skintui.cli.main import run
from skintui.steps.place import Place

ID = "ISIC_0000004"
Called = Callable[..., tuple[str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], predicted: Place) -> Called:
    """Run a verb on the data set's workspace; what it wrote to stdout and stderr."""

    def called(verb: str, *words: object, code: int = 0) -> tuple[str, str]:
        here = ["--workspace", predicted.workspace.root, "--progress", "none"]
        got = run([str(word) for word in (verb, *words, *(here if verb != "apply" else []))])
        shown = capsys.readouterr()
        assert got == code, shown.err
        return shown.out, shown.err

    return called


@pytest.fixture
def decided(call: Called, small: Path) -> Path:
    """The data set, audited, with one correction."""
    call("audit", small, "--top", 0)
    given = ["--attribute", "deltaL", "--verdict", "label_wrong", "--value", "-9.5", "--reviewer", "ann"]
    call("review", small, ID, *given)
    return small


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_round_trip_of_a_correction(call: Called, decided: Path, tmp_path: Path) -> None:
    patch, fixed = tmp_path / "patch.csv", tmp_path / "fixed.csv"
    _, told = call("export", decided, patch, "--patch")
    assert f"1 of 1 corrections written to {patch}" in told
    call("apply", patch, decided / "train-metadata.csv", "-o", fixed)
    assert ID in call("apply", patch, fixed, "-o", tmp_path / "again.csv", code=1)[1]
    problems, _ = call("scan", decided, "--metadata", fixed, "--format", "json")
    told_of = [p for p in json.loads(problems) if p["isic_id"] == ID]
    assert {problem["kind"] for problem in told_of} <= {"broken_identity"}  # its siblings contradict a made-up value


def test_rows_attribute_reviewer_and_verdict_narrow(call: Called, decided: Path) -> None:
    given = ["--rows", "reviewed", "--attribute", "deltaL,areaMM2", "--reviewer", "ann", "--verdict", "label_wrong"]
    out, told = call("export", decided, "-", *given)
    assert [(row["isic_id"], row["attribute"]) for row in rows(out)] == [(ID, "deltaL")]
    assert "1 of 1 rows written to standard output" in told
    assert rows(call("export", decided, "-", *given[:-1], "label_ok")[0]) == []


def test_a_filter_narrows_as_in_the_application(call: Called, decided: Path) -> None:
    given = ["--rows", "reviewed", "--filter", f"isic_id = '{ID}'"]
    assert len(rows(call("export", decided, "-", *given)[0])) == 1
    assert rows(call("export", decided, "-", *given, "--filter", "areaMM2 < 0")[0]) == []
    assert "no column 'aera'" in call("export", decided, "-", "--filter", "aera > 1", code=2)[1]


def test_a_saved_view_gives_all_it_lists(call: Called, decided: Path, predicted: Place) -> None:
    from skintui.session import Session
    from skintui.session.saved_views import SavedViews

    session = Session(predicted, reviewer="ann")
    session.filter("areaMM2 > 10")
    session.sort("areaMM2")
    expected = [session.ids[row] for row in session.view.rows]
    SavedViews(session).save("large ones")
    session.close()
    out, _ = call("export", decided, "-", "--view", "large ones")
    assert [row["isic_id"] for row in rows(out)] == expected


def test_wide_is_a_row_per_lesion(call: Called, decided: Path) -> None:
    out, told = call("export", decided, "-", "--wide", "--rows", "reviewed")
    assert [(row["isic_id"], row["deltaL_verdict"]) for row in rows(out)] == [(ID, "label_wrong")]
    assert "1 of 1 lesions" in told


def test_a_card_alone_needs_no_csv(call: Called, decided: Path) -> None:
    out, _ = call("export", decided, "--card", "-")
    assert out.startswith("# Audit card: lesions\n")


def test_csv_card_and_sidecar_in_one_call(call: Called, decided: Path, tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("out.csv", "card.md", "out.json")]
    call("export", decided, names[0], "--card", names[1], "--croissant", names[2])
    assert all(name.is_file() for name in names)


def test_nothing_is_written_where_one_target_exists(call: Called, decided: Path, tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text("mine")
    told = call("export", decided, tmp_path / "out.csv", "--card", tmp_path / "card.md", code=1)[1]
    assert "card.md: the file exists already" in told
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["-", "--croissant", "x.json"], "--croissant describes a file; name OUT.csv"),
        (["-", "--patch", "--wide"], "--patch and --wide exclude each other"),
        (["-", "--patch", "--rows", "flagged"], "--patch and --rows exclude each other"),
        (["-", "--card", "-"], "two results cannot go to the same place"),
        (["-", "--rows", "some"], "no rows 'some'; choose flagged, reviewed, both, or all"),
        (["-", "--view", "none"], "no view 'none'"),
        (["-", "--attribute", "deltaQ"], "unknown attribute 'deltaQ'"),
    ],
)
def test_wrong_usage_is_one_line(call: Called, small: Path, given: list[str], told: str) -> None:
    out, said = call("export", small, *given, code=2)
    assert told in said
    assert (out, said.count("\n")) == ("", 1)


def test_a_sheet_edited_elsewhere_is_read_once(call: Called, decided: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "flags.csv"
    call("export", decided, sheet, "--rows", "reviewed")
    (row,) = rows(sheet.read_text(encoding="utf-8"))
    edited = {
        "seen by": "eve",
        **dict(reversed(row.items())),
        "verdict": " Label OK ",
        "proposed_value": "",
        "reviewer": "eve",
    }
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(edited), lineterminator="\r\n", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerow(edited)
    assert "1 verdict added, 0 known already, 0 conflicts" in call("import", sheet, decided)[1]
    assert "0 verdicts added, 1 known already, 0 conflicts" in call("import", sheet, decided)[1]


def test_on_conflict_says_whose_verdict_counts(call: Called, decided: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "flags.csv"
    sheet.write_text(f"isic_id,attribute,verdict,reviewer\n{ID},deltaL,label_ok,ann\n")
    out, told = call("import", sheet, decided, "--format", "csv")
    assert "1 conflict left as here" in told
    assert (rows(out)[0]["verdict_here"], rows(out)[0]["verdict_there"]) == ("label_wrong", "label_ok")
    assert "1 conflict taken from there" in call("import", sheet, decided, "--on-conflict", "take")[1]
    assert "0 verdicts added, 1 known" in call("import", sheet, decided)[1]
