"""No cell of any CSV that is written runs in a spreadsheet, and what is read back is what was there."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from skintui.cli.main import run
from skintui.cli.output import write_rows as write_result
from skintui.dataset.schema import SCHEMA
from skintui.review.record import ReviewRecord
from skintui.review.sheet import cell
from skintui.review.verdicts import Verdict
from skintui.session import Session
from skintui.session.saved_views import SavedViews
from skintui.steps.place import Place, open_place
from tests.made_results import FINGERPRINT, copied, write_results, wrong_mask
from tests.small import read_rows, small_tile, write_rows, write_small

LESIONS = 24
FORMULAS = (
    "=1+1", "+1+cmd|' -C calc'!A0", "-1+1", "@SUM(1)", " =1", "'=1", "＝1", "＋1", "－1", "＠SUM(1)", "'＝1", "-1",
    "\u3000=1", '=HYPERLINK("x","y")', "=1,=2", "\u200b=1", "\ufeff=1",
)  # fmt: skip
PRINTED = tuple(text for text in FORMULAS if text.isprintable())
"""What a sheet gives back as it was: what is not seen is not carried."""
CONTROLS = ("\t=1", "\r=1", "\n=1", "\x0b=1", "\x00=1")
STARTS = tuple("=+-@＝＋－＠\t\r\n")
TEXTS = [column.name for column in SCHEMA if column.kind == "text" and column.name != "isic_id"]


def check(text: str) -> int:
    """Rows of a CSV whose every cell, header included, is a number or starts nothing; controls are nowhere."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    for row in rows:
        for each in row:
            assert not set(each) & set("\t\r\n\x0b\x00\x1b"), each
            if each.lstrip("\u3000 \ufeff\u200b").startswith(STARTS):
                float(each)
    return len(rows) - 1


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Lesions whose every text is a formula, with results and verdicts."""
    folder = write_small(tmp_path_factory.mktemp("formulas") / "=lesions", LESIONS)
    rows = read_rows(folder / "train-metadata.csv")
    for k, row in enumerate(rows):
        ids = f"{PRINTED[k % len(PRINTED)]} {row['isic_id']}".strip()
        row |= {name: f"{(*FORMULAS, *CONTROLS[:1])[(k + j) % 18]}" for j, name in enumerate(TEXTS)}
        row |= {"isic_id": ids, "patient_id": f"{row['patient_id']} {k % 6}"}
        (folder / "train-image" / "image" / f"{ids}.jpg").write_bytes(small_tile(row))
    write_rows(folder / "train-metadata.csv", rows)
    place = open_place(folder, workspace=folder.parent / "workspace")
    write_results(place, wrong=wrong_mask(LESIONS))
    texts = (*FORMULAS, *(text for text in CONTROLS if "\x00" not in text))
    with ReviewRecord(place.workspace.review) as record:
        for k, isic_id in enumerate(place.lesions().ids):
            text = texts[k % len(texts)]
            said = Verdict(isic_id, "areaMM2", "label_wrong", text, proposed_value=9.5, note=text)
            record.record(said)
            record.record(replace(said, reviewer="bob", note=""))
    session = Session(place, reviewer="ada")
    session.filter("areaMM2 > 0")
    SavedViews(session).save("=all")
    session.close()
    return place


@pytest.fixture
def _same_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors as these are pass for the chosen model's, which need not be loaded for a stored lesion."""
    monkeypatch.setattr("skintui.steps.neighbours.fingerprint_of", lambda *_: FINGERPRINT)


Said = Callable[..., str]


@pytest.fixture
def said(place: Place, capfdbinary: pytest.CaptureFixture[bytes]) -> Said:
    """A verb on the lesions, which must succeed; its standard output."""

    def called(verb: str, *words: object) -> str:
        where = [
            str(place.files.root),
            *map(str, words),
            "--workspace",
            str(place.workspace.root),
            "--progress",
            "none",
        ]
        code = run([verb, *where])
        shown = capfdbinary.readouterr()
        assert code == 0, shown.err.decode()
        return shown.out.decode()

    return called


def test_what_verbs_print_as_csv(said: Said, place: Place) -> None:
    first = place.lesions().ids[0]
    for words in (
        ("scan",),
        ("audit",),
        ("audit", "--systematic"),
        ("selftest", "--replicates", 2, "--no-peers"),
        ("describe", first),
    ):
        assert check(said(*words, "--format", "csv")) >= ("--systematic" not in words), words


@pytest.mark.usefixtures("_same_model")
@pytest.mark.parametrize("mode", ["attribute", "hierarchical", "image"])
def test_what_is_found_near(said: Said, place: Place, mode: str) -> None:
    words = ("neighbours", place.lesions().ids[0], "--attribute", "areaMM2", "--mode", mode, "-k", 20)
    assert check(said(*words, "--format", "csv")) == 20


@pytest.mark.parametrize(
    "words",
    [
        (), ("--wide",), ("--rows", "all"), ("--rows", "all", "--wide"), ("--view", "=all"), ("--reviewer", "=1+1"),
        ("--patch",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_exported(said: Said, tmp_path: Path, words: tuple[str, ...]) -> None:
    out = tmp_path / "out.csv"
    said("export", out, *words)
    text = out.read_bytes().decode()
    assert check(text) > 0
    assert said("export", "-", *words) == text


def test_rows_of_any_verb(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    texts = (*FORMULAS, *CONTROLS)
    write_result([{"a": text, "b": -1.5, "c": None, "d": [text]} for text in texts], ["a", "b", "c", "d"], "csv")
    assert check(capfdbinary.readouterr().out.decode()) == len(texts)


@pytest.mark.parametrize("text", [*FORMULAS, *CONTROLS])
def test_a_cell_of_text_is_text(text: str) -> None:
    assert not cell(text).startswith(STARTS)
    assert not cell(f" {text}").lstrip().startswith(STARTS)


@pytest.mark.parametrize("number", [-1, -2.5, 1e-300, -1e300, 0.1])
def test_a_number_stays_a_number(number: float) -> None:
    assert type(number)(cell(number)) == number


def test_a_sheet_reads_back_to_the_same_verdicts(said: Said, place: Place, tmp_path: Path) -> None:
    said("export", tmp_path / "out.csv", "--rows", "reviewed")
    with ReviewRecord(place.workspace.review) as record:
        before = record.latest()
    elsewhere = ["--workspace", str(tmp_path / "other"), "--progress", "none"]
    assert run(["import", str(tmp_path / "out.csv"), str(place.files.root), *elsewhere]) == 0
    with ReviewRecord(tmp_path / "other" / "review.sqlite") as record:
        after = record.latest()
    clean = {key: v for key, v in before.items() if v.note.isprintable() and v.reviewer.isprintable()}
    assert len(clean) > LESIONS
    assert {key: after[key].note for key in clean} == {key: v.note for key, v in clean.items()}


def test_what_contradicts_is_listed_as_text(
    said: Said, place: Place, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    other = copied(place, tmp_path / "other")
    with ReviewRecord(place.workspace.review) as record:
        standing = list(record.latest().values())
    with ReviewRecord(other.workspace.review) as record:
        for verdict in standing:
            record.record(replace(verdict, verdict="label_ok", proposed_value=None))
            record.record(replace(verdict, verdict="unsure", proposed_value=None, reviewer=f"{verdict.reviewer} b"))
    said("export", tmp_path / "out.csv", "--rows", "reviewed")
    at_other = ["--workspace", str(other.workspace.root), "--progress", "none", "--format", "csv"]
    for words in (
        ["import", str(tmp_path / "out.csv"), str(place.files.root), *at_other],
        ["merge", str(place.workspace.root), str(other.workspace.root), "--format", "csv"],
    ):
        run(words)
        shown = capfdbinary.readouterr()
        assert b"Error" not in shown.err
        assert check(shown.out.decode()) > 0, (words, shown.err)


def test_a_patch_changes_its_cells_and_no_other_text(said: Said, place: Place, tmp_path: Path) -> None:
    said("export", tmp_path / "patch.csv", "--patch")
    fixed, table = tmp_path / "fixed.csv", place.files.metadata
    assert run(["apply", str(tmp_path / "patch.csv"), str(table), "-o", str(fixed)]) == 0
    before, after = read_rows(table), read_rows(fixed)
    changed = {row["isic_id"] for row, other in zip(before, after, strict=True) if row != other}
    assert len(changed) == LESIONS
    assert {row["tbp_lv_areaMM2"] for row in after if row["isic_id"] in changed} == {"9.5"}
    for row in (*before, *after):
        row.pop("tbp_lv_areaMM2")
    assert before == after
