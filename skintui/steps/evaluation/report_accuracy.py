"""Sections on how well numbers are read: accuracy, the gap to training patients, agreement, calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from skintui.attributes import ATTRIBUTES, BY_NAME
from skintui.steps.evaluation import report_plots as plots
from skintui.steps.evaluation.readings import NOMINAL, Readings
from skintui.steps.evaluation.report_page import (
    Figure,
    Row,
    Section,
    Table,
    as_float,
    count,
    estimate,
    number,
    title,
    with_interval,
)

WORST = -1.0
"""R² below this is drawn at the edge."""


def accuracy(found: Mapping[str, Any]) -> Section | None:
    """R², mean absolute error and rank correlation per attribute, the published R² beside."""
    fit = found.get("fit", {}).get("test", {})
    published = found.get("paper", {}).get("r2", {})
    if not fit:
        return None
    bars = [_bar(name, one["r2"], published.get(name)) for name, one in fit.items()]
    means = [np.mean(known) if (known := _known(fit, figure)) else math.nan for figure in ("r2", "spearman")]
    reference = [as_float(published.get(name)) for name in fit]
    theirs = float(np.mean(reference)) if reference and np.isfinite(reference).all() else math.nan
    rows = [_fit_row(name, one, published.get(name)) for name, one in fit.items()]
    rows.append(Row(("mean", "", "", number(means[0]), number(theirs), "", number(means[1])), total=True))
    level = _percent(found)
    caption = (
        f"Figures on held-out patients with {level} % intervals. R²: coefficient of determination; MAE: mean absolute "
        "error in the attribute's unit; ρ: Spearman's rank correlation. A stored value of 0 counts as missing."
    )
    heads = ("attribute", "unit", "lesions", "R²", "R² published", "MAE", "ρ")
    alt = "R² per attribute: " + ", ".join(f"{bar.name} {number(bar.value)}" for bar in bars) + "."
    edge = f" Values below {number(WORST, 0)} stand at the left edge." if any(b.value < WORST for b in bars) else ""
    figure = Figure(
        partial(plots.forest, bars, f"R² on held-out patients ({level} % interval)", floor=WORST),
        alt,
        f"R² of each attribute with its patient-bootstrap interval; diamonds are the published values.{edge}",
    )
    text = (
        "How much of an attribute's variance the model's reading explains, on patients it was not trained on. R² is 1 "
        "for a perfect reading and 0 for one that always says the mean. A few labels that are far off pull it down, "
        "where the rank correlation hardly moves: far apart, the two speak for looking at the labels."
    )
    table = Table("Accuracy per attribute", caption, heads, tuple(rows), frozenset({0, 1}))
    return Section("accuracy", "Accuracy per attribute", (text, *_beside(found)), (figure,), (table,))


def _beside(found: Mapping[str, Any]) -> tuple[str, ...]:
    paper = found.get("paper", {})
    if not paper.get("setting"):
        return ()
    words = f"Published values: {paper.get('source', '')}: {paper['setting']}. Another model and other patients: they "
    return (words + "say what the method can reach, not what this run should equal.",)


def _fit_row(name: str, one: Mapping[str, Any], published: Any) -> Row:
    figures = (with_interval(*estimate(one["r2"])), number(published), with_interval(*estimate(one["mae"])))
    unit = BY_NAME[name].unit if name in BY_NAME else ""
    return Row((title(name), unit, count(one.get("n")), *figures, with_interval(*estimate(one["spearman"]))))


def _bar(name: str, one: Mapping[str, Any], published: Any = None) -> plots.Bar:
    value, low, high = (as_float(one.get(end)) for end in ("value", "low", "high"))
    return plots.Bar(title(name), value, low, high, as_float(published))


def _known(fit: Mapping[str, Any], figure: str) -> list[float]:
    values = (as_float(one[figure].get("value")) for one in fit.values())
    return [value for value in values if math.isfinite(value)]


def _percent(found: Mapping[str, Any]) -> str:
    return f"{100 * as_float(found.get('setup', {}).get('level', 0.95)):g}"


def gap(found: Mapping[str, Any]) -> Section | None:
    """Training against held-out patients."""
    train, test = found.get("fit", {}).get("train", {}), found.get("fit", {}).get("test", {})
    gaps = found.get("fit", {}).get("gap", {})
    names = [name for name in test if name in train and name in gaps]
    if not names:
        return None
    left, right = (np.array([as_float(side[name]["r2"].get("value")) for name in names]) for side in (train, test))
    differences = [as_float(gaps[name]["r2"].get("value")) for name in names]
    known = [value for value in differences if math.isfinite(value)]
    figure = Figure(
        partial(
            plots.dumbbells, [title(name) for name in names], np.maximum(left, WORST), np.maximum(right, WORST),
            ("training patients", "held-out patients"), "R²",
        ),
        f"R² on training and held-out patients for {len(names)} attributes; the mean difference is "
        f"{number(np.mean(known) if known else math.nan, 3)}.",
        "R² on the patients trained on and on those held out. A wide gap: patients learned by heart.",
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                title(name),
                number(as_float(train[name]["r2"].get("value")), 3),
                number(as_float(test[name]["r2"].get("value")), 3),
                with_interval(*estimate(gaps[name]["r2"]), digits=3),
                with_interval(*estimate(gaps[name]["mae"]), digits=3),
                with_interval(*estimate(gaps[name]["spearman"]), digits=3),
            )
        )
        for name in names
    )
    heads = ("attribute", "R² training", "R² held out", "gap of R²", "gap of MAE", "gap of ρ")
    caption = "Training minus held-out, with intervals; a gap whose interval holds 0 may be chance."
    table = Table("Training against held-out patients", caption, heads, rows)
    return Section("gap", "Training against held-out patients", (), (figure,), (table,))


def agreement(readings: Readings | None) -> Section | None:
    """Label against prediction for every attribute."""
    if readings is None:
        return None
    both = np.isfinite(readings.labels) & np.isfinite(readings.predicted)
    shown = [j for j in range(len(ATTRIBUTES)) if both[:, j].any()]
    if not shown:
        return None
    panels = [
        plots.Cloud(a.title, a.unit, readings.labels[:, j], readings.predicted[:, j], a.log_scale)
        for j, a in enumerate(ATTRIBUTES)
        if j in shown
    ]
    most = int(both.sum(axis=0).max())
    how = "one point per lesion" if most <= plots.POINTS else "hexagons, darker for more lesions"
    figure = Figure(
        partial(plots.clouds, panels),
        f"{len(shown)} panels of label against prediction, {how}, with the line of equality.",
        f"Label against prediction on held-out patients, {how}; on the red line both are equal. Positive, heavy-tailed "
        "attributes are drawn on logarithmic axes. The outermost 0.1 % on either side may lie outside a panel.",
    )
    return Section("agreement", "Label against prediction", (), (figure,))


def calibration(readings: Readings | None) -> Section | None:
    """Whether the model's own spread holds what it promises."""
    if readings is None:
        return None
    names = [(j, a) for j, a in enumerate(ATTRIBUTES) if readings.told(j) > 1]
    if not names:
        return None
    found = {a.name: readings.coverage(j) for j, a in names}
    middle = np.mean(list(found.values()), axis=0)
    shares = [f"{100 * share:g}" for share in NOMINAL]
    rows = [
        Row((a.title, count(readings.told(j)), *(number(100 * x, 1) for x in found[a.name].tolist()))) for j, a in names
    ]
    rows.append(Row(("mean", "", *(number(100 * x, 1) for x in middle.tolist())), total=True))
    said = ", ".join(f"{number(100 * x, 1)} % at {share} %" for x, share in zip(middle.tolist(), shares, strict=True))
    figure = Figure(
        partial(plots.curves, NOMINAL, found, middle),
        f"Share of labels inside the intervals of the model's spread; in the mean {said}.",
        "Share of labels inside the central intervals of a normal distribution of the model's spread. Below the dashed "
        "line the model is surer than it should be, above it less sure.",
    )
    text = (
        "With every number the model tells how far it expects to be off (its spread, from the probabilities of the "
        f"answer's digits). Were it right, {shares[0]}, {shares[1]} and {shares[2]} % of the labels would lie inside "
        "the intervals of that name."
    )
    heads = ("attribute", "lesions", *(f"inside {share} %" for share in shares))
    table = Table("Calibration", "Percent of held-out labels inside each interval.", heads, tuple(rows))
    return Section("calibration", "Calibration of the spread", (text,), (figure,), (table,))
