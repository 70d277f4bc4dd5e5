"""Which key does what: the table's keys with the user's own in their place, every clash refused."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from textual.binding import Binding, InvalidBinding

from skintui.errors import UsageError
from skintui.tui.commands.table import BY_NAME, COMMANDS, Command

_SIGNS = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "full_stop": ".",
    "number_sign": "#",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "enter": "Enter",
    "backspace": "Backspace",
    "escape": "Esc",
    "tab": "Tab",
    "shift+tab": "Shift-Tab",
    "space": "Space",
}


class Keymap:
    """Keys of every command. Raises UsageError for an unknown command, a bad key, or a key with two meanings."""

    def __init__(self, own: Mapping[str, str] | None = None, commands: Sequence[Command] = COMMANDS) -> None:
        own = own or {}
        known = [command.name for command in commands]
        for name in own:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean '{near[0]}'?" if near else "press ? in the application for the names"
                raise UsageError(f"unknown command '{name[:60]}' in [keys]", do=hint)
        self.commands = tuple(commands)
        self.keys: dict[str, tuple[str, ...]] = {
            command.name: _keys(command.name, own.get(command.name, ",".join(command.keys))) for command in commands
        }
        self.changed = {name: ",".join(self.keys[name]) for name in own}
        """Those of the user alone: Textual goes through all that it is given with every key."""
        self._refuse_clashes()

    def _refuse_clashes(self) -> None:
        taken: dict[str, str] = {}
        for name, keys in self.keys.items():
            for key in keys:
                if key in taken:
                    raise UsageError(
                        f"key '{shown(key)}' is bound to both '{taken[key]}' and '{name}'",
                        do="give one of them another key in the settings' table [keys]",
                    )
                taken[key] = name

    def bindings(self) -> list[Binding]:
        """Bindings for a screen that has ``action_do(name)``."""
        return [
            Binding(key, f"do('{name}')", BY_NAME[name].title if name in BY_NAME else name, show=False, id=name)
            for name, keys in self.keys.items()
            for key in keys
        ]

    def shown(self, name: str) -> str:
        """The keys of a command as a person reads them, e.g. ``U ^r``."""
        return " ".join(shown(key) for key in self.keys[name])

    def first(self, name: str) -> str:
        """The first key of a command as a person reads it."""
        return shown(self.keys[name][0])


def _keys(name: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(binding.key for binding in Binding.make_bindings([Binding(text, name)]))
    except InvalidBinding as error:
        raise UsageError(
            f"'{text[:40]}' is not a key for '{name}' in [keys]", do='write for example "x" or "ctrl+d"'
        ) from error


def shown(key: str) -> str:
    """A key as a person reads it: ``ctrl+d`` → ``^d``, ``slash`` → ``/``."""
    if key in _SIGNS:
        return _SIGNS[key]
    if key.startswith("ctrl+"):
        return f"^{shown(key[5:])}"
    if key.startswith("upper_") and len(key) == 7:
        return key[-1].upper()
    return key
