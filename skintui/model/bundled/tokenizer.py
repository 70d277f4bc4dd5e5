"""Tokenizer of the bundled model: Qwen2-VL's special tokens, single digits, and whole words of its few questions.

A word keeps the space before it, so that decoding is plain concatenation. Text outside the vocabulary becomes one
``<|unk|>`` per word or sign: the bundled model cannot answer it, but nothing fails.
"""

from __future__ import annotations

import re
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import PreTrainedTokenizerFast

from skintui.model.bundled.questions import all_texts

SPECIAL_TOKENS: tuple[str, ...] = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
"""Names and order as in Qwen2-VL's tokenizer (ids 151643 to 151656 there, 0 to 13 here)."""

UNKNOWN = "<|unk|>"
SYSTEM_PROMPT = "You are a helpful assistant."

_PIECE = (
    r"You are a helpful assistant\.|(?:system|user|assistant)\n|What is the|What is|Describe the"
    r"| ?[^\W\d_]+[*²³]?|\d| |\n|[^\w\s]|_|\s"
)

CHAT_TEMPLATE = (
    "{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}{% for message in "
    "messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\nYou are a helpful "
    "assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}{{ "
    "message['content'] }}<|im_end|>\n{% else %}{% for content in message['content'] %}{% if content['type'] == "
    "'image' or 'image' in content or 'image_url' in content %}{% set image_count.value = image_count.value + 1 "
    "%}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% elif content['type'] == 'video' or 'video' in content %}{% "
    "set video_count.value = video_count.value + 1 %}{% if add_vision_id %}Video {{ video_count.value }}: {% "
    "endif %}<|vision_start|><|video_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% "
    "endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}{% if add_generation_prompt %}"
    "<|im_start|>assistant\n{% endif %}"
)
"""Qwen2-VL's own template."""


def vocabulary() -> dict[str, int]:
    """Token to id: special tokens, unknown, digits, signs, then the words in order of first use."""
    fixed = [*SPECIAL_TOKENS, UNKNOWN, *"0123456789", ".", "-", ",", "?", "+", ";", ":", " ", "\n"]
    roles = [SYSTEM_PROMPT, *(role + end for role in ("system", "user", "assistant") for end in ("\n", ""))]
    joining = ["What are", " and", " the", "What", " are", " is", " a", " mm", " of", "Describe"]
    texts = [*roles, *joining, *all_texts()]
    words = [piece for text in texts for piece in re.findall(_PIECE, text)]
    # A first word is written without the space before it, and may also stand behind another.
    spaced = [f" {word}" for word in words if re.fullmatch(r"[^\W\d_]+[*²³]?", word)]
    return {token: i for i, token in enumerate(dict.fromkeys([*fixed, *words, *spaced]))}


def bundled_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer, ready to encode, decode and render chats."""
    inner = Tokenizer(WordLevel(vocabulary(), unk_token=UNKNOWN))
    inner.pre_tokenizer = Split(Regex(_PIECE), behavior="isolated")
    inner.decoder = Fuse()
    inner.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in (*SPECIAL_TOKENS, UNKNOWN)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        eos_token=SPECIAL_TOKENS[2],
        pad_token=SPECIAL_TOKENS[0],
        unk_token=UNKNOWN,
        extra_special_tokens=list(SPECIAL_TOKENS),
        clean_up_tokenization_spaces=False,
        model_max_length=4096,
        padding_side="left",
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def save_tokenizer(folder: Path) -> None:
    """Write tokenizer.json, tokenizer_config.json and chat_template.jinja as transformers lays them out."""
    bundled_tokenizer().save_pretrained(folder)
