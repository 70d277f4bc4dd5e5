"""Plots of the chosen attribute: prediction against label, distribution, quality and calibration, loss of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from skintui.attributes import ATTRIBUTES
from skintui.errors import SkintuiError
from skintui.session.plots import Scatter, calibration, distribution, quality, scatter
from skintui.steps.training_record import read_losses
from skintui.tui.jobs.plotting import PlotReady, Plotting
from skintui.tui.screens.plot_words import losses_line, quality_lines, scatter_legend, spread_line, standing_line
from skintui.tui.widgets.chart import Chart
from skintui.tui.widgets.heading import Heading, Hints
from skintui.tui.widgets.ink import Part
from skintui.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from skintui.session import Session

KINDS = {
    "scatter": "model against label",
    "distribution": "distribution",
    "quality": "agreement and calibration",
    "training": "training",
}
ROOMY = 110
"""Width from which on a table and a plot stand side by side."""
NEIGHBOURS = 10
"""Neighbours marked in the scatter."""
DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}
"""To the right and upwards on the plot."""
QUALITY_WORDS = "± holds: share of the labels within the model's own spread; labels as they are, errors included"
KEYS: Sequence[Part] = (
    ("1–4", "accent"), (" plot  ", "muted"), ("[ ]", "accent"), (" attribute  ", "muted"),
    ("Esc", "accent"), (" back", "muted"),
)  # fmt: skip
CURSOR_KEYS: Sequence[Part] = (
    ("h j k l", "accent"), (" cursor  ", "muted"), ("Enter", "accent"), (" go there  ", "muted"),
    ("w", "accent"), (" whole range  ", "muted"),
)  # fmt: skip
"""Of the scatter alone."""


class PlotScreen(Screen[int | None]):
    """Answers with the row of the lesion to go to, or None."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (ROOMY, "-roomy")]  # noqa: RUF012 -- as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,P", "dismiss(None)", show=False),
        Binding("tab", "turn(1)", show=False),
        Binding("shift+tab", "turn(-1)", show=False),
        *(Binding(str(number), f"show('{kind}')", show=False) for number, kind in enumerate(KINDS, 1)),
        Binding("right_square_bracket", "attribute(1)", show=False),
        Binding("left_square_bracket", "attribute(-1)", show=False),
        Binding("h,left", "cursor('left')", show=False),
        Binding("l,right", "cursor('right')", show=False),
        Binding("k,up", "cursor('up')", show=False),
        Binding("j,down", "cursor('down')", show=False),
        Binding("w", "whole", show=False),
        Binding("enter", "go", show=False),
    ]

    heading = getters.query_one("#plot-title", Heading)
    table = getters.query_one("#plot-table", Paragraph)
    words = getters.query_one("#plot-words", Paragraph)
    chart = getters.query_one(Chart)

    def __init__(self, session: Session, adapter: Path) -> None:
        """``adapter`` is the folder of a training run."""
        super().__init__()
        assert session.selected is not None  # noqa: S101 -- opened on a lesion only
        self._session, self._adapter = session, adapter
        self._cell = session.selected
        self._plotting = Plotting(self)
        self._points: Scatter | None = None
        self.kind, self.cursor, self.whole = next(iter(KINDS)), 0, False
        self._computing: dict[str, Callable[[], Callable[[], None]]] = {
            "scatter": self._scatter,
            "distribution": self._distribution,
            "quality": self._quality,
            "training": self._training,
        }

    def compose(self) -> ComposeResult:
        yield Heading(id="plot-title", classes="pane-heading")
        with Horizontal():
            yield Paragraph(id="plot-table")
            yield Chart()
        yield Paragraph(id="plot-words")
        yield Hints(id="plot-keys")

    def on_mount(self) -> None:
        self.action_show(self.kind)

    def action_show(self, kind: str) -> None:
        """Compute and draw one of ``KINDS``."""
        self.kind, self._points = kind, None
        attribute = ATTRIBUTES[self._cell.attribute]
        of = "" if kind == "training" else f"  {attribute.title}"
        roomy = self.app.size.width >= ROOMY
        numbers = [
            (f"  {number} {title}" if roomy or name == kind else f"  {number}", "accent" if name == kind else "muted")
            for number, (name, title) in enumerate(KINDS.items(), 1)
        ]
        self.heading.show([(" Plots", "strong"), (of, "muted")], numbers)
        self.query_one("#plot-keys", Hints).show([*CURSOR_KEYS, *KEYS] if kind == "scatter" else KEYS)
        self._plotting.start(kind, self._computing[kind])

    def on_plot_ready(self, message: PlotReady) -> None:
        """Draw what was asked for last."""
        if message.kind != self.kind:
            return
        self.table.display = self.kind == "quality" and message.draw is not None
        self.chart.display = message.draw is not None and not (self.table.display and self.app.size.width < ROOMY)
        if message.draw is not None:
            message.draw()
            return
        self.words.show([[(f" {message.reason}", "muted")]])

    # Computed in a worker, each answering with what draws it

    def _scatter(self) -> Callable[[], None]:
        near: Sequence[int] = ()
        with suppress(SkintuiError):  # without an index there are no neighbours to mark
            near = [n.row for n in self._session.neighbours(self._cell, self._session.mode, NEIGHBOURS).found]
        points = scatter(self._session, self._cell, near)
        return lambda: self._draw_scatter(points)

    def _distribution(self) -> Callable[[], None]:
        shown, attribute = distribution(self._session, self._cell), ATTRIBUTES[self._cell.attribute]

        def draw() -> None:
            self.chart.histogram(shown, self._unit)
            self.words.show([spread_line(shown, attribute)])

        return draw

    def _quality(self) -> Callable[[], None]:
        found, curve = quality(self._session), calibration(self._session, self._cell.attribute)

        def draw() -> None:
            self.table.show(quality_lines(found, self._cell.attribute))
            self.chart.calibration(*curve)
            self.words.show([[(f" {QUALITY_WORDS}", "muted")]])

        return draw

    def _training(self) -> Callable[[], None]:
        curve = read_losses(self._adapter)

        def draw() -> None:
            self.chart.losses(curve)
            self.words.show([losses_line(curve)])

        return draw

    # The scatter and its cursor

    @property
    def _unit(self) -> str:
        unit = ATTRIBUTES[self._cell.attribute].unit
        return f" ({unit})" if unit else ""

    def _draw_scatter(self, points: Scatter) -> None:
        if points is not self._points:
            self._points, self.cursor = points, points.here or 0
        limits = points.limits(self.whole)
        self.chart.scatter_of(points, limits, self.cursor, self._unit)
        self._tell(points)

    def _tell(self, points: Scatter) -> None:
        legend = scatter_legend(points, points.limits(self.whole))
        self.words.show([standing_line(self._session, points, self.cursor), legend])

    def action_cursor(self, direction: str) -> None:
        """Move to the nearest point in a direction."""
        points = self._points
        if points is None or not len(points.rows):
            return
        self.cursor = points.toward(self.cursor, *DIRECTIONS[direction], points.limits(self.whole))
        self.chart.move_cursor(points, self.cursor)
        self._tell(points)

    def action_whole(self) -> None:
        """Between the central 99 % and all points."""
        self.whole = not self.whole
        if self._points is not None:
            self._draw_scatter(self._points)

    def action_go(self) -> None:
        """Go to the lesion under the cursor."""
        if self._points is not None and len(self._points.rows):
            self.dismiss(int(self._points.rows[self.cursor]))

    def action_turn(self, count: int) -> None:
        kinds = list(KINDS)
        self.action_show(kinds[(kinds.index(self.kind) + count) % len(kinds)])

    def action_attribute(self, count: int) -> None:
        """The next or previous attribute, here and on the audit screen."""
        self._session.choose_attribute(self._cell.attribute + count)
        assert self._session.selected is not None  # noqa: S101 -- it was when this screen opened
        self._cell = self._session.selected
        self.action_show(self.kind)
