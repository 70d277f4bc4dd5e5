"""A base in fewer bits: what shrinks, what it says it is, and that LoRA trains on top."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from skintui import bundled
from skintui.errors import ModelError
from skintui.model import quantize
from skintui.model.fingerprint import fingerprint
from skintui.model.load import load_model
from skintui.model.reader import LesionReader
from skintui.model.timing import relative_error
from skintui.model.train import train
from skintui.model.train_settings import TrainSettings
from tests.model.conftest import Coloured

installed = pytest.mark.skipif(
    importlib.util.find_spec("bitsandbytes") is None, reason="needs bitsandbytes ('skintui[quantize]')"
)


@pytest.fixture
def base() -> Path:
    """The bundled base: on a CPU bitsandbytes wants widths of whole 32s, which the tiny model has not."""
    if not bundled.base_model().is_dir():
        pytest.skip("the bundled model is not here")
    return bundled.base_model()


def test_without_the_library_it_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tiny_base: Path) -> None:
    monkeypatch.setattr(quantize, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match=r"needs bitsandbytes and accelerate.*pip install 'skintui\[quantize\]'"):
        load_model(tiny_base, device="cpu", quantize="4bit")


def test_an_unknown_number_of_bits_is_refused(tiny_base: Path) -> None:
    with pytest.raises(ModelError, match="use 4bit or 8bit"):
        load_model(tiny_base, device="cpu", quantize="3bit")


def test_a_quantised_base_has_a_fingerprint_of_its_own(tiny_base: Path) -> None:
    whole, small, half = (fingerprint(tiny_base, None, quantize=bits) for bits in ("", "4bit", "8bit"))
    assert len({whole["model_sha256"], small["model_sha256"], half["model_sha256"]}) == 3
    assert small["model_id"].endswith(":4bit")
    assert whole["prompt_sha256"] == small["prompt_sha256"]


@installed
@pytest.mark.parametrize(("how", "most"), [("4bit", 0.5), ("8bit", 0.2)])
def test_it_reads_nearly_the_same(how: str, most: float, base: Path, tiles: list[Image.Image]) -> None:
    whole, small = (LesionReader.load(base, device="cpu", quantize=bits) for bits in ("", how))
    assert small.fingerprint == fingerprint(base, None, quantize=how)
    error = relative_error(small.read_packed(tiles).image, whole.read_packed(tiles).image)
    assert 0 < error < most


@installed
def test_only_linear_layers_of_the_towers_shrink(base: Path) -> None:
    model = load_model(base, device="cpu", quantize="4bit").model
    small = {name for name, module in model.named_modules() if type(module).__name__ == "Linear4bit"}
    assert "model.language_model.layers.0.mlp.down_proj" in small
    assert "model.visual.blocks.0.attn.qkv" in small
    assert "lm_head" not in small
    assert model.model.language_model.embed_tokens.weight.dtype == torch.float32


@installed
def test_lora_trains_on_a_quantised_base_and_belongs_to_the_base_itself(
    base: Path, samples: Coloured, tmp_path: Path, tiles: list[Image.Image]
) -> None:
    settings = TrainSettings(str(base), steps=2, batch_size=2, learning_rate=1e-2, device="cpu", quantize="4bit")
    trained = train(settings, samples, tmp_path / "adapter")
    assert np.isfinite(trained.loss)
    small = LesionReader.load(base, trained.adapter, device="cpu", quantize="4bit")
    whole = LesionReader.load(base, trained.adapter, device="cpu")
    bare = LesionReader.load(base, device="cpu", quantize="4bit")
    assert relative_error(small.read_packed(tiles).attribute, bare.read_packed(tiles).attribute) > 1e-4
    assert small.fingerprint["adapter_sha256"] == whole.fingerprint["adapter_sha256"]
