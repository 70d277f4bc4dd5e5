"""The paragraph read back: every number and every judging word against the prediction it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from skintui.errors import SkintuiError
from skintui.steps.describe.paragraph import NO_DIAGNOSIS, TOPICS
from skintui.steps.describe.readout import BY_IMAGE, Described, Readout

_NUMBER = r"-?\d+(?:\.\d+)?"
_OPENING = re.compile(
    r" and ranks it among (?P<cohort>\d+) lesions"
    r"(?:; brackets hold the median reading of its (?P<nearest>\d+) nearest lesions (?P<by>[^.]+))?\. "
)
_DOUBT = re.compile(r"The model is unsure of the (?P<names>[^:]+): its spread there is more than twice the usual\. ")
_READING = re.compile(
    rf"(?P<title>\D+?) (?P<value>{_NUMBER})(?: ± (?P<spread>{_NUMBER}))?(?: (?P<unit>[^\s,]+))?, "
    rf"above (?P<below>\d+) %(?: \((?P<near>{_NUMBER})(?P<mark>\*?)\))?"
)


def check_sentence(sentence: str, described: Described) -> None:
    """Parse the whole paragraph and compare it with the readings; nothing may be left over.

    Raises SkintuiError naming what the paragraph says and the model did not read.
    """
    if not sentence.endswith(f" {NO_DIAGNOSIS}"):
        raise SkintuiError("the sentence does not say that it is no diagnosis")
    body = sentence.removesuffix(NO_DIAGNOSIS)
    lesion = f"The model has read {described.isic_id}"  # by itself: an id may hold any text, this sentence's words too
    start = _OPENING.match(body, len(lesion)) if body.startswith(lesion) else None
    if start is None or not _opens(start, described):
        raise SkintuiError(f"the sentence does not open with {described.isic_id} and its cohort")
    body = body[start.end() :]
    end = _DOUBT.search(body)
    told = re.split(r", | and ", end["names"]) if end else []
    if told != [readout.attribute.title for readout in described.unsure]:
        raise SkintuiError("the sentence does not say where the model is unsure")
    body = body[: end.start()] if end else body
    said = list(_readings(body, described))
    if len(said) != len(described.readouts):
        raise SkintuiError(f"the sentence has {len(said)} readings, the model gave {len(described.readouts)}")


def _opens(start: re.Match[str], described: Described) -> bool:
    ways = sorted({readout.nearest_by for readout in described.readouts} - {""})
    by = start["by"] or ""
    named = ["attribute"] * ("attribute" in by) + ["image"] * ("image" in by)
    nearest = int(start["nearest"] or 0)
    return int(start["cohort"]) == described.cohort and named == ways and nearest == (described.nearest if ways else 0)


def _readings(body: str, described: Described) -> Iterator[Readout]:
    """The readings that the sentences about the topics say, each checked."""
    for topic in TOPICS:
        readouts = topic.of(described)
        if not readouts:
            continue
        before = f"{topic.opening.format(topic.word(readouts))} "
        if not body.startswith(before):
            raise SkintuiError(f"the sentence does not say '{before.strip()}' where the ranks do")
        phrases, _, body = body.removeprefix(before).partition(". ")
        parts = phrases.replace("; and ", "; ").split("; ")
        if len(parts) != len(readouts):
            raise SkintuiError(f"the sentence has {len(parts)} readings, the model gave {len(readouts)}")
        for part, readout in zip(parts, readouts, strict=True):
            _check_reading(part, readout)
            yield readout
    if body:
        raise SkintuiError(f"the sentence says more than the model read: '{body}'")


def _check_reading(text: str, readout: Readout) -> None:
    attribute = readout.attribute
    said = _READING.fullmatch(text)
    if (
        said is None
        or said["title"] != attribute.title
        or (said["unit"] or "") != attribute.unit
        or int(said["below"]) != readout.below
        or (said["mark"] == "*") != (readout.nearest_by == BY_IMAGE)
        or any(
            not _says(said[name], value, attribute.decimals)
            for name, value in (("value", readout.predicted), ("spread", readout.spread), ("near", readout.neighbours))
        )
    ):
        raise SkintuiError(f"the sentence does not say what the model read for {attribute.title}: '{text}'")


def _says(text: str | None, value: float, decimals: int) -> bool:
    """Whether a number is the value rounded to its decimals, and is left out exactly where there is none."""
    if text is None or not np.isfinite(value):
        return text is None and not np.isfinite(value)
    return abs(float(text) - value) <= 0.5 * 10.0**-decimals + 1e-9
