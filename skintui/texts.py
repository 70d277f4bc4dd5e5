"""Text from outside: shown so that it cannot act on a terminal, parsed so that every refusal is the same error."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any


def parsed_json(text: str | bytes) -> Any:
    """What ``json.loads`` reads. Raises ValueError for whatever cannot be read, too deep a nesting included."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_STACKED = re.compile(r"[^\x00-\u02ff]{5,}")


def _unstacked(found: re.Match[str]) -> str:
    kept: list[str] = []
    height = 0
    for char in found[0]:
        height = height + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if height <= 4:
            kept.append(char)
    return "".join(kept)


def printable(text: str, limit: int | None = None) -> str:
    """``text`` without anything that could act on a terminal.

    Control characters (C0, C1, escape), bidirectional and other format characters, line and paragraph separators,
    surrogates and unassigned code points become ``�``; line breaks and tabs become spaces. Of more than four marks on
    one character, which would reach into the lines around, four are kept. ``limit`` cuts with an ellipsis.
    """
    cleaned = text
    if not text.isprintable():
        cleaned = "".join(
            " " if char in "\t\n\r" else "�" if unicodedata.category(char) in _ACTING else char for char in text
        )
    if not text.isascii():
        cleaned = _STACKED.sub(_unstacked, cleaned)
    return cleaned if limit is None or len(cleaned) <= limit else cleaned[: max(limit - 1, 0)] + "…"
