"""The readings of a lesion as one paragraph: size, border, colour, contrast, and where the model is unsure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skintui.steps.describe.readout import BY_ATTRIBUTE, BY_IMAGE, Described, Readout

HIGH, LOW = 80, 20
"""Per cent of the cohort below, from which and up to which a group of readings gets its word."""
NO_DIAGNOSIS = "These are readings of a tile, not a diagnosis."


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of attributes that one sentence is about."""

    opening: str
    """How the sentence begins, with a place for the word."""
    words: tuple[str, str, str]
    """For a low, a middling and a high rank of the leading attribute."""
    lead: str
    """The attribute whose rank gives the word."""
    names: tuple[str, ...]

    def word(self, readouts: Sequence[Readout]) -> str:
        """The word for this lesion; the first reading leads where the leading attribute was not read."""
        leading = next((r for r in readouts if r.attribute.name == self.lead), readouts[0])
        low, middling, high = self.words
        return high if leading.below >= HIGH else low if leading.below <= LOW else middling

    def of(self, described: Described) -> list[Readout]:
        """The lesion's readings it is about."""
        return [readout for readout in described.readouts if readout.attribute.name in self.names]


TOPICS = (
    Topic(
        "The lesion is {}:", ("small", "of middling size", "large"), "areaMM2",
        ("areaMM2", "minorAxisMM", "perimeterMM", "clin_size_long_diam_mm"),
    ),
    Topic(
        "Its border is {}:", ("regular", "moderately irregular", "irregular"), "norm_border",
        ("area_perim_ratio", "norm_border"),
    ),
    Topic(
        "Its colour is {}:", ("even", "moderately varied", "varied"), "norm_color",
        ("norm_color", "radial_color_std_max", "A", "Aext", "B", "Bext"),
    ),
    Topic(
        "Against the skin around it stands out {}:", ("faintly", "moderately", "strongly"), "deltaLB",
        ("stdLExt", "deltaL", "deltaB", "deltaLB"),
    ),
)  # fmt: skip


def write_sentence(described: Described) -> str:
    """The paragraph. Every number has the attribute's decimals; ranks are whole per cent."""
    parts = [opening(described)]
    for topic in TOPICS:
        readouts = topic.of(described)
        if readouts:
            phrases = joined([phrase(readout) for readout in readouts])
            parts.append(f"{topic.opening.format(topic.word(readouts))} {phrases}.")
    parts += [text for text in (doubt(described),) if text]
    return " ".join([*parts, NO_DIAGNOSIS])


def opening(described: Described) -> str:
    """What is described, and what the percentages and the brackets mean."""
    ways = {readout.nearest_by for readout in described.readouts} - {""}
    text = f"The model has read {described.isic_id} and ranks it among {described.cohort} lesions"
    if not ways:
        return f"{text}."
    by = {
        (BY_ATTRIBUTE,): "by the same attribute",
        (BY_IMAGE,): "by image",
        (BY_ATTRIBUTE, BY_IMAGE): "by the same attribute (marked *: by image)",
    }[tuple(sorted(ways))]
    return f"{text}; brackets hold the median reading of its {described.nearest} nearest lesions {by}."


def phrase(readout: Readout) -> str:
    """One reading: ``area 8.90 ± 1.10 mm², above 71 % (7.50)``."""
    attribute = readout.attribute
    value = number(readout.predicted, attribute.decimals)
    if np.isfinite(readout.spread):
        value += f" ± {number(readout.spread, attribute.decimals)}"
    text = f"{attribute.title} {attribute.with_unit(value)}, above {readout.below} %"
    if np.isfinite(readout.neighbours):
        mark = "*" if readout.nearest_by == BY_IMAGE else ""
        text += f" ({number(readout.neighbours, attribute.decimals)}{mark})"
    return text


def number(value: float, decimals: int) -> str:
    """With a real minus sign's place taken by a hyphen, so that it can be copied; never ``-0.00``."""
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def doubt(described: Described) -> str:
    """Where the model is unsure; empty where it is not."""
    names = [readout.attribute.title for readout in described.unsure]
    if not names:
        return ""
    return f"The model is unsure of the {joined(names, ', ')}: its spread there is more than twice the usual."


def joined(parts: Sequence[str], between: str = "; ") -> str:
    """``a; b; and c``."""
    if len(parts) < 2:
        return "".join(parts)
    last = " and " if between == ", " else f"{between}and "
    return f"{between.join(parts[:-1])}{last}{parts[-1]}"
