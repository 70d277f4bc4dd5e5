"""One decoder layer and one vision block of full width with LoRA, alone: to count what they keep, and to time them.

A whole model is many of these; what a step of training keeps for its backward pass is counted on the real modules of
transformers and peft on torch's meta device, where nothing is computed or stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from peft import LoraConfig, inject_adapter_in_model
from transformers import AttentionInterface, Qwen2VLConfig
from transformers.models.qwen2_vl.modeling_qwen2_vl import Qwen2VLDecoderLayer, Qwen2VLVisionBlock

from skintui.model.cost import RANK
from skintui.model.lora import TARGETS
from skintui.model.shapes import Shape

_KERNEL = "keeps_like_a_kernel"


class _Kept(torch.autograd.Function):
    """Attention that keeps what a memory-efficient kernel keeps: its inputs, its result and a sum per row."""

    @staticmethod
    def forward(ctx: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        result = torch.empty_like(query)
        ctx.save_for_backward(query, key, value, result, query.new_empty(query.shape[:3], dtype=torch.float32))
        return result


def _kernel(_module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_: Any, **__: Any) -> Any:
    groups = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)
    result: torch.Tensor = _Kept.apply(query, key, value)  # type: ignore[no-untyped-call]
    return result.transpose(1, 2).contiguous(), None


def config_of(shape: Shape, layers: int = 1, attention: str = "sdpa") -> Any:
    """The configuration of ``shape`` with ``layers`` decoder layers and vision blocks."""
    text = {
        "hidden_size": shape.hidden,
        "intermediate_size": shape.mlp,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.groups,
        "num_hidden_layers": layers,
        "vocab_size": shape.vocabulary,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
    }
    vision = {"depth": layers, "hidden_size": shape.hidden, "embed_dim": shape.vision_width}
    return Qwen2VLConfig(text_config=text, vision_config=vision, attn_implementation=attention)


@dataclass(frozen=True)
class Part:
    """A layer and its input, ready to run."""

    module: torch.nn.Module
    call: Callable[[torch.Tensor], torch.Tensor]
    width: int
    tokens: int
    kind: torch.dtype
    device: str

    def inputs(self, *, gradient: bool) -> torch.Tensor:
        shape = (self.tokens, self.width)
        made = torch.zeros(shape, dtype=self.kind, device=self.device)
        return (made if self.device == "meta" else made.normal_()).requires_grad_(gradient)


def decoder_part(
    shape: Shape, tokens: int, kind: torch.dtype, *, device: str = "cpu", rank: int = RANK, attention: str = "sdpa"
) -> Part:
    """One decoder layer on one tile's ``tokens``; LoRA of ``rank`` in float32, none where that is 0."""
    config = config_of(shape, attention=attention).text_config
    layer = _made(lambda: Qwen2VLDecoderLayer(config, 0), ("language_model", "layers"), kind, device, rank)
    head = shape.hidden // shape.heads
    turns = _no_turn((1, tokens, head), kind, device)
    mask = torch.zeros((1, 1, tokens, tokens), dtype=kind, device=device)

    def call(states: torch.Tensor) -> torch.Tensor:
        made = layer(states[None], attention_mask=mask, position_embeddings=turns)
        states = made[0] if isinstance(made, tuple) else made
        assert isinstance(states, torch.Tensor)  # noqa: S101 -- transformers is not typed here
        return states

    return Part(layer, call, shape.hidden, tokens, kind, device)


def vision_part(
    shape: Shape, patches: int, kind: torch.dtype, *, device: str = "cpu", rank: int = RANK, attention: str = "sdpa"
) -> Part:
    """One vision block on one tile's ``patches``."""
    config = config_of(shape, attention=attention).vision_config
    block = _made(lambda: Qwen2VLVisionBlock(config, attention), ("visual", "blocks"), kind, device, rank)
    head = shape.vision_width // shape.vision_heads
    turns = _no_turn((patches, head), kind, device)
    ends = torch.tensor([0, patches], dtype=torch.int32)

    def call(states: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = block(states, cu_seqlens=ends, position_embeddings=turns)
        return made

    return Part(block, call, shape.vision_width, patches, kind, device)


def _no_turn(shape: tuple[int, ...], kind: torch.dtype, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of rotary positions that turn nothing: they cost the same."""
    return torch.ones(shape, dtype=kind, device=device), torch.zeros(shape, dtype=kind, device=device)


def _made(make: Callable[[], Any], place: tuple[str, str], kind: torch.dtype, device: str, rank: int) -> Any:
    """A layer in ``kind`` on ``device``, frozen, with LoRA as training puts it there."""
    former = torch.get_default_dtype()
    torch.set_default_dtype(kind)
    try:
        with torch.device("meta"):
            layer = make().train().requires_grad_(False)
    finally:
        torch.set_default_dtype(former)
    if device != "meta":
        layer.to_empty(device=device)
        for weight in layer.parameters():
            weight.fill_(0.01)  # any number costs the same, and this one is filled in at once
    if rank:
        inner = torch.nn.ModuleDict({place[1]: torch.nn.ModuleList([layer])})
        tree = torch.nn.ModuleDict({"model": torch.nn.ModuleDict({place[0]: inner})})
        config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=TARGETS, lora_dropout=0.0, bias="none")
        inject_adapter_in_model(config, tree)
        for name, weight in layer.named_parameters():
            if "lora_" in name:
                weight.data = weight.data.float()
                weight.requires_grad_(True)
    return layer


def kept_bytes(part: Part) -> int:
    """Bytes that one forward pass keeps for its backward pass besides the weights, each storage once."""
    weights = {weight.untyped_storage()._cdata for weight in part.module.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in weights:
            kept[storage._cdata] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        states = part.inputs(gradient=True)
        part.call(states)
    return sum(storage.nbytes() for storage in kept.values())


def training_bytes(shape: Shape, tokens: int, patches: int) -> tuple[int, int]:
    """(decoder layer, vision block): bytes kept per tile by one of each, in bfloat16 with LoRA, counted on meta."""
    AttentionInterface.register(_KERNEL, _kernel)
    return (
        kept_bytes(decoder_part(shape, tokens, torch.bfloat16, device="meta", attention=_KERNEL)),
        kept_bytes(vision_part(shape, patches, torch.bfloat16, device="meta", attention=_KERNEL)),
    )


def seconds_of(part: Part, *, training: bool, repeats: int = 3) -> float:
    """Least processor time of one pass on one core, forwards or forwards and backwards, after one that is not timed.

    Processor time, not wall time: other programs on the machine do not count.
    """
    threads, best = torch.get_num_threads(), float("inf")
    torch.set_num_threads(1)
    try:
        for attempt in range(repeats + 1):
            states = part.inputs(gradient=training)
            begun = time.process_time()
            if training:
                part.call(states).sum().backward()  # type: ignore[no-untyped-call]
            else:
                with torch.inference_mode():
                    part.call(states)
            if attempt:
                best = min(best, time.process_time() - begun)
    finally:
        torch.set_num_threads(threads)
    return best
