"""Saved views: what each shows and how many lesions that are now; show, save, rename, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from skintui.errors import SkintuiError
from skintui.texts import printable
from skintui.tui.jobs.tabulating import Tabulated, Tabulating
from skintui.tui.widgets.heading import Heading, Hints
from skintui.tui.widgets.ink import Part, fit
from skintui.tui.widgets.lesion_table import LesionTable, NoRows
from skintui.tui.widgets.prompt_bar import PromptBar, Question

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.session.saved_views import SavedView, SavedViews

KEYS: Sequence[Part] = (
    ("Enter", "accent"), (" show  ", "muted"), ("s", "accent"), (" save what is shown now  ", "muted"), ("r", "accent"),
    (" rename  ", "muted"), ("d", "accent"), (" delete  ", "muted"), ("Esc", "accent"), (" back", "muted"),
)  # fmt: skip
NAME, COUNT = 24, 12
"""Cells of a view's name, and of its count."""


class ViewRows:
    """The views by name."""

    def __init__(self, views: Sequence[SavedView]) -> None:
        self.views = views

    def __len__(self) -> int:
        return len(self.views)

    def head(self, width: int) -> Sequence[Part]:
        return [(fit(f"   {'view':<{NAME}}{'lesions':>{COUNT}}   what it shows", width), "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:
        view = self.views[index]
        count = "·" if view.count is None else f"{view.count:,}"
        words = f"! {view.problem}" if view.problem else view.words
        return [
            (fit(f"  {printable(view.name)}", NAME + 2), "plain"),
            (f"{count:>{COUNT}}   ", "muted" if view.count is None else "plain"),
            (fit(printable(words), max(1, width - NAME - COUNT - 5)), "warn" if view.problem else "muted"),
        ]


class ViewScreen(Screen[str | None]):
    """Answers with the name of the view that is shown now, or None."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,W", "dismiss(None)", show=False),
        Binding("enter", "load", show=False),
        Binding("s,a", "save", show=False),
        Binding("r", "rename", show=False),
        Binding("d,x,delete", "delete", show=False),
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("pagedown,ctrl+d", "step(10)", show=False),
        Binding("pageup,ctrl+u", "step(-10)", show=False),
    ]

    table = getters.query_one(LesionTable)
    prompt = getters.query_one(PromptBar)

    def __init__(self, session: Session, views: SavedViews) -> None:
        super().__init__()
        self._session, self._views = session, views
        self._tabulating = Tabulating(self, views.all)
        self._wanted = ""
        self._doomed = ""

    def compose(self) -> ComposeResult:
        yield Heading(id="view-title", classes="pane-heading")
        yield LesionTable()
        with Horizontal(id="view-bottom"):
            yield PromptBar()
            yield Hints(id="view-keys")

    def on_mount(self) -> None:
        self.table.can_focus = False
        self.query_one("#view-keys", Heading).show(KEYS)
        self._say()
        self.table.fill(NoRows("  counting …"))
        self._tabulating.start()

    def on_tabulated(self, message: Tabulated[tuple[SavedView, ...]]) -> None:
        """The views have been read and counted."""
        views = message.counts
        if not views:
            self.table.fill(NoRows(f"  {message.reason or 'no saved views yet: s saves what is shown now'}"))
            return
        names = [view.name for view in views]
        cursor = names.index(self._wanted) if self._wanted in names else self.table.cursor
        self.table.fill(ViewRows(views), cursor)

    def _say(self, text: str = "", ink: str = "muted") -> None:
        """A message in the place of what is shown now."""
        from skintui.session.arrangement import Arrangement

        now = f"now: {printable(Arrangement.of(self._session).words(self._session), 300)}"
        self.query_one("#view-title", Heading).show([(" Saved views", "strong"), (f"  {text or now}", ink)])

    @property
    def chosen(self) -> SavedView | None:
        """The view under the cursor."""
        rows = self.table.rows
        return rows.views[self.table.cursor] if isinstance(rows, ViewRows) else None

    # Keys

    def action_step(self, count: int) -> None:
        self._doomed = ""
        self._say()
        self.table.step(count)

    def action_load(self) -> None:
        """Show the view and close."""
        if (view := self.chosen) is None:
            return
        try:
            self._views.load(view.name)
        except SkintuiError as error:
            self._say(str(error), "warn")
            return
        self.dismiss(view.name)

    def action_save(self) -> None:
        """Ask for a name; a view of that name is replaced after a second Enter."""
        taken = {view.name for view in self.table.rows.views} if isinstance(self.table.rows, ViewRows) else set()
        refused: set[str] = set()

        def answer(text: str) -> None:
            name = " ".join(text.split())
            if name in taken - refused:
                refused.add(name)
                raise SkintuiError("there is a view of this name; Enter again replaces it")
            self._changed(self._views.save(name))
            self._say(f"saved as '{name}'", "good")

        self.prompt.ask(Question("save as", "a name for what is shown now", answer))

    def action_rename(self) -> None:
        view = self.chosen
        if view is None:
            return

        def answer(text: str) -> None:
            self._changed(self._views.rename(view.name, text))
            self._say()

        self.prompt.ask(Question("rename to", "another name", answer, view.name))

    def action_delete(self) -> None:
        """Delete the view at the second press."""
        view = self.chosen
        if view is None:
            return
        if self._doomed != view.name:
            self._doomed = view.name
            self._say(f"d again deletes '{view.name}' for everybody who uses this workspace", "warn")
            return
        try:
            self._views.delete(view.name)
        except SkintuiError as error:
            self._say(str(error), "warn")
            return
        self._changed("")
        self._say()

    def _changed(self, name: str) -> None:
        """Read the views again, with the cursor on one."""
        self._wanted, self._doomed = name, ""
        self._tabulating.start()
