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
    Command("line", "go to a row by its number", ("#",), "Move"),
    Command("next_flagged", "next flagged: this attribute, else any", ("}",), "Move"),
    Command("previous_flagged", "previous flagged, likewise", ("{",), "Move"),
    Command("next_unreviewed", "next without a verdict", (")",), "Move"),
    Command("previous_unreviewed", "previous without a verdict", ("(",), "Move"),
    Command("next_attribute", "next attribute", ("]",), "Look"),
    Command("previous_attribute", "previous attribute", ("[",), "Look"),
    Command("attribute", "choose an attribute", ("a",), "Look", "attribute"),
    Command("mode", "compare by attribute, image, or both", ("m",), "Look", "mode"),
    Command("compare", "compare with the chosen neighbour, large", ("o",), "Look", "compare"),
    Command("patient", "the same patient's lesions, or neighbours", ("p",), "Look"),
    Command("plots", "plots of this attribute", ("P",), "Look"),
    Command("clusters", "where flags cluster", ("E",), "Look"),
    Command("meter", "how far the review is", ("M",), "Look"),
    Command("columns", "show, hide, reorder, pin columns", ("C",), "Look"),
    Command("columns_left", "columns to the left", ("<",), "Look"),
    Command("columns_right", "columns to the right", (">",), "Look"),
    Command("redraw", "draw the screen again", ("ctrl+l",), "Look"),
    Command("theme", "dark or light", ("ctrl+t",), "Look"),
    Command("queue", "suspicious annotations, or all lesions", ("w",), "Find", "queue"),
    Command("queue_order", "order of the queue", ("Q",), "Find"),
    Command("search", "search an id", ("/",), "Find", "search"),
    Command("filter", "filter by an expression", ("f",), "Find", "filter"),
    Command("sort", "sort by a column", ("s",), "Find"),
    Command("facets", "counts by patient, site, verdict …", ("F",), "Find"),
    Command("views", "saved views", ("W",), "Find"),
    Command("clear", "drop marks, then the filter", ("escape",), "Find"),
    Command("label_wrong", "label wrong", ("x", "1"), "Decide", "wrong"),
    Command("label_ok", "label right", ("v", "2"), "Decide", "right"),
    Command("both_plausible", "both plausible", ("b", "3"), "Decide"),
    Command("unsure", "not sure", ("n", "4"), "Decide"),
    Command("image_unusable", "image unusable", ("i", "5"), "Decide"),
    Command("repeat", "the last verdict again", (".",), "Decide"),
    Command("mark", "mark for a verdict over many", ("space",), "Decide"),
    Command("mark_range", "mark a range of rows", ("V",), "Decide"),
    Command("correct", "label wrong, and the right value", ("c",), "Decide", "value"),
    Command("flag", "flag for later, or take the flag back", ("!",), "Decide"),
    Command("note", "note", ("t",), "Decide"),
    Command("undo", "undo the last decision", ("u",), "Decide", "undo"),
    Command("redo", "redo", ("U", "ctrl+r"), "Decide"),
    Command("log", "every decision, and taking one back", ("L",), "Decide"),
    Command("blind", "second review without seeing the first", ("R",), "Decide"),
    Command("export", "export to CSV", ("e",), "Decide"),
    Command("index", "make the index in the background", ("I",), "Program"),
    Command("copy_id", "copy the id", ("y",), "Program"),
    Command("copy_row", "copy the row", ("Y",), "Program"),
    Command("tour", "the tour", ("T",), "Program"),
    Command("palette", "command palette", (":", "ctrl+p"), "Program"),
    Command("help", "help", ("?",), "Program", "help"),
    Command("quit", "back, or quit", ("q",), "Program", "quit"),
)

BY_NAME: dict[str, Command] = {command.name: command for command in COMMANDS}

VERDICT_COMMANDS = ("label_wrong", "label_ok", "both_plausible", "unsure", "image_unusable")
"""Commands that record the verdict of the same name."""
