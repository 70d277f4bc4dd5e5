"""How fast one core of this machine runs one layer of full width, in operations per second."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from skintui.model.cost import RANK, decoder_layer, vision_block
from skintui.model.layers import decoder_part, seconds_of, vision_part
from skintui.model.shapes import Layout, Shape

KINDS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class LayerTiming:
    """Operations per second of one core on one tile."""

    read_rate: float
    """One decoder layer forwards over a tile's sixteen questions."""
    block_rate: float
    """One vision block forwards."""
    train_rate: float
    """One decoder layer forwards and backwards with LoRA, over the questions of a training pass."""


def time_layers(shape: Shape, reading: Layout, training: Layout, kind: str, repeats: int = 2) -> LayerTiming:
    """Random weights, one tile, the device ``cpu``; best of ``repeats``."""
    number = KINDS[kind]
    reader = decoder_part(shape, reading.packed, number, rank=0)
    read = decoder_layer(shape, reading.packed).forward / seconds_of(reader, training=False, repeats=repeats)
    del reader
    block = vision_part(shape, reading.patches, number, rank=0)
    seen = vision_block(shape, reading.patches).forward / seconds_of(block, training=False, repeats=repeats)
    learner = decoder_part(shape, training.packed, number)
    operations = decoder_layer(shape, training.packed, RANK).training(checkpointing=False)
    return LayerTiming(read, seen, operations / seconds_of(learner, training=True, repeats=repeats))
