"""Answers of the terminal that come after the application has begun to read keys.

Textual takes a sequence that it does not know for keys pressed one after the other, and keys are verdicts here: of
kitty's ``Gi=31;OK`` the ``i`` would call a picture unusable. Upstream, its parser would drop control strings whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

_ANSWER = re.compile(
    r"\x1b(?:_G[^\x1b]*\x1b\\|P[>01][^\x1b]*\x1b\\|\[6;\d+;\d+t|\[\?[\d;]*c)",
)
_BEGINNING = re.compile(r"\x1b(?:_(?:G[^\x1b]*\x1b?)?|P(?:[>01][^\x1b]*\x1b?)?|\[(?:6(?:;\d*){0,2}|\?[\d;]*)?)\Z")
"""The first part of an answer whose rest is on its way."""
LONGEST = 200
"""Characters no answer reaches: what is longer is something else and let through."""


class Answers:
    """Takes answers out of what comes from the terminal."""

    def __init__(self) -> None:
        self._held = ""

    def without(self, data: str) -> str:
        """``data`` without answers; the beginning of one is held back until its end comes."""
        data = _ANSWER.sub("", self._held + data)
        begun = _BEGINNING.search(data)
        cut = begun.start() if begun and len(data) - begun.start() <= LONGEST else len(data)
        self._held = data[cut:]
        return data[:cut]


class Parser(XTermParser):
    """Textual's parser of keys, without answers."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._answers = Answers()

    def feed(self, data: str) -> Iterable[Message]:
        rest = self._answers.without(data) if data else ""
        return super().feed(rest) if rest or not data else ()


def ignore_late_answers() -> None:
    """Read keys from now on as Textual does, but take no answer for keys."""
    vars(linux_driver)["XTermParser"] = Parser
