"""LoRA fine-tuning after the paper's recipe (arXiv 2508.20188): rank 8 on both towers, W = 5 attributes per image,
loss on the answer tokens only, one epoch, batches of 16, cosine from 1e-4.

Not on record there and decided here: alpha 16, all linear layers, no dropout, AdamW, 3 % warm-up, gradients clipped
to norm 1. The questions of a tile are packed into one pass, as when reading.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from skintui.errors import Cancelled, ModelError, TileError
from skintui.model.checkpoint import Metrics, load_checkpoint, remove_checkpoint, save_checkpoint
from skintui.model.cpu_training import add_lora_to_weights, use_matrix_products
from skintui.model.fingerprint import RECIPE, adapter_sha256, read_json
from skintui.model.forward import answer_loss, run
from skintui.model.load import LoadedModel, load_model
from skintui.model.lora import add_lora, prepare_folder, save_adapter, start_from, trainable
from skintui.model.pack import IGNORED, pack
from skintui.model.samples import (
    Order,
    TrainingSamples,
    chance_of_an_answer,
    drawn_attributes,
    labels_of,
    labels_sha256,
    questions,
    turned,
)
from skintui.model.team import Team, gathered
from skintui.model.train_settings import PLACE_ONLY, TrainSettings
from skintui.progress import SILENT, Progress

_COMPILED_LENGTHS = 64
"""Passes are padded to multiples of so many tokens where every length is compiled anew."""


@dataclass(frozen=True)
class Trained:
    """The outcome of a training."""

    adapter: Path
    steps: int
    loss: float
    """Mean loss of the last steps (at most 20), nats per answer token; NaN where nothing was left to do."""
    seconds: float
    tiles: int


def train(
    settings: TrainSettings,
    samples: TrainingSamples,
    out: Path,
    progress: Progress = SILENT,
    *,
    resume: bool = False,
) -> Trained:
    """Fine-tune the base on ``samples`` and write a PEFT adapter folder to ``out``.

    With ``resume`` it goes on from ``out/checkpoint.pt`` and ends with the very weights of an uninterrupted run. When
    the user cancels, a checkpoint is written and Cancelled raised. Raises ModelError for whatever does not fit.
    """
    if settings.processes == 1:
        return _train(settings, samples, out, progress, resume, Team())
    with gathered(settings.processes, lambda team: _train(settings, samples, out, SILENT, resume, team)) as team:
        return _train(settings, samples, out, progress, resume, team)


def _train(
    settings: TrainSettings, samples: TrainingSamples, out: Path, progress: Progress, resume: bool, team: Team
) -> Trained:
    # 1. The model, the data and the order in which they meet.
    started = time.monotonic()
    if settings.threads:
        torch.set_num_threads(settings.threads)
    prepare_folder(out)
    progress.start("loading the base model")
    loaded = load_model(
        settings.base,
        device=settings.device,
        dtype=settings.dtype,
        tile_px=settings.tile_px,
        quantize=settings.quantize,
    )
    labels = labels_of(samples)
    background = chance_of_an_answer(labels)
    order = Order.of(labels, settings.batch_size, settings.epochs, settings.seed)
    steps = settings.steps or order.steps
    recipe = _recipe(settings, loaded, labels)
    if resume and _finished(out, recipe):
        if team.leads:
            remove_checkpoint(out)  # killed between the last two files
        return Trained(out, steps, math.nan, 0.0, 0)

    # 2. LoRA on both towers; everything else is frozen.
    if _uses_bf16(settings, loaded):
        use_matrix_products(loaded.model, compiled=settings.compile)
    torch.manual_seed(settings.seed)
    tuned = add_lora(loaded.model, settings.rank, settings.alpha, settings.seed)
    if settings.init_adapter is not None:
        start_from(tuned, Path(settings.init_adapter))
    if _uses_bf16(settings, loaded):
        add_lora_to_weights(tuned)
    tuned.train()
    if settings.gradient_checkpointing:
        loaded.model.gradient_checkpointing_enable({"use_reentrant": False})
    weights = trainable(tuned)
    optimiser = torch.optim.AdamW(list(weights.values()), lr=settings.learning_rate, weight_decay=settings.weight_decay)

    # 3. Where an interrupted run stood.
    done = load_checkpoint(out, weights, optimiser, recipe) if resume else 0
    metrics = Metrics(out, done) if team.leads else None
    progress.start("training", total=steps, done=done)
    losses: list[float] = []
    tiles = 0

    for step in range(done, steps):
        # 4. Between steps the user may stop.
        if team.any(progress.cancelled):
            if team.leads:
                save_checkpoint(out, step, weights, optimiser, recipe)
            raise Cancelled("training stopped", where=out, do="run the same command with --resume to continue")

        # 5. One batch: tiles, W questions each, their answers.
        begun = time.monotonic()
        batch, images = _tiles(samples, order.batch(step)[team.rank :: team.size], progress)
        if settings.turns:
            images = [turned(image, (settings.seed, step, i)) for image, i in zip(images, batch.tolist(), strict=True)]
        rate = _rate(settings, step, steps)
        for group in optimiser.param_groups:
            group["lr"] = rate

        # 6. Loss on the answer tokens, gradient, step.
        seeds = [(settings.seed, step, int(i)) for i in batch]
        loss = _accumulate(settings, loaded, images, labels[batch], seeds, background)
        loss, count = _shared(team, weights, loss, len(images))
        torch.nn.utils.clip_grad_norm_(list(weights.values()), settings.gradient_norm)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if not math.isfinite(loss) and count:
            raise ModelError(f"the loss is no number at step {step + 1}", where=out, do="lower --learning-rate")

        # 7. Write down how it went.
        tiles += count
        losses += [loss] if count else []
        seconds = time.monotonic() - begun
        if metrics is None:
            continue
        metrics.append(step=step + 1, loss=loss if count else None, lr=rate, seconds=round(seconds, 4), tiles=count)
        progress.advance(1, loss=loss, tiles_per_second=count / max(seconds, 1e-9))
        if (step + 1) % settings.checkpoint_every == 0 and step + 1 < steps:
            save_checkpoint(out, step + 1, weights, optimiser, recipe)

    # 8. The adapter; the checkpoint has served.
    if team.leads:
        save_adapter(tuned, out, recipe["base_id"], recipe | {"finished_steps": steps})
        remove_checkpoint(out)
    mean = float(np.mean(losses[-20:])) if losses else math.nan
    return Trained(out, steps, mean, time.monotonic() - started, tiles)


def _shared(team: Team, weights: dict[str, torch.nn.Parameter], loss: float, images: int) -> tuple[float, int]:
    """Average the gradients of a team, tile by tile; the mean loss and the number of tiles of all."""
    if team.size == 1:
        return loss, images
    told = team.average(list(weights.values()), [loss if images else 0.0], max(images, 1e-9))
    total = round(team.size * team.average([], [float(images)])[0])
    return (told[0] if total else math.nan), total


def _accumulate(
    settings: TrainSettings,
    loaded: LoadedModel,
    images: Sequence[Image.Image],
    labels: NDArray[np.float64],
    seeds: Sequence[tuple[int, int, int]],
    background: NDArray[np.float64],
) -> float:
    """Adds the gradient of one batch, in passes of ``micro_batch_size`` tiles; the mean loss per answer token."""
    if not images:
        return math.nan
    size = settings.micro_batch_size or len(images)
    chosen = [drawn_attributes(row, settings.attributes_per_image, s) for row, s in zip(labels, seeds, strict=True)]
    asked = [questions(loaded.prompt, row, which) for row, which in zip(labels, chosen, strict=True)]
    length = _COMPILED_LENGTHS if settings.compile else 1
    passes = [pack(loaded.prompt, asked[i : i + size], length).to(loaded.device) for i in range(0, len(images), size)]
    counts = [int((packed.answer_ids != IGNORED).sum()) for packed in passes]
    total = 0.0
    for number, (packed, count) in enumerate(zip(passes, counts, strict=True)):
        part = slice(number * size, (number + 1) * size)
        pixels = loaded.pixels(images[part])
        wrong = None
        if settings.label_noise:
            wrong = torch.from_numpy(background[np.stack(chosen[part])]) + math.log(settings.label_noise)
        with _autocast(settings, loaded):
            states = run(loaded.model, packed, pixels, image_vector=False)
            loss = answer_loss(loaded.model, packed, states, wrong) * (count / sum(counts))
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
    return total


def _autocast(settings: TrainSettings, loaded: LoadedModel) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", dtype=torch.bfloat16) if _uses_bf16(settings, loaded) else nullcontext()


def _uses_bf16(settings: TrainSettings, loaded: LoadedModel) -> bool:
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return settings.bf16_autocast and loaded.device.type == "cpu" and bool(supported())


def _rate(settings: TrainSettings, step: int, steps: int) -> float:
    """Linear warm-up, then a cosine to zero; a function of the step alone, so there is no scheduler state."""
    rising = max(1, round(settings.warmup * steps))
    if step < rising:
        return settings.learning_rate * (step + 1) / rising
    course = (step - rising) / max(1, steps - rising)
    return settings.learning_rate * 0.5 * (1 + math.cos(math.pi * course))


def _tiles(
    samples: TrainingSamples, batch: NDArray[np.int64], progress: Progress
) -> tuple[NDArray[np.int64], list[Image.Image]]:
    """The batch's tiles without the damaged ones, which are named and passed over."""
    kept: list[int] = []
    images: list[Image.Image] = []
    for i in batch.tolist():
        try:
            images.append(samples.image(i))
        except TileError as error:
            progress.note(f"left out of training: {error}")
        else:
            kept.append(i)
    return np.array(kept, dtype=np.int64), images


def _recipe(settings: TrainSettings, loaded: LoadedModel, labels: NDArray[np.float64]) -> dict[str, Any]:
    """Everything that decides the weights, and which base they belong to."""
    chosen = {
        name: value for name, value in asdict(settings).items() if name not in (*PLACE_ONLY, "base", "init_adapter")
    }
    if not settings.quantize:
        del chosen["quantize"]  # trainings begun before there was a choice go on
    return chosen | {
        "base_id": loaded.fingerprint["model_id"].partition("@")[0],
        "base_sha256": loaded.base_sha256,
        "prompt_sha256": loaded.fingerprint["prompt_sha256"],
        "init_adapter_sha256": adapter_sha256(Path(settings.init_adapter)) if settings.init_adapter else "",
        "tile_px": loaded.tiles.side,
        "samples": len(labels),
        "labels_sha256": labels_sha256(labels),
    }


def _finished(out: Path, recipe: dict[str, Any]) -> bool:
    """Whether ``out`` already holds the adapter of this very recipe."""
    if not (out / RECIPE).is_file():
        return False
    written = read_json(out / RECIPE)
    return written.pop("finished_steps", None) is not None and written == recipe
