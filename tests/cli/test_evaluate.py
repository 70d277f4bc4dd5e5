"""``skintui evaluate`` as people and programs see it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from skintui.audit.bootstrap import Estimate
from skintui.cli.evaluate_tables import write_tables
from skintui.cli.main import run
from skintui.steps.evaluation.result import Evaluation, Fit, Gap, Group, Joint, Setup, Side
from skintui.steps.place import Place

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
    ],
)
def test_wrong_usage_is_one_line(
    indexed: Place, tiny: Path, given: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = [str(indexed.files.root), "--workspace", str(indexed.workspace.root), "--progress", "none"]
    assert run(["evaluate", *place, "--base", str(tiny), *given]) == 2
    assert message in capsys.readouterr().err
