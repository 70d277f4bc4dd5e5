from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from skintui.attributes import ATTRIBUTES
from skintui.model.bundled.describe_stage import Answers, DescribeStage, number
from skintui.model.bundled.drawings import Drawings, level_cuts, to_levels, turned
from skintui.model.bundled.loop import Stage
from skintui.model.bundled.optimiser import TwoOptimisers
from skintui.model.bundled.questions import LEVELS, TRAITS, describe_question, level_words
from skintui.model.bundled.shape import new_model, preprocessor_config
from skintui.model.bundled.targets import CHANNELS
from skintui.model.bundled.vision_stage import Batch, DrawnHeads, VisionStage, merged_cells, patches


def test_patches_equal_the_image_processors(discs: Drawings) -> None:
    processor = Qwen2VLImageProcessorPil(**preprocessor_config())
    made = processor(images=[Image.fromarray(discs.tiles[1])], do_resize=False, return_tensors="pt")
    torch.testing.assert_close(patches(torch.from_numpy(discs.tiles[1:2])), made["pixel_values"], atol=1e-5, rtol=1e-5)


def test_merged_cells_are_the_four_cells_of_an_image_token() -> None:
    cells = torch.arange(256.0).reshape(1, 16, 16, 1)
    merged = merged_cells(cells)
    assert merged[0, 0].tolist() == [0, 1, 16, 17]
    assert merged[0, 9].tolist() == [34, 35, 50, 51]  # second row of tokens, second column


def test_a_turned_tile_has_the_turned_targets(discs: Drawings) -> None:
    batch = Batch(discs, np.array([2, 2]), np.array([0, 1]))
    straight = merged_cells(torch.from_numpy(np.array(discs.cells[2:3], dtype=np.float32)))
    rotated = turned(np.asarray(discs.cells[2]), 1, mirrored=False).astype(np.float32)
    torch.testing.assert_close(batch.cells[0], straight[0])
    torch.testing.assert_close(batch.cells[1], merged_cells(torch.from_numpy(rotated.copy())[None])[0])


def test_levels_are_septiles() -> None:
    values = np.tile(np.arange(70.0)[:, None], (1, 16))
    levels = to_levels(values, level_cuts(values))
    assert np.bincount(levels[:, 0]).tolist() == [10] * LEVELS


def test_a_missing_attribute_has_no_word() -> None:
    values = np.full((1, 16), np.nan)
    assert (to_levels(values, np.zeros((LEVELS - 1, 16))) == -1).all()


def test_no_number_question_of_the_base_is_one_of_the_sixteen() -> None:
    asked = {t.question for t in TRAITS} | {describe_question(a) for a in ATTRIBUTES}
    assert asked.isdisjoint({a.question for a in ATTRIBUTES})
    assert {t.name for t in TRAITS}.isdisjoint({a.name for a in ATTRIBUTES})


def test_the_sixteen_are_answered_in_words_only(discs: Drawings) -> None:
    stage = DescribeStage(new_model(0), discs, DrawnHeads(256, discs))
    answers, batch = Answers(stage.prompt), Batch(discs, np.arange(4), np.zeros(4, dtype=np.int64))
    for which, attribute in enumerate(ATTRIBUTES):
        for tile in range(4):
            answer = answers.of(batch, tile, which).answer
            assert answer is not None
            assert stage.prompt.text(answer) in level_words(attribute)


def test_each_attribute_has_seven_different_words() -> None:
    assert all(len(set(level_words(a))) == LEVELS for a in ATTRIBUTES)


@pytest.mark.parametrize(("value", "text"), [(12.345, "12.35"), (-0.001, "0.00"), (-3.2, "-3.20")])
def test_numbers_have_two_decimals(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize("name", ["vision", "describe"])
def test_four_steps_on_one_batch_lower_the_loss(name: str, discs: Drawings) -> None:
    torch.manual_seed(0)
    model, heads = new_model(0), DrawnHeads(256, discs)
    stage: Stage = VisionStage(model, discs) if name == "vision" else DescribeStage(model, discs, heads)
    optimisers = TwoOptimisers(stage.named_parameters())
    losses = []
    for _ in range(4):
        loss, _parts = stage.loss(4, (0, 0))
        loss.backward()  # type: ignore[no-untyped-call]
        losses.append(float(loss.detach()))
        optimisers.step(40, 0.0)
    assert losses[-1] < 0.9 * losses[0]


def test_heads_predict_as_many_values_as_there_are_targets(discs: Drawings) -> None:
    cells, traits, levels = DrawnHeads(256, discs)(torch.zeros(2, 64, 256))
    assert cells.shape == (2, 64, 4 * len(CHANNELS))
    assert traits.shape == (2, len(TRAITS))
    assert levels.shape == (2, len(ATTRIBUTES), LEVELS)
