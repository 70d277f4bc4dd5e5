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
    Command("left", "left: pane, neighbour", ("h", "left"), "Move"),
    Command("right", "right: pane, neighbour", ("l", "right"), "Move"),
    Command("first", "first row", ("g", "home"), "Move"),
    Command("last", "last row", ("G", "end"), "Move"),
    Command("half_page_down", "half a page down", ("ctrl+d",), "Move"),
    Command("half_page_up", "half a page up", ("ctrl+u",), "Move"),
    Command("page_down", "page down", ("pagedown", "ctrl+f"), "Move"),
    Command("page_up", "page up", ("pageup", "ctrl+b"), "Move"),
    Command("next_pane", "next pane", ("tab",), "Move"),
    Command("previous_pane", "previous pane", ("shift+tab",), "Move"),
    Command("follow", "to neighbours, or follow", ("enter",), "Move"),
    Command("back", "back where you were", ("backspace",), "Move"),
    Command("line", "go to row number", ("#",), "Move"),
    Command("next_flagged", "next flagged", ("}",), "Move"),
    Command("previous_flagged", "previous flagged", ("{",), "Move"),
    Command("next_unreviewed", "next unreviewed", (")",), "Move"),
    Command("previous_unreviewed", "previous unreviewed", ("(",), "Move"),
    Command("next_attribute", "next attribute", ("]",), "Look"),
    Command("previous_attribute", "previous attribute", ("[",), "Look"),
    Command("attribute", "choose an attribute", ("a",), "Look", "attribute"),
    Command("mode", "kind of neighbours", ("m",), "Look", "mode"),
    Command("compare", "compare with a neighbour", ("o",), "Look", "compare"),
    Command("patient", "same patient's lesions", ("p",), "Look"),
    Command("plots", "plots of the attribute", ("P",), "Look"),
    Command("clusters", "where flags cluster", ("E",), "Look"),
    Command("meter", "how far the review is", ("M",), "Look"),
    Command("columns", "choose the columns", ("C",), "Look"),
    Command("columns_left", "columns to the left", ("<",), "Look"),
    Command("columns_right", "columns to the right", (">",), "Look"),
    Command("redraw", "draw the screen again", ("ctrl+l",), "Look"),
    Command("theme", "dark, light, contrast", ("ctrl+t",), "Look"),
    Command("queue", "suspicious, or all", ("w",), "Find", "queue"),
    Command("queue_order", "order of the queue", ("Q",), "Find"),
    Command("search", "search an id", ("/",), "Find", "search"),
    Command("filter", "filter by an expression", ("f",), "Find", "filter"),
    Command("sort", "sort by a column", ("s",), "Find"),
    Command("facets", "counts to filter by", ("F",), "Find"),
    Command("views", "saved views", ("W",), "Find"),
    Command("clear", "drop marks, or filter", ("escape",), "Find"),
    Command("label_wrong", "label wrong", ("x", "1"), "Decide", "wrong"),
    Command("label_ok", "label right", ("v", "2"), "Decide", "right"),
    Command("both_plausible", "both plausible", ("b", "3"), "Decide"),
    Command("unsure", "not sure", ("n", "4"), "Decide"),
    Command("image_unusable", "image unusable", ("i", "5"), "Decide"),
    Command("repeat", "last verdict again", (".",), "Decide"),
    Command("mark", "mark for one verdict", ("space",), "Decide"),
    Command("mark_range", "mark a range of rows", ("V",), "Decide"),
    Command("correct", "wrong, and right value", ("c",), "Decide", "value"),
    Command("flag", "flag for later", ("!",), "Decide"),
    Command("note", "note", ("t",), "Decide"),
    Command("undo", "undo the last decision", ("u",), "Decide", "undo"),
    Command("redo", "redo", ("U", "ctrl+r"), "Decide"),
    Command("log", "log of decisions", ("L",), "Decide"),
    Command("blind", "blind second review", ("R",), "Decide"),
    Command("export", "export", ("e",), "Decide"),
    Command("index", "index in the background", ("I",), "Program"),
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
