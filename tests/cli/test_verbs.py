"""Every verb by its contract: columns, shapes, exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.steps.place import Place
from tests.cli.conftest import Called
from tests.small_fixtures import store_near_labels
from tests.tiny_clip import write_tiny_clip

ID = "ISIC_0000004"
AUDIT = (
    "rank,isic_id,patient_id,attribute,label,predicted,spread,residual,score,p_value,q_value,neighbour_median,"
    "neighbour_mad,identity_violation,flagged,reason,expected"
)
CLUSTERS = "by,group,attribute,flagged,annotations,expected,ratio,p_value,q_value,shift,factor"
EXPORT = (
    "isic_id,patient_id,attribute,unit,label,predicted,spread,residual,score,q_value,neighbour_median,reason,verdict,"
    "proposed_value,note,reviewer,reviewed_at,dataset_sha256,model_id,schema_version"
)


def at(place: Place) -> list[object]:
    return [place.files.root, "--workspace", place.workspace.root, "--progress", "none"]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_scan_lists_problems(call: Called, small: Path, tmp_path: Path) -> None:
    found = json.loads(call("scan", small, "--workspace", tmp_path / "w", "--progress", "none", "--format", "json"))
    assert isinstance(found, list)
    assert all(list(problem) == ["kind", "isic_id", "column", "message"] for problem in found)
    assert not [problem for problem in found if problem["kind"] in ("row_without_tile", "undecodable_tile")]


def test_train_then_index_then_everything(call: Called, small: Path, tiny: Path, tmp_path: Path) -> None:
    adapter, workspace = tmp_path / "adapter", tmp_path / "w"
    here = [small, "--workspace", workspace, "--progress", "none"]
    call("train", *here, "--base", tiny, "--out", adapter, "--steps", 2, "--batch-size", 4, "--rank", 2)
    call("index", *here, "--base", tiny, "--adapter", adapter, "--attributes", "areaMM2,deltaL", "--batch-size", 8)
    # From here on the workspace knows its model.
    found = json.loads(call("neighbours", *here, ID, "--attribute", "areaMM2", "--format", "json"))
    columns = ["rank", "isic_id", "similarity", "label", "predicted", "patient_id"]
    assert all(list(row) == columns for row in found)
    assert [row["rank"] for row in found] == [1, 2, 3, 4, 5]
    assert json.loads(call("audit", *here, "--format", "json", "--top", 3))[0]["rank"] == 1
    held_out = len(json.loads((adapter / "split.json").read_text())["test"])
    measured = json.loads(call("evaluate", *here, "--format", "json"))
    assert measured["patients"] == {"train": 6 - held_out, "test": held_out}


@pytest.mark.parametrize("mode", ["attribute", "image", "hierarchical", "joint"])
def test_neighbours_in_every_mode(call: Called, indexed: Place, tiny: Path, mode: str) -> None:
    names = "areaMM2,deltaL" if mode == "joint" else "areaMM2"
    out = call("neighbours", *at(indexed), ID, "--attribute", names, "--mode", mode, "-k", 3, "--format", "csv")
    rows = table(out)
    assert out.startswith("rank,isic_id,similarity,label,predicted,patient_id")
    assert len(rows) == 3
    similarity = [float(row["similarity"]) for row in rows]
    assert similarity == sorted(similarity, reverse=True)
    assert ID not in [row["isic_id"] for row in rows]


def test_neighbours_of_a_tile_from_outside(call: Called, indexed: Place, small: Path) -> None:
    tile = small / "train-image" / "image" / f"{ID}.jpg"
    out = call("neighbours", *at(indexed), "--image", tile, "--mode", "image", "--format", "json", "-k", 1)
    assert json.loads(out)[0]["isic_id"] == ID


def test_audit_has_its_columns_in_every_format(call: Called, predicted: Place) -> None:
    out = call("audit", *at(predicted), "--format", "csv")
    assert out.splitlines()[0] == AUDIT
    rows = table(out)
    assert [int(row["rank"]) for row in rows] == list(range(1, 24 * 16 + 1))
    listed = json.loads(call("audit", *at(predicted), "--format", "json", "--top", 7))
    assert len(listed) == 7
    assert list(listed[0]) == AUDIT.split(",")
    assert len(call("audit", *at(predicted)).splitlines()) == 21  # a header and twenty rows for people


def test_audit_lists_clusters_in_their_columns(call: Called, predicted: Place) -> None:
    out = call("audit", *at(predicted), "--clusters", "--format", "csv")
    assert out.splitlines()[0] == CLUSTERS


def test_audit_puts_a_planted_error_first(call: Called, small: Path, tmp_path: Path) -> None:
    from skintui.steps.place import open_place
    from tests.small import read_rows, write_rows, write_small

    folder = write_small(tmp_path / "lesions", lesions=60, seed=3)
    place = open_place(folder, workspace=tmp_path / "w")
    rows = read_rows(folder / "train-metadata.csv")
    rows[17]["tbp_lv_norm_color"] = str(float(rows[17]["tbp_lv_norm_color"]) * 0.2)
    clean = np.array([[float(row[a.column]) for a in ATTRIBUTES] for row in read_rows(folder / "train-metadata.csv")])
    write_rows(folder / "train-metadata.csv", rows)
    store_near_labels(place, truth=clean)
    first = json.loads(call("audit", *at(place), "--format", "json", "--top", 1))[0]
    assert (first["isic_id"], first["attribute"], first["flagged"]) == ("ISIC_0000017", "norm_color", True)


def test_review_then_export(call: Called, predicted: Place, tmp_path: Path) -> None:
    call("audit", *at(predicted))
    given = [
        "--attribute",
        "deltaL",
        "--verdict",
        "label_wrong",
        "--value",
        -9.5,
        "--note",
        "=1+1",
        "--reviewer",
        "ana",
    ]
    recorded = json.loads(call("review", *at(predicted), ID, *given, "--format", "json"))
    assert recorded[0]["proposed_value"] == -9.5
    out = tmp_path / "out.csv"
    call("export", *at(predicted), out)
    text = out.read_text(encoding="utf-8")
    assert text.splitlines()[0] == EXPORT
    row = next(row for row in table(text) if row["verdict"])
    assert (row["isic_id"], row["attribute"], row["verdict"]) == (ID, "deltaL", "label_wrong")
    assert (row["proposed_value"], row["note"], row["reviewer"], row["model_id"]) == ("-9.5", "'=1+1", "ana", "good@0")
    assert "exists already" in call("export", *at(predicted), out, code=1)
    assert out.read_text(encoding="utf-8") == text
    call("export", *at(predicted), out, "--force")
    assert call("export", *at(predicted), "-") == text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--attribute", "deltaQ", "--verdict", "unsure"], "unknown attribute 'deltaQ'; did you mean 'deltaL"),
        (["--attribute", "deltaL", "--verdict", "maybe"], "'maybe' is no verdict"),
        (["--attribute", "areaMM2", "--verdict", "label_wrong", "--value", "-4"], "area cannot be -4"),
        (["--attribute", "areaMM2", "--verdict", "label_wrong", "--value", "nan"], "area cannot be nan"),
    ],
)
def test_a_wrong_verdict_is_wrong_usage_and_records_nothing(
    call: Called, predicted: Place, given: list[str], message: str
) -> None:
    assert message in call("review", *at(predicted), ID, *given, code=2)
    assert not predicted.workspace.review.exists()


def test_evaluate_has_the_contracts_shape(call: Called, indexed: Place, tiny: Path) -> None:
    measured = json.loads(call("evaluate", *at(indexed), "--base", tiny, "--format", "json"))
    assert list(measured)[:4] == ["r2", "retrieval", "patients", "queries"]
    assert list(measured["retrieval"])[:3] == ["attribute", "hierarchical", "image"]
    assert set(measured["r2"]) == {a.name for a in ATTRIBUTES}
    assert measured["patients"] == {"train": 0, "test": 6}
    assert measured["queries"] == 24
    assert all(0 <= value <= 100 for value in measured["retrieval"]["image"].values())


def test_evaluate_untuned_adds_a_method(call: Called, indexed: Place, tiny: Path) -> None:
    measured = json.loads(call("evaluate", *at(indexed), "--base", tiny, "--format", "json", "--untuned"))
    assert measured["retrieval"]["untuned"] == pytest.approx(measured["retrieval"]["image"], abs=4.0)


def test_evaluate_by_monet_adds_a_method_and_its_probe(
    call: Called, indexed: Place, tiny: Path, tmp_path: Path
) -> None:
    asked = ["--monet", write_tiny_clip(tmp_path / "monet"), "--probe"]
    measured = json.loads(call("evaluate", *at(indexed), "--base", tiny, "--format", "json", *asked))
    assert all(0 <= value <= 100 for value in measured["retrieval"]["monet"].values())
    assert list(measured["probe"]) == ["image", "monet"]
    assert measured["probe"]["monet"]["auroc"] is None
    assert measured["probe"]["monet"]["note"] == "no patient has a malignant lesion, and the probe needs 5"


def test_monet_of_another_architecture_is_one_line(call: Called, indexed: Place, tiny: Path) -> None:
    told = call("evaluate", *at(indexed), "--base", tiny, "--monet", tiny, code=1)
    assert "this is a 'qwen2_vl' model, not CLIP; choose another --monet" in told


def test_doctor_looks_at_everything(call: Called, predicted: Place) -> None:
    found = {row["check"]: row for row in json.loads(call("doctor", *at(predicted), "--format", "json"))}
    assert found["predictions.parquet"]["state"] == "ok"
    assert found["vectors"]["state"] == "lacking"
    assert {"torch", "polars", "terminal images", "workspace", "review.sqlite"} <= set(found)


def test_doctor_fails_where_something_is_damaged(call: Called, predicted: Place) -> None:
    predicted.workspace.review.write_bytes(b"SQLite format 3\0 and then nothing of the kind" * 50)
    assert "review.sqlite" in call("doctor", *at(predicted), code=1)


def test_doctor_names_a_link_that_leads_to_itself(call: Called, predicted: Place) -> None:
    predicted.workspace.desk.unlink(missing_ok=True)
    predicted.workspace.desk.symlink_to(predicted.workspace.desk)
    assert "desk.sqlite" in call("doctor", *at(predicted), code=1)


@pytest.mark.parametrize("what", ["forward", "search", "audit"])
def test_bench_measures_in_the_contracts_words(call: Called, predicted: Place, tiny: Path, what: str) -> None:
    given: dict[str, list[Any]] = {
        "forward": ["--base", tiny, "--tiles", 1, "--progress", "none"],
        "search": ["--rows", 2000, "--dimensions", 32, "--queries", 5, "--progress", "none"],
        "audit": at(predicted),
    }
    rows = json.loads(call("bench", what, *given[what], "--format", "json"))
    assert all(list(row) == ["what", "value", "unit", "goal", "peer", "rows", "machine"] for row in rows)
    assert all(row["value"] is not None for row in rows)


def test_what_goes_with_ray_is_refused_without_it(call: Called, small: Path, tiny: Path, tmp_path: Path) -> None:
    here = [small, "--workspace", tmp_path, "--base", tiny, "--progress", "none"]
    assert "--address goes with --engine ray" in call("index", *here, "--address", "auto", code=2)
