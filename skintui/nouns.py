"""Numbers with the noun they count."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """``1 verdict``, ``0 verdicts``, ``1,204 verdicts``: for nouns that take an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
