"""One pass for all questions of a tile: the prefix once, the questions side by side behind it.

Attention is causal and the image stands before the question, so the states of a prefix do not depend on what is asked.
Each question sees the prefix and itself (block mask) and its positions restart behind the prefix, exactly as if it
were alone; the pass therefore equals separate ones. A label's tokens may ride behind each question, in blocks of their
own that only they see, for its log-probability or for the training loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch

from skintui.model.prompt import Prompt

IGNORED = -100
"""Target of a place that holds no answer token (what ``cross_entropy`` ignores)."""

_PREFIX, _PADDING = 0, -1
_ASKED, _ANSWERED = 0, 1


class Question(NamedTuple):
    """Token ids of one question and, where known, of its answer with the end token."""

    asked: tuple[int, ...]
    answer: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Packed:
    """B tiles with A questions each, in rows of S tokens."""

    input_ids: torch.Tensor
    """(B, S) int64."""
    position_ids: torch.Tensor
    """(3, B, S) int64: temporal, height, width rows of M-RoPE."""
    segment: torch.Tensor
    """(B, S) int64: 0 prefix, 1…A the question a token belongs to, -1 padding."""
    kind: torch.Tensor
    """(B, S) int64: 0 what is asked, 1 a label's token."""
    last: torch.Tensor
    """(B, A) int64: place of each question's last token, whose state predicts the first answer token."""
    answer_places: torch.Tensor
    """(B, A, L) int64: places whose states predict the answer tokens; 0 where there is none."""
    answer_ids: torch.Tensor
    """(B, A, L) int64: the answer tokens; ``IGNORED`` where there is none."""
    next_position: torch.Tensor
    """(B, A) int64: M-RoPE position of each first answer token (the same in all three rows)."""
    image: slice
    """Places of the image tokens, the same in every row."""

    def mask(self, dtype: torch.dtype) -> torch.Tensor:
        """Additive mask (B or 1, 1, S, S): 0 where a token may look, the dtype's minimum elsewhere."""
        segment, kind = self.segment, self.kind
        if bool((segment == segment[:1]).all()) and bool((kind == kind[:1]).all()):
            segment, kind = segment[:1], kind[:1]  # one mask serves rows of one layout
        same = (segment[:, :, None] == segment[:, None, :]) & (kind[:, None, :] <= kind[:, :, None])
        seen = same | (segment[:, None, :] == _PREFIX)
        seen &= (segment != _PADDING)[:, :, None]
        order = torch.arange(segment.shape[1], device=segment.device)
        seen &= order[None, :, None] >= order[None, None, :]
        seen |= torch.eye(len(order), dtype=torch.bool, device=segment.device)  # padding sees itself: no empty row
        return additive(seen[:, None], dtype)

    def to(self, device: torch.device | str) -> Packed:
        """The same with every tensor on ``device``."""
        moved: dict[str, Any] = {
            name: value.to(device) for name, value in vars(self).items() if isinstance(value, torch.Tensor)
        }
        return replace(self, **moved)


def additive(seen: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """0 where ``seen``, else the smallest number of ``dtype``."""
    return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill_(~seen, torch.finfo(dtype).min)


def pack(prompt: Prompt, tiles: Sequence[Sequence[Question]], multiple: int = 1) -> Packed:
    """Lay out the questions of several tiles; every tile must have equally many (none at all: the prefix alone).

    Rows are padded to the longest, and on to a multiple of ``multiple`` tokens, so that few lengths occur.
    """
    counts = {len(questions) for questions in tiles}
    if len(counts) != 1:
        raise ValueError("every tile of a pass needs the same number of questions")
    rows = [_row(prompt, questions) for questions in tiles]
    width = -(-max(len(row.ids) for row in rows) // multiple) * multiple
    longest = max((len(answer) for row in rows for answer in row.answers), default=0)

    def stacked(values: Sequence[Sequence[int]], fill: int) -> torch.Tensor:
        table = np.full((len(rows), width), fill, dtype=np.int64)
        for line, value in zip(table, values, strict=True):
            line[: len(value)] = value
        return torch.from_numpy(table)

    places = np.zeros((len(rows), counts.pop(), longest), dtype=np.int64)
    answers = np.full(places.shape, IGNORED, dtype=np.int64)
    for b, row in enumerate(rows):
        for a, (where, ids) in enumerate(zip(row.places, row.answers, strict=True)):
            places[b, a, : len(where)], answers[b, a, : len(ids)] = where, ids
    image = slice(prompt.image_start, prompt.image_start + prompt.image_tokens)
    image_part, text = _prefix_positions(prompt), stacked([row.positions for row in rows], 0)
    positions = text.expand(3, -1, -1).clone()
    positions[:, :, : image_part.shape[1]] = image_part[:, None]
    return Packed(
        input_ids=stacked([row.ids for row in rows], prompt.end),
        position_ids=positions,
        segment=stacked([row.segment for row in rows], _PADDING),
        kind=stacked([row.kind for row in rows], _ASKED),
        last=torch.tensor([row.last for row in rows], dtype=torch.int64),
        answer_places=torch.from_numpy(places),
        answer_ids=torch.from_numpy(answers),
        next_position=torch.tensor([row.next_position for row in rows], dtype=torch.int64),
        image=image,
    )


class _Row(NamedTuple):
    ids: list[int]
    positions: list[int]
    segment: list[int]
    kind: list[int]
    last: list[int]
    next_position: list[int]
    places: list[list[int]]
    answers: list[tuple[int, ...]]


def _row(prompt: Prompt, questions: Sequence[Question]) -> _Row:
    """One tile: prefix, all questions, then the labels' blocks."""
    start = len(prompt.prefix)
    after = start - prompt.image_tokens + max(prompt.grid)  # an image takes as many positions as its longer side
    row = _Row(list(prompt.prefix), [0] * start, [_PREFIX] * start, [_ASKED] * start, [], [], [], [])

    def append(ids: Sequence[int], first: int, segment: int, kind: int) -> None:
        row.ids.extend(ids)
        row.positions.extend(range(first, first + len(ids)))
        row.segment.extend([segment] * len(ids))
        row.kind.extend([kind] * len(ids))

    for number, question in enumerate(questions, start=1):
        append(question.asked, after, number, _ASKED)
        row.last.append(len(row.ids) - 1)
        row.next_position.append(after + len(question.asked))
    for number, question in enumerate(questions, start=1):
        answer = question.answer or ()
        first = len(row.ids)
        fed = answer[:-1]  # the end token is predicted, never read
        append(fed, row.next_position[number - 1], number, _ANSWERED)
        row.places.append([row.last[number - 1], *range(first, first + len(fed))][: len(answer)])
        row.answers.append(tuple(answer))
    return row


def _prefix_positions(prompt: Prompt) -> torch.Tensor:
    """(3, P): text counts on, an image token stands at its row and column, text goes on behind the larger of both.

    The rule of ``Qwen2VLModel.get_rope_index`` for one image.
    """
    before, (rows, columns) = prompt.image_start, prompt.grid
    behind = len(prompt.prefix) - before - rows * columns
    head = torch.arange(before).expand(3, -1)
    row = torch.arange(rows).repeat_interleave(columns) + before
    column = torch.arange(columns).repeat(rows) + before
    body = torch.stack([torch.full_like(row, before), row, column])
    tail = (torch.arange(behind) + before + max(rows, columns)).expand(3, -1)
    return torch.cat([head, body, tail], dim=1)
