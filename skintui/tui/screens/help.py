"""Every command with its keys, from the command table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from skintui.tui import theme
from skintui.tui.commands.keymap import Keymap
from skintui.tui.commands.table import GROUPS

MOST_COLUMNS, COLUMN, KEYS = 3, 37, 9
"""Columns at most, and cells of one and of its keys."""
FRAME = 6
"""Cells of the border, of the space within, and of the bar that scrolls."""
MARGIN = 10
"""Cells on both sides from which on what lies below is worth a sight."""

LEGEND = (
    (theme.FLAG, "suspicious"),
    (theme.VERDICT_SIGNS["label_wrong"], "label wrong"),
    (theme.VERDICT_SIGNS["label_ok"], "label right"),
    (theme.VERDICT_SIGNS["both_plausible"], "both plausible"),
    (theme.VERDICT_SIGNS["unsure"], "not sure"),
    (theme.VERDICT_SIGNS["image_unusable"], "image unusable"),
    (theme.MARK, "marked for one verdict"),
    ("=", "of the same patient"),
    ("·", "no number"),
)


class HelpScreen(ModalScreen[None]):
    """Closes with Escape, q, ? or Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss(None)", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("ctrl+d,pagedown,space", "scroll(10)", show=False),
        Binding("ctrl+u,pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, keymap: Keymap, available: Callable[[str], bool]) -> None:
        """``available`` tells whether the command of a name can be done here and now."""
        super().__init__()
        self._keymap, self._available = keymap, available

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for _ in range(MOST_COLUMNS):
                yield Static(classes="column")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_resize(self, event: events.Resize) -> None:
        """As many columns as there is room for, of about the same height."""
        count = max(1, min(MOST_COLUMNS, (event.size.width - FRAME) // COLUMN))
        scroll = self.query_one(VerticalScroll)
        scroll.styles.grid_size_columns = count
        wide = count * COLUMN + FRAME
        scroll.styles.width = wide if event.size.width - wide >= MARGIN else "100%"
        filled = balanced(self._sections(), count)
        for index, column in enumerate(self.query(".column").results(Static)):
            column.display = index < count
            column.update(Content("\n").join(filled[index]) if index < count else "")

    def _sections(self) -> list[Content]:
        """A block of lines per group, and one of signs; commands that cannot be done here are left out."""
        sections = []
        for group in GROUPS:
            able = [c for c in self._keymap.commands if c.group == group and self._available(c.name)]
            sections.append(_section(group, [(self._keymap.shown(c.name), c.title) for c in able]))
        return [*sections, _section("Signs", LEGEND)]

    def action_scroll(self, count: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=count, animate=False)


def _section(title: str, entries: Sequence[tuple[str, str]]) -> Content:
    lines = [Content.assemble((f"  {key:<{KEYS}}", "$accent"), f" {words}\n") for key, words in entries]
    return Content("").join([Content.styled(f"{title}\n", "bold"), *lines])


def balanced(sections: Sequence[Content], count: int) -> list[list[Content]]:
    """The sections in their order in ``count`` columns, the highest column as low as can be."""
    heights = [section.plain.count("\n") + 1 for section in sections]
    for limit in range(max(heights), sum(heights) + 1):
        columns: list[list[Content]] = [[]]
        height = 0
        for section, lines in zip(sections, heights, strict=True):
            if height + lines > limit and columns[-1]:
                columns.append([])
                height = 0
            columns[-1].append(section)
            height += lines
        if len(columns) <= count:
            break
    return columns + [[] for _ in range(count - len(columns))]
