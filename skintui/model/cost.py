"""What a pass costs: operations and bytes from the shapes alone, no weights loaded.

Operations are counted as ``torch.utils.flop_counter`` does (a multiply-add is two, only matrix products and
attention): a test holds the formulas against it on the real modules. Nothing here loads torch.

Training with LoRA: the base is frozen, so backwards every linear layer costs its forward once (the gradient of its
input; none of its weights), attention two and a half times (its kernel computes the scores again), and the LoRA
products twice. With gradient checkpointing the blocks run forwards once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skintui.model.shapes import Layout, Shape

RANK = 8
LINEAR_BACK, ATTENTION_BACK, LORA_BACK = 1.0, 2.5, 2.0
"""Backward operations over forward ones."""
NF4_BYTES = 0.5 + (1 + 4 / 256) / 64
"""Per weight: four bits, an 8-bit scale per 64 weights, a float32 scale per 256 of those (QLoRA, arXiv 2305.14314)."""


@dataclass(frozen=True, slots=True)
class Operations:
    """Operations of one tile forwards, by how their gradient is made."""

    linear: float
    attention: float
    lora: float = 0.0
    head: float = 0.0
    """The output layer, never checkpointed."""

    @property
    def forward(self) -> float:
        return self.linear + self.attention + self.lora + self.head

    def training(self, *, checkpointing: bool) -> float:
        """Forwards and backwards."""
        blocks = self.linear + self.attention + self.lora
        back = LINEAR_BACK * (self.linear + self.head) + ATTENTION_BACK * self.attention + LORA_BACK * self.lora
        return self.forward + back + (blocks if checkpointing else 0)

    def __add__(self, other: Operations) -> Operations:
        return Operations(
            self.linear + other.linear,
            self.attention + other.attention,
            self.lora + other.lora,
            self.head + other.head,
        )


def _products(linear: Sequence[tuple[int, int]], tokens: int, rank: int) -> tuple[float, float]:
    """Operations of linear layers on ``tokens``, and of LoRA of ``rank`` beside them."""
    base = 2.0 * tokens * sum(i * o for i, o in linear)
    return base, 2.0 * tokens * rank * sum(i + o for i, o in linear)


def decoder_layer(shape: Shape, tokens: int, rank: int = 0, seen: int | None = None) -> Operations:
    """One decoder layer on ``tokens`` that look at ``seen`` (themselves by default); masked scores are computed too."""
    linear, lora = _products(shape.decoder_linear(), tokens, rank)
    return Operations(linear, 4.0 * tokens * (seen or tokens) * shape.hidden, lora)


def vision_block(shape: Shape, patches: int, rank: int = 0) -> Operations:
    linear, lora = _products(shape.vision_linear(), patches, rank)
    return Operations(linear, 4.0 * patches**2 * shape.vision_width, lora)


def vision_tower(shape: Shape, patches: int, rank: int = 0) -> Operations:
    """Patch embedding, blocks and merger on one tile."""
    block = vision_block(shape, patches, rank)
    merger, lora = _products(shape.merger_linear(), patches // shape.merge**2, rank)
    embedding = 2.0 * patches * shape.pixels * shape.vision_width
    n = shape.depth
    return Operations(n * block.linear + merger + embedding, n * block.attention, n * block.lora + lora)


def decoder(shape: Shape, tokens: int, answers: int, rank: int = 0, seen: int | None = None) -> Operations:
    """All layers on ``tokens``, and the output layer at ``answers`` places."""
    one, n = decoder_layer(shape, tokens, rank, seen), shape.layers
    return Operations(n * one.linear, n * one.attention, n * one.lora, 2.0 * answers * shape.hidden * shape.vocabulary)


def packed_pass(shape: Shape, lay: Layout, rank: int = 0, *, first: bool = False) -> Operations:
    """One tile with all its questions in one pass; logits for every answer token, and once more each first one."""
    count = len(lay.questions)
    places = count * (lay.answer + (1 if first else 0))
    return vision_tower(shape, lay.patches, rank) + decoder(shape, lay.packed, places, rank)


def separate_passes(shape: Shape, lay: Layout, rank: int = 0, *, first: bool = False) -> Operations:
    """The same as one ordinary pass per question, the tile seen anew by each."""
    places = lay.answer + (1 if first else 0)
    total = Operations(0, 0)
    for tokens in lay.separate:
        total += vision_tower(shape, lay.patches, rank) + decoder(shape, tokens, places, rank)
    return total


def prefix_pass(shape: Shape, lay: Layout) -> Operations:
    """The image vector alone."""
    return vision_tower(shape, lay.patches) + decoder(shape, lay.prefix, 0)


def decoding_step(shape: Shape, lay: Layout) -> Operations:
    """One more token of every answer of a tile, behind the cached pass."""
    count = len(lay.questions)
    return decoder(shape, count, count, seen=lay.packed + count)


def weight_count(shape: Shape) -> int:
    """Every weight of the model: towers, embedding, output layer unless it is the embedding, norms and biases."""
    matrices = sum(i * o for i, o in shape.linear())
    embeddings = (1 if shape.tied else 2) * shape.vocabulary * shape.hidden
    d, w = shape.hidden, shape.vision_width
    biases = shape.layers * (d + 2 * shape.keys)  # queries, keys, values
    biases += shape.depth * sum(o for _, o in shape.vision_linear()) + sum(o for _, o in shape.merger_linear())
    norms = shape.layers * 2 * d + d + shape.depth * 4 * w + 2 * w
    return matrices + embeddings + shape.pixels * w + biases + norms


def weight_bytes(shape: Shape, quantize: str = "") -> float:
    """Bytes of the base in bfloat16, or with its linear layers in ``8bit`` or ``4bit``."""
    small = sum(i * o for i, o in shape.linear())
    rows = sum(o for _, o in shape.linear())
    held = {"": 2.0 * small, "8bit": 1.0 * small + 4.0 * rows, "4bit": NF4_BYTES * small}[quantize]
    return held + 2.0 * (weight_count(shape) - small)


def lora_count(shape: Shape, rank: int = RANK) -> int:
    return rank * sum(i + o for i, o in shape.linear())


def lora_bytes(shape: Shape, rank: int = RANK) -> float:
    """LoRA in training: matrix, gradient and AdamW's two moments, four float32 each."""
    return 16.0 * lora_count(shape, rank)


def cache_bytes(shape: Shape, tokens: int) -> float:
    """Keys and values of every layer in bfloat16."""
    return 2.0 * 2 * shape.layers * shape.keys * tokens


def vector_bytes(shape: Shape, views: int = 17) -> float:
    """What the index keeps per lesion: float16 vectors."""
    return 2.0 * views * shape.hidden


def logit_bytes(shape: Shape, places: int) -> float:
    """Logits of a loss: bfloat16, float32, their log-softmax and both gradients (2 + 4 + 4 + 4 + 2 bytes a number)."""
    return 16.0 * places * shape.vocabulary


def reading_bytes(shape: Shape, lay: Layout) -> float:
    """Most bytes a tile holds while it is read: cache, final states, one layer's MLP, softmax of first answers."""
    count = len(lay.questions)
    running = 2.0 * lay.packed * (3 * shape.mlp + 4 * shape.hidden)
    softmax = 10.0 * count * shape.vocabulary  # bfloat16, float32 and its softmax
    return cache_bytes(shape, lay.packed + count * lay.answer) + max(running, softmax) + vector_bytes(shape) * 2
