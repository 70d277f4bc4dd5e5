"""What the model is asked and how it answers: the chat template with the image first, numbers without a unit.

The template's text up to and including the image is the same for every question (the *prefix*); what follows it, the
question, the end of the turn and the opening of the answer, is the *question* proper. The pass over a tile shares the
first and packs the second (see :mod:`skintui.model.pack`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from skintui.attributes import Attribute
from skintui.errors import ModelError

VISION_START, VISION_END, IMAGE_PAD, VIDEO_PAD = "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"
TURN_START, TURN_END = "<|im_start|>", "<|im_end|>"
SPECIAL_TOKENS = (VISION_START, VISION_END, IMAGE_PAD, VIDEO_PAD, TURN_START, TURN_END)

_NUMBER = re.compile(r"[-+]?[0-9]{1,9}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Prompt:
    """Questions and answers as token ids of one model.

    ``grid`` is the (rows, columns) of image tokens a tile becomes; ``prefix`` holds all of them, from ``image_start``.
    """

    tokenizer: Any
    grid: tuple[int, int]
    prefix: tuple[int, ...]
    image_start: int
    end: int
    """Id of the token that ends an answer (``<|im_end|>``)."""
    _questions: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)
    """Questions already rendered: the template engine is slow beside a small model."""

    @classmethod
    def of(cls, tokenizer: Any, grid: tuple[int, int]) -> Prompt:
        """Reads the prefix off the tokenizer's chat template. Raises ModelError where that has no image-first form."""
        head, tail = _rendered(tokenizer, "1")
        other, _ = _rendered(tokenizer, "2")
        if head != other or "1" not in tail:
            raise ModelError("the chat template does not put the image before the question")
        ids = tokenizer.encode(head, add_special_tokens=False)
        pad = tokenizer.convert_tokens_to_ids(IMAGE_PAD)
        if ids.count(pad) != 1:
            raise ModelError(f"the chat template names the image {ids.count(pad)} times, not once")
        start = ids.index(pad)
        prefix = (*ids[:start], *([pad] * (grid[0] * grid[1])), *ids[start + 1 :])
        return cls(tokenizer, grid, prefix, start, int(tokenizer.convert_tokens_to_ids(TURN_END)))

    @property
    def image_tokens(self) -> int:
        return self.grid[0] * self.grid[1]

    def question(self, text: str) -> tuple[int, ...]:
        """Ids behind the prefix: the question, the end of the turn, the opening of the answer."""
        if text not in self._questions:
            rendered = _rendered(self.tokenizer, text)[1]
            self._questions[text] = tuple(self.tokenizer.encode(rendered, add_special_tokens=False))
        return self._questions[text]

    def answer(self, text: str) -> tuple[int, ...]:
        """Ids of an answer with the token that ends it."""
        return (*self.tokenizer.encode(text, add_special_tokens=False), self.end)

    def text(self, ids: Sequence[int]) -> str:
        """An answer's ids as text, up to the token that ends it."""
        kept = list(ids[: list(ids).index(self.end)]) if self.end in ids else list(ids)
        return str(self.tokenizer.decode(kept, skip_special_tokens=True)).strip()


def _rendered(tokenizer: Any, question: str) -> tuple[str, str]:
    """The template's text (up to and including the image, after it)."""
    content = [{"type": "image"}, {"type": "text", "text": question}]
    message = [{"role": "user", "content": content}]
    try:
        whole = tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
    except Exception as error:  # jinja2 and transformers raise many types for a template that is missing or wrong
        raise ModelError(
            f"the chat template cannot be used ({error})", do="take a Qwen2-VL 'Instruct' model"
        ) from error
    head, found, tail = whole.partition(VISION_END)
    if not found:
        raise ModelError("the chat template has no place for an image", do="take a Qwen2-VL 'Instruct' model")
    return head + found, tail


def format_answer(attribute: Attribute, value: float) -> str:
    """The answer the model is taught: a plain decimal, e.g. ``12.34``; never ``-0.00``."""
    text = f"{value:.{attribute.decimals}f}"
    return text[1:] if float(text) == 0 and text.startswith("-") else text


def parse_answer(attribute: Attribute, text: str) -> float | None:
    """The number of an answer, or None where it is no number or outside the attribute's plausible range.

    The unit may follow the number (an untuned model adds it); nothing else may.
    """
    bare = text.strip().removesuffix(attribute.unit).rstrip() if attribute.unit else text.strip()
    if not _NUMBER.fullmatch(bare):
        return None
    value = float(bare)
    return value if math.isfinite(value) and attribute.is_plausible(value) else None


def joint_question(attributes: Sequence[Attribute]) -> str:
    """One question for several attributes in their own words: ``What are the area in mm² and the L* contrast?``."""
    if len(attributes) == 1:
        return attributes[0].question
    asked = [a.question.removeprefix("What is ").removesuffix("?") for a in attributes]
    return f"What are {', '.join(asked[:-1])} and {asked[-1]}?"
