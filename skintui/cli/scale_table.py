"""The figures of ``bench scale`` for people: a line per figure, a column per size."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skintui.steps.bench_scale import Scaled
    from skintui.steps.measures import Measure

STEEP = 1.1
"""Growth above this is named."""
_COMPARED: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}


def is_met(measure: Measure) -> bool | None:
    """Whether a figure keeps its goal, written like ``<= 5``; None where there is none."""
    sign, _, limit = measure.goal.partition(" ")
    try:
        return _COMPARED[sign](measure.value, float(limit))
    except (KeyError, ValueError):
        return None


def scale_columns(scaled: Scaled) -> tuple[str, ...]:
    sizes = sorted({measure.rows for measure in scaled.measures.measures})
    return ("what", "unit", "goal", *(f"{size:,}" for size in sizes), "growth", "met", "peer")


def scale_rows(scaled: Scaled) -> Iterator[dict[str, object]]:
    """One line per figure: its values by size, its growth, and whether the largest size keeps the goal."""
    growth = scaled.growth
    for (what, unit), found in scaled.by_figure.items():
        last = max(found, key=lambda measure: measure.rows)
        met = {True: "yes", False: "no", None: ""}[is_met(last)]
        steep = growth.get((what, unit))
        row: dict[str, object] = {"what": what, "unit": unit, "goal": last.goal, "met": met}
        row["growth"] = "" if steep is None else f"{steep:.2f}{' steep' if steep > STEEP else ''}"
        row["peer"] = next((m.peer for m in reversed(found) if m.peer), "")
        yield row | {f"{measure.rows:,}": measure.value for measure in found}
