"""Colours and signs: one accent, the rest quiet; no meaning rests on colour alone."""

from __future__ import annotations

import math

from textual.theme import Theme

DARK = Theme(
    name="skintui-dark",
    primary="#7aa2c8",
    secondary="#7aa2c8",
    accent="#e0a458",
    warning="#e0a458",
    error="#e0716c",
    success="#86b28b",
    foreground="#d8d8d4",
    background="#16181b",
    surface="#1b1e22",
    panel="#2a2e34",
    dark=True,
)

LIGHT = Theme(
    name="skintui-light",
    primary="#2f5f8a",
    secondary="#2f5f8a",
    accent="#a45a00",
    warning="#a45a00",
    error="#b3261e",
    success="#2e6b3a",
    foreground="#23262a",
    background="#fafaf7",
    surface="#f2f2ee",
    panel="#dededa",
    dark=False,
)

HIGH_CONTRAST = Theme(
    name="skintui-high-contrast",
    primary="#8fd3ff",
    secondary="#8fd3ff",
    accent="#ffd75f",
    warning="#ffd75f",
    error="#ff8787",
    success="#87ff87",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#3a3a3a",
    dark=True,
    variables={"muted": "90%", "faint": "80%"},
)

THEMES = (DARK, LIGHT, HIGH_CONTRAST)
VARIABLES = {"muted": "65%", "faint": "42%"}
"""How strong quiet text is, where a theme does not say."""

for _theme in THEMES:  # the library's own lists and bars would bring a second colour
    _theme.variables |= {
        "block-cursor-background": str(_theme.panel),
        "block-cursor-foreground": str(_theme.accent),
        "block-cursor-blurred-background": str(_theme.panel),
        "block-cursor-blurred-foreground": str(_theme.accent),
        "block-cursor-blurred-text-style": "bold",
        "scrollbar": str(_theme.panel),
        "scrollbar-hover": str(_theme.panel),
        "scrollbar-active": str(_theme.accent),
        "scrollbar-background": str(_theme.surface),
    }

DEFAULTS = {
    "textual-dark": DARK.name,
    "textual-light": LIGHT.name,
    "dark": DARK.name,
    "light": LIGHT.name,
    "high-contrast": HIGH_CONTRAST.name,
}
"""The settings' plain names stand for our own."""

FLAG = "!"
MARK = "•"
VERDICT_SIGNS = {
    "label_wrong": "✗",
    "label_ok": "✓",
    "both_plausible": "≈",
    "unsure": "?",
    "image_unusable": "⌀",
}
VERDICT_WORDS = {
    "label_wrong": "label wrong",
    "label_ok": "label right",
    "both_plausible": "both plausible",
    "unsure": "not sure",
    "image_unusable": "image unusable",
}


def bar(share: float, width: int) -> str:
    """A slim bar of ``width`` cells filled to ``share`` (0…1) in half cells, padded with spaces; empty for NaN."""
    if not share > 0:
        return " " * width
    halves = max(1, min(width * 2, round(share * width * 2)))
    return ("━" * (halves // 2) + "╸" * (halves % 2)).ljust(width)


def suspicion(score: float) -> float:
    """How full the suspicion bar is: empty up to one σ from what is expected, half at 8, full from 64 on."""
    return min(math.log2(score) / 6.0, 1.0) if score > 1.0 else 0.0


def number(value: float, width: int, decimals: int = 2) -> str:
    """A number right-aligned in ``width`` cells, decimals given up before digits; a dot where it is missing."""
    if value != value:
        return "·".rjust(width)
    return _fitting(value, width, decimals, "-")


def signed(value: float, width: int, decimals: int = 2) -> str:
    """A difference with its sign, right-aligned; a dot where it is missing."""
    if value != value:
        return "·".rjust(width)
    return _fitting(value, width, decimals, "+")


def _fitting(value: float, width: int, decimals: int, sign: str) -> str:
    """With a typographic minus, and none before what is rounded to zero; ``sign`` as in a format."""
    for places in range(decimals, -1, -1):
        text = f"{value:{sign}z.{places}f}".replace("-", "−")
        if len(text) <= width:
            return text.rjust(width)
    return f"{value:{sign}.0e}".replace("-", "−").rjust(width)[:width]
