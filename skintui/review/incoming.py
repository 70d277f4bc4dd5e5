"""Verdicts from outside: the reviewed rows of an exported sheet, or another workspace's record.

Both are taken the same way: what is already here is skipped, what contradicts a standing verdict of the same reviewer
is listed and left alone, the rest is appended in one transaction (one undo takes it back).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from skintui.errors import ReviewError, SkintuiError
from skintui.files import printable
from skintui.review.record import ReviewRecord
from skintui.review.sheet import csv_rows, unguarded
from skintui.review.verdicts import Verdict

NEEDED = ("isic_id", "attribute", "verdict", "reviewer")
_NUMBERS = ("proposed_value", "label", "predicted")


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same reviewer judged the same annotation differently here and there."""

    here: Verdict
    there: Verdict


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the verdicts from outside."""

    added: int
    known: int
    """Verdicts that stood here already."""
    conflicts: tuple[Conflict, ...]


def take(record: ReviewRecord, incoming: Iterable[Verdict]) -> Taken:
    """Append the verdicts that are new here; a second call with the same ones adds nothing."""
    standing = record.latest()
    fresh: dict[str, list[Verdict]] = {}
    conflicts: list[Conflict] = []
    known = 0
    for verdict in (v.checked() for v in incoming):
        here = standing.get(verdict.key)
        if here is None:
            standing[verdict.key] = verdict
            fresh.setdefault(verdict.reviewer, []).append(verdict)
        elif decided(here) == decided(verdict):
            known += 1
        else:
            conflicts.append(Conflict(here, verdict))
    for verdicts in fresh.values():
        record.record_many(verdicts)
    return Taken(sum(map(len, fresh.values())), known, tuple(conflicts))


def decided(verdict: Verdict) -> tuple[str, float | None, str]:
    """What was decided, apart from when."""
    return verdict.verdict, verdict.proposed_value, verdict.note


def read_sheet(path: Path) -> list[Verdict]:
    """The reviewed rows of an exported CSV; rows without a verdict are left out, all others are checked first.

    Raises ReviewError naming the row and what is wrong with it.
    """
    verdicts: list[Verdict] = []
    for number, row in _rows(path):
        if not row.get("verdict"):
            continue
        try:
            verdicts.append(_verdict(row).checked())
        except (SkintuiError, ValueError) as error:
            raise ReviewError(f"row {number}: {error}", where=path, do="mend the row; nothing was read in") from error
    return verdicts


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv_rows(path)
    header = next(rows, [])
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise ReviewError(
            f"the sheet has no column '{missing[0]}'", where=path, do="give a file that 'skintui export' wrote"
        )
    for number, row in enumerate(rows, start=2):
        if row and len(row) != len(header):
            raise ReviewError(f"row {number} has {len(row)} fields, not {len(header)}", where=path)
        yield number, dict(zip(header, row, strict=False))


def _verdict(row: dict[str, str]) -> Verdict:
    text = {name: unguarded(row.get(name, "")) for name in (*NEEDED, "note", "reviewed_at", "dataset_sha256")}
    numbers = {name: _number(name, row.get(name, "")) for name in _NUMBERS}
    return Verdict(**text, **numbers)  # type: ignore[arg-type]  # names and types are those of the fields


def _number(name: str, cell: str) -> float | None:
    if not cell:
        return None
    try:
        return float(cell)
    except ValueError as error:
        raise ReviewError(f"{name} '{printable(cell, 40)}' is no number") from error
