"""Shape of the bundled model: Qwen2-VL's own class at 4 million parameters, for square tiles of 128 pixels."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from skintui.files import write_json
from skintui.model.bundled.tokenizer import SPECIAL_TOKENS, save_tokenizer, vocabulary

TILE_PIXELS = 128
"""Side every tile is resized to, so that millimetres per pixel stay constant (a tile is 15 mm)."""
PATCH_PIXELS = 8
MERGE = 2
CELLS = TILE_PIXELS // PATCH_PIXELS
"""Patches along one side."""
IMAGE_TOKENS = (CELLS // MERGE) ** 2

PIXEL_MEAN = (0.66, 0.49, 0.41)
PIXEL_STD = (0.18, 0.15, 0.14)
"""Near the mean and deviation of SLICE-3D's skin, so that the first layer sees centred input."""

_SEED_STD = 0.02


def bundled_config() -> Qwen2VLConfig:
    """Vision: 5 layers of 128; decoder: 4 layers of 256 with two key-value heads."""
    ids = {token: i for token, i in vocabulary().items() if token in SPECIAL_TOKENS}
    text = {
        "vocab_size": -(-len(vocabulary()) // 16) * 16,
        "hidden_size": 256,
        "intermediate_size": 640,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 4096,
        "rms_norm_eps": 1e-6,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [8, 12, 12]},
        "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"],
        "pad_token_id": ids["<|endoftext|>"],
        "initializer_range": _SEED_STD,
    }
    vision = {
        "depth": 5,
        "embed_dim": 128,
        "hidden_size": 256,
        "num_heads": 4,
        "mlp_ratio": 4,
        "patch_size": PATCH_PIXELS,
        "spatial_merge_size": MERGE,
        "temporal_patch_size": 2,
        "initializer_range": _SEED_STD,
    }
    return Qwen2VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )


def new_model(seed: int) -> Qwen2VLForConditionalGeneration:
    """A model with random float32 weights drawn from ``seed``."""
    torch.manual_seed(seed)
    return Qwen2VLForConditionalGeneration(bundled_config()).float()


def preprocessor_config() -> dict[str, object]:
    """``preprocessor_config.json``: the fixed square is said by equal smallest and largest pixel counts."""
    pixels = TILE_PIXELS * TILE_PIXELS
    return {
        "image_processor_type": "Qwen2VLImageProcessor",
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": list(PIXEL_MEAN),
        "image_std": list(PIXEL_STD),
        "min_pixels": pixels,
        "max_pixels": pixels,
        "size": {"shortest_edge": pixels, "longest_edge": pixels},
        "patch_size": PATCH_PIXELS,
        "temporal_patch_size": 2,
        "merge_size": MERGE,
        "resample": 3,
        "rescale_factor": 1 / 255,
    }


def save_base(model: Qwen2VLForConditionalGeneration, folder: Path) -> None:
    """Write the model folder as on the hub: bfloat16 safetensors, config, tokenizer, template, preprocessor."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = Qwen2VLForConditionalGeneration(model.config)
    copy.load_state_dict(model.state_dict())
    copy.to(torch.bfloat16).save_pretrained(folder)
    save_tokenizer(folder)
    write_json(folder / "preprocessor_config.json", preprocessor_config())
