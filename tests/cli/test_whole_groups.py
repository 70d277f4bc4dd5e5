"""``audit --systematic`` and ``describe`` by their contracts."""

from __future__ import annotations

import json

import pytest

from skintui.attributes import ATTRIBUTES
from skintui.cli.main import run
from skintui.steps.place import Place
from tests.cli.conftest import Called
from tests.small_fixtures import store_near_labels

ID = "ISIC_0000004"
SYSTEMATIC = (
    "kind,attribute,with_attribute,by,group,lesions,amount,log_likelihood_gain,median_before,median_after,explained,"
    "p_value,q_value,sentence"
)


def at(place: Place) -> list[object]:
    return [place.files.root, "--workspace", place.workspace.root, "--progress", "none"]


def test_audit_lists_systematic_errors_in_their_columns(call: Called, predicted: Place) -> None:
    out = call("audit", *at(predicted), "--systematic", "--format", "csv")
    assert out.splitlines() == [SYSTEMATIC]
    assert json.loads(call("audit", *at(predicted), "--systematic", "--format", "json")) == []


def test_audit_lists_one_thing_at_a_time(call: Called, predicted: Place) -> None:
    assert "one of --clusters and --systematic" in call("audit", *at(predicted), "--clusters", "--systematic", code=2)


def test_audit_mentions_an_error_of_a_whole_group(predicted: Place, capsys: pytest.CaptureFixture[str]) -> None:
    labels = predicted.lesions().labels().copy()
    labels[:, 0] /= 100
    store_near_labels(predicted, truth=labels)
    assert run(["audit", *map(str, at(predicted)), "--top", "1"]) == 0
    assert "1 systematic error: area of every lesion is ×100 what it should be; see --systematic" in (
        capsys.readouterr().err
    )


def test_describe_says_what_the_model_reads(call: Called, predicted: Place) -> None:
    out = call("describe", *at(predicted), ID, "ISIC_0000007")
    first, second = out.strip().split("\n\n")
    assert first.startswith(f"The model has read {ID} ")
    assert second.endswith("These are readings of a tile, not a diagnosis.")


def test_describe_gives_readings_to_programs(call: Called, predicted: Place) -> None:
    told = json.loads(call("describe", *at(predicted), ID, "--format", "json"))
    assert list(told[0]) == ["isic_id", "sentence", "cohort", "unsure", "readings"]
    assert [reading["attribute"] for reading in told[0]["readings"]] == [a.name for a in ATTRIBUTES]
