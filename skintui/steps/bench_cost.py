"""``bench cost``: what training and indexing cost with Qwen2-VL-7B and 2B, computed where it cannot be measured.

Operations and weights are formulas (``model.cost``), what a training step keeps is counted on the real modules
(``model.layers``), one layer of full width is timed here. Everything else is computed from these, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.measures import Measure, Measures

if TYPE_CHECKING:
    from skintui.model.accelerators import Accelerator
    from skintui.model.shapes import Layout, Shape

LESIONS = 401_059
"""Tiles of the published data set."""
W = 5
BATCH = 16
"""Tiles per pass unless --batch-size says otherwise."""
ANSWER_STEPS = 7
"""Decoding steps of a batch: its longest answer has eight tokens, the first of which needs no step."""
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Job:
    """``train`` or ``index`` with one shape: operations and bytes of one tile."""

    shape: Shape
    asked: Layout
    """Of training: W questions."""
    all_asked: Layout
    """Of reading: sixteen."""
    layer_bytes: int
    block_bytes: int
    """What one decoder layer and one vision block keep per tile for the backward pass."""

    @classmethod
    def of(cls, shape: Shape) -> Job:
        from skintui.model.layers import training_bytes
        from skintui.model.shapes import layout

        asked = layout(shape, W)
        return cls(shape, asked, layout(shape), *training_bytes(shape, asked.packed, asked.patches))

    def train(self, *, packed: bool = True, checkpointing: bool = False) -> float:
        """Operations per tile."""
        from skintui.model.cost import RANK, packed_pass, separate_passes

        one = packed_pass if packed else separate_passes
        return one(self.shape, self.asked, RANK).training(checkpointing=checkpointing)

    def index(self, *, packed: bool = True) -> float:
        """Operations per tile: vectors, log-probabilities of the labels, answers."""
        from skintui.model.cost import decoding_step, packed_pass, prefix_pass, separate_passes

        lay = self.all_asked
        answers = ANSWER_STEPS * decoding_step(self.shape, lay).forward
        if packed:
            return packed_pass(self.shape, lay, first=True).forward + answers
        return prefix_pass(self.shape, lay).forward + separate_passes(self.shape, lay, first=True).forward + answers

    def train_bytes(self, *, checkpointing: bool) -> float:
        """Bytes per tile of a training pass; logits in bfloat16, then float32 with softmax and gradient."""
        from skintui.model.cost import logit_bytes

        shape, lay = self.shape, self.asked
        logits = logit_bytes(shape, len(lay.questions) * lay.answer)
        whole = shape.layers * self.layer_bytes + shape.depth * self.block_bytes
        if not checkpointing:
            return whole + logits
        inputs = 2.0 * (shape.layers * lay.packed * shape.hidden + shape.depth * lay.patches * shape.vision_width)
        return inputs + max(self.layer_bytes, self.block_bytes) + logits

    def index_bytes(self) -> float:
        from skintui.model.cost import reading_bytes

        return reading_bytes(self.shape, self.all_asked)

    def fixed_bytes(self, *, training: bool, quantize: str) -> float:
        """Bytes whatever the batch."""
        from skintui.model.cost import lora_bytes, lora_count, weight_bytes

        tuned = lora_bytes(self.shape) if training else 4.0 * lora_count(self.shape)
        return weight_bytes(self.shape, quantize) + tuned

    def largest_batch(self, card: Accelerator, *, training: bool, quantize: str, checkpointing: bool = False) -> int:
        """Tiles per pass that fit; 0: not even one."""
        each = self.train_bytes(checkpointing=checkpointing) if training else self.index_bytes()
        return max(0, int((card.usable - self.fixed_bytes(training=training, quantize=quantize)) // each))

    def index_seconds(self, card: Accelerator, batch: int) -> float:
        """Computed seconds per tile; a decoding step takes at least one reading of all weights."""
        from skintui.model.accelerators import INDEX_SHARE
        from skintui.model.cost import decoding_step, weight_bytes

        rate = card.peak * INDEX_SHARE
        step = decoding_step(self.shape, self.all_asked).forward
        answers = ANSWER_STEPS * max(step / rate, weight_bytes(self.shape) / card.bandwidth / batch)
        return (self.index() - ANSWER_STEPS * step) / rate + answers


def bench_cost(progress: Progress, shapes: tuple[str, ...] = ("7b", "2b"), *, timed: bool = True) -> Measures:
    """Cost of both verbs with each of ``shapes``; without ``timed`` nothing is run here."""
    from skintui.model.shapes import SHAPES

    found: list[Measure] = []
    progress.start("counting and timing layers", len(shapes))
    for name in shapes:
        stop_if_cancelled(progress)
        job = Job.of(SHAPES[name])
        found += [*_operations(job), *_memory(job)]
        found += _here(job, progress) if timed else ()
        found += _cards(job)
        progress.advance()
    return Measures(tuple(found))


def _operations(job: Job) -> Iterator[Measure]:
    name = job.shape.name
    whole, apart = job.train(), job.train(packed=False)
    again = job.train(checkpointing=True)
    tera = 1e12
    yield Measure(
        f"{name}: train, W = 5 packed, computed", whole / tera, "TFLOP/tile",
        peer=f"{apart / tera:.3g} as five samples ({apart / whole:.2f}x)", rows=job.asked.packed,
    )  # fmt: skip
    yield Measure(
        f"{name}: train with gradient checkpointing, computed", again / tera, "TFLOP/tile",
        peer=f"{again / whole:.2f}x without", rows=job.asked.packed,
    )  # fmt: skip
    whole, apart = job.index(), job.index(packed=False)
    yield Measure(
        f"{name}: index, 16 packed, greedy answers, computed", whole / tera, "TFLOP/tile",
        peer=f"{apart / tera:.3g} as 17 passes ({apart / whole:.2f}x)", rows=job.all_asked.packed,
    )  # fmt: skip


def _memory(job: Job) -> Iterator[Measure]:
    from skintui.model.cost import cache_bytes, lora_bytes, vector_bytes, weight_bytes

    shape, name = job.shape, job.shape.name
    smaller = ", ".join(f"{weight_bytes(shape, bits) / GIB:.1f} in {bits}" for bits in ("8bit", "4bit"))
    yield Measure(f"{name}: weights in bfloat16, computed", weight_bytes(shape) / GIB, "GiB", peer=smaller)
    yield Measure(f"{name}: LoRA rank 8 with AdamW, computed", lora_bytes(shape) / GIB, "GiB")
    yield Measure(
        f"{name}: kept for the backward pass, computed", job.train_bytes(checkpointing=False) / GIB, "GiB/tile",
        peer=f"{job.train_bytes(checkpointing=True) / GIB:.2g} with gradient checkpointing", rows=job.asked.packed,
    )  # fmt: skip
    yield Measure(
        f"{name}: held while reading, computed", job.index_bytes() / 2**20, "MiB/tile",
        peer=f"{cache_bytes(shape, job.all_asked.packed) / 2**20:.3g} of it cache", rows=job.all_asked.packed,
    )  # fmt: skip
    yield Measure(
        f"{name}: vectors of 401,059 lesions, computed", LESIONS * vector_bytes(shape) / GIB, "GiB", rows=LESIONS
    )


def _here(job: Job, progress: Progress) -> Iterator[Measure]:
    """One layer and one block timed on one core here, and what the whole model would do at that pace."""
    from skintui.model.layer_timing import KINDS, time_layers

    for kind in KINDS:
        stop_if_cancelled(progress)
        timing = time_layers(job.shape, job.all_asked, job.asked, kind)
        name = f"{job.shape.name}, {kind}"
        read, trained = job.all_asked.packed, job.asked.packed
        yield Measure(f"{name}: one decoder layer forwards", timing.read_rate / 1e9, "GFLOP/s a core", rows=read)
        yield Measure(
            f"{name}: one vision block forwards", timing.block_rate / 1e9, "GFLOP/s a core", rows=job.asked.patches
        )
        yield Measure(f"{name}: one decoder layer and back", timing.train_rate / 1e9, "GFLOP/s a core", rows=trained)
        yield Measure(f"{name}: index here, computed", timing.read_rate / job.index(), "tiles/s a core")
        yield Measure(f"{name}: train here, computed", timing.train_rate / job.train(), "tiles/s a core")


def _cards(job: Job) -> Iterator[Measure]:
    """Each card: what fits, and the rate at the assumed share of its peak."""
    from skintui.model.accelerators import ACCELERATORS, INDEX_SHARE, TRAIN_SHARE

    for card in ACCELERATORS:
        title = f"{job.shape.name} on {card.name}"
        plain, small, again = (
            job.largest_batch(card, training=True, quantize=bits, checkpointing=checkpointing)
            for bits, checkpointing in (("", False), ("4bit", False), ("", True))
        )
        checkpointing = plain == 0
        rate = card.peak * TRAIN_SHARE / job.train(checkpointing=checkpointing)
        how = f"{again} tiles a pass with checkpointing, {plain} without, {small} in 4bit without"
        fits = plain or again
        yield Measure(
            f"{title}: train at {TRAIN_SHARE:.0%} of peak{', checkpointing' if checkpointing else ''}, computed",
            rate if fits else 0.0, "tiles/s", goal=how, peer=f"{LESIONS / rate / 3600:.3g} h per epoch" if fits else "",
        )  # fmt: skip
        batch = job.largest_batch(card, training=False, quantize="")
        seconds = job.index_seconds(card, min(batch, BATCH)) if batch else float("inf")
        yield Measure(
            f"{title}: index at {INDEX_SHARE:.0%} of peak, computed", 1 / seconds if batch else 0.0, "tiles/s",
            goal=f"{batch} tiles a pass", peer=f"{LESIONS * seconds / 3600:.3g} h" if batch else "",
        )  # fmt: skip
