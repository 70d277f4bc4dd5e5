"""The application: themes, the keymap, and the one screen."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.console import RenderableType
from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from skintui.tui import theme
from skintui.tui.commands.keymap import Keymap
from skintui.tui.frame import Frame
from skintui.tui.jobs.encoding import Encoding
from skintui.tui.jobs.opening import Request
from skintui.tui.screens.audit import AuditScreen
from skintui.tui.terminal import Graphics, cell_size
from skintui.tui.tmux import find_tmux
from skintui.tui.widgets.painting import Marked, painter_for


class SkintuiApp(App[int]):
    """Audit the annotations of skin-lesion tiles."""

    TITLE = "skintui"
    CSS_PATH = [  # noqa: RUF012 -- Textual's variable
        "screens/audit.tcss",
        "screens/clusters.tcss",
        "screens/columns.tcss",
        "screens/compare.tcss",
        "screens/facets.tcss",
        "screens/help.tcss",
        "screens/journal.tcss",
        "screens/meter.tcss",
        "screens/picker.tcss",
        "screens/plots.tcss",
        "screens/views.tcss",
    ]
    CSS = """
    ModalScreen, CommandPalette { background: transparent; } /* a tint would send every cell, twice */
    CommandPalette {
        & > Vertical { width: 60; max-width: 100%; background: $surface; }
        SearchIcon { display: none; } /* not every font has it */
        #--input, #--input.--list-visible { height: 3; border: none; padding: 1 1 0 1; }
        CommandInput, CommandInput:focus { height: 1; border: none; padding: 0 1; }
        CommandList, CommandList:focus { border: none; border-bottom: blank; }
    }
    """
    ENABLE_COMMAND_PALETTE = False  # our own table feeds the palette
    AUTO_FOCUS: ClassVar[str | None] = None

    def __init__(self, request: Request, graphics: Graphics) -> None:
        super().__init__()
        self.request, self.graphics = request, graphics
        self.painter = painter_for(graphics)
        self.frame = Frame(self.painter if isinstance(self.painter, Marked) else None)
        self.keymap = Keymap(request.settings.keys)
        for each in theme.THEMES:
            self.register_theme(each)
        name = theme.DEFAULTS.get(request.settings.theme, request.settings.theme)
        self.theme = name if name in self.available_themes else theme.DARK.name
        self.stylesheet.set_variables(self.get_css_variables())
        self._styled_with = self.theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.frame.forget(data=True))
        self.set_keymap(self.keymap.changed)
        if self.painter is not None and not self.is_headless:  # else nobody waits, and every picture is whole at once
            self.painter.later = Encoding(self).want
        self.push_screen(AuditScreen(self.request, self.keymap, self.painter, self.size))

    def on_resize(self) -> None:
        """The window or its font has another size: where things are on the terminal now is anybody's guess."""
        self.frame.forget()
        if self.painter is None or self.is_headless:
            return
        if isinstance(self.painter, Marked) and self.graphics.tmux:
            self.painter.graphics = self.graphics = replace(self.graphics, tmux=find_tmux())
        before = self.painter.box(1000, 1000)
        if all(cell := cell_size()):
            self.painter.measure(*cell)
        if self.painter.box(1000, 1000) != before:
            for each in self.screen.walk_children(Widget, with_self=True):
                each.post_message(events.Resize(each.size, each.virtual_size, each.container_size))
        self.screen.refresh()

    def on_app_focus(self) -> None:
        """Back in its pane of a tmux, which has drawn the cells again and knows nothing of pictures."""
        if self.graphics.tmux and isinstance(self.painter, Marked):
            self.painter.forget(True)
            self.screen.refresh()

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything anew where the theme is another one; Textual asks for it once at every start, in vain."""
        if self.theme != self._styled_with:
            self._styled_with = self.theme
            super().refresh_css(animate)

    def action_help_quit(self) -> None:
        """Ctrl-c, pressed out of habit: say which key leaves."""
        for screen in self.screen_stack:
            if isinstance(screen, AuditScreen):
                screen.say(f"{self.keymap.first('quit')} leaves; every decision is on the disk")

    def action_redraw(self) -> None:
        """Send everything, for another program may have drawn over it or the terminal have lost the pictures."""
        self.frame.forget(data=True)
        self.refresh(layout=True)

    def exit(self, *args: object, **kwargs: object) -> None:
        """Leave, taking the pictures along."""
        if isinstance(self.painter, Marked) and self._driver is not None:
            self._driver.write(self.painter.farewell())
        super().exit(*args, **kwargs)  # type: ignore[arg-type]

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate):
            renderable = self.frame.thrifty(renderable)
        super()._display(screen, renderable)
