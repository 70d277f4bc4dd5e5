"""``export --patch``: the corrections people agreed on, as cells of the metadata that ``apply`` can change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skintui.attributes import BY_NAME
from skintui.errors import ReviewError
from skintui.progress import Progress
from skintui.steps.chosen import Wanted, choice_of, label_of, latest_verdicts
from skintui.steps.place import Place
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.review.corrections import Correction, LeftOut
    from skintui.review.patch import Change

_TOLD = 20
"""Corrections left out that are told one by one."""


@dataclass(frozen=True, slots=True)
class Patched:
    """What was written, and which corrections were left out."""

    rows: int
    left_out: tuple[LeftOut, ...]
    out: str

    @property
    def total(self) -> int:
        """Annotations with a proposed value."""
        return self.rows + len(self.left_out)

    def summary(self) -> str:
        if not self.total:
            return f"nothing to correct: no standing 'label_wrong' with a value; header only in {self.where}"
        return f"{self.rows:,} of {self.total:,} corrections written to {self.where}"

    @property
    def where(self) -> str:
        return "standard output" if self.out == "-" else self.out

    def lines(self) -> Iterator[str]:
        """What was left out and what to do about it, a line each, and the rest as a number."""
        for left in self.left_out[:_TOLD]:
            name = f"{printable(left.isic_id, 40)} {left.attribute}"
            do = f"; {left.do}" if left.do else ""
            yield f"left out {name}: {printable(left.why, 200)}{do}"
        if len(self.left_out) > _TOLD:
            yield f"left out {len(self.left_out) - _TOLD:,} more"


def patch(place: Place, out: str, progress: Progress, wanted: Wanted | None = None, *, force: bool = False) -> Patched:
    """Write ``isic_id, column, old, new`` of the standing corrections that nobody contradicts.

    ``old`` is the cell's text in the metadata. Raises ReviewError for metadata that is no CSV.
    """
    from skintui.files import check_target
    from skintui.review.choice import verdicts_of
    from skintui.review.corrections import corrections
    from skintui.review.patch import write_patch

    check_target(out, force=force)
    if place.files.metadata.suffix.lower() == ".parquet":
        raise ReviewError(
            "a patch changes cells of a CSV", where=place.files.metadata, do="name the CSV with --metadata"
        )
    lesions = place.lesions(progress)
    choice = choice_of(wanted or Wanted())
    progress.start("reading the cells to correct")
    found = corrections(verdicts_of(choice, latest_verdicts(place, lesions)), label_of(lesions))
    changes, left_out = _changes(place, found.made)
    return Patched(write_patch(changes, out, force=force), (*found.left_out, *left_out), out)


def _changes(place: Place, made: tuple[Correction, ...]) -> tuple[list[Change], list[LeftOut]]:
    """Corrections as changes of cells, in their order; those whose cell cannot be spelled in a patch apart."""
    from skintui.review.corrections import LeftOut
    from skintui.review.patch import can_travel, cells_of

    columns: dict[str, list[str]] = {}
    for each in made:
        columns.setdefault(each.isic_id, []).append(BY_NAME[each.attribute].column)
    cells = cells_of(place.files.metadata, columns)
    changes: list[Change] = []
    left_out: list[LeftOut] = []
    for each in made:
        cell = cells[each.isic_id, BY_NAME[each.attribute].column]
        if can_travel(cell.old) and can_travel(cell.isic_id):
            changes.append(replace(cell, new=repr(each.value)))
        else:
            why = "the cell holds characters that a patch cannot carry"
            left_out.append(LeftOut(each.isic_id, each.attribute, why, "correct it by hand"))
    return changes, left_out
