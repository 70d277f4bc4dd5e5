"""Where flags gather: groups with more flagged annotations than expected; one key lists what is flagged there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from skintui.attributes import BY_NAME as BY_ATTRIBUTE
from skintui.nouns import counted
from skintui.texts import printable
from skintui.tui import theme
from skintui.tui.jobs.tabulating import Tabulated, Tabulating
from skintui.tui.widgets.heading import Heading, Hints
from skintui.tui.widgets.ink import Part, fit, wrapped
from skintui.tui.widgets.lesion_table import LesionTable, NoRows
from skintui.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from skintui.audit.systematic import SystematicError
    from skintui.steps.clusters import Clustered
    from skintui.steps.systematic import Systematic

KEYS: Sequence[Part] = (
    ("Enter", "accent"), (" what is flagged there  ", "muted"), ("j k", "accent"),
    (" move  ", "muted"), ("Esc", "accent"), (" back", "muted"),
)  # fmt: skip
NUMBERS = 38
"""Cells of the counts, the ratio, the q-value and the shift."""
EXPECTED, ROOM_FOR_EXPECTED = 10, 100
"""Cells of the expectation, and the width from which on it has a column."""
ALL = "all attributes"
Row = dict[str, Any]


Found = tuple["Clustered", "Systematic"]
"""Groups with many flags, and errors of whole groups."""


class ClusterRows:
    """One line a systematic error, then one a group, those that stand out with the sign of a flag."""

    def __init__(self, found: Clustered, errors: Sequence[SystematicError] = ()) -> None:
        self._frame, self._fdr, self._errors = found.frame, found.fdr, errors

    def __len__(self) -> int:
        return len(self._errors) + self._frame.height

    def at(self, index: int) -> Row:
        """A row by the columns of its kind; that of a systematic error has a ``sentence``."""
        if index < len(self._errors):
            return self._errors[index].row()
        return self._frame.row(index - len(self._errors), named=True)

    def head(self, width: int) -> Sequence[Part]:
        group, attribute = _widths(width)
        names = fit("   group", group + 3) + fit("attribute", attribute)
        expected = f"{'expected':>{EXPECTED}}" if width >= ROOM_FOR_EXPECTED else ""
        return [(f"{names}{'flagged of':>14}{expected}{'×':>6}{'q':>8}{'shift':>9}", "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        row = self.at(index)
        group, attribute = _widths(width)
        if index < len(self._errors):
            return [
                (f"{theme.FLAG} ", "warn"),
                (fit(printable(row["group"] or "every lesion"), group - 1) + " ", "strong"),
                (fit(_title(row), attribute), "strong"),
                (f" {fit(self._errors[index].what, max(0, width - group - attribute - 3))}", "warn"),
            ]
        out = row["q_value"] <= self._fdr
        ink = "plain" if out else "muted"
        count = f"{row['flagged']:,} of {row['annotations']:,}"
        return [
            (f"{theme.FLAG if out else ' '} ", "warn"),
            (fit(printable(row["group"]), group - 1) + " ", ink),
            (fit(_title(row), attribute), ink),
            (f"{count:>14}", ink),
            (theme.number(row["expected"], EXPECTED, 1) if width >= ROOM_FOR_EXPECTED else "", "muted"),
            (theme.number(row["ratio"], 6, 1), "strong" if out else "muted"),
            (f"{_q(row['q_value']):>8}", "warn" if out else "faint"),
            (theme.signed(_shift(row), 8, 1), ink),
            (" σ" if row["shift"] is not None else "", "faint"),
        ]


def _widths(width: int) -> tuple[int, int]:
    """Cells for the group and for the attribute."""
    room = max(20, width - NUMBERS - 3 - (EXPECTED if width >= ROOM_FOR_EXPECTED else 0))
    attribute = min(20, room // 2)
    return room - attribute, attribute


def _title(row: Row) -> str:
    return BY_ATTRIBUTE[row["attribute"]].title if row["attribute"] in BY_ATTRIBUTE else ALL


def _q(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def _shift(row: Row) -> float:
    return float("nan") if row["shift"] is None else float(row["shift"])


def explanation(row: Row, fdr: float) -> str:
    """One systematic error, or one group, in words."""
    if "sentence" in row:
        return f"Systematic error: {printable(row['sentence'], 400)} (q {_q(row['q_value'])})."
    what = _title(row)
    text = (
        f"{row['by']} {printable(row['group'], 60)}: {row['flagged']:,} of {row['annotations']:,} annotations of "
        f"{what} are flagged where {row['expected']:.1f} are expected. "
    )
    if row["q_value"] > fdr:
        text += f"Chance alone gives as much too often (q {_q(row['q_value'])}). "
    if row["shift"] is not None and abs(row["shift"]) >= 1:
        side = "above" if row["shift"] > 0 else "below"
        times = f", ×{row['factor']:.3g}" if row["factor"] is not None else ""
        text += f"Half of its labels lie {abs(row['shift']):.1f} σ or more {side} the model{times}: one cause for all?"
    elif row["shift"] is not None:
        text += "Its labels as a whole are not shifted against the model: single slips, or a part of the group."
    return text


class ClusterScreen(Screen[Row | None]):
    """Answers with the group to list, or None."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,E", "dismiss(None)", show=False),
        Binding("enter", "choose", show=False),
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("g,home", "step(-1000000000)", show=False),
        Binding("G,end", "step(1000000000)", show=False),
        Binding("pagedown,ctrl+d,ctrl+f", "page(1)", show=False),
        Binding("pageup,ctrl+u,ctrl+b", "page(-1)", show=False),
    ]

    table = getters.query_one(LesionTable)

    def __init__(self, find: Callable[[], Found], start: int = 0) -> None:
        """``find`` is called in a worker; ``start`` is the row to begin at."""
        super().__init__()
        self._tabulating = Tabulating(self, find)
        self._start, self._fdr = start, 0.0

    def compose(self) -> ComposeResult:
        yield Heading(id="cluster-title", classes="pane-heading")
        yield LesionTable()
        yield Paragraph(id="cluster-words")
        yield Hints(id="cluster-keys")

    def on_mount(self) -> None:
        self.table.can_focus = False
        self.query_one("#cluster-keys", Heading).show(KEYS)
        self.query_one("#cluster-title", Heading).show([(" Clusters", "strong")])
        self.table.fill(NoRows("  counting …"))
        self._tabulating.start()

    def on_tabulated(self, message: Tabulated[Found]) -> None:
        """The counts are there."""
        if message.counts is None:
            self.table.fill(NoRows(f"  {message.reason}"))
            return
        found, errors = message.counts[0], message.counts[1].errors
        self._fdr = found.fdr
        words = f"  {found.significant:,} of {len(found.frame):,} groups stand out (q ≤ {found.fdr:g})"
        wrong = f"  {counted(len(errors), 'systematic error')}" if errors else ""
        self.query_one("#cluster-title", Heading).show([(" Clusters", "strong"), (wrong, "warn"), (words, "muted")])
        if found.frame.is_empty() and not errors:
            self.table.fill(NoRows("  no patient, source, site or tile type has more flags than expected"))
            return
        self.table.fill(ClusterRows(found, errors), self._start)
        self._explain()

    @on(LesionTable.Moved)
    def _explain(self) -> None:
        rows = self.table.rows
        if isinstance(rows, ClusterRows):
            text = wrapped(explanation(rows.at(self.table.cursor), self._fdr), self.size.width - 3, 3)
            self.query_one("#cluster-words", Paragraph).show([[(f" {line}", "muted")] for line in text])

    def on_resize(self) -> None:
        self._explain()

    def action_choose(self) -> None:
        rows = self.table.rows
        if isinstance(rows, ClusterRows):
            self.dismiss(rows.at(self.table.cursor) | {"row": self.table.cursor})

    def action_step(self, count: int) -> None:
        self.table.step(count)

    def action_page(self, count: int) -> None:
        self.table.step(count * self.table.page)
