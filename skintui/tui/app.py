"""The application: themes, the keymap, and the one screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App

from skintui.tui import theme
from skintui.tui.commands.keymap import Keymap
from skintui.tui.jobs.opening import Request
from skintui.tui.screens.audit import AuditScreen
from skintui.tui.terminal import Graphics
from skintui.tui.widgets.painting import painter_for


class SkintuiApp(App[int]):
    """Audit the annotations of skin-lesion tiles."""

    TITLE = "skintui"
    CSS_PATH = ["screens/audit.tcss", "screens/help.tcss", "screens/picker.tcss", "screens/plots.tcss"]  # noqa: RUF012 -- Textual's variable
    ENABLE_COMMAND_PALETTE = False  # our own table feeds the palette
    AUTO_FOCUS: ClassVar[str | None] = None

    def __init__(self, request: Request, graphics: Graphics) -> None:
        super().__init__()
        self.request, self.graphics = request, graphics
        self.keymap = Keymap(request.settings.keys)
        for each in theme.THEMES:
            self.register_theme(each)
        name = theme.DEFAULTS.get(request.settings.theme, request.settings.theme)
        self.theme = name if name in self.available_themes else theme.DARK.name

    def on_mount(self) -> None:
        self.set_keymap({name: ",".join(keys) for name, keys in self.keymap.keys.items()})
        painter = painter_for(self.graphics, self.write_to_terminal)
        self.push_screen(AuditScreen(self.request, self.keymap, painter))

    def write_to_terminal(self, data: str) -> None:
        """Send graphics data in order with the frames (a second writer would break into them)."""
        if self._driver is not None:
            self._driver.write(data)
