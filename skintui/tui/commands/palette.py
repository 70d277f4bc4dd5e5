"""The command palette over the command table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from skintui.tui.commands.keymap import Keymap


def commands_of(keymap: Keymap, do: Callable[[str], None], available: Callable[[str], bool]) -> type[Provider]:
    """A provider that finds the available commands by their words or their name and shows their keys."""
    commands = [command for command in keymap.commands if available(command.name)]

    class Commands(Provider):
        """Every command of the table."""

        async def discover(self) -> Hits:
            for command in commands:
                yield DiscoveryHit(
                    command.title, partial(do, command.name), help=f"{command.group} · {keymap.shown(command.name)}"
                )

        async def search(self, query: str) -> Hits:
            matcher = self.matcher(query)
            for command in commands:
                if (score := max(matcher.match(command.title), matcher.match(command.name.replace("_", " ")))) > 0:
                    yield Hit(
                        score,
                        matcher.highlight(command.title),
                        partial(do, command.name),
                        text=command.title,
                        help=f"{command.group} · {keymap.shown(command.name)}",
                    )

    return Commands
