"""Qwen2-VL from a folder or the hub, with or without a LoRA adapter; whatever does not fit is said in one line.

One path for the 7B model and for the bundled one: ``Qwen2VLForConditionalGeneration``, the fast tokenizer and
``Qwen2VLImageProcessorPil`` (``Qwen2VLProcessor`` would need torchvision for videos). Only safetensors are opened and
no code that comes with a model is run.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from PIL import Image
from safetensors import SafetensorError
from transformers import AutoTokenizer, Qwen2VLConfig, Qwen2VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.utils import logging as transformers_logging

from skintui.errors import ModelError
from skintui.model.fingerprint import (
    ADAPTER_FILES,
    RECIPE,
    adapter_sha256,
    base_folder,
    base_sha256,
    fingerprint,
    read_json,
    refuse_code,
    tile_pixels,
    weight_files,
)
from skintui.model.forward import Pixels
from skintui.model.merge import merge_plain
from skintui.model.prompt import IMAGE_PAD, SPECIAL_TOKENS, VIDEO_PAD, VISION_END, VISION_START, Prompt
from skintui.model.quantize import quantized

_UNREADABLE = (
    *(OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError),
    *(ArithmeticError, AssertionError, SafetensorError),
)
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True)
class TileProcessor:
    """Tiles to pixels: bicubic to one fixed square, then Qwen2-VL's own normalisation and patches."""

    processor: Any
    side: int

    def __call__(self, images: Sequence[Image.Image]) -> Pixels:
        square = [image.convert("RGB").resize((self.side, self.side), Image.Resampling.BICUBIC) for image in images]
        made = self.processor(images=square, do_resize=False, return_tensors="pt")
        return Pixels(made["pixel_values"], made["image_grid_thw"])

    @property
    def tokens(self) -> tuple[int, int]:
        """Rows and columns of image tokens."""
        side = self.side // (int(self.processor.patch_size) * int(self.processor.merge_size))
        return side, side


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to run, in evaluation mode, and everything that prepares its input."""

    model: Any
    """The ``Qwen2VLForConditionalGeneration`` itself; an adapter is merged or sits inside its layers."""
    prompt: Prompt
    tiles: TileProcessor
    fingerprint: dict[str, str]
    device: torch.device
    dtype: torch.dtype
    base_sha256: str = ""
    """Checksum of the base's files, whatever the quantisation."""

    def pixels(self, images: Sequence[Image.Image]) -> Pixels:
        return self.tiles(images).to(self.device, self.dtype)


def load_model(
    base: str | Path,
    adapter: Path | None = None,
    *,
    device: str = "auto",
    dtype: str = "auto",
    tile_px: int | None = None,
    quantize: str = "",
) -> LoadedModel:
    """Load a base model and, if given, its adapter. Raises ModelError in one line for whatever does not fit.

    ``quantize`` is ``4bit``, ``8bit`` or empty. An adapter is never merged into quantised weights.
    """
    place = resolve_device(device)
    kind = resolve_dtype(dtype, place)
    folder = base_folder(base)
    refuse_code(folder)
    config = _checked_config(folder)
    if adapter is not None:
        check_adapter(adapter, folder)
    prompt, tiles = load_prompt(folder, adapter, tile_px)
    check_tokens(config, prompt.tokenizer, folder)
    small = quantized(quantize, kind, place)
    model = checked_weights(Qwen2VLForConditionalGeneration, folder, kind, **small)
    if adapter is not None:
        model = _with_adapter(model, adapter, merge=kind == torch.float32 and not small)
    try:
        model = (model if small else model.to(place)).eval().requires_grad_(False)
    except RuntimeError as error:
        raise ModelError(f"the model does not fit on {place} ({first_line(error)})", where=folder) from error
    made_from = fingerprint(base, adapter, tile_px, quantize)
    return LoadedModel(model, prompt, tiles, made_from, place, kind, base_sha256(folder))


def resolve_device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ModelError(f"no such device '{name[:40]}'", do="use auto, cpu or cuda") from error
    return device


def resolve_dtype(name: str, device: torch.device) -> torch.dtype:
    """``auto`` is bfloat16 on a GPU and float32 on a CPU."""
    if name == "auto":
        return torch.float32 if device.type == "cpu" else torch.bfloat16
    if name not in _DTYPES:
        raise ModelError(f"unknown arithmetic '{name[:40]}'", do=f"use auto, {', '.join(_DTYPES)}")
    return _DTYPES[name]


def load_prompt(folder: Path, adapter: Path | None = None, tile_px: int | None = None) -> tuple[Prompt, TileProcessor]:
    """Tokenizer and image processor of a base model, without its weights."""
    side = tile_pixels(folder, adapter, tile_px)
    try:
        processor = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True)
    except _UNREADABLE as error:
        raise ModelError(f"preprocessor_config.json cannot be used ({first_line(error)})", where=folder) from error
    tiles = TileProcessor(processor, side)
    tokenizer = _tokenizer(folder)
    try:
        return Prompt.of(tokenizer, tiles.tokens), tiles
    except ModelError:
        raise
    except Exception as error:  # settings that are found wrong only when they are used, in errors of any kind
        raise ModelError(f"the tokenizer cannot be used ({first_line(error)})", where=folder) from error


def _tokenizer(folder: Path) -> Any:
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # the library in Rust raises nothing narrower
        raise ModelError(f"the tokenizer cannot be read ({first_line(error)})", where=folder) from error
    if not tokenizer.is_fast:
        raise ModelError("tokenizer.json is missing", where=folder, do="copy the whole folder")
    if tokenizer.chat_template is None and (folder / "chat_template.json").is_file():
        tokenizer.chat_template = read_json(folder / "chat_template.json").get("chat_template")
    return tokenizer


def _checked_config(folder: Path) -> Any:
    """The configuration, known to be Qwen2-VL's, with at least two decoder layers."""
    written = read_json(folder / "config.json")
    kind = written.get("model_type")
    if kind != "qwen2_vl":
        raise ModelError(f"this is a '{str(kind)[:40]}' model, not Qwen2-VL", where=folder, do="choose another --base")
    for part in (written, written.get("text_config"), written.get("vision_config")):
        _check_sizes(part if isinstance(part, dict) else {}, folder)
    try:
        config = Qwen2VLConfig.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the strict validators of the hub client raise types of their own
        raise ModelError(f"config.json cannot be used ({first_line(error)})", where=folder) from error
    if config.text_config.num_hidden_layers < 2:
        raise ModelError("the decoder needs two layers: the image vector comes from the last but one", where=folder)
    return config


_LARGEST = {
    "hidden_size": 1 << 16, "intermediate_size": 1 << 19, "num_hidden_layers": 1 << 10, "vocab_size": 1 << 22,
    "num_attention_heads": 1 << 10, "num_key_value_heads": 1 << 10, "embed_dim": 1 << 16, "depth": 1 << 10,
    "num_heads": 1 << 10, "patch_size": 1 << 10, "temporal_patch_size": 1 << 6, "spatial_merge_size": 1 << 6,
}  # fmt: skip
"""Sizes beyond any Qwen2-VL: a configuration of a few bytes must not ask for all memory."""


def _check_sizes(written: dict[str, Any], folder: Path) -> None:
    for name, most in _LARGEST.items():
        size = written.get(name)
        if size is not None and not (type(size) is int and 1 <= size <= most):
            what = f"config.json cannot be used ({name} is {str(size)[:20]})"
            raise ModelError(what, where=folder, do=f"a model of this kind has 1 to {most:,}")


def check_tokens(config: Any, tokenizer: Any, folder: Path | str) -> None:
    """The special tokens of the configuration and of the tokenizer must be the same ids."""
    expected = {
        VISION_START: config.vision_start_token_id,
        VISION_END: config.vision_end_token_id,
        IMAGE_PAD: config.image_token_id,
        VIDEO_PAD: config.video_token_id,
    }
    known = tokenizer.get_vocab()
    for token in SPECIAL_TOKENS:
        if token not in known:
            raise ModelError(f"the tokenizer lacks {token}", where=folder, do="use the tokenizer of this very model")
        if known[token] != expected.get(token, known[token]):
            what = f"{token} is {known[token]} in the tokenizer but {expected[token]} in config.json"
            raise ModelError(what, where=folder, do="use the tokenizer of this very model")
        if known[token] >= config.text_config.vocab_size:
            raise ModelError(f"{token} lies outside the vocabulary", where=folder, do="use this model's own tokenizer")


def checked_weights(architecture: Any, folder: Path, dtype: torch.dtype, **options: Any) -> Any:
    """A model of a transformers class with the folder's weights: safetensors only, and none of its own missing."""
    weight_files(folder)
    transformers_logging.disable_progress_bar()
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    try:
        model, report = architecture.from_pretrained(
            folder,
            dtype=dtype,
            attn_implementation="sdpa",
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            **options,
        )
    except _UNREADABLE as error:
        raise ModelError(f"the weights cannot be read ({first_line(error)})", where=folder) from error
    finally:
        transformers_logging.set_verbosity(verbosity)
    missing = sorted(report["missing_keys"])
    if missing:
        raise ModelError(f"{len(missing)} weights are missing, {missing[0]} first", where=folder, do="copy it again")
    return model


def check_adapter(adapter: Path, folder: Path) -> None:
    """Refuses an adapter that is missing, not LoRA, or recorded for another base."""
    adapter_sha256(adapter)
    config = read_json(adapter / ADAPTER_FILES[0])
    if config.get("peft_type") != "LORA":
        raise ModelError("the adapter is not LoRA", where=adapter, do="name a folder written by 'skintui train'")
    recorded = read_json(adapter / RECIPE).get("base_sha256") if (adapter / RECIPE).is_file() else None
    if recorded and recorded != base_sha256(folder):
        made_for = str(read_json(adapter / RECIPE).get("base_id", "another model"))[:80]
        what = f"the adapter was trained for another base ({made_for})"
        raise ModelError(what, where=adapter, do="name that base with --base")


def _with_adapter(model: Any, adapter: Path, *, merge: bool) -> Any:
    """The model with LoRA inside; merged only in float32, where adding it to the weights loses nothing."""
    expected = {name for name, _ in model.named_modules()}
    try:
        _check_targets(adapter, expected)
        if merge and merge_plain(model, adapter):
            return model
        from peft import PeftModel

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers under a former name
            tuned = PeftModel.from_pretrained(model, adapter, is_trainable=False, local_files_only=True)
        return tuned.merge_and_unload(safe_merge=True) if merge else tuned.get_base_model()
    except _UNREADABLE as error:
        what = f"the adapter does not fit this base ({first_line(error)})"
        raise ModelError(what, where=adapter, do="name the base it was trained for") from error


def _check_targets(adapter: Path, modules: set[str]) -> None:
    """Every layer the adapter changes must exist: peft itself would pass over the ones that do not."""
    from safetensors import safe_open

    with safe_open(adapter / ADAPTER_FILES[1], framework="pt") as file:
        names = [key.removeprefix("base_model.model.").partition(".lora_")[0] for key in file.keys()]  # noqa: SIM118
    absent = sorted(set(names) - modules)
    if absent or not names:
        raise ValueError(f"it changes {absent[0]}, which the base lacks" if absent else "it holds no weights")


def first_line(error: BaseException) -> str:
    """What an error says first, cut to 160 characters; its type's name where it says nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:160]
