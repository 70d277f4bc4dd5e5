"""Second stage: the whole model answers about drawn lesions, in words for the attributes and numbers for other traits.

The prompts, the packing and the loss are those of the adapter's training; the dense heads keep their say so that the
tower does not forget what it sees.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import nn

from skintui.attributes import ATTRIBUTES
from skintui.model.bundled.drawings import MISSING_LEVEL, Drawings
from skintui.model.bundled.questions import TRAITS, describe_question, level_words
from skintui.model.bundled.shape import CELLS, IMAGE_TOKENS, MERGE
from skintui.model.bundled.tokenizer import bundled_tokenizer
from skintui.model.bundled.vision_stage import Batch, DrawnHeads, grid_of, random_batch
from skintui.model.forward import Pixels, answer_loss, run
from skintui.model.pack import Question, pack
from skintui.model.prompt import Prompt

QUESTIONS_PER_TILE = 16
_DENSE_WEIGHT = 0.3
_LENGTHS = 64
"""Passes are padded to multiples of so many tokens, so that a compiled decoder meets few lengths."""


class Answers:
    """Questions of the base with their answers about a drawing, as token ids."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        texts = [*(describe_question(a) for a in ATTRIBUTES), *(t.question for t in TRAITS)]
        self._asked = [prompt.question(text) for text in texts]
        self._words = [[prompt.answer(word) for word in level_words(a)] for a in ATTRIBUTES]

    def __len__(self) -> int:
        return len(self._asked)

    def of(self, batch: Batch, tile: int, which: int) -> Question:
        """Question ``which`` about one tile of a batch; without answer where the value is missing."""
        asked = self._asked[which]
        if which < len(ATTRIBUTES):
            level = int(batch.levels[tile, which])
            return Question(asked, None if level == MISSING_LEVEL else self._words[which][level])
        value = float(batch.traits[tile, which - len(ATTRIBUTES)])
        return Question(asked, None if math.isnan(value) else self._prompt.answer(number(value)))


def number(value: float) -> str:
    """A number as the model writes it: two decimals, never ``-0.00``."""
    text = f"{value:.2f}"
    return text.removeprefix("-") if float(text) == 0 else text


class DescribeStage:
    """Loss of the whole model on one batch of packed questions."""

    name = "describe"

    def __init__(self, model: Any, drawings: Drawings, heads: DrawnHeads) -> None:
        self.model, self.drawings, self.heads = model, drawings, heads
        side = CELLS // MERGE
        self.prompt = Prompt.of(bundled_tokenizer(), (side, side))
        self.answers = Answers(self.prompt)

    def named_parameters(self) -> list[tuple[str, nn.Parameter]]:
        return [*self.model.named_parameters(), *self.heads.named_parameters(prefix="heads")]

    def loss(self, size: int, seed: tuple[int, ...]) -> tuple[torch.Tensor, dict[str, float]]:
        batch = random_batch(self.drawings, size, seed)
        which = np.random.default_rng((*seed, 1)).permutation(len(self.answers))[:QUESTIONS_PER_TILE].tolist()
        packed = pack(
            self.prompt, [[self.answers.of(batch, tile, q) for q in which] for tile in range(len(batch))], _LENGTHS
        )
        merged: list[torch.Tensor] = []
        handle = self.model.model.visual.merger.register_forward_hook(lambda _m, _i, output: merged.append(output))
        try:
            with torch.autocast("cpu", torch.bfloat16):
                pixels = Pixels(batch.pixels, grid_of(len(batch)))
                states = run(self.model, packed, pixels, image_vector=False)
                answers = answer_loss(self.model, packed, states)
                dense, parts = self.heads.loss(merged[0].reshape(len(batch), IMAGE_TOKENS, -1), batch)
        finally:
            handle.remove()
        return answers + _DENSE_WEIGHT * dense, {"answers": float(answers.detach()), **parts}
