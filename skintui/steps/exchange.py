"""Verdicts and corrections that come from or go to other people: import, merge, apply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skintui.errors import ReviewError
from skintui.nouns import counted
from skintui.steps.freshness import check_record
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.review.agreement import Agreement, OfAttribute
    from skintui.review.incoming import Conflict, Taken
    from skintui.review.verdicts import Verdict
    from skintui.steps.place import Place

CONFLICT_COLUMNS = (
    *("isic_id", "attribute", "reviewer", "verdict_here", "value_here", "verdict_there", "value_there"),
    *("note_here", "note_there"),
)
DISAGREEMENT_COLUMNS = (
    *("isic_id", "attribute", "reviewer_a", "verdict_a", "reviewer_b", "verdict_b"),
    *("value_a", "value_b", "note_a", "note_b"),
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a sheet's verdicts."""

    taken: Taken

    def summary(self) -> str:
        taken = self.taken
        left = "taken from there" if taken.replaced else "left as here"
        conflicts = f"{counted(len(taken.conflicts), 'conflict')} {left}"
        return f"{counted(taken.added, 'verdict')} added, {taken.known:,} known already, {conflicts}"

    def rows(self) -> Iterator[dict[str, Any]]:
        """The conflicts, with ``CONFLICT_COLUMNS``."""
        return map(_conflict_row, self.taken.conflicts)


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of another workspace's verdicts, and how far reviewers agree now."""

    imported: Imported
    agreements: tuple[Agreement, ...]

    def summary(self) -> list[str]:
        """What was added, every conflict, the agreement beyond chance, and what to do about disagreements."""
        lines = [self.imported.summary()]
        lines += [_conflict_line(conflict) for conflict in self.imported.taken.conflicts]
        for found in self.agreements:
            lines += _agreement_lines(found)
        apart = sum(len(found.disagreements) for found in self._pairs)
        if apart:
            what = "open the application, press Q and choose 'where two reviewers differ'"
            lines.append(f"{counted(apart, 'disagreement')}: {what}")
        elif not self.agreements:
            lines.append("no two reviewers judged the same annotation: there is no agreement to measure")
        return lines

    @property
    def _pairs(self) -> list[Agreement]:
        return [found for found in self.agreements if len(found.reviewers) == 2]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The annotations that two reviewers judged differently, with ``DISAGREEMENT_COLUMNS``."""
        for found in self._pairs:
            for a, b in found.disagreements:
                values = (
                    *(a.isic_id, a.attribute, a.reviewer, a.verdict, b.reviewer, b.verdict),
                    *(a.proposed_value, b.proposed_value, a.note, b.note),
                )
                yield dict(zip(DISAGREEMENT_COLUMNS, values, strict=True))


def import_sheet(place: Place, sheet: Path, *, replace: bool = False) -> Imported:
    """Record the reviewed rows of an exported CSV; lesions that are not in the data set refuse the sheet.

    ``replace``: where the same reviewer decided otherwise here, the sheet counts.
    """
    from skintui.review.incoming import read_sheet, take
    from skintui.review.record import ReviewRecord

    verdicts = read_sheet(sheet)
    lesions = place.lesions()
    known = set(lesions.ids)
    strangers = [v.isic_id for v in verdicts if v.isic_id not in known]
    if strangers:
        rows = counted(len(strangers), "reviewed row")
        raise ReviewError(
            f"{rows} of lesions not in this data set, first {printable(strangers[0], 40)}",
            where=sheet,
            do="name the data set the sheet was made from; nothing was read in",
        )
    with ReviewRecord(place.workspace.review) as record:
        check_record(record, lesions)
        return Imported(take(record, verdicts, replace=replace))


def merge_records(first: Path, second: Path) -> Merged:
    """Add the standing verdicts of the second workspace to the first and compare the reviewers."""
    from skintui.review.agreement import agreements
    from skintui.review.incoming import take
    from skintui.review.record import ReviewRecord

    with ReviewRecord(_record_of(second), reading=True) as other:
        theirs = list(other.latest().values())
    with ReviewRecord(_record_of(first)) as record:
        taken = take(record, theirs)
        return Merged(Imported(taken), tuple(agreements(record.latest())))


def apply_corrections(patch: Path, metadata: Path, out: Path, *, force: bool = False) -> int:
    """Write ``metadata`` with the patch's changes to ``out``; the number of cells changed."""
    from skintui.review.patch import apply_patch, read_patch

    return apply_patch(read_patch(patch), metadata, out, force=force)


def _record_of(place: Path) -> Path:
    """The record of a workspace, which must exist: a mistyped name must not make an empty one."""
    path = place / "review.sqlite" if place.is_dir() else place
    if not path.is_file():
        raise ReviewError("there are no verdicts here", where=place, do="name a workspace folder or its review.sqlite")
    return path


def _conflict_row(conflict: Conflict) -> dict[str, Any]:
    here, there = conflict.here, conflict.there
    values = (
        *here.key,
        here.verdict,
        here.proposed_value,
        there.verdict,
        there.proposed_value,
        here.note,
        there.note,
    )
    return dict(zip(CONFLICT_COLUMNS, values, strict=True))


def _conflict_line(conflict: Conflict) -> str:
    here, there = conflict.here, conflict.there
    of = " ".join(printable(word, 60) for word in (here.isic_id, here.attribute))
    return f"  conflict: {of} by {printable(here.reviewer, 40)}: {_decided(here)} here, {_decided(there)} there"


def _decided(verdict: Verdict) -> str:
    value = "" if verdict.proposed_value is None else f" ({verdict.proposed_value:g})"
    note = f' "{printable(verdict.note, 40)}"' if verdict.note else ""
    return f"{verdict.verdict}{value}{note}"


def _agreement_lines(found: Agreement) -> list[str]:
    """One line over all attributes, then one per attribute."""
    *names, last = (printable(name, 40) for name in found.reviewers)
    kind = "Cohen's" if len(found.reviewers) == 2 else "Fleiss'"
    lines = [f"{', '.join(names)} and {last}: {_agreed(found, kind)}"]
    width = max(len(of.attribute) for of in found.attributes)
    for of in found.attributes:
        values = "" if not of.valued else f"; right values: ICC(2,1) {_figure(of.icc)} over {of.valued}"
        lines.append(f"  {printable(of.attribute):<{width}}  {_agreed(of, '')}{values}")
    return lines


def _agreed(found: Agreement | OfAttribute, kind: str) -> str:
    return f"{found.agreed} of {found.shared} alike, {f'{kind} kappa'.strip()} {_figure(found.kappa)}"


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"
