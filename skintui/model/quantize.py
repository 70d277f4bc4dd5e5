"""A base model in 4 or 8 bits per weight, through bitsandbytes: the 7B model in a quarter or half of the memory.

4-bit is NF4 with the scales quantised too (Dettmers et al., QLoRA, arXiv 2305.14314), 8-bit is LLM.int8()
(arXiv 2208.07339). Only the linear layers of both towers shrink; embeddings, norms and the output layer stay as they
are. LoRA goes on top in float32, as on any base.

peft's ``prepare_model_for_kbit_training`` is left out on purpose: it raises everything else, and with it every
activation, to float32, which without autocast would cost more memory than the weights save.
"""

from __future__ import annotations

import logging
import warnings
from importlib.util import find_spec
from typing import Any

import torch

from skintui.errors import ModelError
from skintui.settings import QUANTIZATIONS

logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # peft imports it, and it tells of optional kernels


def quantized(how: str, kind: torch.dtype, place: torch.device) -> dict[str, Any]:
    """What ``from_pretrained`` needs to load quantised weights onto ``place``; nothing where ``how`` is empty.

    ``kind`` is the arithmetic: weights are expanded to it product by product. Raises ModelError where bitsandbytes is
    missing or ``how`` is unknown.
    """
    if not how:
        return {}
    if how not in QUANTIZATIONS:
        raise ModelError(f"unknown quantisation '{how[:40]}'", do=f"use {' or '.join(QUANTIZATIONS)}")
    if absent := [name for name in ("bitsandbytes", "accelerate") if find_spec(name) is None]:
        what = f"a {how} base needs {' and '.join(absent)}, which is not installed"
        raise ModelError(what, do="pip install 'skintui[quantize]'")
    from transformers import BitsAndBytesConfig

    warnings.filterwarnings("ignore", message="MatMul8bitLt: inputs will be cast")
    if how == "8bit":
        config = BitsAndBytesConfig(load_in_8bit=True)
    else:
        config = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=kind,
        )
    return {"quantization_config": config, "device_map": {"": place}}
