"""LoRA on every linear layer of both towers, and the adapter folder that comes out."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model

from skintui.errors import ModelError
from skintui.files import explained, sync_folder, write_json, written_beside
from skintui.model.fingerprint import ADAPTER_FILES, RECIPE

TARGETS = (
    r".*\.visual\.(?:.*\.)?(qkv|attn\.proj|fc1|fc2|merger\.mlp\.[02])"
    r"|.*\.language_model\..*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
)
"""Attention, MLP and merger of the vision encoder; attention and MLP of the decoder."""


def add_lora(model: Any, rank: int, alpha: int, seed: int) -> Any:
    """The model wrapped by peft: the base frozen, LoRA matrices trainable in float32, drawn from ``seed``."""
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=TARGETS, lora_dropout=0.0, bias="none")
    with torch.random.fork_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers under a former name
        torch.manual_seed(seed)
        return get_peft_model(model, config)


def start_from(tuned: Any, adapter: Path) -> None:
    """Put the weights of an adapter folder into the fresh LoRA matrices. Raises ModelError where they do not fit."""
    from peft import set_peft_model_state_dict
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        stored = load_file(adapter / "adapter_model.safetensors")
        own = {name.replace(".default.", "."): weight.shape for name, weight in trainable(tuned).items()}
        if {name: weight.shape for name, weight in stored.items()} != own:
            raise ValueError
        set_peft_model_state_dict(tuned, stored)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        what = "this adapter is of another base or rank"
        raise ModelError(what, where=adapter, do="start from one with the same --base and --rank") from error


def trainable(tuned: Any) -> dict[str, torch.nn.Parameter]:
    """The LoRA matrices by name."""
    return {name: weight for name, weight in tuned.named_parameters() if weight.requires_grad}


def save_adapter(tuned: Any, out: Path, base_id: str, recipe: Mapping[str, Any]) -> None:
    """Write adapter configuration, weights and recipe into ``out``, each beside and renamed, the recipe last.

    The configuration names the base by its id, not by a path of this machine.
    """
    tuned.peft_config["default"].base_model_name_or_path = base_id
    folder = out / ".adapter"  # one name: what a kill leaves here the next try writes over
    tuned.save_pretrained(str(folder), safe_serialization=True, save_embedding_layers=False)
    for name in reversed(ADAPTER_FILES):
        with written_beside(out / name) as temporary:
            shutil.copyfile(folder / name, temporary)
    shutil.rmtree(folder, ignore_errors=True)
    write_json(out / RECIPE, dict(recipe))
    sync_folder(out)


def prepare_folder(out: Path) -> None:
    """Make the output folder; raises ModelError where that is impossible."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(explained(error, out).what, where=out, do="choose another folder with --out") from error
