"""Counts of what is listed by patient, site, verdict …; one key leaves only a value, another leaves it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import events, getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from skintui.errors import SkintuiError
from skintui.texts import printable
from skintui.tui import theme
from skintui.tui.jobs.tabulating import Tabulated, Tabulating
from skintui.tui.widgets.heading import Heading, Hints
from skintui.tui.widgets.ink import Part, fit
from skintui.tui.widgets.lesion_table import LesionTable, NoRows

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.session.facets import Facet, Facets
    from skintui.session.rules import Filter

KEYS: Sequence[Part] = (
    ("Enter", "accent"), (" only these  ", "muted"), ("-", "accent"), (" without these  ", "muted"), ("Tab", "accent"),
    (" next facet  ", "muted"), ("letters", "accent"), (" narrow  ", "muted"), ("Esc", "accent"), (" back", "muted"),
)  # fmt: skip

COUNT, FLAGGED, BAR = 13, 10, 40
"""Cells of the counts, and at most of a bar."""


class FacetRows:
    """The values of one facet, most frequent first; ``shown`` are their places in it."""

    def __init__(self, facet: Facet, shown: Sequence[int], noun: str) -> None:
        self.facet, self.shown, self._noun = facet, shown, noun
        self._most = max(1, int(facet.counts.max())) if len(facet) else 1
        self._longest = max(cell_len(printable(word)) for word in facet.words)

    def __len__(self) -> int:
        return len(self.shown)

    def head(self, width: int) -> Sequence[Part]:
        name, bar = self._widths(width)
        title = fit(f"  {self.facet.title}", name + 1)
        return [(f"{title}{' ' * bar}{self._noun:>{COUNT}}{'flagged':>{FLAGGED - 1}}", "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        place = self.shown[index]
        name, bar = self._widths(width)
        count, flagged = int(self.facet.counts[place]), int(self.facet.flagged[place])
        return [
            (fit(f" {printable(self.facet.words[place])}", name), "plain"),
            (theme.bar(count / self._most, bar), "bar"),
            (f"{count:>{COUNT},}", "plain"),
            (
                f"{flagged:>{FLAGGED - 1},}{theme.FLAG}" if flagged else f"{'·':>{FLAGGED - 1}} ",
                "warn" if flagged else "faint",
            ),
        ]

    def _widths(self, width: int) -> tuple[int, int]:
        """Cells for a value and for its bar."""
        room = max(12, width - COUNT - FLAGGED - 1)
        name = min(self._longest + 3, room - room // 3)
        return name, min(BAR, room - name)


class FacetScreen(Screen[None]):
    """Closes with the rule that was chosen applied, or with Escape."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("enter", "keep", show=False),
        Binding("minus", "leave_out", show=False),
        Binding("tab,right", "turn(1)", show=False),
        Binding("shift+tab,left", "turn(-1)", show=False),
        Binding("down,ctrl+n", "step(1)", show=False),
        Binding("up,ctrl+p", "step(-1)", show=False),
        Binding("pagedown,ctrl+d,ctrl+f", "page(1)", show=False),
        Binding("pageup,ctrl+u,ctrl+b", "page(-1)", show=False),
        Binding("home", "step(-1000000000)", show=False),
        Binding("end", "step(1000000000)", show=False),
        Binding("backspace", "shorten", show=False),
    ]

    table = getters.query_one(LesionTable)

    def __init__(
        self, session: Session, facets: Facets, narrow: Callable[[Filter], None], chosen: str | None = None
    ) -> None:
        """``narrow`` applies a rule and raises a SkintuiError where nothing would be left; ``chosen`` is a title."""
        super().__init__()
        self._session, self._narrow = session, narrow
        self._tabulating = Tabulating(self, facets.count)
        self._facets: tuple[Facet, ...] = ()
        self.chosen, self.typed = chosen, ""

    def compose(self) -> ComposeResult:
        yield Heading(id="facet-title", classes="pane-heading")
        yield Heading(id="facet-names")
        yield LesionTable()
        yield Hints(id="facet-keys")

    def on_mount(self) -> None:
        self.table.can_focus = False
        self.query_one("#facet-keys", Heading).show(KEYS)
        self.table.fill(NoRows("  counting …"))
        self._tabulating.start()

    def on_tabulated(self, message: Tabulated[tuple[Facet, ...]]) -> None:
        """The counts are there."""
        if message.counts is None:
            self.table.fill(NoRows(f"  {message.reason}"))
            return
        self._facets = message.counts
        self._show()

    # What is shown

    @property
    def facet(self) -> Facet | None:
        """The facet chosen, else the first."""
        named = [facet for facet in self._facets if facet.title == self.chosen]
        return next(iter(named or self._facets), None)

    def _show(self, cursor: int = 0) -> None:
        facet = self.facet
        if facet is None:
            return
        words = self.typed.casefold().split()
        shown = [i for i, value in enumerate(facet.words) if all(word in value.casefold() for word in words)]
        noun = "annotations" if self._session.in_queue else "lesions"
        if shown:
            self.table.fill(FacetRows(facet, shown, noun), cursor)
        else:
            found = f"no {facet.title} like '{printable(self.typed, 30)}': Backspace" if words else "nothing to count"
            self.table.fill(NoRows(f"  {found}"))
        self._names(facet)
        self._title()

    def _names(self, chosen: Facet) -> None:
        """The facets in a line, from the first on that leaves the chosen one in sight."""
        line = self.query_one("#facet-names", Heading)
        names = [f" {each.title} {len(each):,} " for each in self._facets]
        place, first = self._facets.index(chosen), 0
        while first < place and sum(map(len, names[first : place + 1])) > line.size.width - 4:
            first += 1
        shown = [(name, "accent" if index == place else "muted") for index, name in enumerate(names)]
        line.show([("…", "faint"), *shown[first:]] if first else shown)

    def _title(self, problem: str = "") -> None:
        what: list[Part] = [(" Facets", "strong"), (f"  {self._session.view.describe()}", "muted")]
        typed: list[Part] = [(f"narrowed to {printable(self.typed, 30)} ", "accent")] if self.typed else []
        self.query_one("#facet-title", Heading).show([(f" {problem}", "warn")] if problem else what, typed)

    # Keys

    def on_key(self, event: events.Key) -> None:
        if event.character is None or not event.is_printable or event.character == "-":
            return
        event.stop()
        if event.character == "x" and not self.typed:  # the other key for it, while nothing is typed
            self.action_leave_out()
            return
        self.typed += event.character
        self._show()

    def action_shorten(self) -> None:
        self.typed = self.typed[:-1]
        self._show()

    def action_leave(self) -> None:
        """Take back what is typed, else close."""
        if self.typed:
            self.typed = ""
            self._show()
        else:
            self.dismiss(None)

    def action_turn(self, step: int) -> None:
        if (facet := self.facet) is not None:
            self.chosen = self._facets[(self._facets.index(facet) + step) % len(self._facets)].title
            self.typed = ""
            self._show()

    def action_step(self, count: int) -> None:
        self._title()
        self.table.step(count)

    def action_page(self, count: int) -> None:
        self.table.step(count * self.table.page)

    def action_keep(self) -> None:
        """List only the value under the cursor."""
        rows = self.table.rows
        if isinstance(rows, FacetRows) and self._applied(rows.facet.kept[rows.shown[self.table.cursor]]):
            self.dismiss(None)

    def action_leave_out(self) -> None:
        """List all but the value under the cursor, and count again."""
        rows = self.table.rows
        if isinstance(rows, FacetRows) and self._applied(rows.facet.left_out[rows.shown[self.table.cursor]]):
            self._tabulating.start()

    def _applied(self, rule: Filter) -> bool:
        facet = self.facet
        self.chosen = facet.title if facet else None
        try:
            self._narrow(rule)
        except SkintuiError as error:
            self._title(str(error))
            return False
        return True
