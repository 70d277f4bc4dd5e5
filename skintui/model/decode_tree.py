"""Answers decoded as a tree: the greedy one and S that stand for the whole distribution, behind one cached pass.

**Which answers.** Arithmetic sampling (Vilnis et al., 2023, "Arithmetic Sampling: Parallel Diverse Decoding for Large
Language Models"): every answer is a number u in [0, 1); at each step the unit interval is cut in proportion to the
tokens' probabilities, u chooses the piece it lies in and is stretched from that piece to [0, 1) again. The S codes are
the fixed midpoints (s + ½) / S, so nothing is random. Tokens are cut in the order minus, end, point, 0 … 9 and u is
mirrored behind a minus, so that among numbers of equally long whole part a larger code is a larger number: the S
answers are close to the S mid-quantiles of the answer's distribution, worth more than as many independent draws.

**What may be written.** The twelve characters of a number; all other probability (end token, a unit, words) counts as
"the answer ends here". A sampled answer is complete with the attribute's number of decimals. One that is alone with its
beginning, the point included, is not followed further: what is left of its code, uniform in [0, 1), stands for the
digits that are missing ("12.3" with 0.4 left is 12.34). They are worth less than the distance to the next answer.

**What it costs.** Answers that begin alike share their tokens: a step computes each distinct beginning once. A node of
the tree sees the image prefix, its question and its own ancestors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from skintui.attributes import Attribute
from skintui.model.pack import Packed, additive
from skintui.model.prompt import Prompt

LONGEST_ANSWER = 12
"""Tokens after which an answer is cut off; a number has at most eight."""
CHARACTERS = "0123456789.-"
POINT, MINUS, END = 10, 11, 12
"""Places in ``CHARACTERS``, and behind them the end of an answer."""
_ORDER = np.array([MINUS, END, POINT, *range(10)])
"""Order in which a code's interval is cut."""
_ONE = float(np.nextafter(1.0, 0.0))
_LOGITS = 2**26
"""Logits in memory at once: with the 7B model a step has up to 272 nodes a tile and 152,064 logits a node."""

Codes = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """What was decoded for B tiles × A questions."""

    ids: Codes
    """(B, A, T) greedy tokens, the end token from where the answer ends."""
    chosen: Numbers
    """(B, A, T) probability of each greedy token."""
    probabilities: Numbers
    """(B, A, T, 13) probability of ``0``…``9``, ``.``, ``-`` and the end token at each greedy step."""
    samples: Numbers
    """(B, A, S) the sampled answers as numbers, by rising code; NaN for one that is no number."""


def alphabet_ids(prompt: Prompt) -> list[int]:
    """Token ids of the digits, the point, the minus and the end of an answer."""
    ids = [prompt.tokenizer.encode(character, add_special_tokens=False) for character in CHARACTERS]
    if any(len(one) != 1 for one in ids):
        raise ValueError("digits, point and minus must each be one token")
    return [*(one[0] for one in ids), prompt.end]


def decode(
    model: Any,
    prompt: Prompt,
    packed: Packed,
    cache: Any,
    logits: torch.Tensor,
    *,
    attributes: Sequence[Attribute] = (),
    samples: int = 0,
) -> Answers:
    """The greedy answers and ``samples`` that stand for their distribution.

    Args:
        model: the model the pass was made with.
        prompt: its prompt.
        packed: the pass, on the model's device.
        cache: the cache that the pass filled; it grows.
        logits: (B, A, vocabulary) of the first answer token.
        attributes: the A questions; needed for samples.
        samples: S, how many answers are sampled.
    """
    alphabet = torch.tensor(alphabet_ids(prompt), device=logits.device)
    dtype = next(model.parameters()).dtype
    tree = _Tree(packed, logits.device)
    greedy = _Greedy(packed.last.shape, prompt.end)
    sampled = _Sampled(packed.last.shape, attributes, samples)
    token, best, rows = _likeliest(logits, alphabet)
    for step in range(LONGEST_ANSWER):
        greedy.take(token, best, rows)
        sampled.take(rows)
        if step + 1 == LONGEST_ANSWER or not (greedy.alive.any() or sampled.alive.any()):
            break
        ids, question, greedy.node, sampled.node = tree.grow(greedy, sampled, alphabet.cpu().numpy())
        hidden = model.model(
            input_ids=ids,
            position_ids=(packed.next_position.gather(1, question) + step).expand(3, -1, -1),
            attention_mask=additive(tree.seen[:, None], dtype),
            cache=cache,
            use_cache=True,
        ).last_hidden_state
        token, best, rows = _likeliest_next(model.lm_head, hidden, alphabet)
    return Answers(*greedy.answers(), sampled.values())


def _likeliest(logits: torch.Tensor, alphabet: torch.Tensor) -> tuple[Codes, Numbers, Numbers]:
    """The likeliest token (…) of logits (…, vocabulary), its probability, and those of the alphabet (…, 13)."""
    probability = torch.softmax(logits.float(), dim=-1)
    best, token = probability.max(dim=-1)
    rows = probability[..., alphabet]
    return token.cpu().numpy(), best.double().cpu().numpy(), rows.double().cpu().numpy()


def _likeliest_next(head: Any, hidden: torch.Tensor, alphabet: torch.Tensor) -> tuple[Codes, Numbers, Numbers]:
    """The same of final states (B, M, d), so many at a time that their logits fit into memory."""
    many = max(1, _LOGITS // head.weight.shape[0])
    found = [_likeliest(head(part), alphabet) for part in torch.split(hidden.flatten(0, 1), many)]
    token, best, rows = (
        np.concatenate(each).reshape(*hidden.shape[:2], *each[0].shape[1:]) for each in zip(*found, strict=True)
    )
    return token, best, rows


class _Tree:
    """The nodes of the current step, per tile: which earlier places each of them sees."""

    def __init__(self, packed: Packed, device: torch.device) -> None:
        own = torch.arange(1, packed.last.shape[1] + 1, device=device)[:, None]
        segment, asked = packed.segment[:, None], (packed.kind == 0)[:, None]
        self.seen = ((segment == 0) | (segment == own)) & asked
        """(B, M, S + places of all steps before) of the last step; its own place comes with the next step."""
        self.question = np.broadcast_to(np.arange(packed.last.shape[1]), packed.last.shape)
        """(B, M) question of each node."""

    def grow(
        self, greedy: _Greedy, sampled: _Sampled, alphabet: Codes
    ) -> tuple[torch.Tensor, torch.Tensor, Codes, Codes]:
        """Nodes (B, M) of the next step: tokens, questions, and the node each answer goes on from."""
        device, (tiles, _, count) = self.seen.device, sampled.node.shape
        nodes = np.concatenate([greedy.node[..., None], sampled.node], axis=2)
        alive = np.concatenate([greedy.alive[..., None], sampled.alive], axis=2)
        tokens = np.concatenate([greedy.token[..., None], alphabet[sampled.place]], axis=2)
        width = int(tokens.max()) + 1
        keys = [np.unique((nodes[b] * width + tokens[b])[alive[b]], return_inverse=True) for b in range(tiles)]
        most = max(len(distinct) for distinct, _ in keys)
        ids, parent = np.zeros((tiles, most), np.int64), np.zeros((tiles, most), np.int64)
        real = np.zeros((tiles, most), bool)
        following = np.zeros_like(nodes)
        for b, (distinct, place) in enumerate(keys):
            parent[b, : len(distinct)], ids[b, : len(distinct)] = np.divmod(distinct, width)
            real[b, : len(distinct)] = True
            following[b][alive[b]] = place
        self.question = np.take_along_axis(self.question, parent, axis=1)
        behind = torch.from_numpy(parent).to(device)[..., None].expand(-1, -1, self.seen.shape[2])
        earlier = self.seen.gather(1, behind) & torch.from_numpy(real).to(device)[..., None]
        itself = torch.eye(most, dtype=torch.bool, device=device).expand(tiles, -1, -1)
        self.seen = torch.cat([earlier, itself], dim=2)
        question = torch.from_numpy(self.question).to(device)
        return torch.from_numpy(ids).to(device), question, following[..., 0], following[..., 1 : 1 + count]


class _Greedy:
    """The answers that take the likeliest token every time."""

    def __init__(self, shape: torch.Size, end: int) -> None:
        self.end = end
        self.node: Codes = np.broadcast_to(np.arange(shape[1]), tuple(shape)).copy()
        self.alive = np.ones(tuple(shape), bool)
        self.token: Codes = np.zeros(tuple(shape), np.int64)
        self._ids: list[Codes] = []
        self._chosen: list[Numbers] = []
        self._rows: list[Numbers] = []

    def take(self, token: Codes, best: Numbers, rows: Numbers) -> None:
        """The next tokens, from the likeliest ones (B, M) and their probabilities at the step's nodes."""
        self.token = np.where(self.alive, np.take_along_axis(token, self.node, axis=1), self.end)
        self._ids.append(self.token)
        self._chosen.append(np.take_along_axis(best, self.node, axis=1))
        self._rows.append(np.take_along_axis(rows, self.node[..., None], axis=1))
        self.alive = self.token != self.end

    def answers(self) -> tuple[Codes, Numbers, Numbers]:
        return np.stack(self._ids, axis=2), np.stack(self._chosen, axis=2), np.stack(self._rows, axis=2)


class _Sampled:
    """The answers of fixed codes, read as numbers while they are written."""

    def __init__(self, shape: torch.Size, attributes: Sequence[Attribute], samples: int) -> None:
        self.shape = (*shape, samples)
        self.node: Codes = np.broadcast_to(np.arange(shape[1])[:, None], self.shape).copy()
        self.code: Numbers = np.broadcast_to((np.arange(samples) + 0.5) / max(samples, 1), self.shape).copy()
        self.alive = np.ones(self.shape, bool)
        self.place: Codes = np.full(self.shape, END)
        self._decimals = np.array([a.decimals for a in attributes], np.int64)[:, None] if samples else np.zeros((1, 1))
        longest = [len(str(int(max(abs(a.low), abs(a.high))))) for a in attributes]
        self._longest = np.array(longest, np.int64)[:, None] if samples else np.zeros((1, 1))
        self._digits: Numbers = np.zeros(self.shape)
        self._whole, self._after = np.zeros(self.shape, np.int64), np.zeros(self.shape, np.int64)
        self._point, self._minus, self._wrong = (np.zeros(self.shape, bool) for _ in range(3))
        self._rest: Numbers = np.zeros(self.shape)

    def take(self, rows: Numbers) -> None:
        """The next characters, from the probabilities (B, M, 13) at the step's nodes."""
        if not self.alive.any():
            return
        tiles = np.arange(self.shape[0])[:, None, None]
        share = rows.copy()
        share[..., END] = np.maximum(1.0 - share[..., :END].sum(axis=-1), 0.0)
        share = share[..., _ORDER]
        edges = np.cumsum(share, axis=-1)
        edges /= edges[..., -1:]
        right = edges[tiles, self.node]
        piece = np.minimum((right <= self.code[..., None]).sum(axis=-1), len(_ORDER) - 1)
        upper = np.take_along_axis(right, piece[..., None], axis=-1)[..., 0]
        lower = np.where(
            piece > 0, np.take_along_axis(right, np.maximum(piece - 1, 0)[..., None], axis=-1)[..., 0], 0.0
        )
        inside = np.clip((self.code - lower) / np.maximum(upper - lower, np.finfo(float).tiny), 0.0, _ONE)
        self.place = np.where(self.alive, _ORDER[piece], END)
        self.code = np.where(self.place == MINUS, _ONE - inside, inside)
        self._read()

    def _read(self) -> None:
        """Take the new character into the number, and close the answers that are complete or no number any more."""
        on, place = self.alive, self.place
        digit = on & (place < POINT)
        self._digits = np.where(digit, 10 * self._digits + place, self._digits)
        self._whole += digit & ~self._point
        self._after += digit & self._point
        point, minus = on & (place == POINT), on & (place == MINUS)
        self._wrong |= point & (self._point | (self._whole == 0))
        self._wrong |= minus & (self._minus | (self._whole > 0) | self._point)
        self._point |= point
        self._minus |= minus
        end = on & (place == END)
        self._wrong |= end & ((self._whole == 0) | (self._point & (self._after == 0)))
        self._wrong |= self._whole > self._longest
        self.alive = on & ~end & ~self._wrong & ~(self._point & (self._after >= self._decimals))
        alone = self.alive & self._point & self._alone()
        self._rest = np.where(alone, self.code, self._rest)
        self.alive &= ~alone

    def _alone(self) -> NDArray[np.bool_]:
        """(B, A, S) whether no other answer to the question has the same beginning; equal ones lie side by side."""
        same = (np.diff(self.node, axis=2) == 0) & (np.diff(self.place, axis=2) == 0)
        same &= self.alive[..., 1:] & self.alive[..., :-1]
        edge = np.zeros((*self.shape[:2], 1), bool)
        shared: NDArray[np.bool_] = np.concatenate([edge, same], axis=2) | np.concatenate([same, edge], axis=2)
        return ~shared

    def values(self) -> Numbers:
        values = np.where(self._minus, -1.0, 1.0) * (self._digits + self._rest) / 10.0**self._after
        values[self._wrong | self.alive] = np.nan
        return values + 0.0  # no negative zero
