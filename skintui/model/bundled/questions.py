"""What the base is taught to say about a drawn lesion: words for the sixteen attributes, numbers for other quantities.

The sixteen attributes are never taught as numbers here; that is left to the adapter. Their words are bins of equal
frequency (septiles of the drawn lesions), and the question is the attribute's own with "What is" replaced, so that
every token of the real questions is seen before an adapter meets it.
"""

from __future__ import annotations

from dataclasses import dataclass

from skintui.attributes import ATTRIBUTES, Attribute

LEVELS = 7
"""Number of words per attribute, from least to most."""

_ENDS: dict[str, tuple[str, str]] = {
    "areaMM2": ("small", "large"),
    "minorAxisMM": ("narrow", "wide"),
    "perimeterMM": ("short", "long"),
    "clin_size_long_diam_mm": ("short", "long"),
    "area_perim_ratio": ("smooth", "jagged"),
    "norm_border": ("even", "irregular"),
    "norm_color": ("uniform", "varied"),
    "radial_color_std_max": ("symmetric", "lopsided"),
    "A": ("pale", "red"),
    "Aext": ("pale", "red"),
    "B": ("grey", "brown"),
    "Bext": ("grey", "yellow"),
    "stdLExt": ("calm", "rough"),
    "deltaL": ("dark", "faint"),
    "deltaB": ("grey", "brown"),
    "deltaLB": ("faint", "strong"),
}


def describe_question(attribute: Attribute) -> str:
    """The question that is answered in words, made of the attribute's own: ``Describe the area in mm²?``."""
    return attribute.question.replace("What is", "Describe", 1)


def level_words(attribute: Attribute) -> tuple[str, ...]:
    """The :data:`LEVELS` words of an attribute, least first."""
    low, high = _ENDS[attribute.name]
    return (f"very {low}", low, f"rather {low}", "medium", f"rather {high}", high, f"very {high}")


@dataclass(frozen=True, slots=True)
class Trait:
    """A quantity of the drawn tile that is not among the sixteen and does not change when the tile is turned."""

    name: str
    question: str


TRAITS: tuple[Trait, ...] = (
    Trait("L", "What is L* inside the lesion?"),
    Trait("Lext", "What is L* outside the lesion?"),
    Trait("stdL", "What is the standard deviation of L* inside?"),
    Trait("C", "What is the chroma inside the lesion?"),
    Trait("Cext", "What is the chroma outside the lesion?"),
    Trait("H", "What is the hue inside the lesion?"),
    Trait("Hext", "What is the hue outside the lesion?"),
    Trait("deltaA", "What is the A* contrast?"),
    Trait("eccentricity", "What is the eccentricity?"),
    Trait("symm_2axis", "What is the asymmetry of the border?"),
    Trait("color_std_mean", "What is the mean deviation of colour?"),
    Trait("extent_px", "What is the mean extent in pixels?"),
    Trait("offset_mm", "What is the distance from the centre in mm?"),
    Trait("n_hairs", "What is the number of hairs?"),
    Trait("n_neighbours", "What is the number of neighbours?"),
    Trait("lighting", "What is the change of light?"),
    Trait("tile_L", "What is the mean L* of the tile?"),
    Trait("tile_std_L", "What is the standard deviation of L* of the tile?"),
    Trait("edge_softness", "What is the softness of the border?"),
)


def all_texts() -> list[str]:
    """Every question and answer the base meets in pre-training or under an adapter: the tokenizer's vocabulary."""
    asked = [text for a in ATTRIBUTES for text in (a.question, describe_question(a))]
    titles = [f" {a.title}" for a in ATTRIBUTES]
    return [*asked, *titles, *(t.question for t in TRAITS), *(word for a in ATTRIBUTES for word in level_words(a))]
