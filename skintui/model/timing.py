"""How fast the packed pass is against separate ones, and that both say the same; and models to measure it on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2VLConfig, Qwen2VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.model.fingerprint import TILE_PX
from skintui.model.load import LoadedModel, TileProcessor, resolve_device, resolve_dtype
from skintui.model.prompt import Prompt
from skintui.model.reader import LesionReader

SHAPES: dict[str, dict[str, Any]] = {
    "7b": {"hidden": 3584, "mlp": 18944, "heads": 28, "groups": 4, "layers": 28, "vocabulary": 152064, "tied": False},
    "2b": {"hidden": 1536, "mlp": 8960, "heads": 12, "groups": 2, "layers": 28, "vocabulary": 151936, "tied": True},
}
"""Decoders of Qwen2-VL-7B and 2B; both have the same vision tower (32 blocks of width 1280, patches of 14 px)."""

_SPECIAL = tuple(
    f"<|{name}|>"
    for name in (
        *("endoftext", "im_start", "im_end", "object_ref_start", "object_ref_end", "box_start", "box_end"),
        *("quad_start", "quad_end", "vision_start", "vision_end", "vision_pad", "image_pad", "video_pad"),
    )
)
"""Qwen2-VL's special tokens, from 151643 on."""
_FIRST_SPECIAL = 151643
_TEMPLATE = (
    "{% for message in messages %}{% if loop.first %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "{% endif %}<|im_start|>{{ message['role'] }}\n{% for content in message['content'] %}"
    "{% if content['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_PIECE = r"\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]|\s"


@dataclass(frozen=True)
class ForwardTiming:
    """Vectors and first-answer logits of all questions, made both ways in one run."""

    packed: float
    """Tiles per second, all questions in one pass."""
    separate: float
    """Tiles per second, one pass for the image and one per question."""
    relative_error: float
    """Largest difference over the largest magnitude, worst of image vectors, attribute vectors and logits."""

    @property
    def speedup(self) -> float:
        return self.packed / self.separate


def measure_forward(reader: LesionReader, images: Sequence[Image.Image], repeats: int = 3) -> ForwardTiming:
    """Time both ways alternately and take the best of ``repeats``, after one pass each that is not timed."""
    packed, separate = reader.read_packed(images), reader.read_separately(images)
    pairs = [
        (packed.image, separate.image),
        (packed.attribute, separate.attribute),
        (packed.first_logits, separate.first_logits),
    ]
    seconds = [float("inf"), float("inf")]
    for _ in range(repeats):
        for which, call in enumerate((reader.read_packed, reader.read_separately)):
            seconds[which] = min(seconds[which], _seconds(call, images))
    error = max(relative_error(ours, theirs) for ours, theirs in pairs)
    return ForwardTiming(len(images) / seconds[0], len(images) / seconds[1], error)


def _seconds(call: Callable[[Sequence[Image.Image]], object], images: Sequence[Image.Image]) -> float:
    begun = time.perf_counter()
    call(images)  # the results are copied to the CPU, so a GPU has finished when it returns
    return time.perf_counter() - begun


def relative_error(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """Largest |ours − theirs| over largest |theirs|."""
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def random_reader(
    shape: str = "7b", layers: int = 2, *, device: str = "auto", dtype: str = "auto", tile_px: int = TILE_PX
) -> LesionReader:
    """A reader with random weights in Qwen2-VL's shape, only ``layers`` of its decoder and as many vision blocks.

    Full width and vocabulary; nothing is downloaded. Its answers mean nothing, its cost per layer is the real one.
    """
    if shape not in SHAPES:
        raise UsageError(f"unknown shape '{shape[:20]}'", do=f"choose one of {', '.join(SHAPES)}")
    place = resolve_device(device)
    kind = resolve_dtype(dtype, place)
    tiles = TileProcessor(Qwen2VLImageProcessorPil(), tile_px)
    prompt = Prompt.of(qwen2vl_tokenizer(), tiles.tokens)
    with torch.random.fork_rng(), place:
        torch.manual_seed(0)
        former = torch.get_default_dtype()
        torch.set_default_dtype(kind)
        try:
            model = Qwen2VLForConditionalGeneration(qwen2vl_config(SHAPES[shape], layers)).eval().requires_grad_(False)
        finally:
            torch.set_default_dtype(former)
    name = {
        "model_id": f"random-{shape}-{layers}-layers",
        "model_sha256": "",
        "adapter_sha256": "",
        "prompt_sha256": "",
    }
    return LesionReader(LoadedModel(model, prompt, tiles, name, place, kind))


def qwen2vl_config(shape: dict[str, Any], layers: int) -> Any:
    """The configuration of ``shape`` with ``layers`` decoder layers and the vision blocks in proportion."""
    text = {
        "hidden_size": shape["hidden"],
        "intermediate_size": shape["mlp"],
        "num_attention_heads": shape["heads"],
        "num_key_value_heads": shape["groups"],
        "num_hidden_layers": layers,
        "vocab_size": shape["vocabulary"],
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
    }
    vision = {"depth": max(1, round(32 * layers / shape["layers"])), "hidden_size": shape["hidden"]}
    tied = {"tie_word_embeddings": shape["tied"]}
    return Qwen2VLConfig(text_config=text | tied, vision_config=vision, attn_implementation="sdpa", **tied)


def qwen2vl_tokenizer() -> Any:
    """Whole words as tokens, so that questions are about as long as under Qwen2-VL's own; its special ids."""
    text = " ".join(
        [*(a.question for a in ATTRIBUTES), "system\nYou are a helpful assistant.\nuser\nassistant -.0123456789"]
    )
    bare = pre_tokenizers.Split(Regex(_PIECE), "isolated")
    pieces = [piece for piece, _ in bare.pre_tokenize_str(text)] + re.findall(r"\w", text) + list("\n-.012 mcum")
    words = {word: i for i, word in enumerate(dict.fromkeys(["<unk>", "What", "system", "user", "assistant", *pieces]))}
    special = {token: _FIRST_SPECIAL + i for i, token in enumerate(_SPECIAL)}
    inner = Tokenizer(models.WordLevel(words | special, unk_token="<unk>"))  # noqa: S106 -- no password
    inner.pre_tokenizer = bare
    inner.decoder = decoders.Fuse()
    inner.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|im_end|>", chat_template=_TEMPLATE)  # noqa: S106
