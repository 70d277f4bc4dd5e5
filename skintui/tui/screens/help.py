"""Every command with its keys, from the command table."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from skintui.tui import theme
from skintui.tui.commands.keymap import Keymap
from skintui.tui.commands.table import GROUPS

LEGEND = (
    (theme.FLAG, "flagged: suspicious, or a broken rule"),
    (theme.VERDICT_SIGNS["label_wrong"], "label wrong"),
    (theme.VERDICT_SIGNS["label_ok"], "label right"),
    (theme.VERDICT_SIGNS["both_plausible"], "both plausible"),
    (theme.VERDICT_SIGNS["unsure"], "not sure"),
    (theme.VERDICT_SIGNS["image_unusable"], "image unusable"),
    (theme.MARK, "marked for a verdict over many"),
    ("=", "neighbour of the same patient"),
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
            yield Static(self._text(GROUPS[:2]), classes="column")
            yield Static(self._text(GROUPS[2:]), classes="column")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _text(self, groups: tuple[str, ...]) -> Text:
        text = Text()
        for group in groups:
            text.append(f"{group}\n", "bold")
            for command in self._keymap.commands:
                if command.group == group and self._available(command.name):
                    text.append(f"  {self._keymap.shown(command.name):<12}", "bold")
                    text.append(f" {command.title}\n")
            text.append("\n")
        if GROUPS[0] in groups:
            text.append("Signs\n", "bold")
            for sign, words in LEGEND:
                text.append(f"  {sign:<12}", "bold")
                text.append(f" {words}\n")
        return text

    def action_scroll(self, count: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=count, animate=False)
