"""What each screenshot shows: the keys that lead there, the window's size and the theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.keys import _character_to_key

DARK, LIGHT, CONTRAST = "dark", "light", "high-contrast"
SMALL, USUAL = (80, 24), (120, 40)
SLOW = frozenset("wRQELMPCFWosfcx")
"""Keys after which a scene waits until everything has followed."""


def typed(text: str) -> tuple[str, ...]:
    """The keys of a text."""
    return tuple(_character_to_key(character) for character in text)


SOME_VERDICTS = ("w", "x", "v", "c", *typed("17.9"), "enter", "b", "t", *typed("hair over the border"), "enter", "x")
"""A few decisions on the head of the queue, for the log and the meter."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One screenshot."""

    name: str
    """Name of the file without its ending."""
    keys: Sequence[str]
    size: tuple[int, int] = USUAL
    theme: str = DARK


SCENES = (
    Scene("overview", ("j", "j")),
    Scene("queue", ("w", "x", "v")),
    Scene("queue-light", ("w", "x", "v"), theme=LIGHT),
    Scene("queue-high-contrast", ("w", "x", "v"), theme=CONTRAST),
    Scene("wide", ("w", "x", "v"), (200, 60)),
    Scene("narrow", ("j", "j"), (80, 24)),
    Scene("narrow-neighbours", ("w", "tab", "tab"), (80, 24)),
    Scene("patient", ("j", "p", "tab", "tab")),
    Scene("marks", ("space", "space", "j", "V", "j", "j", "j")),
    Scene("blind", (*SOME_VERDICTS, "R", "down", "enter"), SMALL),
    Scene("filter", ("f", *typed("tbp_lv_areaMM2 > 20 and se")), SMALL),
    Scene("filtered", ("f", *typed("tbp_lv_areaMM2 > 20 and sex = 'male'"), "enter"), SMALL),
    Scene("correct", ("w", "c", *typed("255"), "enter"), SMALL),
    Scene("tour", ("T",), SMALL),
    Scene("error", ("f", *typed("area > x"), "enter"), SMALL),
    Scene("empty", ("f", *typed("age_approx > 200"), "enter"), SMALL),
    Scene("compare", ("w", "o")),
    Scene("compare-blink", ("w", "o", "space")),
    Scene("compare-outline", ("w", "o", "e")),
    Scene("compare-difference", ("w", "o", "d")),
    Scene("compare-table", ("w", "o", "t")),
    Scene("plot-scatter", ("w", "P")),
    Scene("plot-distribution", ("w", "P", "2")),
    Scene("plot-quality", ("w", "P", "3")),
    Scene("facets", ("F",)),
    Scene("views", ("f", *typed("age_approx > 60"), "enter", "W", "s", *typed("elderly"), "enter")),
    Scene("columns", ("C",), SMALL),
    Scene("clusters", ("E",)),
    Scene("meter", (*SOME_VERDICTS, "M")),
    Scene("log", (*SOME_VERDICTS, "u", "L")),
    Scene("queue-order", ("w", "Q"), SMALL),
    Scene("sort", ("s",), SMALL),
    Scene("palette", (":", *typed("co")), SMALL),
    Scene("help", ("?",)),
)
