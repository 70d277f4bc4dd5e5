"""Where a training stands: weights, optimiser, random state, step. Resuming from it is exact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

from skintui.errors import ModelError
from skintui.files import written_beside
from skintui.texts import parsed_json

CHECKPOINT = "checkpoint.pt"
METRICS = "metrics.jsonl"

_WORDS = {
    "labels_sha256": "data set",
    "samples": "data set",
    "base_sha256": "base model",
    "base_id": "base model",
    "prompt_sha256": "prompt",
    "tile_px": "tile size",
    "steps": "number of steps",
    "epochs": "number of epochs",
}


def save_checkpoint(
    out: Path,
    step: int,
    weights: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    recipe: Mapping[str, Any],
) -> None:
    """Write the state after ``step`` finished steps to a temporary name, then rename it."""
    state = {
        "step": step,
        "weights": {name: weight.detach().cpu() for name, weight in weights.items()},
        "optimiser": optimiser.state_dict(),
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "recipe": json.dumps(recipe, sort_keys=True),
    }
    content = BytesIO()  # torch, writing by itself, makes a RuntimeError without a reason of a full disk
    torch.save(state, content)
    with written_beside(out / CHECKPOINT) as temporary:
        temporary.write_bytes(content.getbuffer())


def load_checkpoint(
    out: Path,
    weights: Mapping[str, torch.nn.Parameter],
    optimiser: torch.optim.Optimizer,
    recipe: Mapping[str, Any],
) -> int:
    """Restore the state into ``weights`` and ``optimiser``; the number of finished steps, 0 without a checkpoint.

    Raises ModelError where the checkpoint is damaged or was made with another recipe.
    """
    path = out / CHECKPOINT
    if not path.is_file():
        return 0
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        made_with = json.loads(state["recipe"])
    except Exception as error:  # a damaged archive raises zip, pickle, key and runtime errors alike
        raise ModelError("the checkpoint is damaged", where=path, do="train again without --resume") from error
    wanted = json.loads(json.dumps(recipe))
    changed = sorted(key for key in {*made_with, *wanted} if made_with.get(key) != wanted.get(key))
    if changed:
        names = dict.fromkeys(_WORDS.get(name, name.replace("_", " ")) for name in changed)
        what = f"the checkpoint was made with another {', '.join(names)}"
        raise ModelError(what, where=path, do="use the same options, or train again without --resume")
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(state["weights"][name])
    optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"])
    if state["random_cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["random_cuda"])
    return int(state["step"])


def remove_checkpoint(out: Path) -> None:
    (out / CHECKPOINT).unlink(missing_ok=True)


class Metrics:
    """``metrics.jsonl``: one line per finished step; a resumed run drops what came after its checkpoint."""

    def __init__(self, out: Path, finished: int) -> None:
        self.path = out / METRICS
        kept = [line for line in self._lines() if _step(line) <= finished] if finished else []
        with written_beside(self.path) as temporary:
            temporary.write_text("".join(kept), encoding="utf-8")

    def _lines(self) -> list[str]:
        text = self.path.read_text(encoding="utf-8") if self.path.is_file() else ""
        return text.splitlines(keepends=True)

    def append(self, **figures: float | None) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(figures) + "\n")


def _step(line: str) -> float:
    """The step of a line; a torn last line counts as unfinished."""
    try:
        return float(parsed_json(line)["step"])
    except (ValueError, KeyError, TypeError, OverflowError):
        return float("inf")
