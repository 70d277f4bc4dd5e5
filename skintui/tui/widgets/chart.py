"""Plots in the terminal, drawn by textual-plot in the theme's colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from textual_hires_canvas import Canvas
from textual_plot import HiResMode, PlotWidget

if TYPE_CHECKING:
    from skintui.session.plots import Distribution, Scatter
    from skintui.steps.training_record import Losses

Floats = NDArray[np.float64]
FINE = HiResMode.BRAILLE
HERE, NEAR, FLAGGED, CURSOR = "◆", "○", "!", "╋"
"""Signs of the lesion, its neighbours, flagged labels, and the cursor: told apart without colour."""


class Chart(PlotWidget):
    """One plot at a time; never focused, the screen has the keys."""

    can_focus = False
    DEFAULT_CSS = """
    Chart { background: $background; }
    Chart > .plot--axis { color: $foreground $faint; }
    Chart > .plot--tick { color: $foreground $muted; text-style: none; }
    Chart > .plot--label { color: $foreground; text-style: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, allow_pan_and_zoom=False)

    def scatter_of(self, points: Scatter, limits: tuple[float, float], cursor: int, unit: str) -> None:
        """Prediction against label with the diagonal, the flagged ones, the lesion, its neighbours and the cursor."""
        self.clear()
        self.set_xlimits(*limits)
        self.set_ylimits(*limits)
        self._call_axes(f"label{unit}", f"model{unit}")
        self.plot([*limits], [*limits], self._ink("$panel"), FINE)
        x, y = points.labels, points.predicted
        inside = (x >= limits[0]) & (x <= limits[1]) & (y >= limits[0]) & (y <= limits[1])
        quiet, loud = inside & ~points.flagged, inside & points.flagged
        self.scatter(x[quiet], y[quiet], marker_style=self._ink("$primary"), hires_mode=FINE)
        self.scatter(x[loud], y[loud], FLAGGED, self._ink("$error"))
        near = points.near[inside[points.near]]
        self.scatter(x[near], y[near], NEAR, f"bold {self._ink('$success')}")
        if points.here is not None and inside[points.here]:
            self.scatter(x[[points.here]], y[[points.here]], HERE, f"bold {self._ink('$accent')}")
        self.scatter([], [], CURSOR)
        self.move_cursor(points, cursor)

    def move_cursor(self, points: Scatter, index: int) -> None:
        """Put the cursor on a point; on the lesion itself its own sign stays."""
        at = [index] if index != points.here and len(points.rows) else []
        self._datasets.pop()
        self._labels.pop()
        self.scatter(points.labels[at], points.predicted[at], CURSOR, f"bold {self._ink('$accent')}")

    def histogram(self, shown: Distribution, unit: str) -> None:
        """Counts per bin, with lines at the label (if it lies within) and the prediction."""
        self.clear()
        self.set_xlimits(float(shown.edges[0]), float(shown.edges[-1]))
        self.set_ylimits(0, float(max(1, shown.counts.max()) * 1.05))
        self._call_axes(f"label{unit}", "lesions")
        middle = (shown.edges[:-1] + shown.edges[1:]) / 2
        width = float(shown.edges[1] - shown.edges[0])
        self.bar(middle, shown.counts, width, self._ink("$primary"), HiResMode.HALFBLOCK)
        for value, ink in ((shown.predicted, "$success"), (shown.label, "$accent")):
            if shown.edges[0] <= value <= shown.edges[-1]:
                self.add_v_line(value, f"bold {self._ink(ink)}")

    def calibration(self, nominal: Floats, observed: Floats) -> None:
        """Share of labels inside the central interval against the share it should hold, with the diagonal."""
        self.clear()
        self.set_xlimits(0, 1)
        self.set_ylimits(0, 1)
        self._call_axes("interval should hold", "holds")
        self.plot([0, 1], [0, 1], self._ink("$panel"), FINE)
        self.plot(nominal, observed, f"bold {self._ink('$accent')}", FINE)

    def losses(self, curve: Losses) -> None:
        """Loss per step, and its running median."""
        self.clear()
        self.set_xlimits(None, None)
        self.set_ylimits(0, None)
        self._call_axes("step", "loss")
        steps, losses = np.array(curve.steps, np.float64), np.array(curve.losses)
        self.scatter(steps, losses, marker_style=self._ink("$primary"), hires_mode=FINE)
        self.plot(steps, smoothed(losses), f"bold {self._ink('$accent')}", FINE)

    def _call_axes(self, x: str, y: str) -> None:
        for margin in self.query("#margin-top").results(Canvas):
            margin.reset()  # textual-plot writes a new label over the old one
        self.set_xlabel(x)
        self.set_ylabel(y)

    def _ink(self, name: str) -> str:
        return self.app.get_css_variables()[name.removeprefix("$")]


def smoothed(values: Floats) -> Floats:
    """Median of the values around each, over a fortieth of the curve to either side."""
    reach = max(1, len(values) // 40)
    padded = np.pad(values, reach, mode="edge")
    if not values.size:
        return values
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1))
