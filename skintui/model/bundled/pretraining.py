"""Pre-training of the bundled base on drawn lesions: vision, then description, each in one or several processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from skintui.errors import ModelError
from skintui.model.bundled.describe_stage import DescribeStage
from skintui.model.bundled.drawings import Drawings
from skintui.model.bundled.loop import Course, Length, Run, Stage, load_checkpoint, resume, train_stage
from skintui.model.bundled.optimiser import TwoOptimisers
from skintui.model.bundled.shape import new_model, save_base
from skintui.model.bundled.vision_stage import DrawnHeads, VisionStage
from skintui.model.cpu_training import use_matrix_products
from skintui.model.team import Team, gathered
from skintui.progress import SILENT, Progress

_SLOW_TOWER = 0.3
"""Rate of the vision tower while the decoder learns to speak."""


@dataclass(frozen=True, slots=True)
class StageOrder:
    """What to train: ``stage`` is ``vision`` or ``describe``."""

    out: Path
    stage: str
    length: Length
    batch: int
    seed: int
    processes: int
    resume: bool
    compile: bool = False
    """Fuse operations by torch.compile (a minute at the start)."""
    init: Path | None = None
    """Base folder whose weights a stage starts from (the tower's then come from the stage before); random without."""


def train_base(order: StageOrder, progress: Progress = SILENT) -> Course:
    """Train one stage from ``out/drawn`` into ``out/<stage>.pt``; the second starts from the first's checkpoint."""
    with gathered(order.processes, lambda team: _train(order, team, SILENT)) as team:
        return _train(order, team, progress)


def write_base(out: Path, stage: str) -> Path:
    """The model folder ``out/base`` from the checkpoint of ``stage``."""
    model = new_model(0)
    heads = DrawnHeads(model.config.text_config.hidden_size, Drawings.open(out / "drawn"))
    _restore(out / f"{stage}.pt", model, heads)
    save_base(model, out / "base")
    return out / "base"


def _train(order: StageOrder, team: Team, progress: Progress) -> Course:
    stage = _stage(order)
    slow = ("visual",) if order.stage == "describe" else ()
    optimisers = TwoOptimisers(stage.named_parameters(), slow, _SLOW_TOWER)
    checkpoint = order.out / f"{order.stage}.pt"
    run = Run(stage, optimisers, order.length, order.batch, order.seed, checkpoint, order.out / "metrics.jsonl")
    course = resume(run) if order.resume and checkpoint.is_file() else Course()
    return train_stage(run, team, course, progress)


def _stage(order: StageOrder) -> Stage:
    drawings = Drawings.open(order.out / "drawn")
    model = new_model(order.seed)
    use_matrix_products(model, compiled=order.compile)
    if order.init is not None:
        _start_from(order.init, model)
    if order.stage == "vision":
        return VisionStage(model, drawings)
    heads = DrawnHeads(model.config.text_config.hidden_size, drawings)
    _restore(order.out / "vision.pt", model, heads)
    return DescribeStage(model, drawings, heads)


def _start_from(base: Path, model: Any) -> None:
    """Put the weights of an earlier base folder of the same shape into the model."""
    from safetensors import SafetensorError
    from transformers import Qwen2VLForConditionalGeneration

    try:
        earlier = Qwen2VLForConditionalGeneration.from_pretrained(base, use_safetensors=True, dtype=torch.float32)
        model.load_state_dict(earlier.state_dict())
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError("this is no base of the bundled shape", where=base, do="name another with --init") from error


def _restore(checkpoint: Path, model: Any, heads: DrawnHeads) -> None:
    """Put the weights of a checkpoint of either stage into model and heads."""
    if not checkpoint.is_file():
        raise ModelError("no such checkpoint", where=checkpoint, do="run the stages 'draw' and 'vision' first")
    own = {f"heads.{name}": value for name, value in heads.named_parameters()}
    own |= dict(model.named_parameters())
    own |= {f"visual.{name}": value for name, value in model.model.visual.named_parameters()}
    with torch.no_grad():
        for name, value in load_checkpoint(checkpoint)["weights"].items():
            own[name].copy_(value)
