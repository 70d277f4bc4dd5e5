"""Commands about the program itself, and the long steps it runs beside the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.command import CommandPalette

from skintui import bundled
from skintui.tui import theme
from skintui.tui.commands.palette import commands_of
from skintui.tui.messages import StepAdvanced, StepFinished
from skintui.tui.screens.help import HelpScreen

if TYPE_CHECKING:
    from skintui.tui.screens.audit import AuditScreen

DOING = {"index": "indexing", "audit": "auditing"}


class Program:
    """Works before the data set is open, too."""

    def __init__(self, screen: AuditScreen) -> None:
        self._screen = screen
        self.deeds: dict[str, Callable[[], None]] = {
            "help": lambda: self._show(HelpScreen(screen.keymap, screen.deeds.__contains__)),
            "palette": self.palette,
            "theme": self.theme,
            "redraw": self.redraw,
            "index": self.index,
            "quit": lambda: screen.app.exit(),
        }

    def _show(self, screen: HelpScreen) -> None:
        self._screen.app.push_screen(screen)

    def redraw(self) -> None:
        self._screen.app.call_next(self._screen.app.run_action, "app.redraw")

    def palette(self) -> None:
        screen = self._screen
        provider = commands_of(screen.keymap, screen.action_do, screen.deeds.__contains__)
        screen.app.push_screen(CommandPalette([provider]))

    def theme(self) -> None:
        """The next of our themes."""
        app = self._screen.app
        names = [each.name for each in theme.THEMES]
        app.theme = names[(names.index(app.theme) + 1) % len(names)] if app.theme in names else names[0]

    def hints(self) -> None:
        """The bottom line's right side: the keys most used."""
        keymap = self._screen.keymap
        parts = []
        for command in sorted(keymap.commands, key=lambda command: command.group != "Decide"):
            if command.hint:
                parts += [(keymap.first(command.name), "accent"), (f" {command.hint}  ", "muted")]
        self._screen.status.show(right=parts)

    # Long steps

    def index(self) -> None:
        """Make or continue the index in the background."""
        request = self._screen.request
        options = [str(request.dataset), *request.step_options, *request.model_options]
        if not self._screen.steps.start("index", options):
            self._screen.say(f"{DOING.get(self._screen.steps.step, self._screen.steps.step)} already")
            return
        self._screen.say("making the index in the background; you can go on working")
        if self._screen.display_of is not None:
            self._screen.display_of.near.step_began()

    def audit(self) -> None:
        """Compute the findings in the background."""
        request = self._screen.request
        options = [str(request.dataset), *request.step_options]
        options += ["--fdr", str(request.settings.fdr), "--top", "0", "--format", "json"]
        self._screen.steps.start("audit", options)

    def make_what_is_missing(self, after: str) -> None:
        """After a look at the workspace: an audit where there are predictions without one, the demo's index."""
        session = self._screen.session
        if session is None or self._screen.steps.step:
            return
        if session.predictions.stored and (session.findings is None or after == "index") and after != "audit":
            self.audit()
        elif not session.predictions.stored and after == "opening" and self._is_demo():
            self.index()

    def _is_demo(self) -> bool:
        return self._screen.request.dataset.resolve() == bundled.demo_dataset().resolve()

    def advanced(self, message: StepAdvanced) -> None:
        """Show how far a step is."""
        what = DOING.get(message.step, message.step)
        count = f" {message.done:,}/{message.total:,}" if message.total else ""
        share = theme.bar(message.done / message.total, 12) if message.total else ""
        seconds = message.seconds_left or 0
        left = f" {seconds / 60:.0f} min left" if seconds >= 90 else f" {seconds:.0f} s left" if seconds else ""
        stage = f" · {message.stage}" if message.stage else ""
        self._screen.title_line.show(right=[(f"{what}{stage}{count} ", "muted"), (share, "bar"), (left, "muted")])

    def finished(self, message: StepFinished) -> None:
        """A step is over: read what it made, or say why it failed."""
        self._screen.title_line.show(right=[])
        if message.reason:
            self._screen.say(f"{message.step}: {message.reason}", "warn")
            if self._screen.display_of is not None:
                self._screen.display_of.results_changed()
        elif self._screen.session is not None:
            self._screen.opening.load_results(self._screen.session, message.step)
