"""The training loop of both stages: by the clock or by steps, in one process or several, and from where it stopped."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from skintui.files import written_beside
from skintui.model.bundled.optimiser import TwoOptimisers
from skintui.model.team import Team
from skintui.progress import Progress

_CHECKPOINT_SECONDS = 60.0
_SMOOTHING = 0.98


class Stage(Protocol):
    """What the loop trains."""

    name: str

    def named_parameters(self) -> list[tuple[str, nn.Parameter]]: ...

    def loss(self, size: int, seed: tuple[int, ...]) -> tuple[torch.Tensor, dict[str, float]]: ...


@dataclass(frozen=True, slots=True)
class Length:
    """How long a stage lasts: ``steps`` if given, else ``seconds`` of training."""

    seconds: float = 0.0
    steps: int = 0

    def fraction(self, step: int, elapsed: float) -> float:
        return step / self.steps if self.steps else elapsed / self.seconds


@dataclass(slots=True)
class Course:
    """How far a stage has come."""

    step: int = 0
    tiles: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One stage's run: what, how long, how much a step, where it is kept."""

    stage: Stage
    optimisers: TwoOptimisers
    length: Length
    batch: int
    seed: int
    checkpoint: Path
    metrics: Path


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Weights, optimiser states and course of a stage; only tensors and plain values are read."""
    loaded: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return loaded


def resume(run: Run) -> Course:
    """Put a checkpoint's weights and optimiser states in place."""
    saved = load_checkpoint(run.checkpoint)
    own = dict(run.stage.named_parameters())
    with torch.no_grad():
        for name, value in saved["weights"].items():
            own[name].copy_(value)
    run.optimisers.load(saved["optimisers"])
    return Course(**saved["course"])


def train_stage(run: Run, team: Team, course: Course, progress: Progress) -> Course:
    """Train until the stage's length is reached or the user stops; checkpoints each minute and at the end.

    The share that is done and the wish to stop are averaged like the gradients, so that a team ends at one step.
    """
    started, saved = time.monotonic() - course.seconds, time.monotonic()
    stopping = False
    while not (course.finished or stopping):
        loss, parts = run.stage.loss(run.batch, (run.seed, course.step, team.rank))
        loss.backward()  # type: ignore[no-untyped-call]
        course.seconds = time.monotonic() - started
        told = [float(loss.detach()), run.length.fraction(course.step, course.seconds), float(progress.cancelled)]
        mean_loss, fraction, stop = team.average(run.optimisers.parameters, told)
        run.optimisers.step(course.step, fraction)
        _count(course, run, team, mean_loss)
        course.finished = fraction >= 1 or (run.length.steps > 0 and course.step >= run.length.steps)
        stopping = stop > 0
        if team.leads:
            progress.advance(run.batch * team.size, loss=course.loss, **parts)
            if course.step % 20 == 0 or course.finished:
                _write_metrics(run, course, parts)
            if course.finished or stopping or time.monotonic() - saved > _CHECKPOINT_SECONDS:
                save_checkpoint(run, course)
                saved = time.monotonic()
    return course


def _count(course: Course, run: Run, team: Team, loss: float) -> None:
    course.loss = loss if course.step == 0 else _SMOOTHING * course.loss + (1 - _SMOOTHING) * loss
    course.step += 1
    course.tiles += run.batch * team.size


def _write_metrics(run: Run, course: Course, parts: dict[str, float]) -> None:
    with run.metrics.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"stage": run.stage.name, **asdict(course), **parts}) + "\n")


def save_checkpoint(run: Run, course: Course) -> None:
    """Write weights, optimiser states and course, whole or not at all."""
    weights = {name: value.detach() for name, value in run.stage.named_parameters()}
    content = {"weights": weights, "optimisers": run.optimisers.state(), "course": asdict(course)}
    with written_beside(run.checkpoint) as temporary:
        torch.save(content, temporary)
