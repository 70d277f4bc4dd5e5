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
from transformers import CLIPModel, CLIPVisionModelWithProjection

from skintui.errors import ModelError
from skintui.model.clip import ClipEncoder
from tests.tiny_clip import SIDE, WIDTH, write_tiny_clip

RED, GREEN = (255, 0, 0), (0, 255, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_clip(tmp_path_factory.mktemp("models") / "monet")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> ClipEncoder:
    return ClipEncoder.load(folder, device="cpu")


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """The tiny CLIP, to be spoiled."""
    return shutil.copytree(folder, tmp_path / "spoiled")


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_vectors_are_the_projected_image_embedding_of_the_whole_clip(
    folder: Path, encoder: ClipEncoder, tiles: list[Image.Image]
) -> None:
    whole = CLIPModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        pooled = whole.vision_model(pixel_values=encoder.pixels(tiles)).pooler_output
        expected = whole.visual_projection(pooled).numpy()
    vectors = encoder.embed_images(tiles)
    assert vectors.shape == (3, WIDTH) == (3, encoder.hidden_size)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_tiles_that_differ_have_other_vectors(encoder: ClipEncoder, tiles: list[Image.Image]) -> None:
    vectors = encoder.embed_images(tiles)
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_a_vector_does_not_depend_on_its_batch(encoder: ClipEncoder, tiles: list[Image.Image]) -> None:
    alone = np.concatenate([encoder.embed_images([tile]) for tile in tiles])
    np.testing.assert_allclose(encoder.embed_images(tiles), alone, atol=1e-5)


def test_no_tiles_are_no_vectors(encoder: ClipEncoder) -> None:
    assert encoder.embed_images([]).shape == (0, WIDTH)


def test_pixels_are_normalised_by_imagenets_mean_and_deviation(encoder: ClipEncoder) -> None:
    # Red 255, green 0, blue 51 = 0.2: (1 − .485) / .229, (0 − .456) / .224, (.2 − .406) / .225; the folder says CLIP's.
    pixels = encoder.pixels([Image.new("RGB", (51, 51), (255, 0, 51))]).numpy()
    assert pixels.shape == (1, 3, SIDE, SIDE)
    for channel, value in enumerate((2.248908, -2.035714, -0.915556)):
        np.testing.assert_allclose(pixels[0, channel], value, rtol=1e-5)


def test_the_centre_is_cut_out_of_a_tile_that_is_not_square(encoder: ClipEncoder) -> None:
    wide = Image.new("RGB", (2 * SIDE, SIDE), RED)
    wide.paste(GREEN, (SIDE // 2, 0, SIDE // 2 + SIDE, SIDE))
    green = encoder.pixels([Image.new("RGB", (SIDE, SIDE), GREEN)])
    assert torch.equal(encoder.pixels([wide]), green)


def test_a_tile_is_resized_by_bicubic_interpolation(encoder: ClipEncoder, tiles: list[Image.Image]) -> None:
    by_pillow = np.asarray(tiles[0].resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.float64) / 255
    expected = (by_pillow - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(encoder.pixels(tiles[:1])[0].permute(1, 2, 0).numpy(), expected, atol=1e-5)


def test_grey_tiles_are_read_as_colour(encoder: ClipEncoder) -> None:
    grey, same = Image.new("L", (51, 51), 90), Image.new("RGB", (51, 51), (90, 90, 90))
    assert torch.equal(encoder.pixels([grey]), encoder.pixels([same]))


def test_an_image_tower_saved_alone_gives_the_same_vectors(
    folder: Path, encoder: ClipEncoder, tiles: list[Image.Image], tmp_path: Path
) -> None:
    config = CLIPModel.from_pretrained(folder).config.vision_config
    config.projection_dim = WIDTH
    CLIPVisionModelWithProjection.from_pretrained(folder, config=config).save_pretrained(tmp_path)
    alone = ClipEncoder.load(tmp_path, device="cpu")
    np.testing.assert_allclose(alone.embed_images(tiles), encoder.embed_images(tiles), atol=1e-5)


def test_the_fingerprint_follows_the_weights(encoder: ClipEncoder, tmp_path: Path) -> None:
    other = ClipEncoder.load(write_tiny_clip(tmp_path / "monet", seed=1), device="cpu")
    assert encoder.fingerprint["model_id"].startswith("monet@")
    assert encoder.fingerprint["model_sha256"] != other.fingerprint["model_sha256"]


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _without_projection(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights.pop("visual_projection.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "not CLIP": (
        lambda f: change(f / "config.json", model_type="siglip"),
        "'siglip' model, not CLIP; .*--monet",
    ),
    "no config": (lambda f: (f / "config.json").unlink(), "config.json is missing"),
    "odd config": (lambda f: change(f / "config.json", projection_dim="wide"), "config.json cannot be used"),
    "other shape": (lambda f: change(f / "config.json", projection_dim=8), "weights cannot be read"),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "there are no weights"),
    "pickled": (_pickled, "pickled"),
    "cut short": (lambda f: (f / "model.safetensors").write_bytes(b"torn"), "weights cannot be read"),
    "no projection": (_without_projection, "1 weights are missing, visual_projection.weight first"),
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_spoiled_folder_is_one_clear_line(copy: Path, kind: str) -> None:
    spoil, message = SPOILED[kind]
    spoil(copy)
    with pytest.raises(ModelError, match=message) as caught:
        ClipEncoder.load(copy, device="cpu")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such MONET model; name a folder or a hub id with --monet"):
        ClipEncoder.load(tmp_path / "nowhere", device="cpu")


def test_without_a_network_a_hub_id_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="the MONET model is neither a folder nor to be had from the hub") as caught:
        ClipEncoder.load("nobody/no-such-clip", device="cpu")
    assert "\n" not in str(caught.value)
