"""Attention by two matrix products, for training in bfloat16 on a CPU.

torch's fused CPU kernel is slow backwards: on tiles of 256 patches two plain products with a softmax between them are
three times as fast where the processor multiplies bfloat16 in hardware. Reading a tile keeps the fused kernel.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface

NAME = "matrix_products"


def matrix_products(
    _module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """softmax(query · keyᵀ · scaling + mask) · value, the interface transformers gives its attention functions.

    ``query`` is (B, heads, S, d), ``key`` and ``value`` (B, key-value heads, T, d); the result is (B, S, heads, d).
    """
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
    scores = (query * scaling) @ key.transpose(2, 3)
    if attention_mask is not None:
        scores = scores + attention_mask.to(scores.dtype)
    weights = torch.nn.functional.softmax(scores, dim=-1, dtype=scores.dtype)
    return (weights @ value).transpose(1, 2).contiguous(), None


def use_matrix_products(model: Any) -> None:
    """Let both towers of a Qwen2-VL attend this way."""
    AttentionInterface.register(NAME, matrix_products)
    for part in (model.model.visual, model.model.language_model):
        part.config._attn_implementation = NAME
