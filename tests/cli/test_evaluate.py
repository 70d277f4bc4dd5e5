"""``skintui evaluate`` as people and programs see it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from skintui.audit.bootstrap import Estimate
from skintui.cli.evaluate_tables import write_tables
from skintui.cli.main import run
from skintui.steps.evaluation.result import Evaluation, Fit, Gap, Group, Joint, Setup, Side
from skintui.steps.place import Place
from tests.small_fixtures import store_near_labels

SIDE = Side("cohort", "d", 24, 6)
SETUP = Setup(SIDE, SIDE, 3, "record", "in-sample", {}, 0, 20, 0.95, 5, 200, has_scale=False)
E = Estimate(0.5, 0.25, 0.75)
FIT = {name: Fit(24, E, E, E) for name in ("areaMM2", "deltaL")}
NEAR = {name: Estimate(8.25, 7.0, 9.0) for name in FIT}
FOUND = Evaluation(
    setup=SETUP,
    fit=FIT,
    retrieval_intervals={"attribute": NEAR, "hierarchical": NEAR, "hierarchical_50": NEAR},
    queries=24,
    train_fit=FIT,
    gap={name: Gap(Estimate(-0.1), E, E) for name in FIT},
    joint=(Joint(("areaMM2", "deltaL"), 24, 24, {"image": NEAR, "joint": NEAR}),),
    groups=(Group("source", "[red]clinic\x1b[2J", 24, 6, 24, FIT, {"image": NEAR}),),
    leave_one_source_out=(Group("source", "b", 24, 6, 24, FIT, {"image": {"areaMM2": Estimate(np.nan)}}, 12, True),),
)


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> str:
    write_tables(FOUND)
    return capsys.readouterr().out


def test_every_figure_stands_with_its_interval_and_the_papers(shown: str) -> None:
    assert "0.500 (0.250–0.750)" in shown
    assert "8.2 (7.0–9.0) [8.4]" in shown
    assert "8.2 (7.0–9.0) [12.8]" in shown
    assert "−0.100" in shown


def test_what_has_no_scale_is_marked(shown: str) -> None:
    assert "areaMM2 (no scale)" in shown
    assert "deltaL (no scale)" not in shown


def test_names_of_groups_are_text_and_no_markup(shown: str) -> None:
    assert "[red]clinic" in shown
    assert "\x1b" not in shown


def test_a_missing_figure_is_a_dash(shown: str) -> None:
    (line,) = [line for line in shown.splitlines() if " 12 " in line and "yes" in line]
    assert "–" in line


def test_the_csv_has_a_row_per_attribute(indexed: Place, tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = [str(indexed.files.root), "--workspace", str(indexed.workspace.root), "--progress", "none"]
    assert run(["evaluate", *place, "--base", str(tiny), "--format", "csv", "--replicates", "20"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 16
    assert list(rows[0])[:5] == [
        "name",
        "r2",
        "attribute_percentile",
        "hierarchical_percentile",
        "image_percentile",
    ]
    assert rows[0]["r2_paper"] == "0.93"
    assert all(0 <= float(rows[0][f"image_percentile{end}"]) <= 100 for end in ("_low", "", "_high"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--database", "x"], "name the same thing"),
        (["--queries-workspace", "x"], "goes with --queries"),
        (["--by", "hair"], "cannot group by 'hair'"),
        (["--joint", "areaMM2"], "two attributes or more"),
        (["--joint", "areaMM2,hair"], "hair"),
        (["--report", "-"], "standard output already"),
        (["--quantize", "3bit"], "quantize must be 4bit or 8bit, not '3bit'"),
        (["--limit", "0"], "--limit"),
        (["--seed", "-1"], "--seed"),
    ],
)
def test_wrong_usage_is_one_line(
    indexed: Place, tiny: Path, given: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = [str(indexed.files.root), "--workspace", str(indexed.workspace.root), "--progress", "none"]
    assert run(["evaluate", *place, "--base", str(tiny), *given]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a table with the columns isic_id and column"),
        (b"isic_id\nISIC_1\n", "not a table with the columns isic_id and column"),
        (b"\x89PNG\r\n\x1a\n\x00", "not a table with the columns isic_id and column"),
        (b"isic_id,column\n,tbp_lv_A\n", "1 row without isic_id or column"),
        (b"isic_id,column\n\x1b[2JISIC,tbp_lv_A\n", "no lesion"),
    ],
)
def test_a_wrong_truth_file_is_one_line(
    indexed: Place, tiny: Path, tmp_path: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_bytes(content)
    place = [str(indexed.files.root), "--workspace", str(indexed.workspace.root), "--progress", "none"]
    assert run(["evaluate", *place, "--base", str(tiny), "--truth", str(truth)]) in (1, 2)
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert "\x1b" not in said


def test_labels_known_to_be_wrong_are_left_out_by_either_name_and_counted(
    indexed: Place, tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = indexed.lesions().ids[:2]
    truth = tmp_path / "truth.csv"
    truth.write_text(f"isic_id,column\n{first},areaMM2\n{second},tbp_lv_areaMM2\n{first},sex\n", encoding="utf-8")
    place = [str(indexed.files.root), "--workspace", str(indexed.workspace.root), "--progress", "none"]
    asked = ["--truth", str(truth), "--replicates", "2", "--format", "json"]
    store_near_labels(indexed)
    counts = []
    for given in ([], asked[:2]):
        assert run(["evaluate", *place, "--base", str(tiny), *given, *asked[2:]]) == 0
        found = json.loads(capsys.readouterr().out)
        counts.append(found["fit"]["test"]["areaMM2"]["n"])
    assert counts[1] == counts[0] - 2
    assert "2 labels known to be wrong left out (truth.csv)" in found["notes"]


@pytest.mark.parametrize("width", [80, 120, 400])
def test_a_narrow_terminal_shows_every_column_in_as_many_tables_as_it_takes(width: int) -> None:
    methods = [f"hierarchical_{b}" for b in (50, 100, 200, 500, 1000, 2000)]
    found = replace(FOUND, retrieval_intervals=dict.fromkeys(methods, NEAR))
    file = io.StringIO()
    write_tables(found, Console(file=file, width=width))
    shown = file.getvalue()
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width
    assert all(f"hier {method.removeprefix('hierarchical_')}" in shown for method in methods)
    assert shown.count("0.500 (0.250–0.750)") == 6  # MAE, R² and rank correlation of two attributes
    tables = shown.count("Attribute difference percentile")
    assert shown.count("deltaL  ") >= tables > (1 if width == 80 else 0)
