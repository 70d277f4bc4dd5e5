"""The commands of the audit screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a curator can do."""

    name: str
    """Name in the settings' table ``[keys]`` and of the method that does it."""
    title: str
    """A few words for the palette and the help."""
    keys: tuple[str, ...]
    """Keys as written in the settings: one character, or a name such as ``ctrl+d`` and ``pagedown``."""
    group: str
    """Heading in the help."""
    hint: str = ""
    """One or two words for the bottom line; empty to leave it out."""


GROUPS = ("Move", "Look", "Find", "Decide", "Program")

COMMANDS: tuple[Command, ...] = (
    Command("down", "next row", ("j", "down"), "Move"),
    Command("up", "previous row", ("k", "up"), "Move"),
    Command("left", "pane or neighbour to the left", ("h", "left"), "Move"),
    Command("right", "pane or neighbour to the right", ("l", "right"), "Move"),
    Command("first", "first row", ("g", "home"), "Move"),
    Command("last", "last row", ("G", "end"), "Move"),
    Command("half_page_down", "half a page down", ("ctrl+d",), "Move"),
    Command("half_page_up", "half a page up", ("ctrl+u",), "Move"),
    Command("page_down", "page down", ("pagedown", "ctrl+f"), "Move"),
    Command("page_up", "page up", ("pageup", "ctrl+b"), "Move"),
    Command("next_pane", "next pane", ("tab",), "Move"),
    Command("previous_pane", "previous pane", ("shift+tab",), "Move"),
    Command("follow", "into the neighbours, or follow one", ("enter",), "Move"),
    Command("back", "back to where you came from", ("backspace",), "Move"),
    Command("next_attribute", "next attribute", ("]",), "Look"),
    Command("previous_attribute", "previous attribute", ("[",), "Look"),
    Command("attribute", "choose an attribute", ("a",), "Look", "attribute"),
    Command("mode", "compare by attribute, image, or both", ("m",), "Look", "mode"),
    Command("redraw", "draw the screen again", ("ctrl+l",), "Look"),
    Command("theme", "dark or light", ("ctrl+t",), "Look"),
    Command("queue", "suspicious annotations, or all lesions", ("w",), "Find", "queue"),
    Command("search", "search an id", ("/",), "Find", "search"),
    Command("filter", "filter by an expression", ("f",), "Find", "filter"),
    Command("sort", "sort by a column", ("s",), "Find"),
    Command("clear", "show every lesion again", ("escape",), "Find"),
    Command("label_wrong", "label wrong", ("x", "1"), "Decide", "wrong"),
    Command("label_ok", "label right", ("v", "2"), "Decide", "right"),
    Command("both_plausible", "both plausible", ("b", "3"), "Decide"),
    Command("unsure", "not sure", ("n", "4"), "Decide"),
    Command("image_unusable", "image unusable", ("i", "5"), "Decide"),
    Command("correct", "label wrong, and the right value", ("c",), "Decide", "value"),
    Command("flag", "flag for later, or take the flag back", ("!",), "Decide"),
    Command("note", "note", ("t",), "Decide"),
    Command("undo", "undo the last decision", ("u",), "Decide", "undo"),
    Command("redo", "redo", ("U", "ctrl+r"), "Decide"),
    Command("export", "export to CSV", ("e",), "Decide"),
    Command("index", "make the index in the background", ("I",), "Program"),
    Command("palette", "command palette", (":", "ctrl+p"), "Program"),
    Command("help", "help", ("?",), "Program", "help"),
    Command("quit", "back, or quit", ("q",), "Program", "quit"),
)

BY_NAME: dict[str, Command] = {command.name: command for command in COMMANDS}

VERDICT_COMMANDS = ("label_wrong", "label_ok", "both_plausible", "unsure", "image_unusable")
"""Commands that record the verdict of the same name."""
