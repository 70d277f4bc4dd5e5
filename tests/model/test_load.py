from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from skintui.errors import ModelError
from skintui.model.load import load_model, load_prompt, resolve_device, resolve_dtype
from skintui.model.prompt import SPECIAL_TOKENS
from skintui.model.timing import SHAPES, qwen2vl_config, qwen2vl_tokenizer
from tests.tiny import write_tiny_model


@pytest.fixture
def copy(tiny_base: Path, tmp_path: Path) -> Path:
    """The tiny base, to be spoiled."""
    return shutil.copytree(tiny_base, tmp_path / "base")


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_the_folder_is_laid_out_like_the_hubs(tiny_base: Path) -> None:
    names = {path.name for path in tiny_base.iterdir()}
    assert {"config.json", "generation_config.json", "preprocessor_config.json", "tokenizer.json"} <= names
    assert {"tokenizer_config.json", "model.safetensors.index.json"} <= names
    weights = json.loads((tiny_base / "model.safetensors.index.json").read_text())["weight_map"]
    assert len(set(weights.values())) > 1
    assert {"lm_head.weight", "model.layers.0.self_attn.q_proj.weight", "visual.merger.mlp.0.weight"} <= set(weights)


def test_a_sharded_folder_loads_with_its_own_weights(tiny_base: Path) -> None:
    loaded = load_model(tiny_base, device="cpu")
    index = json.loads((tiny_base / "model.safetensors.index.json").read_text())["weight_map"]
    for stored, module in (
        ("model.layers.2.mlp.down_proj.weight", loaded.model.model.language_model.layers[2].mlp.down_proj),
        ("visual.blocks.1.attn.qkv.weight", loaded.model.model.visual.blocks[1].attn.qkv),
    ):
        with safe_open(tiny_base / index[stored], framework="pt") as file:
            assert torch.equal(file.get_tensor(stored), module.weight)


def test_the_model_is_float32_on_a_cpu_and_not_in_training(tiny_base: Path) -> None:
    loaded = load_model(tiny_base, device="cpu")
    assert loaded.dtype == next(loaded.model.parameters()).dtype == torch.float32
    assert not loaded.model.training


def test_bfloat16_is_an_option_on_a_cpu(tiny_base: Path) -> None:
    assert next(load_model(tiny_base, device="cpu", dtype="bfloat16").model.parameters()).dtype == torch.bfloat16


def test_a_gpu_computes_in_bfloat16() -> None:
    assert resolve_dtype("auto", torch.device("cuda")) == torch.bfloat16


@pytest.mark.parametrize("name", ["gpu", "cuda:99", ""])
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match="no such device"):
        resolve_device(name)


def test_an_unknown_arithmetic_is_refused() -> None:
    with pytest.raises(ModelError, match="unknown arithmetic"):
        resolve_dtype("int8", torch.device("cpu"))


def test_every_tile_becomes_the_same_square(tiny_base: Path) -> None:
    _, tiles = load_prompt(tiny_base)
    pixels = tiles([Image.new("RGB", (51, 51)), Image.new("L", (239, 239))])
    assert tiles.side == 32
    assert pixels.grid.tolist() == [[1, 8, 8], [1, 8, 8]]
    assert pixels.values.shape == (128, 3 * 2 * 4 * 4)


def test_pixels_are_normalised_as_qwen2_vl_does(tiny_base: Path) -> None:
    _, tiles = load_prompt(tiny_base)
    values = tiles([Image.new("RGB", (60, 60), (255, 0, 0))]).values.reshape(64, 3, 2 * 4 * 4)
    np.testing.assert_allclose(values[:, 0], (1 - 0.48145466) / 0.26862954, rtol=1e-5)
    np.testing.assert_allclose(values[:, 1], -0.4578275 / 0.26130258, rtol=1e-5)


def test_without_a_fixed_size_tiles_are_224_px(tmp_path: Path) -> None:
    base = write_tiny_model(tmp_path / "open", side=None)
    assert load_prompt(base)[1].side == 224


def test_a_tile_size_may_be_asked_for(tiny_base: Path) -> None:
    prompt, tiles = load_prompt(tiny_base, tile_px=48)
    assert tiles.side == 48
    assert prompt.grid == (6, 6)


def test_a_tile_size_that_does_not_divide_is_refused(tiny_base: Path) -> None:
    with pytest.raises(ModelError, match="50 px"):
        load_prompt(tiny_base, tile_px=50)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def _without_key(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    shard = sorted(folder.glob("*.safetensors"))[0]
    weights = load_file(shard)
    weights.pop(sorted(weights)[0])
    save_file(weights, shard, metadata={"format": "pt"})


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "not Qwen2-VL": (lambda f: change(f / "config.json", model_type="llama"), "'llama' model, not Qwen2-VL"),
    "no config": (lambda f: (f / "config.json").unlink(), "config.json is missing"),
    "torn config": (lambda f: (f / "config.json").write_text("{"), "not JSON"),
    "odd config": (lambda f: change(f / "config.json", hidden_size="wide"), "config.json cannot be used"),
    "one layer": (lambda f: change(f / "config.json", num_hidden_layers=1), "two layers"),
    "other shape": (lambda f: change(f / "config.json", intermediate_size=80), "weights cannot be read"),
    "more layers": (lambda f: change(f / "config.json", num_hidden_layers=4), "weights are missing"),
    "image token": (lambda f: change(f / "config.json", image_token_id=3), r"<\|image_pad\|> is 262 in the tokenizer"),
    "vision start": (lambda f: change(f / "config.json", vision_start_token_id=3), r"<\|vision_start\|> is 259"),
    "a shard missing": (lambda f: sorted(f.glob("*.safetensors"))[0].unlink(), "weight file"),
    "a shard cut short": (lambda f: _truncate(sorted(f.glob("*.safetensors"))[0]), "weights cannot be read"),
    "a weight missing": (_without_key, "weights are missing"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), "tokenizer"),
    "torn tokenizer": (lambda f: _truncate(f / "tokenizer.json"), "tokenizer cannot be read"),
    "no preprocessor": (lambda f: (f / "preprocessor_config.json").unlink(), "preprocessor_config.json is missing"),
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_spoiled_base_is_one_clear_line(copy: Path, kind: str) -> None:
    spoil, message = SPOILED[kind]
    spoil(copy)
    with pytest.raises(ModelError, match=message) as caught:
        load_model(copy, device="cpu")
    assert "\n" not in str(caught.value)


def test_pickled_weights_are_refused(copy: Path) -> None:
    for path in [*copy.glob("*.safetensors"), copy / "model.safetensors.index.json"]:
        path.unlink()
    (copy / "pytorch_model.bin").write_bytes(b"never opened")
    with pytest.raises(ModelError, match="pickled"):
        load_model(copy, device="cpu")


@pytest.mark.parametrize("name", ["no/such-folder/here", "nowhere", "../up", ""])
def test_a_missing_base_is_one_clear_line(name: str) -> None:
    with pytest.raises(ModelError, match="no such base model"):
        load_model(name)


def test_a_hub_id_without_network_is_one_clear_line() -> None:
    with pytest.raises(ModelError, match="neither a folder nor to be had from the hub"):
        load_model("someone/some-model")


def test_special_tokens_are_qwen2_vls() -> None:
    published = {
        "<|endoftext|>": 151643,
        "<|im_start|>": 151644,
        "<|im_end|>": 151645,
        "<|vision_start|>": 151652,
        "<|vision_end|>": 151653,
        "<|vision_pad|>": 151654,
        "<|image_pad|>": 151655,
        "<|video_pad|>": 151656,
    }
    tokenizer, config = qwen2vl_tokenizer(), qwen2vl_config(SHAPES["7b"], 28)
    assert {token: tokenizer.convert_tokens_to_ids(token) for token in published} == published
    assert set(SPECIAL_TOKENS) < set(published)
    ours = config.vision_start_token_id, config.vision_end_token_id, config.image_token_id, config.video_token_id
    assert ours == (151652, 151653, 151655, 151656)


@pytest.mark.parametrize(("shape", "published"), [("7b", 8_291_375_616), ("2b", 2_208_985_600)])
def test_shapes_are_qwen2_vls(shape: str, published: int) -> None:
    from transformers import Qwen2VLForConditionalGeneration

    with torch.device("meta"):
        model = Qwen2VLForConditionalGeneration(qwen2vl_config(SHAPES[shape], 28))
    assert sum(weight.numel() for weight in model.parameters()) == published
