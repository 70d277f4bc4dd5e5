"""A random-weight CLIP of a few thousand weights in a folder laid out like MONET's on the hub."""

from __future__ import annotations

import json
from pathlib import Path

SIDE, WIDTH = 32, 24
"""Pixels along a side, and length of the projected vector."""


def write_tiny_clip(folder: Path, *, seed: int = 0) -> Path:
    """Write configuration, weights of both towers, and CLIP's own preprocessing, and return the folder."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    shape = {"num_hidden_layers": 2, "num_attention_heads": 2, "hidden_size": 32, "intermediate_size": 48}
    words = {"vocab_size": 64, "max_position_embeddings": 8, "bos_token_id": 1, "eos_token_id": 2}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        config = CLIPConfig(
            vision_config={**shape, "image_size": SIDE, "patch_size": 8, "initializer_range": 0.1},
            text_config={**shape, **words},
            projection_dim=WIDTH,
            initializer_factor=5.0,
        )
        CLIPModel(config).save_pretrained(folder)
    preprocessing = {
        "crop_size": SIDE,
        "do_center_crop": True,
        "do_normalize": True,
        "do_resize": True,
        "feature_extractor_type": "CLIPFeatureExtractor",
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
        "resample": 3,
        "size": SIDE,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessing), encoding="utf-8")
    return folder
