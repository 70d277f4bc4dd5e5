"""Commands that move: rows, panes, neighbours, attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.widget import Widget

from skintui.attributes import ATTRIBUTES
from skintui.tui.screens.picker import Picker

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Moving:
    """Each command acts on the pane that has the focus."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self.deeds: dict[str, Callable[[], None]] = {
            "down": lambda: self._vertical(1),
            "up": lambda: self._vertical(-1),
            "left": lambda: self._horizontal(-1),
            "right": lambda: self._horizontal(1),
            "first": lambda: self._vertical(-(10**9)),
            "last": lambda: self._vertical(10**9),
            "half_page_down": lambda: self._vertical(max(1, screen.table.page // 2)),
            "half_page_up": lambda: self._vertical(-max(1, screen.table.page // 2)),
            "page_down": lambda: self._vertical(screen.table.page),
            "page_up": lambda: self._vertical(-screen.table.page),
            "next_pane": lambda: self._pane(1),
            "previous_pane": lambda: self._pane(-1),
            "follow": self.follow,
            "back": self.back,
            "next_attribute": lambda: self._attribute(session.attribute + 1),
            "previous_attribute": lambda: self._attribute(session.attribute - 1),
            "attribute": self.pick_attribute,
            "mode": self.mode,
        }

    def _vertical(self, count: int) -> None:
        pane, screen = self._screen.pane(), self._screen
        if pane == "near":
            rows = max(1, -(-len(screen.grid.shown) // screen.grid.columns))
            step = max(-rows, min(rows, count)) * screen.grid.columns
            wanted = screen.grid.chosen + step
            while not 0 <= wanted < len(screen.grid.shown) and step:
                step -= screen.grid.columns if step > 0 else -screen.grid.columns
                wanted = screen.grid.chosen + step
            screen.grid.choose(wanted)
        elif pane == "lesion":
            self._attribute(max(0, min(len(ATTRIBUTES) - 1, self._session.attribute + count)))
        else:
            screen.table.step(count)

    def _horizontal(self, count: int) -> None:
        pane, grid = self._screen.pane(), self._screen.grid
        if pane == "near":
            at_edge = count < 0 and grid.chosen % grid.columns == 0
            if at_edge or (not grid.choose(grid.chosen + count) and count < 0):
                self._pane(-1)
        elif (pane, count) != ("list", -1):
            self._pane(count)

    @property
    def _panes(self) -> list[Widget]:
        return [self._screen.table, self._screen.attributes, self._screen.grid]

    def _pane(self, count: int) -> None:
        index = ["list", "lesion", "near"].index(self._screen.pane())
        panes = self._panes
        self.focus(panes[(index + count) % len(panes)])

    def focus(self, widget: Widget) -> None:
        """Give a pane the focus, showing it first where the window is too narrow for all three."""
        self._screen.show_pane("near" if widget is self._screen.grid else "lesion")
        self._screen.set_focus(widget)

    def follow(self) -> None:
        if self._screen.table.range is not None:
            self._screen.deeds["mark_range"]()
            return
        if self._screen.pane() != "near":
            self.focus(self._screen.grid)
            return
        grid = self._screen.grid
        if grid.chosen < len(grid.shown):
            self._session.follow(grid.shown[grid.chosen].row)
            self._display.moved_elsewhere()

    def back(self) -> None:
        queue = self._session.in_queue
        if not self._session.back():
            self._screen.say("nothing to go back to")
            return
        if queue != self._session.in_queue:
            self._display.listing()
        self._display.moved_elsewhere()

    def _attribute(self, index: int) -> None:
        before = self._session.attribute
        self._session.choose_attribute(index)
        if self._session.attribute != before:
            self._display.attribute_changed()

    def pick_attribute(self) -> None:
        choices = [(str(i), f"{a.title}  {a.unit}".rstrip()) for i, a in enumerate(ATTRIBUTES)]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._attribute(int(name))

        self._screen.app.push_screen(Picker("attribute", choices, str(self._session.attribute)), chosen)

    def mode(self) -> None:
        self._session.next_mode()
        self._display.selection()
