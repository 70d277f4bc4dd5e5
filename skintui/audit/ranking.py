"""The audit: score every annotation, say how unusual that is, rank, explain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import BY_COLUMN
from skintui.audit.columnwise import by_column, each_column, places
from skintui.audit.conformal import conformal_p_values, readiness
from skintui.audit.findings import SCHEMA, AuditInput, Findings, QKind
from skintui.audit.identity import Violations, lay_over
from skintui.audit.neighbours import Summary, near_labels, summarise
from skintui.audit.null import benjamini_hochberg, null_p_values
from skintui.audit.opinions import combined
from skintui.audit.order import by_value
from skintui.audit.reasons import NearRange, Typical, reasons
from skintui.audit.recalibration import recalibrated
from skintui.audit.scale import from_scale, scale_of_spread, spread_in_units, to_scale
from skintui.audit.score import Scores, score
from skintui.audit.spread import Floats, SharedFeatures, shared_features
from skintui.errors import UsageError

EXPLAINED = 10_000
"""Rows beyond the flagged ones that get their reason written out at once."""


def audit(given: AuditInput, *, fdr: float = 0.1) -> Findings:
    """Rank every annotation that has a label.

    The score is |label − expected| / σ on the attribute's comparison scale (logarithms for sizes). What is expected
    lies between the prediction, moved by what the model is off on this data set, and the labels of the nearest
    lesions, and is told as ``expected``. σ is told as ``spread`` in the attribute's unit, of a logarithm as |predicted|
    · σ. ``predicted`` and ``residual`` are the model's own. An annotation is flagged when its q-value is at most
    ``fdr`` or a broken identity accuses it.
    """
    if not 0 < fdr < 1:
        raise UsageError(f"fdr must lie between 0 and 1, not {fdr}")
    near, scores = _scored(given)
    spread, expected = _in_units(given, scores)
    strength = np.abs(scores.signed)
    with ThreadPoolExecutor(1) as aside:  # two sorts of everything, neither of which needs the other
        falling = aside.submit(_falling, given.labels, strength)
        p, q, q_kind, why = _significance(given, scores.signed, fdr)
        broken = lay_over(given.identities, given.ids, given.attributes, strength)
        flagged = broken.accused.copy()
        np.less_equal(q, fdr, out=flagged, where=~flagged)
        order = _flagged_first(falling.result(), flagged)
    columns: dict[str, Floats] = {
        "label": given.labels,
        "predicted": given.predicted,
        "spread": spread,
        "residual": given.labels - given.predicted,
        "score": strength,
        "p_value": p,
        "q_value": q,
        "expected": expected,
    }
    typical = _summarise_neighbours(given, columns, near)
    del near, scores, strength, spread, expected, p, q, falling  # so that what ``columns`` gives up is free
    first = order[: max(int(flagged.sum()), EXPLAINED)]
    told = _frame(given, dict(columns), broken, flagged, first)
    with ThreadPoolExecutor(1) as aside:  # words need the interpreter's lock, the frame hardly does
        words = aside.submit(lambda: reasons(told, typical, _near_range(given, first)))
        frame = _frame(given, columns, broken, flagged, order)
        lines = pl.Series("reason", words.result(), dtype=pl.String)
    frame = frame.with_columns(lines.extend_constant(None, frame.height - len(lines))).select(list(SCHEMA))
    return Findings(frame, q_kind, given.predictions_kind, fdr, why, typical)


def _scored(given: AuditInput) -> tuple[dict[str, Summary], Scores]:
    """What the neighbours' labels are, and the scores by all that is known."""
    labels, attributes, neighbours = given.labels, given.attributes, given.neighbours
    shared = _features(given)
    moved = recalibrated(labels, given.predicted, shared, neighbours, attributes).predicted
    alone = score(labels, moved, shared, neighbours, attributes)
    del shared, moved

    def summary(j: int) -> Summary:
        return summarise(labels[:, j], (neighbours or {}).get(attributes[j].name))

    near = dict(zip((a.name for a in attributes), each_column(summary, len(attributes)), strict=True))
    return near, combined(labels, alone, neighbours, near, attributes)


def _features(given: AuditInput) -> SharedFeatures:
    """What is known of every lesion without any label."""
    spreads = None
    columns = list(enumerate(given.attributes))
    on_scale = np.stack([to_scale(given.predicted[:, j], a) for j, a in columns]).T
    if given.spread is not None:
        pairs = [(given.spread[:, j], given.predicted[:, j], a) for j, a in columns]
        spreads = np.stack([scale_of_spread(*pair) for pair in pairs]).T
    return shared_features(on_scale, spreads, given.patient_array())


def _in_units(given: AuditInput, scores: Scores) -> tuple[Floats, Floats]:
    """σ and what is expected (n, A) in units; the prediction itself to the bit where that is expected."""
    spread, expected = np.empty_like(scores.sigma), np.empty_like(scores.expected)

    def fill(j: int) -> None:
        a, own, there = given.attributes[j], given.predicted[:, j], scores.expected[:, j]
        spread[:, j] = spread_in_units(scores.sigma[:, j], own, a)
        expected[:, j] = np.where(there == to_scale(own, a), own, from_scale(there, a))

    each_column(fill, len(given.attributes))
    return spread, expected


def _significance(given: AuditInput, signed: Floats, fdr: float) -> tuple[Floats, Floats, QKind, str]:
    """The p- and q-values (n, A): from confirmed labels once there are enough, from the empirical null until then."""
    estimate = null_p_values(signed)
    q = benjamini_hochberg(estimate)
    calibration = _calibration(given) & np.isfinite(estimate)
    suspicious = int((q <= fdr).sum())
    state = readiness(int(calibration.sum()), int(np.isfinite(estimate).sum()), suspicious, fdr)
    if not state.ready:
        return estimate, q, "estimate", state.why
    # Attributes differ in their tails: -log of the estimated p puts them on one scale before they share a calibration.
    with np.errstate(divide="ignore"):
        common = np.minimum(-np.log(estimate), 1e3)
    p = conformal_p_values(common, calibration, given.patient_array())
    return p, benjamini_hochberg(p), "conformal", state.why


def _calibration(given: AuditInput) -> NDArray[np.bool_]:
    """(n, A) marks of the annotations a person confirmed; those of unknown lesions or attributes are passed over."""
    marks = np.zeros(given.labels.shape, bool)
    if given.confirmed:
        place = {a.name: j for j, a in enumerate(given.attributes)}
        row_of = {isic_id: i for i, isic_id in enumerate(given.ids)}
        for isic_id, name in given.confirmed:
            short = BY_COLUMN[name].name if name in BY_COLUMN else name
            if isic_id in row_of and short in place:
                marks[row_of[isic_id], place[short]] = True
    return marks


def _falling(labels: Floats, strength: Floats) -> NDArray[np.int64]:
    """Places of all labelled annotations by falling score, those without one last; lesion by lesion where equal."""
    labelled, strengths = np.isfinite(labels).ravel(), strength.ravel()
    scored = labelled & np.isfinite(strengths)
    known = np.flatnonzero(scored)
    order = np.take(known, by_value(np.take(strengths, known), falling=True))
    row, column = np.divmod(np.concatenate([order, np.flatnonzero(labelled & ~scored)]), labels.shape[1])
    return np.asarray(column * len(labels) + row, np.int64)


def _flagged_first(order: NDArray[np.int64], flagged: NDArray[np.bool_]) -> NDArray[np.int64]:
    first = np.take(places(flagged), order)
    return np.concatenate([order[first], order[~first]])


def _summarise_neighbours(
    given: AuditInput, columns: dict[str, Floats], near: dict[str, Summary]
) -> dict[str, Typical]:
    """Add the neighbours' median and MAD (n, A) to ``columns``; what is typical per attribute comes back."""
    median, mad = (by_column(given.labels.shape, np.nan) for _ in range(2))

    def typical(j: int) -> Typical:
        a = given.attributes[j]
        summary = near[a.name]
        median[:, j], mad[:, j] = summary.median, summary.mad
        spread, width = columns["spread"][:, j], summary.mad
        if a.log_scale:
            with np.errstate(invalid="ignore", divide="ignore"):
                spread = spread / np.abs(columns["predicted"][:, j])
                width = width / np.abs(summary.median)
        return Typical(_known_median(spread), _known_median(width))

    found = each_column(typical, len(given.attributes))
    columns["neighbour_median"], columns["neighbour_mad"] = median, mad
    return dict(zip((a.name for a in given.attributes), found, strict=True))


def _known_median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _frame(
    given: AuditInput,
    columns: dict[str, Floats],
    broken: Violations,
    flagged: NDArray[np.bool_],
    order: NDArray[np.int64],
) -> pl.DataFrame:
    """The findings without their reasons; ``columns`` is emptied on the way, to hold every number once only."""
    attribute, rows = (each.astype(np.uint32) for each in np.divmod(order, len(given.ids)))
    series: dict[str, Any] = {"rank": pl.Series(np.arange(1, order.size + 1))}
    series["isic_id"] = pl.Series(given.ids, dtype=pl.String).gather(rows)
    if given.patients is None:
        series["patient_id"] = pl.Series([None], dtype=pl.String).new_from_index(0, order.size)
    else:
        series["patient_id"] = pl.Series(list(given.patients), dtype=pl.String).gather(rows)
    series["attribute"] = pl.Series([a.name for a in given.attributes], dtype=pl.String).gather(attribute)
    del attribute, rows  # every column beside them takes 50 MB at full size, and this is where memory peaks
    names = list(columns)

    def number(j: int) -> pl.Series:
        return pl.Series(np.take(places(columns.pop(names[j])), order)).fill_nan(None)

    series |= dict(zip(names, each_column(number, len(names)), strict=True))
    code = np.take(places(broken.code), order)
    texts = pl.Series([*broken.texts, None], dtype=pl.String)
    series["identity_violation"] = texts.gather(np.where(code < 0, len(broken.texts), code))
    series["flagged"] = pl.Series(np.take(places(flagged), order))
    return pl.DataFrame(series)


def _near_range(given: AuditInput, positions: NDArray[np.int64]) -> NearRange | None:
    """Range of the nearest labels for the annotations at ``positions`` (see :func:`places`)."""
    if not given.neighbours:
        return None
    attribute, rows = np.divmod(positions, len(given.ids))
    low, high = np.full(rows.size, np.nan), np.full(rows.size, np.nan)
    count = np.zeros(rows.size, np.int64)
    for j, a in enumerate(given.attributes):
        near = given.neighbours.get(a.name)
        mine = np.flatnonzero(attribute == j)
        if near is None or not mine.size:
            continue
        values = near_labels(given.labels[:, j], near, rows[mine])
        known = np.isfinite(values)
        count[mine] = known.sum(axis=1)
        low[mine] = np.where(known, values, np.inf).min(axis=1)
        high[mine] = np.where(known, values, -np.inf).max(axis=1)
    return NearRange(low, high, count)
