"""The report's plots: vector graphics of numbers, the same bytes for the same numbers.

Each function returns one SVG file as text. Its colours are Okabe and Ito's, told apart by readers who do not see all
colours, and every series also has a mark of its own. Nothing heavy is imported until a plot is drawn, and matplotlib's
global state (pyplot) is left alone, so that a plot may be drawn in any thread.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, GREY = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#7f858c",
)  # fmt: skip
INK, FAINT = "#1b1f24", "#c9ced4"
_DARK = {INK: "#e4e7eb", FAINT: "#474d55", BLUE: "#4aa8e0", GREEN: "#2cc79c", VERMILION: "#f0803c"}
"""What takes a colour's place where the reader's screen is dark."""
SERIES: dict[str, tuple[str, str]] = {
    "attribute": (BLUE, "o"),
    "hierarchical": (SKY, "s"),
    "image": (ORANGE, "^"),
    "untuned": (GREY, "D"),
    "monet": (PURPLE, "v"),
}
"""Colour and mark of each way of retrieval."""
_MORE = ((GREEN, "P"), (VERMILION, "X"))
POINTS = 400
"""Up to this many lesions are drawn as points, more as hexagons of counts."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A number with its interval; NaN where there is none."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    paper: float = math.nan
    """The published number."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Labels against predictions of one attribute, NaN where missing."""

    title: str
    unit: str
    label: Floats
    predicted: Floats
    log: bool = False


def series_of(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Colour and mark of each name; unknown ones take what is left."""
    more = iter(_MORE * len(names))
    return {name: SERIES.get(name) or next(more) for name in names}


def forest(
    bars: Sequence[Bar],
    axis: str,
    *,
    reference: float | None = None,
    floor: float = -math.inf,
    limits: tuple[float, float] | None = None,
    legend: bool = True,
) -> str:
    """Numbers with intervals, one a line, the published ones beside them.

    ``reference`` draws an upright line; what lies below ``floor`` is an arrow there.
    """
    figure, axes = _figure(6.6, 0.9 + 0.27 * len(bars))
    y = np.arange(len(bars))[::-1]
    if reference is not None:
        axes.axvline(reference, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    for place, bar in zip(y.tolist(), bars, strict=True):
        if math.isfinite(bar.low) and math.isfinite(bar.high) and bar.high > floor:
            axes.plot([max(bar.low, floor), bar.high], [place, place], color=BLUE, linewidth=1.6, solid_capstyle="butt")
    inside = [bar.value if not bar.value < floor else math.nan for bar in bars]
    axes.plot(inside, y, "o", color=BLUE, markersize=5, label="this run", zorder=3)
    outside = [floor if bar.value < floor else math.nan for bar in bars]
    if np.isfinite(outside).any():
        axes.plot(outside, y, "<", color=BLUE, markersize=6, zorder=3)
    if legend and any(math.isfinite(bar.paper) for bar in bars):
        paper = [bar.paper for bar in bars]
        axes.plot(paper, y, "D", color=ORANGE, markersize=5, fillstyle="none", markeredgewidth=1.4, label="published")
        _legend(axes, 2)
    _names(axes, y, [bar.name for bar in bars])
    axes.set_xlabel(axis)
    if limits is not None:
        axes.set_xlim(*limits)
    return _svg(figure)


def dumbbells(names: Sequence[str], left: Floats, right: Floats, words: tuple[str, str], axis: str) -> str:
    """Two numbers a line, joined: train and test."""
    figure, axes = _figure(6.6, 0.9 + 0.27 * len(names))
    y = np.arange(len(names))[::-1]
    for place, one, other in zip(y.tolist(), left.tolist(), right.tolist(), strict=True):
        axes.plot([one, other], [place, place], color=FAINT, linewidth=2.4, zorder=1)
    axes.plot(left, y, "^", color=ORANGE, markersize=5.5, label=words[0])
    axes.plot(right, y, "o", color=BLUE, markersize=5, label=words[1])
    _names(axes, y, names)
    axes.set_xlabel(axis)
    _legend(axes, 2)
    return _svg(figure)


def clouds(panels: Sequence[Cloud]) -> str:
    """Label against prediction, four panels a row, with the line where both are equal."""
    from matplotlib.figure import Figure

    rows = -(-len(panels) // 4)
    with _style():
        figure = Figure(figsize=(9.2, 2.35 * rows), layout="constrained")
        grid = figure.subplots(rows, 4, squeeze=False)
        for axes, panel in zip(grid.flat, panels, strict=False):
            _cloud(axes, panel)
        for axes in grid.flat[len(panels) :]:
            axes.remove()
        figure.supxlabel("label", fontsize=9)
        figure.supylabel("prediction", fontsize=9)
    return _svg(figure)


def _cloud(axes: Axes, panel: Cloud) -> None:
    both = np.isfinite(panel.label) & np.isfinite(panel.predicted)
    if panel.log:
        both &= (panel.label > 0) & (panel.predicted > 0)
    x, y = panel.label[both], panel.predicted[both]
    unit = f" ({panel.unit})" if panel.unit else ""
    axes.set_title(f"{panel.title}{unit}", fontsize=8.5)
    axes.tick_params(labelsize=6.5)
    if not x.size:
        axes.text(0.5, 0.5, "nothing to compare", ha="center", va="center", transform=axes.transAxes, fontsize=7)
        return
    low, high = _span(np.concatenate([x, y]), log=panel.log)
    scale: Literal["log", "linear"] = "log" if panel.log else "linear"
    if x.size > POINTS:
        extent = (math.log10(low), math.log10(high)) * 2 if panel.log else (low, high) * 2
        axes.hexbin(
            x, y, gridsize=32, bins="log", mincnt=1, cmap=_shades(), xscale=scale, yscale=scale,
            extent=extent, linewidths=0.1,
        )  # fmt: skip
    else:
        axes.plot(x, y, "o", color=BLUE, markersize=2.4, alpha=0.55, markeredgewidth=0)
    axes.set_xscale(scale)
    axes.set_yscale(scale)
    axes.plot([low, high], [low, high], color=VERMILION, linewidth=0.9)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    if panel.log:
        _few_log_ticks(axes, low, high)


def _span(values: Floats, *, log: bool) -> tuple[float, float]:
    """What the axes show: the middle 99.8 % and a margin, so that one wild answer does not flatten the rest."""
    low, high = (float(q) for q in np.quantile(values, [0.001, 0.999]))
    if log:
        return low / 1.15, max(high * 1.15, low * 1.5)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _few_log_ticks(axes: Axes, low: float, high: float) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    steps = [s * 10.0**p for p in range(-3, 5) for s in (1, 2, 5)]
    shown = [s for s in steps if low <= s <= high]
    shown = shown[:: -(-len(shown) // 5)] if len(shown) > 5 else shown
    for each in (axes.xaxis, axes.yaxis):
        each.set_major_locator(FixedLocator(shown))
        each.set_minor_locator(NullLocator())
        each.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def retrieval(names: Sequence[str], table: Mapping[str, Floats], words: Mapping[str, str], axis: str) -> str:
    """One line per attribute with one mark per way of retrieval; chance is drawn at 50."""
    figure, axes = _figure(6.9, 1.15 + 0.3 * len(names))
    y = np.arange(len(names))[::-1]
    axes.axvline(50, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    looks = series_of(list(table))
    everything = np.array(list(table.values()), dtype=np.float64)
    for place, column in zip(y.tolist(), everything.T, strict=True):
        known = column[np.isfinite(column)]
        if known.size:
            axes.plot([known.min(), known.max()], [place, place], color=FAINT, linewidth=1.2, zorder=1)
    for name, values in table.items():
        colour, mark = looks[name]
        axes.plot(values, y, mark, color=colour, markersize=5.2, label=words.get(name, name), zorder=3)
    _names(axes, y, names)
    axes.set_xlabel(axis)
    axes.set_xlim(0, max(55.0, float(np.nanmax(everything, initial=0.0)) + 3))
    _legend(axes, min(len(table), 3))
    return _svg(figure)


def breadths(b: Sequence[int], values: Floats, attribute: float, image: float, axis: str) -> str:
    """Mean percentile of hierarchical search against b, between search by image alone and by attribute alone."""
    from matplotlib.ticker import FixedLocator, NullLocator

    figure, axes = _figure(5.2, 2.9)
    for value, colour, words, style in (
        (image, ORANGE, "image", (0, (4, 2))),
        (attribute, BLUE, "attribute", (0, (1, 1.5))),
    ):
        if math.isfinite(value):
            axes.axhline(value, color=colour, linewidth=1.4, linestyle=style, label=words)
    axes.plot(b, values, "s-", color=SKY, markersize=5, linewidth=1.6, label="hierarchical")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(list(b)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([str(each) for each in b])
    axes.set_xlabel("candidates b taken by the image")
    axes.set_ylabel(axis)
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    _legend(axes, 3)
    return _svg(figure)


def curves(nominal: Sequence[float], lines: Mapping[str, Floats], middle: Floats) -> str:
    """Share of labels inside the spread's intervals against the share promised; every line one attribute."""
    figure, axes = _figure(3.9, 3.7)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), label="perfect")
    for i, values in enumerate(lines.values()):
        axes.plot(nominal, values, color=SKY, linewidth=0.9, alpha=0.7, label="one attribute" if i == 0 else None)
    axes.plot(nominal, middle, "o-", color=BLUE, linewidth=2, markersize=5, label="mean")
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="promised", ylabel="found among the labels")
    _legend(axes, 3)
    return _svg(figure)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    with _style():
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots()


def _names(axes: Axes, y: NDArray[np.int64], names: Sequence[str]) -> None:
    axes.set_yticks(y, list(names))
    for label in axes.get_yticklabels():  # made outside of the style: a name between dollar signs is no formula
        label.set_parse_math(False)
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)


def _legend(axes: Axes, columns: int) -> None:
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, frameon=False, fontsize=8.5)


def _shades() -> Any:
    """From light to dark blue, readable on white and on black."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("blues", ["#a9d3ee", "#3f97cf", "#0b4f80"])


def _style() -> Any:
    import matplotlib as mpl

    return mpl.rc_context(
        {
            "svg.hashsalt": "skintui",
            "svg.fonttype": "path",
            "font.family": ["DejaVu Sans"],
            "font.size": 9,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": GREY,
            "axes.facecolor": "none",
            "axes.linewidth": 0.7,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.unicode_minus": True,
            "figure.facecolor": "none",
            "savefig.facecolor": "none",
            "xtick.color": INK,
            "ytick.color": INK,
            "legend.labelcolor": INK,
            "text.usetex": False,
            "text.parse_math": False,
        }
    )


def _svg(figure: Figure) -> str:
    """The figure as an SVG without date, with a style for dark screens."""
    memory = io.StringIO()
    with _style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a source's name may be in any script
        figure.savefig(memory, format="svg", metadata={"Date": None, "Creator": None})
    drawn = memory.getvalue()
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in _DARK.items()
        for what in ("fill", "stroke")
    )
    head, mark, rest = drawn.partition("<defs>")
    return f"{head}<style>@media (prefers-color-scheme: dark){{{rules}}}</style>{mark}{rest}"
