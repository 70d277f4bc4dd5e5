"""The pass itself: packed questions and tiles through the model, keeping the states the method reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from skintui.model.pack import IGNORED, Packed


@dataclass(frozen=True)
class Pixels:
    """Tiles as the vision tower takes them."""

    values: torch.Tensor
    """(B · patches, channels · 2 · patch²) float32."""
    grid: torch.Tensor
    """(B, 3) int64: frames (1), rows and columns of patches."""

    def to(self, device: torch.device | str, dtype: torch.dtype) -> Pixels:
        return Pixels(self.values.to(device, dtype), self.grid.to(device))


@dataclass(frozen=True)
class States:
    """Hidden states of one pass."""

    final: torch.Tensor
    """(B, S, d): after the last layer and the final norm (``hidden_states[-1]``)."""
    image: torch.Tensor | None
    """(B, d): mean over the image tokens of the last layer but one (``hidden_states[-2]``)."""

    def at(self, places: torch.Tensor) -> torch.Tensor:
        """Final states at ``places`` (B, …) as (B, …, d)."""
        flat = places.reshape(len(places), -1, 1).expand(-1, -1, self.final.shape[-1])
        return self.final.gather(1, flat).reshape(*places.shape, -1)


@contextmanager
def _penultimate(model: Any) -> Iterator[list[torch.Tensor]]:
    """Collects the output of the last decoder layer but one, without keeping all the others."""
    kept: list[torch.Tensor] = []

    def keep(_layer: object, _arguments: object, output: Any) -> None:
        kept.append(output[0] if isinstance(output, tuple) else output)

    handle = model.model.language_model.layers[-2].register_forward_hook(keep)
    try:
        yield kept
    finally:
        handle.remove()


def run(model: Any, packed: Packed, pixels: Pixels, *, cache: Any = None, image_vector: bool = True) -> States:
    """One pass of a ``Qwen2VLForConditionalGeneration`` over tiles and packed questions.

    Args:
        model: the model itself, also where peft has put adapters into it.
        packed: the layout, on the model's device.
        pixels: the same tiles in the same order, on the model's device and in its dtype.
        cache: a ``DynamicCache`` to be filled, for decoding behind the pass.
        image_vector: whether to keep ``States.image``.
    """
    inputs: dict[str, Any] = {
        "input_ids": packed.input_ids,
        "position_ids": packed.position_ids,
        "attention_mask": packed.mask(next(model.parameters()).dtype),
        "pixel_values": pixels.values,
        "image_grid_thw": pixels.grid,
        "use_cache": cache is not None,
        "cache": cache,
    }
    if not image_vector:
        return States(model.model(**inputs).last_hidden_state, None)
    with _penultimate(model) as kept:
        final = model.model(**inputs).last_hidden_state
    return States(final, kept[0][:, packed.image].float().mean(dim=1))


def answer_loss(model: Any, packed: Packed, states: States, wrong_logprob: torch.Tensor | None = None) -> torch.Tensor:
    """Mean cross-entropy of the answer tokens, end token included (natural logarithm); nothing else is learned.

    ``wrong_logprob`` (B, A) makes it robust against wrong labels: log(ε · b), with ε the share of labels that are wrong
    and b the chance that a wrong one reads like this. An answer of log-likelihood l then costs
    -log(eˡ + ε · b), up to a constant for small ε the likelihood of a label that is right or wrong; its gradient is
    that of -l times the probability that the label is right.
    """
    wanted = packed.answer_ids != IGNORED
    logits = model.lm_head(states.at(packed.answer_places)[wanted])
    if wrong_logprob is None:
        return torch.nn.functional.cross_entropy(logits.float(), packed.answer_ids[wanted])
    tokens = torch.nn.functional.cross_entropy(logits.float(), packed.answer_ids[wanted], reduction="none")
    told = wanted.any(dim=2)
    number = (told.flatten().cumsum(0) - 1).view_as(told)[..., None].expand_as(wanted)[wanted]
    answers = torch.zeros(int(told.sum()), dtype=tokens.dtype, device=tokens.device).index_add(0, number, tokens)
    return -torch.logaddexp(-answers, wrong_logprob.to(answers)[told]).sum() / wanted.sum()


def answer_logprob(model: Any, packed: Packed, states: States) -> torch.Tensor:
    """(B, A) float64: log-probability of each whole answer, end token included; NaN where there is none."""
    total = torch.full(packed.last.shape, float("nan"), dtype=torch.float64)
    for b in range(len(total)):  # tile by tile: the logits of a whole batch would fill the memory
        wanted = packed.answer_ids[b] != IGNORED
        if not bool(wanted.any()):
            continue
        logits = model.lm_head(states.final[b, packed.answer_places[b][wanted]]).float()
        chosen = torch.log_softmax(logits, dim=-1).gather(1, packed.answer_ids[b][wanted][:, None])[:, 0].double()
        of = wanted.nonzero()[:, 0]
        sums = torch.zeros(wanted.shape[0], dtype=torch.float64, device=chosen.device).index_add_(0, of, chosen)
        total[b] = torch.where(wanted.any(dim=1), sums, float("nan")).cpu()
    return total
