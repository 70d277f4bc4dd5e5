"""What is handed to the process that measures a stage, and when nothing can be measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from skintui.attributes import attributes
from skintui.errors import ModelError, VectorsError
from skintui.progress import SILENT
from skintui.steps.evaluation import cost
from skintui.steps.evaluation.cost_stages import Order, Stage, measure_stage
from skintui.steps.index import index
from skintui.steps.place import Place, open_place
from skintui.steps.weights import Weights


@pytest.fixture
def ordered(indexed: Place, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Order:
    """The order for one stage with a model that answers greedily."""
    found: list[Order] = []

    def run_stage(order: Order, _progress: object) -> Stage:
        found.append(order)
        return Stage(order.stage, 1, 1.0, 1.0, None, None, None, "")

    monkeypatch.setattr(cost, "run_stage", run_stage)
    cost.measure_cost(indexed, Weights(str(tiny), None, "cpu", decode="greedy"), SILENT, stages=("with answers",))
    return found[0]


def test_a_stage_reads_answers_as_the_evaluation_does(ordered: Order) -> None:
    assert ordered.decode == "greedy"


def test_a_stage_loads_the_model_in_as_many_bits(ordered: Order) -> None:
    assert ordered.quantize == ""
    with pytest.raises(ModelError, match="unknown quantisation '3bit'"):
        measure_stage(replace(ordered, quantize="3bit"))


def test_an_index_of_one_attribute_is_refused_before_anything_is_measured(
    small: Path, tiny: Path, tmp_path: Path
) -> None:
    place, weights = open_place(small, workspace=tmp_path / "w"), Weights(str(tiny), None, "cpu")
    index(place, weights, SILENT, attributes=attributes("areaMM2"), batch_size=8, limit=8)
    with pytest.raises(VectorsError, match="image view and two attributes"):
        cost.measurable_index(place, weights, SILENT)
