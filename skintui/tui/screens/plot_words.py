"""What stands beside and below the plots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.texts import printable
from skintui.tui import theme
from skintui.tui.widgets.chart import CURSOR, FLAGGED, HERE, NEAR
from skintui.tui.widgets.ink import Part, fit

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.session.plots import Distribution, Quality, Scatter
    from skintui.steps.training_record import Losses

Line = list[Part]


def scatter_legend(points: Scatter, limits: tuple[float, float]) -> Line:
    """The signs, and what is not shown."""
    parts: Line = [
        (f" {HERE}", "accent"), (" lesion  ", "muted"), (NEAR, "good"), (" neighbours  ", "muted"),
        (FLAGGED, "warn"), (" flagged  ", "muted"), (CURSOR, "accent"), (" cursor  ", "muted"),
    ]  # fmt: skip
    shown = len(points.rows)
    if points.total > shown:
        parts.append((f"  {shown:,} of {points.total:,} lesions drawn", "muted"))
    if beyond := points.beyond(limits):
        parts.append((f"  {beyond:,} beyond the axes (w: all)", "muted"))
    return parts


def standing_line(session: Session, points: Scatter, index: int) -> Line:
    """The lesion under the cursor."""
    attribute = ATTRIBUTES[points.cell.attribute]
    if not len(points.rows):
        hidden = session.blind.prediction
        why = "the prediction is hidden" if hidden else "no lesion of this view has both a label and a prediction"
        return [(f" {why}", "muted")]
    row = int(points.rows[index])
    label, predicted = float(points.labels[index]), float(points.predicted[index])
    unit = f" {attribute.unit}" if attribute.unit else ""
    return [
        (f" {printable(session.ids[row])}", "strong"),
        (f"   label {label:.{attribute.decimals}f}   model {predicted:.{attribute.decimals}f}{unit}", "plain"),
        (f"   differ {label - predicted:+.{attribute.decimals}f}".replace("-", "−"), "muted"),
        ("   flagged" if points.flagged[index] else "", "warn"),
    ]


def spread_line(shown: Distribution, attribute: Attribute) -> Line:
    """Where the lesion stands among the labels."""
    if not shown.known:
        return [(" no lesion of this view has a label", "muted")]
    parts: Line = [(f" {shown.known:,} labels", "muted")]
    if math.isfinite(shown.label):
        parts += [("   │", "accent"), (f" label {shown.label:.{attribute.decimals}f}", "plain")]
        parts.append((f", larger than {100 * shown.below:.0f} % of them", "muted"))
    if math.isfinite(shown.predicted):
        parts += [("   │", "good"), (f" model {shown.predicted:.{attribute.decimals}f}", "plain")]
    if shown.beyond:
        parts.append((f"   {shown.beyond:,} beyond the axis", "muted"))
    return parts


def quality_lines(found: Sequence[Quality], chosen: int) -> list[Line]:
    """A table: R², mean absolute error, and how many labels lie within the spread."""
    lines: list[Line] = [[(f"  {'':19}{'R²':>6} {'':8}{'MAE':>8}   ± holds 50 %  80 %  95 %", "head")]]
    for one in found:
        attribute = ATTRIBUTES[one.attribute]
        here = one.attribute == chosen
        holds = "".join(f"{'·':>6}" if share != share else f"{100 * share:5.0f} " for share in one.coverage)
        lines.append(
            [
                ("▌ " if here else "  ", "accent"),
                (fit(attribute.title, 19), "strong" if here else "plain"),
                (theme.number(one.r2, 6, 2), "plain"),
                (" " + theme.bar(max(0.0, one.r2), 7), "bar"),
                (theme.number(one.mae, 8, attribute.decimals), "plain"),
                (f" {fit(attribute.unit, 5)}", "faint"),
                (f"     {holds}", "muted"),
            ]
        )
    return lines


def losses_line(curve: Losses) -> Line:
    """How far a training run came."""
    if not curve.steps:
        return [(" the training record is empty: no step has finished yet", "muted")]
    return [
        (f" {len(curve.steps):,} steps", "plain"),
        (f"   first loss {curve.losses[0]:.3f}, last {curve.losses[-1]:.3f}", "muted"),
    ]
