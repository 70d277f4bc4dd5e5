"""A plain LoRA adapter added to its base, W + (α/r)·BA, without the library it was trained with.

peft takes half a second to load and to wrap every layer, only to do this sum and unwrap them again. Whatever an adapter
has beyond plain LoRA on linear layers (other variants, other ranks for some layers, biases, whole modules) is peft's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from skintui.model.fingerprint import ADAPTER_FILES, read_json

_WITHOUT_EFFECT = frozenset(
    {
        "auto_mapping", "base_model_name_or_path", "inference_mode", "lora_dropout", "megatron_core", "peft_type",
        "peft_version", "qalora_group_size", "revision", "target_modules", "task_type",
    }
)  # fmt: skip
"""Parts of an adapter's configuration that do not change what its stored weights stand for."""
_PREFIX = "base_model.model."


def merge_plain(model: Any, adapter: Path) -> bool:
    """Add the adapter to the weights of ``model`` (float32); False, and nothing done, where it is no plain LoRA.

    Raises ValueError where the sum is not finite, and what reading the weights raises.
    """
    from safetensors.torch import load_file

    rank, alpha = _rank_and_alpha(read_json(adapter / ADAPTER_FILES[0]))
    stored = load_file(adapter / ADAPTER_FILES[1]) if rank else {}
    layers = _layers(model, stored, rank)
    if not layers:
        return False
    for name, layer in layers.items():
        low, high = (stored[f"{_PREFIX}{name}.lora_{part}.weight"].float() for part in "AB")
        merged = layer.weight.data + (high @ low) * (alpha / rank)
        if not torch.isfinite(merged).all():
            raise ValueError(f"{name} is not finite with it")
        layer.weight.data = merged
    return True


def _rank_and_alpha(config: dict[str, Any]) -> tuple[int, int]:
    """Zeros where the configuration says more than these two."""
    rank, alpha = config.get("r"), config.get("lora_alpha")
    more = {key: value for key, value in config.items() if key not in _WITHOUT_EFFECT | {"r", "lora_alpha"}}
    usual = more.pop("bias", "none") == "none" and isinstance(more.pop("init_lora_weights", True), bool)
    plain = usual and config.get("peft_type") == "LORA" and not any(more.values())
    if not plain or type(rank) is not int or type(alpha) is not int or rank < 1:
        return 0, 0
    return rank, alpha


def _layers(model: Any, stored: dict[str, torch.Tensor], rank: int) -> dict[str, torch.nn.Linear]:
    """The linear layers that the weights are of; none where there are others, or one does not fit."""
    modules = dict(model.named_modules())
    found: dict[str, torch.nn.Linear] = {}
    for key in stored:
        name, _, part = key.removeprefix(_PREFIX).partition(".lora_")
        layer = modules.get(name)
        if type(layer) is not torch.nn.Linear or part not in ("A.weight", "B.weight"):
            return {}
        found[name] = layer
    for name, layer in found.items():
        low, high = (stored.get(f"{_PREFIX}{name}.lora_{part}.weight") for part in "AB")
        height, width = layer.weight.shape
        if low is None or high is None or layer.weight.dtype != torch.float32:
            return {}
        if low.shape != (rank, width) or high.shape != (height, rank):
            return {}
    return found
