from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from skintui.errors import ModelError, UsageError
from skintui.progress import Silent
from skintui.steps.pretrain import PretrainSettings, draw, pretrain

SHORT = PretrainSettings(tiles=8, patients=3, steps=3, batch=2, seed=4)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pretrained")
    pretrain(out, SHORT)
    return out


def test_the_base_is_a_model_folder(trained: Path) -> None:
    from skintui.model.load import load_model

    assert load_model(trained / "base", device="cpu").tiles.side == 128


def test_each_stage_writes_its_course(trained: Path) -> None:
    lines = [json.loads(line) for line in (trained / "metrics.jsonl").read_text().splitlines()]
    assert {line["stage"] for line in lines} == {"vision", "describe"}
    assert all(np.isfinite(line["loss"]) for line in lines)


def test_the_drawn_folder_holds_no_attribute_as_a_number(trained: Path) -> None:
    arrays = {file.stem: np.load(file) for file in (trained / "drawn").glob("*.npy")}
    assert set(arrays) == {"tiles", "cells", "levels", "traits"}
    assert arrays["levels"].dtype == np.int8
    assert arrays["levels"].max() < 7


def test_drawing_does_not_depend_on_the_seeds_use_by_earlier_lesions(tmp_path: Path) -> None:
    draw(tmp_path / "few", replace(SHORT, tiles=3))
    draw(tmp_path / "more", replace(SHORT, tiles=5))
    few, more = np.load(tmp_path / "few" / "tiles.npy"), np.load(tmp_path / "more" / "tiles.npy")
    np.testing.assert_array_equal(few, more[:3])


class StopAfter(Silent):
    """A user who stops after some progress."""

    def __init__(self, units: int) -> None:
        self.left = units

    def advance(self, count: int = 1, **figures: float) -> None:
        self.left -= count

    @property
    def cancelled(self) -> bool:
        return self.left <= 0


def test_an_interrupted_stage_resumes_to_the_same_weights(trained: Path, tmp_path: Path) -> None:
    import torch

    settings = replace(SHORT, stages=("vision",), resume=True)
    (tmp_path / "drawn").symlink_to(trained / "drawn")
    with pytest.raises(Exception, match="stopped"):
        pretrain(tmp_path, settings, StopAfter(2))
    pretrain(tmp_path, settings)
    resumed, whole = (torch.load(folder / "vision.pt", weights_only=True) for folder in (tmp_path, trained))
    assert resumed["course"]["step"] == whole["course"]["step"] == 3
    for name, weight in whole["weights"].items():
        assert torch.equal(resumed["weights"][name], weight), name


def test_describing_before_seeing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="draw"):
        pretrain(tmp_path, replace(SHORT, stages=("describe",)))


@pytest.mark.parametrize("wrong", [{"stages": ("paint",)}, {"tiles": 0}, {"steps": 0, "minutes": 0.0}])
def test_settings_out_of_range_are_refused(wrong: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        pretrain(tmp_path, replace(SHORT, **wrong))  # type: ignore[arg-type]
