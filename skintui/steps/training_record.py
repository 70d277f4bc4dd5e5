"""The loss curve that a training run left beside its adapter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from skintui.errors import WorkspaceError
from skintui.files import explained
from skintui.texts import parsed_json

METRICS = "metrics.jsonl"


@dataclass(frozen=True, slots=True)
class Losses:
    """Loss per finished step, in order; equally long."""

    steps: tuple[int, ...]
    losses: tuple[float, ...]


def read_losses(adapter: Path) -> Losses:
    """The curve in an adapter's folder. Raises WorkspaceError where there is none or a line cannot be read."""
    path = adapter / METRICS
    steps, losses = [], []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise WorkspaceError(
            "no training record lies beside this adapter", where=adapter, do="train one with 'skintui train'"
        ) from error
    except OSError as error:
        raise explained(error, path) from error
    except UnicodeDecodeError as error:
        raise WorkspaceError("the training record is no text", where=path, do="train again") from error
    for number, line in enumerate(lines, start=1):
        try:
            entry = parsed_json(line)
            step, loss = int(entry["step"]), float(entry["loss"])
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            if number == len(lines):
                break  # a run at work may be writing its last line
            raise WorkspaceError(
                f"line {number} is no record of a step", where=path, do="remove the line or train again"
            ) from error
        steps.append(step)
        losses.append(loss)
    return Losses(tuple(steps), tuple(losses))
