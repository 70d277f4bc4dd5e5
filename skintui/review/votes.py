"""What several people's verdicts say together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from skintui.review.verdicts import Verdict

Annotation = tuple[str, str]

WRONG = "label_wrong"
RIGHT = ("label_ok", "both_plausible")
"""Verdicts that looked for an error and found none; ``unsure`` and ``image_unusable`` say neither."""


def judged(verdicts: Iterable[Verdict]) -> dict[Annotation, set[bool]]:
    """Per annotation what those who judged it said of its label: wrong (True), not wrong (False), or both."""
    said: dict[Annotation, set[bool]] = {}
    for v in verdicts:
        if v.verdict == WRONG or v.verdict in RIGHT:
            said.setdefault((v.isic_id, v.attribute), set()).add(v.verdict == WRONG)
    return said


def wrong_of(said: Mapping[Annotation, set[bool]], among: Set[Annotation]) -> tuple[int, int]:
    """How many labels ``among`` these are wrong, and how many were judged.

    A label counts as wrong where somebody says so and nobody who judged it says otherwise.
    """
    votes = [said[annotation] for annotation in said.keys() & among]
    return sum(vote == {True} for vote in votes), len(votes)


def clean_runs(verdicts: Iterable[Verdict], places: Mapping[Annotation, int]) -> dict[str, int]:
    """Per reviewer the verdicts in a row, newest backwards, that found nothing wrong on the way down the queue.

    Verdicts on randomly drawn annotations stand aside; ``unsure`` and ``image_unusable`` neither add to a run nor end
    it. ``places`` are those of the annotations among the findings.
    """
    steps: dict[str, list[tuple[str, int, bool]]] = {}
    for v in verdicts:
        place = places.get((v.isic_id, v.attribute))
        if place is not None and not v.random_sample and (v.verdict == WRONG or v.verdict in RIGHT):
            steps.setdefault(v.reviewer, []).append((v.reviewed_at, place, v.verdict == WRONG))
    runs = {}
    for reviewer, course in steps.items():
        wrong = [number for number, (*_, found) in enumerate(sorted(course), start=1) if found]
        runs[reviewer] = len(course) - (wrong[-1] if wrong else 0)
    return runs
