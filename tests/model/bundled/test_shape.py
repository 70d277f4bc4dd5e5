from __future__ import annotations

from pathlib import Path

import torch

from skintui.model.bundled.shape import TILE_PIXELS, bundled_config, new_model, save_base
from skintui.model.bundled.tokenizer import vocabulary
from skintui.model.load import load_model


def test_the_model_has_at_most_eight_million_parameters() -> None:
    assert sum(p.numel() for p in new_model(0).parameters()) <= 8_000_000


def test_special_ids_of_config_and_tokenizer_agree() -> None:
    config, ids = bundled_config(), vocabulary()
    assert config.image_token_id == ids["<|image_pad|>"]
    assert config.video_token_id == ids["<|video_pad|>"]
    assert config.vision_start_token_id == ids["<|vision_start|>"]
    assert config.vision_end_token_id == ids["<|vision_end|>"]
    assert config.text_config.eos_token_id == ids["<|im_end|>"]
    assert len(ids) <= config.text_config.vocab_size


def test_a_saved_base_loads_like_one_from_the_hub(tmp_path: Path) -> None:
    model = new_model(3)
    save_base(model, tmp_path)
    loaded = load_model(tmp_path, device="cpu")
    assert loaded.tiles.side == TILE_PIXELS
    for name, weight in loaded.model.state_dict().items():
        assert torch.equal(weight, model.state_dict()[name].bfloat16().float()), name


def test_the_folder_takes_at_most_ten_megabytes(tmp_path: Path) -> None:
    save_base(new_model(0), tmp_path)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 10_000_000
