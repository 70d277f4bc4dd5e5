"""The answers of all questions decoded together, greedily, and how sure each one is.

Every step adds one token per question behind the cached pass: it sees the prefix, its own question and its own earlier
answer tokens, never a label that rides along.

**Spread.** Let v be the greedy answer, p_j the probability of its j-th token, and let a random answer X leave the
greedy path first at token i by writing t instead (it does so with probability (Π_{j<i} p_j) · p_i(t)). By the law of
total expectation over that first departure

    E[(X − v)²] = Σ_i (Π_{j<i} p_j) Σ_{t≠t_i} p_i(t) · E[(X − v)² | leaves at i by t],

and X is approximated by v with just that token changed. For a digit d in place of d_i this is ((d − d_i)·10^place)²,
the law of total variance along the greedy path. Other departures change the length or the sign: a digit where the
greedy answer puts its point lengthens the whole part, a point or the end where it puts a digit shortens it, a minus
flips the sign. The places are known because the answer is decoded first. ``spread`` is the square root.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skintui.attributes import Attribute
from skintui.model.pack import Packed, additive
from skintui.model.prompt import Prompt, parse_answer

LONGEST_ANSWER = 12
"""Tokens after which an answer is cut off; a number has at most eight."""

_CHARACTERS = "0123456789.-"
_NEGLIGIBLE = 1e-6


@dataclass(frozen=True)
class Answers:
    """What was decoded for B tiles × A questions."""

    ids: NDArray[np.int64]
    """(B, A, T) greedy tokens, the end token from where the answer ends."""
    chosen: NDArray[np.float64]
    """(B, A, T) probability of each greedy token."""
    probabilities: NDArray[np.float64]
    """(B, A, T, 13) probability of ``0``…``9``, ``.``, ``-`` and the end token at each step."""


def decode(model: Any, prompt: Prompt, packed: Packed, cache: Any, logits: torch.Tensor) -> Answers:
    """Greedy answers behind a pass.

    Args:
        model: the model the pass was made with.
        prompt: its prompt.
        packed: the pass, on the model's device.
        cache: the cache that the pass filled; it grows.
        logits: (B, A, vocabulary) of the first answer token.
    """
    alphabet = torch.tensor(alphabet_ids(prompt), device=logits.device)
    dtype = next(model.parameters()).dtype
    done = torch.zeros(packed.last.shape, dtype=torch.bool, device=logits.device)
    ids, chosen, rows = [], [], []
    for step in range(LONGEST_ANSWER):
        probability = torch.softmax(logits.float(), dim=-1)
        best, token = probability.max(dim=-1)
        token = token.masked_fill(done, prompt.end)
        ids.append(token.cpu())
        chosen.append(best.cpu())
        rows.append(probability[..., alphabet].cpu())
        done |= token == prompt.end
        if bool(done.all()) or step + 1 == LONGEST_ANSWER:
            break
        hidden = model.model(
            input_ids=token,
            position_ids=(packed.next_position + step).expand(3, -1, -1),
            attention_mask=_step_mask(packed, step, dtype),
            cache=cache,
            use_cache=True,
        ).last_hidden_state
        logits = model.lm_head(hidden)
    return Answers(
        torch.stack(ids, dim=2).numpy(),
        torch.stack(chosen, dim=2).double().numpy(),
        torch.stack(rows, dim=2).double().numpy(),
    )


def _step_mask(packed: Packed, step: int, dtype: torch.dtype) -> torch.Tensor:
    """(B, 1, A, S + A·(step + 1)): prefix, own question without its label, own answer so far."""
    count = packed.last.shape[1]
    own = torch.arange(1, count + 1, device=packed.segment.device)
    segment, asked = packed.segment[:, None], (packed.kind == 0)[:, None]
    seen = ((segment == 0) | (segment == own[:, None])) & asked
    answers = torch.eye(count, dtype=torch.bool, device=seen.device).repeat(1, step + 1).expand(len(seen), -1, -1)
    return additive(torch.cat([seen, answers], dim=2)[:, None], dtype)


def alphabet_ids(prompt: Prompt) -> list[int]:
    """Token ids of the digits, the point, the minus and the end of an answer."""
    ids = [prompt.tokenizer.encode(character, add_special_tokens=False) for character in _CHARACTERS]
    if any(len(one) != 1 for one in ids):
        raise ValueError("digits, point and minus must each be one token")
    return [*(one[0] for one in ids), prompt.end]


def texts(prompt: Prompt, answers: Answers) -> list[list[str]]:
    return [[prompt.text(ids) for ids in tile] for tile in answers.ids.tolist()]


def numbers(attributes: Sequence[Attribute], written: list[list[str]]) -> NDArray[np.float64]:
    """(B, A) values of the answers; NaN where one is no number or not plausible."""
    table = np.full((len(written), len(attributes)), np.nan)
    for b, tile in enumerate(written):
        for a, (attribute, text) in enumerate(zip(attributes, tile, strict=True)):
            value = parse_answer(attribute, text)
            table[b, a] = np.nan if value is None else value
    return table


def spreads(prompt: Prompt, answers: Answers, predicted: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, A) root mean squared deviation from the greedy answer; NaN where that is missing."""
    characters = dict(zip(alphabet_ids(prompt), [*_CHARACTERS, ""], strict=True))
    table = np.full(predicted.shape, np.nan)
    for b, a in np.argwhere(np.isfinite(predicted)):
        pieces = [characters.get(token) for token in answers.ids[b, a].tolist()]
        written = [piece for piece in pieces if piece is not None]
        if len(written) == len(pieces):
            table[b, a] = spread("".join(written), answers.chosen[b, a], answers.probabilities[b, a])
    return table


def spread(answer: str, chosen: NDArray[np.float64], probabilities: NDArray[np.float64]) -> float:
    """Root of E[(X − v)²] for the greedy ``answer`` (module docstring).

    Args:
        answer: the characters of v, one token each; the end token follows if there is a further row.
        chosen: (T,) probability of the greedy tokens.
        probabilities: (T, 13) of ``0``…``9``, ``.``, ``-``, end at each step.
    """
    value, reached, total = float(answer), 1.0, 0.0
    for i in range(min(len(answer) + 1, len(chosen))):
        here = answer[i] if i < len(answer) else ""
        for k in np.flatnonzero(probabilities[i] > _NEGLIGIBLE):
            there = _CHARACTERS[k] if k < len(_CHARACTERS) else ""
            if there != here:
                other = _departed(answer, i, there)
                if other is not None:
                    total += reached * float(probabilities[i, k]) * (other - value) ** 2
        reached *= float(chosen[i])
    return math.sqrt(total)


def _departed(answer: str, i: int, there: str) -> float | None:
    """The number if token ``i`` of ``answer`` had been ``there``; None where that makes none."""
    here, before, after = answer[i : i + 1], answer[:i], answer[i + 1 :]
    if there == "-" or here == "-":
        other = "-" + answer if there == "-" else there + after[1:] if there.isdigit() else ""
        other = other if i == 0 else ""
    elif here == ".":
        other = before + there + answer[i:] if there else before
    elif there == ".":
        other = f"{before}.{answer[i:].replace('.', '')}" if "." not in before else ""
    else:
        other = before + there + (after if there else "")
    try:
        return float(other)
    except ValueError:
        return None
