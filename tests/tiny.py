"""A random-weight Qwen2-VL of a few thousand weights in a folder laid out exactly like the hub's.

Sharded safetensors with their index, ``config.json`` in the hub's flat form, fast tokenizer with Qwen2-VL's special
tokens and chat template, ``preprocessor_config.json``, ``generation_config.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% set image_count = namespace(value=0) %}{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n"
    "{% else %}{% for content in message['content'] %}"
    "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
    "{% set image_count.value = image_count.value + 1 %}"
    "{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The image and text parts of the template that comes with Qwen2-VL-Instruct."""

SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)


def write_tokenizer(folder: Path, *, first_special: int | None = None, template: str = TEMPLATE) -> dict[str, int]:
    """A byte-level tokenizer like Qwen2's (no merges); returns the special tokens' ids.

    With ``first_special`` they start there, as Qwen2-VL's do at 151643; otherwise right behind the 256 bytes.
    """
    alphabet = _byte_alphabet()
    start = len(alphabet) if first_special is None else first_special
    vocabulary = {character: i for i, character in enumerate(alphabet)}
    vocabulary |= {token: start + i for i, token in enumerate(SPECIAL)}
    added = [
        {
            "id": vocabulary[token],
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for token in SPECIAL
    ]
    split = {"type": "Split", "pattern": {"Regex": r"\p{N}|\p{L}+|[^\s\p{L}\p{N}]|\s"}, "behavior": "Isolated"}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    tokenizer: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split | {"invert": False}, byte_level]},
        "post_processor": None,
        "decoder": byte_level,
        "model": {"type": "BPE", "unk_token": None, "vocab": vocabulary, "merges": []},
    }
    _write(folder / "tokenizer.json", tokenizer)
    _write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "model_max_length": 32768,
            "chat_template": template,
            "clean_up_tokenization_spaces": False,
        },
    )
    return {token: vocabulary[token] for token in SPECIAL}


def _byte_alphabet() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    stand_in = {byte: chr(byte) for byte in kept}
    stand_in |= {byte: chr(256 + i) for i, byte in enumerate(b for b in range(256) if b not in kept)}
    return [stand_in[byte] for byte in range(256)]


def tiny_config(ids: dict[str, int], *, width: int = 32, layers: int = 3) -> dict[str, Any]:
    """``config.json`` in the flat form that Qwen2-VL has on the hub."""
    return {
        "architectures": ["Qwen2VLForConditionalGeneration"],
        "model_type": "qwen2_vl",
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "vision_token_id": ids["<|vision_pad|>"],
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "hidden_size": width,
        "intermediate_size": 2 * width,
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "hidden_act": "silu",
        "initializer_range": 0.1,
        "max_position_embeddings": 1024,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1000000.0,
        "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
        "tie_word_embeddings": False,
        "attention_dropout": 0.0,
        "use_sliding_window": False,
        "use_cache": True,
        "vocab_size": max(ids.values()) + 1,
        "vision_config": {
            "model_type": "qwen2_vl",
            "depth": 2,
            "embed_dim": 16,
            "hidden_size": width,
            "num_heads": 2,
            "mlp_ratio": 2,
            "in_chans": 3,
            "in_channels": 3,
            "patch_size": 4,
            "spatial_merge_size": 2,
            "spatial_patch_size": 4,
            "temporal_patch_size": 2,
            "initializer_range": 0.1,
        },
        "torch_dtype": "float32",
        "transformers_version": "4.41.2",
    }


def write_tiny_model(folder: Path, *, seed: int = 0, width: int = 32, layers: int = 3, side: int | None = 32) -> Path:
    """Write the whole folder and return it. ``side`` fixes the tile size; None leaves Qwen2-VL's range of sizes."""
    import torch
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    ids = write_tokenizer(folder)
    flat = tiny_config(ids, width=width, layers=layers)
    _write(folder / "config.json", flat)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Qwen2VLForConditionalGeneration(Qwen2VLConfig.from_pretrained(folder))
    model.save_pretrained(folder, max_shard_size="60KB")
    _write(folder / "config.json", flat)  # saving writes today's nested form over the hub's flat one
    _write(folder / "generation_config.json", {"do_sample": False, "eos_token_id": [ids["<|im_end|>"]]})
    pixels = {"min_pixels": side * side, "max_pixels": side * side} if side else {}
    _write(
        folder / "preprocessor_config.json",
        {
            "min_pixels": 3136,
            "max_pixels": 12845056,
            "patch_size": 4,
            "temporal_patch_size": 2,
            "merge_size": 2,
            "image_mean": [0.48145466, 0.4578275, 0.40821073],
            "image_std": [0.26862954, 0.26130258, 0.27577711],
            "image_processor_type": "Qwen2VLImageProcessor",
            "processor_class": "Qwen2VLProcessor",
        }
        | pixels,
    )
    return folder


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2), encoding="utf-8")
