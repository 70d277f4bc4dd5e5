"""The two published shapes the method runs on, and the lengths of its prompts: what cost is computed from.

Numbers of ``config.json`` of Qwen/Qwen2-VL-7B-Instruct and -2B-Instruct; the totals they give, 8,291,375,616 and
2,208,985,600 weights, are the published ones. Nothing here loads torch.
"""

from __future__ import annotations

from dataclasses import dataclass

from skintui.model.fingerprint import TILE_PX


@dataclass(frozen=True, slots=True)
class Shape:
    """One Qwen2-VL: widths and depths of both towers."""

    name: str
    hidden: int
    """Width of the decoder, and of every vector the method stores."""
    mlp: int
    heads: int
    groups: int
    """Key-value heads."""
    layers: int
    vocabulary: int
    tied: bool
    """Whether the output layer is the embedding."""
    depth: int = 32
    """Blocks of the vision tower."""
    vision_width: int = 1280
    vision_heads: int = 16
    patch: int = 14
    """Side of a patch in pixels; two frames of three channels."""
    merge: int = 2
    """Patches a side that become one image token."""

    @property
    def keys(self) -> int:
        """Width of the keys (and of the values)."""
        return self.hidden // self.heads * self.groups

    @property
    def vision_mlp(self) -> int:
        return 4 * self.vision_width

    @property
    def merged(self) -> int:
        """Width of the merger: the patches of one image token side by side."""
        return self.merge**2 * self.vision_width

    @property
    def pixels(self) -> int:
        """Numbers per patch."""
        return 3 * 2 * self.patch**2

    def decoder_linear(self) -> list[tuple[int, int]]:
        """(in, out) of a decoder layer's linear layers: queries, keys, values, output, gate, up, down."""
        d, m = self.hidden, self.mlp
        return [(d, d), (d, self.keys), (d, self.keys), (d, d), (d, m), (d, m), (m, d)]

    def vision_linear(self) -> list[tuple[int, int]]:
        """(in, out) of a vision block's: queries with keys and values, output, up, down."""
        w = self.vision_width
        return [(w, 3 * w), (w, w), (w, self.vision_mlp), (self.vision_mlp, w)]

    def merger_linear(self) -> list[tuple[int, int]]:
        return [(self.merged, self.merged), (self.merged, self.hidden)]

    def linear(self) -> list[tuple[int, int]]:
        """Every linear layer that LoRA changes and quantisation shrinks."""
        return self.depth * self.vision_linear() + self.merger_linear() + self.layers * self.decoder_linear()


SHAPES = {
    "7b": Shape("Qwen2-VL-7B", 3584, 18944, 28, 4, 28, 152064, False),
    "2b": Shape("Qwen2-VL-2B", 1536, 8960, 12, 2, 28, 151936, True),
}

QUESTION_TOKENS = (13, 13, 12, 13, 18, 19, 18, 14, 13, 13, 13, 13, 15, 12, 12, 11)
"""Tokens of the sixteen questions with the end of the turn and the opening of the answer, counted with Qwen2's byte
pairs; the mean is 13.9."""
ANSWER_TOKENS = 6
"""Of an answer such as ``12.34`` with its end, every digit a token; the mean over SLICE-3D-like labels is 5.5."""
PREFIX_TEXT = 16
"""Tokens before the questions besides the image's own: system turn, opening of the user's turn, the image's ends."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Token counts of one tile's pass."""

    patches: int
    image_tokens: int
    questions: tuple[int, ...]
    """Tokens of each question asked."""
    answer: int = ANSWER_TOKENS
    """Tokens of an answer that is predicted; one less is fed."""

    @property
    def prefix(self) -> int:
        return PREFIX_TEXT + self.image_tokens

    @property
    def packed(self) -> int:
        """Tokens of one pass over all questions, the answers riding along."""
        return self.prefix + sum(self.questions) + len(self.questions) * (self.answer - 1)

    @property
    def separate(self) -> tuple[int, ...]:
        """Tokens of each pass where every question has its own."""
        return tuple(self.prefix + asked + self.answer - 1 for asked in self.questions)


def layout(shape: Shape, questions: int = 16, tile_px: int = TILE_PX) -> Layout:
    """A tile of ``tile_px`` with the first ``questions`` of an even draw from the sixteen."""
    side = tile_px // shape.patch
    step = len(QUESTION_TOKENS) / questions
    asked = tuple(QUESTION_TOKENS[int(i * step)] for i in range(questions))
    return Layout(side**2, (side // shape.merge) ** 2, asked)
