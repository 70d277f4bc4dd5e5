"""What is taken from textual-image, imported without the questions that it asks a terminal at import."""

from __future__ import annotations

import sys


def placeholders() -> tuple[str, list[str]]:
    """Kitty's placeholder character, and the diacritics that number its rows, columns, and series of pictures."""
    held, sys.__stdout__ = sys.__stdout__, None  # type: ignore[misc]
    try:
        from textual_image.renderable import tgp
    finally:
        sys.__stdout__ = held  # type: ignore[misc]
    return chr(tgp._PLACEHOLDER), [chr(number) for number in tgp._NUMBER_TO_DIACRITIC]
