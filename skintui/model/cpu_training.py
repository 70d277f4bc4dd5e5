"""Qwen2-VL by matrix products alone, for training in bfloat16 on a CPU.

torch's fused attention kernel and its convolution are slow backwards on a CPU. Where the processor multiplies bfloat16
in hardware, two plain products with a softmax between them, over all tiles of a pass at once, and one product for the
patch embedding (whose kernel and stride are the same) train the small model twice as fast. LoRA is added to the weights
instead of to what they give: W + s·B·A once a step, where a pass has more tokens than W has rows. Compiling fuses what
lies between the products. Reading a tile keeps the libraries' own ways.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from transformers import AttentionInterface
from transformers.models.qwen2_vl.modeling_qwen2_vl import apply_rotary_pos_emb_vision

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


def attend_all(
    module: Any, hidden_states: torch.Tensor, cu_seqlens: torch.Tensor, position_embeddings: Any, **_: object
) -> torch.Tensor:
    """Self-attention of the vision tower, ``hidden_states`` (B · S, width), over tiles of one size at once."""
    tiles = cu_seqlens.shape[0] - 1
    parts = module.qkv(hidden_states).reshape(len(hidden_states), 3, module.num_heads, -1).unbind(1)
    query, key = apply_rotary_pos_emb_vision(parts[0], parts[1], *position_embeddings)
    shape = (tiles, -1, *query.shape[1:])
    query, key, value = (part.view(shape).transpose(1, 2) for part in (query, key, parts[2]))
    mixed, _weights = matrix_products(module, query, key, value, None, module.scaling)
    out: torch.Tensor = module.proj(mixed.reshape(len(hidden_states), -1))
    return out


def embed_patches(module: Any, patches: torch.Tensor) -> torch.Tensor:
    """The patch embedding (n, width) of flattened patches (n, channels · frames · height · width)."""
    weight = module.proj.weight
    return torch.nn.functional.linear(patches.to(weight.dtype), weight.flatten(1))


def with_added_weights(module: Any, values: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    """A linear layer under LoRA: x · (W + s·B·A)ᵀ + b."""
    base = module.base_layer
    low_rank = module.lora_B["default"].weight @ module.lora_A["default"].weight
    weight = base.weight + module.scaling["default"] * low_rank
    return torch.nn.functional.linear(values, weight, base.bias)


def add_lora_to_weights(tuned: Any) -> None:
    """Let every linear layer under LoRA compute this way."""
    for module in tuned.modules():
        if isinstance(module, LoraLayer):
            module.forward = MethodType(with_added_weights, module)


def _of_one_size(_tower: Any, _arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    if bool((named["grid_thw"] != named["grid_thw"][:1]).any()):
        raise ValueError("the tiles of one training pass must have one size")


def use_matrix_products(model: Any, *, compiled: bool = False) -> None:
    """Let both towers of a Qwen2-VL compute this way; ``compiled`` needs a C++ compiler and a minute at the start.

    A compiled decoder is compiled anew for every length of a pass: pad the passes (``pack``).
    """
    AttentionInterface.register(NAME, matrix_products)
    tower = model.model.visual
    for part in (tower, model.model.language_model):
        part.config._attn_implementation = NAME
    tower.register_forward_pre_hook(_of_one_size, with_kwargs=True)
    tower.patch_embed.forward = MethodType(embed_patches, tower.patch_embed)
    for block in tower.blocks:
        block.attn.forward = MethodType(attend_all, block.attn)
    if compiled:
        for block in (*tower.blocks, *model.model.language_model.layers):
            block.compile(dynamic=False)
