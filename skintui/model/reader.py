"""Reads lesions: image vector, one vector, number and spread per attribute, all in one pass over a tile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import DynamicCache

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.errors import ModelError
from skintui.model import decode as decoding
from skintui.model.forward import answer_logprob, run
from skintui.model.load import LoadedModel, load_model
from skintui.model.pack import Question, pack
from skintui.model.prompt import format_answer, joint_question
from skintui.settings import DECODE

Vectors = NDArray[np.float32]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """What was read from B tiles with A questions; d is the model's hidden size."""

    image_vectors: Vectors
    """(B, d) mean of the image tokens' states at the last layer but one."""
    attribute_vectors: Vectors
    """(B, A, d) final state that predicts the first answer token."""
    predicted: Numbers
    """(B, A) in the attribute's unit; NaN where the answer is no plausible number or was not decoded."""
    spread: Numbers
    """(B, A) root mean squared deviation from the prediction, same unit; NaN where that is missing."""
    texts: list[list[str]]
    """B lists of A answers as written; empty lists where none was decoded."""
    label_logprob: Numbers
    """(B, A) log-probability (natural) of the label written as an answer; NaN where there is no label."""
    label_tail: Numbers
    """(B, A) two-sided tail probability of the label (:func:`skintui.model.decode_values.label_tail`); NaN where there
    is no label or nothing was decoded."""


@dataclass(frozen=True)
class RawVectors:
    """The quantities that packed and separate passes must agree on."""

    image: Vectors
    """(B, d)."""
    attribute: Vectors
    """(B, A, d)."""
    first_logits: Vectors
    """(B, A, vocabulary)."""


class LesionReader:
    """A loaded model that reads tiles. All methods take one batch; the caller chooses its size.

    A result does not depend on the other tiles of its batch beyond the last bits of the arithmetic; who needs the same
    bytes again must cut the same batches.
    """

    def __init__(self, loaded: LoadedModel, decode: str = DECODE) -> None:
        self.loaded = loaded
        self.decode = decode
        self.model = loaded.model
        self.prompt = loaded.prompt

    @classmethod
    def load(
        cls,
        base: str | Path,
        adapter: Path | None = None,
        *,
        device: str = "auto",
        dtype: str = "auto",
        tile_px: int | None = None,
        quantize: str = "",
        decode: str = DECODE,
    ) -> LesionReader:
        """Load ``base`` (folder or hub id) with ``adapter``; answers are read by ``decode``. Raises ModelError."""
        return cls(load_model(base, adapter, device=device, dtype=dtype, tile_px=tile_px, quantize=quantize), decode)

    @property
    def hidden_size(self) -> int:
        return int(self.model.config.text_config.hidden_size)

    @property
    def fingerprint(self) -> dict[str, str]:
        return dict(self.loaded.fingerprint)

    @property
    def device(self) -> str:
        return str(self.loaded.device)

    @property
    def dtype(self) -> str:
        return str(self.loaded.dtype).removeprefix("torch.")

    def read(
        self,
        images: Sequence[Image.Image],
        *,
        attributes: Sequence[Attribute] = ATTRIBUTES,
        labels: NDArray[np.floating[Any]] | None = None,
        decode: bool = True,
    ) -> Reading:
        """One packed pass over a batch of tiles, then the answers decoded together.

        Args:
            images: B tiles of any size.
            attributes: the A questions.
            labels: (B, A) annotated values for their log-probability, NaN where missing.
            decode: whether to decode the answers; without, only vectors and log-probabilities are made.
        """
        if not images:
            return _empty(self.hidden_size, len(attributes))
        packed = pack(self.prompt, self._questions(len(images), attributes, labels)).to(self.loaded.device)
        cache = DynamicCache(config=self.model.config.text_config) if decode else None
        with torch.inference_mode(), memory_guard(len(images)):
            states = run(self.model, packed, self.loaded.pixels(images), cache=cache)
            vectors = states.at(packed.last)
            logprob = answer_logprob(self.model, packed, states).numpy()
            texts: list[list[str]] = [[] for _ in images]
            predicted = np.full(logprob.shape, np.nan)
            spread, tail = predicted.copy(), predicted.copy()
            if decode:
                answers = decoding.decode(
                    self.model,
                    self.prompt,
                    packed,
                    cache,
                    self.model.lm_head(vectors),
                    attributes=attributes,
                    samples=0 if self.decode == "greedy" else decoding.SAMPLES,
                )
                predicted, spread, texts = decoding.read_numbers(self.prompt, attributes, answers, self.decode)
                if labels is not None:
                    tail = decoding.tails(attributes, answers, predicted, spread, np.asarray(labels, dtype=np.float64))
        assert states.image is not None  # noqa: S101 -- run() keeps it by default
        return Reading(_numpy(states.image), _numpy(vectors), predicted, spread, texts, logprob, tail)

    def embed_images(self, images: Sequence[Image.Image]) -> Vectors:
        """(B, d) image vectors alone: a pass over the prefix."""
        packed = pack(self.prompt, [[] for _ in images]).to(self.loaded.device)
        with torch.inference_mode(), memory_guard(len(images)):
            states = run(self.model, packed, self.loaded.pixels(images))
        assert states.image is not None  # noqa: S101 -- run() keeps it by default
        return _numpy(states.image)

    def embed_joint(self, images: Sequence[Image.Image], attributes: Sequence[Attribute]) -> Vectors:
        """(B, d) vectors of one prompt that asks for several attributes at once."""
        asked = Question(self.prompt.question(joint_question(attributes)))
        packed = pack(self.prompt, [[asked]] * len(images)).to(self.loaded.device)
        with torch.inference_mode(), memory_guard(len(images)):
            states = run(self.model, packed, self.loaded.pixels(images), image_vector=False)
            return _numpy(states.at(packed.last)[:, 0])

    def read_packed(self, images: Sequence[Image.Image], attributes: Sequence[Attribute] = ATTRIBUTES) -> RawVectors:
        """Vectors and first-answer logits from one packed pass."""
        packed = pack(self.prompt, self._questions(len(images), attributes, None)).to(self.loaded.device)
        with torch.inference_mode():
            states = run(self.model, packed, self.loaded.pixels(images))
            vectors = states.at(packed.last)
            assert states.image is not None  # noqa: S101 -- run() keeps it by default
            return RawVectors(_numpy(states.image), _numpy(vectors), _numpy(self.model.lm_head(vectors)))

    def read_separately(
        self, images: Sequence[Image.Image], attributes: Sequence[Attribute] = ATTRIBUTES
    ) -> RawVectors:
        """The same from 1 + A ordinary passes, with the model's own positions and causal mask: the oracle."""
        head = torch.tensor(self.prompt.prefix)
        with torch.inference_mode():
            states = self._ordinary(head, images, output_hidden_states=True).hidden_states[-2]
            start = self.prompt.image_start
            image = states[:, start : start + self.prompt.image_tokens].float().mean(dim=1)
            vectors, logits = [], []
            for attribute in attributes:
                asked = torch.cat([head, torch.tensor(self.prompt.question(attribute.question))])
                final = self._ordinary(asked, images).last_hidden_state[:, -1]
                vectors.append(final)
                logits.append(self.model.lm_head(final))
            return RawVectors(_numpy(image), _numpy(torch.stack(vectors, 1)), _numpy(torch.stack(logits, 1)))

    def _ordinary(self, ids: torch.Tensor, images: Sequence[Image.Image], **options: Any) -> Any:
        ids = ids.expand(len(images), -1).to(self.loaded.device)
        pixels = self.loaded.pixels(images)
        return self.model.model(
            input_ids=ids,
            mm_token_type_ids=(ids == self.model.config.image_token_id).int(),
            attention_mask=torch.ones_like(ids),
            pixel_values=pixels.values,
            image_grid_thw=pixels.grid,
            use_cache=False,
            **options,
        )

    def _questions(
        self, count: int, attributes: Sequence[Attribute], labels: NDArray[np.floating[Any]] | None
    ) -> list[list[Question]]:
        asked = [self.prompt.question(a.question) for a in attributes]
        if labels is None:
            return [[Question(ids) for ids in asked]] * count
        return [
            [
                Question(ids, self.prompt.answer(format_answer(a, value)) if np.isfinite(value) else None)
                for ids, a, value in zip(asked, attributes, row.tolist(), strict=True)
            ]
            for row in np.asarray(labels, dtype=np.float64)
        ]


class memory_guard:  # noqa: N801 -- reads as a statement
    """Turns running out of memory into one line."""

    def __init__(self, batch: int) -> None:
        self.batch = batch

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or (
            isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
        ):
            raise ModelError(f"memory is too small for {self.batch} tiles at once", do="lower --batch-size") from error


def _numpy(values: torch.Tensor) -> Vectors:
    return np.ascontiguousarray(values.float().cpu().numpy())


def _empty(width: int, count: int) -> Reading:
    nothing = np.zeros((0, count))
    vectors = np.zeros((0, width), dtype=np.float32), np.zeros((0, count, width), dtype=np.float32)
    return Reading(*vectors, nothing, nothing.copy(), [], nothing.copy(), nothing.copy())
