"""How far the review is: figures with their intervals, per attribute, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from skintui.tui.screens.meter_words import AttributeRows, figures, todo
from skintui.tui.widgets.heading import Heading, Hints
from skintui.tui.widgets.ink import Part, wrapped
from skintui.tui.widgets.lesion_table import LesionTable, NoRows
from skintui.tui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.commands.keymap import Keymap

KEYS: Sequence[Part] = (
    ("s", "accent"), (" stopping rule 5, 2, 1 %  ", "muted"), ("j k", "accent"), (" attributes  ", "muted"),
    ("Esc", "accent"), (" back", "muted"),
)  # fmt: skip


class MeterScreen(Screen[None]):
    """Closes with Escape, q, M or Enter."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,M,enter", "dismiss(None)", show=False),
        Binding("s", "share", show=False),
        Binding("j,down", "step(1)", show=False),
        Binding("k,up", "step(-1)", show=False),
        Binding("pagedown,ctrl+d", "step(8)", show=False),
        Binding("pageup,ctrl+u", "step(-8)", show=False),
    ]

    table = getters.query_one(LesionTable)
    figures = getters.query_one("#meter-figures", Paragraph)
    next = getters.query_one("#meter-next", Paragraph)

    def __init__(self, session: Session, keymap: Keymap, tolerate: Callable[[float], None]) -> None:
        """``tolerate`` keeps the share of wrong labels that the stopping rule is asked for."""
        super().__init__()
        self._session, self._keymap, self._tolerate = session, keymap, tolerate

    def compose(self) -> ComposeResult:
        yield Heading(id="meter-title", classes="pane-heading")
        yield Paragraph(id="meter-figures")
        yield LesionTable()
        yield Paragraph(id="meter-next")
        yield Hints(id="meter-keys")

    def on_mount(self) -> None:
        self.table.can_focus = False
        self.query_one("#meter-keys", Heading).show(KEYS)
        self.show()

    def on_resize(self) -> None:
        self.show()

    def show(self) -> None:
        """Read the meter and draw it."""
        session, width = self._session, self.size.width
        meter = session.meter()
        hidden = f"  {session.blind.words()}" if session.blind else ""
        self.query_one("#meter-title", Heading).show([(" Meter", "strong"), (hidden, "accent")])
        lines = figures(meter, self._keymap, width)
        self.figures.styles.height = len(lines) + 1
        self.figures.show([[], *lines])
        empty = NoRows("  no verdict yet: attributes are listed here as they are reviewed")
        self.table.fill(AttributeRows(meter.attributes) if meter.attributes else empty, self.table.cursor)
        told = todo(meter, self._keymap)
        if session.blind.prediction:
            told = f"The prediction is hidden, and all that rests on it: {self._keymap.first('blind')} shows it again."
        text = wrapped(told, max(20, width - 10), 2)
        self.next.styles.height = len(text)
        self.next.show(
            [[(" Next: " if i == 0 else "       ", "accent"), (line, "plain")] for i, line in enumerate(text)]
        )

    def action_share(self) -> None:
        """The stopping rule for the next share of wrong labels."""
        from skintui.audit.stopping import SHARES

        share = SHARES[(SHARES.index(self._session.tolerated or SHARES[0]) + 1) % len(SHARES)]
        self._tolerate(share)
        self.show()

    def action_step(self, count: int) -> None:
        self.table.step(count)
