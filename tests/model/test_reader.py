from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from skintui.attributes import ATTRIBUTES, attribute
from skintui.model import decode as decoding
from skintui.model.pack import Question, pack
from skintui.model.prompt import format_answer, joint_question
from skintui.model.reader import LesionReader, RawVectors, Reading
from skintui.model.timing import relative_error

Tiles = list[Image.Image]


@pytest.fixture(scope="module")
def separate(tiny_reader: LesionReader, tiles: Tiles) -> RawVectors:
    """The oracle: seventeen ordinary passes."""
    return tiny_reader.read_separately(tiles)


@pytest.fixture(scope="module")
def labels() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    values = np.random.default_rng(1).uniform(0.5, 30, (3, 16))
    values[1, 3] = np.nan
    return values


@pytest.fixture(scope="module")
def reading(
    tiny_reader: LesionReader, tiles: Tiles, labels: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> Reading:
    return tiny_reader.read(tiles, labels=labels)


def test_packed_image_vectors_equal_separate_ones(
    tiny_reader: LesionReader, tiles: Tiles, separate: RawVectors
) -> None:
    assert relative_error(tiny_reader.read_packed(tiles).image, separate.image) < 1e-4


def test_packed_attribute_vectors_equal_separate_ones(
    tiny_reader: LesionReader, tiles: Tiles, separate: RawVectors
) -> None:
    assert relative_error(tiny_reader.read_packed(tiles).attribute, separate.attribute) < 1e-4


def test_packed_first_logits_equal_separate_ones(tiny_reader: LesionReader, tiles: Tiles, separate: RawVectors) -> None:
    assert relative_error(tiny_reader.read_packed(tiles).first_logits, separate.first_logits) < 1e-4


def test_the_vectors_tell_tiles_and_questions_apart(separate: RawVectors) -> None:
    assert np.abs(separate.image[0] - separate.image[1]).max() > 1e-2 * np.abs(separate.image).max()
    assert np.abs(separate.attribute[:, 0] - separate.attribute[:, 1]).max() > 1e-2 * np.abs(separate.attribute).max()


def test_labels_riding_behind_change_no_vector(reading: Reading, separate: RawVectors) -> None:
    assert relative_error(reading.image_vectors, separate.image) < 1e-4
    assert relative_error(reading.attribute_vectors, separate.attribute) < 1e-4


def test_labels_riding_behind_change_no_answer(tiny_reader: LesionReader, tiles: Tiles, reading: Reading) -> None:
    assert tiny_reader.read(tiles).texts == reading.texts


def test_one_tile_reads_as_in_a_batch(tiny_reader: LesionReader, tiles: Tiles, reading: Reading) -> None:
    alone = tiny_reader.read(tiles[1:2])
    assert relative_error(alone.attribute_vectors[0], reading.attribute_vectors[1]) < 1e-4
    assert alone.texts[0] == reading.texts[1]


def test_label_logprob_equals_a_pass_with_that_answer_alone(
    tiny_reader: LesionReader,
    tiles: Tiles,
    reading: Reading,
    labels: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> None:
    import torch

    prompt, area = tiny_reader.prompt, ATTRIBUTES[0]
    answer = prompt.answer(format_answer(area, labels[0, 0]))
    head = [*prompt.prefix, *prompt.question(area.question)]
    with torch.inference_mode():
        states = tiny_reader._ordinary(torch.tensor([*head, *answer[:-1]]), tiles[:1]).last_hidden_state
        logs = torch.log_softmax(tiny_reader.model.lm_head(states[0, len(head) - 1 :]), dim=-1)
    expected = sum(float(logs[i, token]) for i, token in enumerate(answer))
    assert reading.label_logprob[0, 0] == pytest.approx(expected, rel=1e-4)


def test_a_missing_label_has_no_logprob(reading: Reading) -> None:
    assert np.isnan(reading.label_logprob[1, 3])
    assert np.isfinite(reading.label_logprob).sum() == 47


def test_decoded_answers_equal_generation_one_by_one(tiny_reader: LesionReader, tiles: Tiles) -> None:
    import torch
    from transformers import DynamicCache

    from skintui.model.forward import run

    prompt = tiny_reader.prompt
    packed = pack(prompt, [[Question(prompt.question(a.question)) for a in ATTRIBUTES]])
    cache = DynamicCache(config=tiny_reader.model.config.text_config)
    with torch.inference_mode():
        states = run(tiny_reader.model, packed, tiny_reader.loaded.pixels(tiles[:1]), cache=cache)
        logits = tiny_reader.model.lm_head(states.at(packed.last))
        together = decoding.decode(tiny_reader.model, prompt, packed, cache, logits).ids[0]
        for a in (0, 5, 15):
            ids = [*prompt.prefix, *prompt.question(ATTRIBUTES[a].question)]
            for step in range(together.shape[1]):
                final = tiny_reader._ordinary(torch.tensor(ids), tiles[:1]).last_hidden_state[0, -1]
                ids.append(int(tiny_reader.model.lm_head(final).argmax()))
                assert ids[-1] == together[a, step]
                if ids[-1] == prompt.end:
                    break


def test_an_answer_that_is_no_number_is_missing_with_its_text(reading: Reading) -> None:
    # random weights write anything but numbers
    for b, a in np.argwhere(np.isnan(reading.predicted)):
        assert reading.texts[b][a]
        assert np.isnan(reading.spread[b, a])
    assert np.isnan(reading.predicted).any()


def test_without_decoding_there_are_vectors_alone(tiny_reader: LesionReader, tiles: Tiles) -> None:
    reading = tiny_reader.read(tiles, decode=False)
    assert np.isnan(reading.predicted).all()
    assert reading.texts == [[], [], []]
    assert reading.attribute_vectors.shape == (3, 16, tiny_reader.hidden_size)


def test_image_vectors_alone_equal_those_of_the_full_pass(
    tiny_reader: LesionReader, tiles: Tiles, separate: RawVectors
) -> None:
    assert relative_error(tiny_reader.embed_images(tiles), separate.image) < 1e-4


def test_a_joint_prompt_of_one_attribute_is_that_attributes_vector(
    tiny_reader: LesionReader, tiles: Tiles, separate: RawVectors
) -> None:
    assert relative_error(tiny_reader.embed_joint(tiles, ATTRIBUTES[4:5]), separate.attribute[:, 4]) < 1e-4


def test_a_joint_prompt_asks_for_both(tiny_reader: LesionReader, tiles: Tiles) -> None:
    pair = [attribute("areaMM2"), attribute("deltaL")]
    joint = tiny_reader.embed_joint(tiles, pair)
    single = tiny_reader.embed_joint(tiles, pair[:1])
    assert joint.shape == single.shape == (3, tiny_reader.hidden_size)
    assert joint_question(pair) != pair[0].question
    assert np.abs(joint - single).max() > 1e-3


def test_no_tiles_read_as_nothing(tiny_reader: LesionReader) -> None:
    assert tiny_reader.read([]).attribute_vectors.shape == (0, 16, tiny_reader.hidden_size)
