from __future__ import annotations

import pytest

from skintui.model.accelerators import RESERVED, Accelerator
from skintui.model.shapes import SHAPES, layout
from skintui.progress import SILENT
from skintui.steps.bench_cost import Job, bench_cost

SHAPE = SHAPES["7b"]
JOB = Job(SHAPE, layout(SHAPE, 5), layout(SHAPE), 2**20, 2**19)


def test_whatever_was_not_run_says_computed() -> None:
    rows = bench_cost(SILENT, ("2b",), timed=False).measures
    assert rows
    assert all(row.what.endswith("computed") for row in rows)


def test_what_a_training_tile_keeps() -> None:
    logits = 16.0 * 5 * 6 * 152064
    assert JOB.train_bytes(checkpointing=False) == 28 * 2**20 + 32 * 2**19 + logits
    inputs = 2 * (28 * 177 * 3584 + 32 * 256 * 1280)
    assert JOB.train_bytes(checkpointing=True) == inputs + 2**20 + logits


def test_the_largest_batch_fills_the_card_and_no_more() -> None:
    card = Accelerator("card", 24, 1e14, 1e12)
    batch = JOB.largest_batch(card, training=True, quantize="")
    held = JOB.fixed_bytes(training=True, quantize="") + RESERVED
    each = JOB.train_bytes(checkpointing=False)
    assert held + batch * each <= 24 * 2**30 < held + (batch + 1) * each


def test_no_batch_fits_a_card_smaller_than_the_weights() -> None:
    assert JOB.largest_batch(Accelerator("small", 12, 1e14, 1e12), training=False, quantize="") == 0
    assert JOB.largest_batch(Accelerator("small", 12, 1e14, 1e12), training=False, quantize="4bit") > 0


def test_packing_pays_in_training_and_in_reading() -> None:
    assert JOB.train(packed=False) / JOB.train() > 2
    assert JOB.index(packed=False) / JOB.index() > 3


def test_a_decoding_step_reads_all_weights_at_least() -> None:
    slow, fast = Accelerator("a", 24, 1e30, 1e9), Accelerator("b", 24, 1e30, 2e9)
    assert JOB.index_seconds(slow, 4) == pytest.approx(2 * JOB.index_seconds(fast, 4))
