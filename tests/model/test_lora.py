from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from skintui.errors import ModelError
from skintui.model.load import load_model
from skintui.model.lora import add_lora, save_adapter, trainable
from skintui.model.reader import LesionReader
from skintui.model.timing import relative_error
from tests.tiny import write_tiny_model


@pytest.fixture(scope="module")
def adapter(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter with weights that matter, as training writes it."""
    out = tmp_path_factory.mktemp("adapters") / "one"
    loaded = load_model(tiny_base, device="cpu")
    tuned = add_lora(loaded.model, 4, 8, seed=0)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in trainable(tuned).values():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.2)
    out.mkdir()
    save_adapter(tuned, out, "tiny", {"base_id": "tiny", "base_sha256": loaded.fingerprint["model_sha256"]})
    return out


def test_every_linear_layer_of_both_towers_is_adapted(tiny_base: Path) -> None:
    model = load_model(tiny_base, device="cpu").model
    linear = {n for n, module in model.named_modules() if isinstance(module, torch.nn.Linear) and n != "lm_head"}
    tuned = add_lora(model, 2, 4, seed=0)
    adapted = {name.partition(".lora_")[0].removeprefix("base_model.model.") for name in trainable(tuned)}
    assert adapted == linear
    assert {"model.visual.merger.mlp.0", "model.visual.blocks.0.attn.qkv"} < adapted
    assert "model.language_model.layers.2.mlp.down_proj" in adapted


def test_only_lora_is_trainable(tiny_base: Path) -> None:
    tuned = add_lora(load_model(tiny_base, device="cpu").model, 2, 4, seed=0)
    assert all("lora_" in name for name in trainable(tuned))


def test_lora_starts_from_its_seed(tiny_base: Path) -> None:
    first, again, other = (
        trainable(add_lora(load_model(tiny_base, device="cpu").model, 2, 4, seed=seed)) for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_the_adapter_folder_is_pefts(adapter: Path) -> None:
    assert {path.name for path in adapter.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "skintui.json",
    }
    config = json.loads((adapter / "adapter_config.json").read_text())
    assert (config["peft_type"], config["r"], config["lora_alpha"]) == ("LORA", 4, 8)
    assert config["base_model_name_or_path"] == "tiny"


def test_an_adapter_changes_vectors_and_fingerprint(
    tiny_base: Path, adapter: Path, tiny_reader: LesionReader, tiles: list[Image.Image]
) -> None:
    tuned = LesionReader.load(tiny_base, adapter, device="cpu")
    assert relative_error(tuned.read_packed(tiles).attribute, tiny_reader.read_packed(tiles).attribute) > 1e-2
    assert tuned.fingerprint["model_sha256"] == tiny_reader.fingerprint["model_sha256"]
    assert tuned.fingerprint["adapter_sha256"]
    assert not tiny_reader.fingerprint["adapter_sha256"]


def test_the_packed_pass_equals_separate_ones_with_an_adapter_too(
    tiny_base: Path, adapter: Path, tiles: list[Image.Image]
) -> None:
    tuned = LesionReader.load(tiny_base, adapter, device="cpu")
    packed, separate = tuned.read_packed(tiles), tuned.read_separately(tiles)
    assert relative_error(packed.image, separate.image) < 1e-4
    assert relative_error(packed.attribute, separate.attribute) < 1e-4


def test_merged_and_unmerged_adapters_agree(tiny_base: Path, adapter: Path, tiles: list[Image.Image]) -> None:
    merged = LesionReader.load(tiny_base, adapter, device="cpu").read_packed(tiles)
    unmerged = LesionReader.load(tiny_base, adapter, device="cpu", dtype="bfloat16").read_packed(tiles)
    assert relative_error(unmerged.image, merged.image) < 0.05  # bfloat16 keeps eight bits


def test_a_missing_adapter_is_one_clear_line(tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such adapter"):
        load_model(tiny_base, tmp_path / "none", device="cpu")


def test_a_folder_that_is_no_adapter_is_refused(tiny_base: Path) -> None:
    with pytest.raises(ModelError, match="this is no adapter"):
        load_model(tiny_base, tiny_base, device="cpu")


def test_an_adapter_recorded_for_another_base_is_refused(adapter: Path, tmp_path: Path) -> None:
    other = write_tiny_model(tmp_path / "other", seed=1)
    with pytest.raises(ModelError, match=r"trained for another base \(tiny\)"):
        load_model(other, adapter, device="cpu")


@pytest.mark.parametrize("shape", [{"width": 64}, {"layers": 2}])
def test_an_unrecorded_adapter_for_another_shape_is_refused(
    adapter: Path, tmp_path: Path, shape: dict[str, int]
) -> None:
    foreign = shutil.copytree(adapter, tmp_path / "adapter")
    (foreign / "skintui.json").unlink()
    other = write_tiny_model(tmp_path / "other", **shape)
    with pytest.raises(ModelError, match="does not fit this base") as caught:
        load_model(other, foreign, device="cpu")
    assert "\n" not in str(caught.value)


def test_a_damaged_adapter_is_one_clear_line(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(adapter, tmp_path / "adapter")
    weights = damaged / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ModelError, match="does not fit this base"):
        load_model(tiny_base, damaged, device="cpu")


def test_the_adapters_tile_size_is_used(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    resized = shutil.copytree(adapter, tmp_path / "adapter")
    recipe = json.loads((resized / "skintui.json").read_text())
    (resized / "skintui.json").write_text(json.dumps(recipe | {"tile_px": 64}))
    reader = LesionReader.load(tiny_base, resized, device="cpu")
    assert reader.loaded.tiles.side == 64
    assert np.isfinite(reader.embed_images([Image.new("RGB", (99, 99))])).all()
