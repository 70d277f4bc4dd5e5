"""Verdicts from outside: the reviewed rows of an exported sheet, or another workspace's record.

Both are taken the same way: what is already here is skipped, what contradicts a standing verdict of the same reviewer
is listed and left alone (or taken, where that is asked for), the rest is appended in one transaction per reviewer (one
undo takes it back).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from skintui.attributes import attribute
from skintui.errors import ReviewError, SkintuiError
from skintui.review.record import ReviewRecord
from skintui.review.sheet import csv_rows, unguarded
from skintui.review.verdicts import Verdict
from skintui.texts import printable

NEEDED = ("isic_id", "attribute", "verdict", "reviewer")
_NUMBERS = ("proposed_value", "label", "predicted")
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


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
    replaced: bool = False
    """Whether the verdicts from outside count now where they are in conflict."""


def take(record: ReviewRecord, incoming: Iterable[Verdict], *, replace: bool = False) -> Taken:
    """Append the verdicts that are new here; a second call with the same ones adds nothing.

    ``replace`` also appends those in conflict, so that they count from now on; what stood here stays in the history.
    """
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
            if replace:
                standing[verdict.key] = verdict
                fresh.setdefault(verdict.reviewer, []).append(verdict)
    for verdicts in fresh.values():
        record.record_many(verdicts)
    added = sum(map(len, fresh.values())) - (len(conflicts) if replace else 0)
    return Taken(added, known, tuple(conflicts), replace)


def decided(verdict: Verdict) -> tuple[str, float | None, str]:
    """What was decided, apart from when and from line breaks, which a sheet does not keep."""
    return verdict.verdict, verdict.proposed_value, printable(verdict.note)


def read_sheet(path: Path) -> list[Verdict]:
    """The reviewed rows of an exported CSV; rows without a verdict are left out, all others are checked first.

    Raises ReviewError naming the row and what is wrong with it.
    """
    verdicts: list[Verdict] = []
    for number, row in _rows(path):
        if not row.get("verdict", "").strip():
            continue
        try:
            verdicts.append(_verdict(row))
        except (SkintuiError, ValueError) as error:
            raise ReviewError(f"row {number}: {error}", where=path, do="mend the row; nothing was read in") from error
    return verdicts


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by column, whatever the order and letter case of the header; a spreadsheet may have added columns."""
    rows = csv_rows(path)
    header = [name.strip().lower() for name in next(rows, [])]
    _check_header(header, path)
    for number, row in enumerate(rows, start=2):
        if any(row) and len(row) != len(header):
            raise ReviewError(f"row {number} has {len(row)} fields, not {len(header)}", where=path)
        yield number, dict(zip(header, row, strict=False))


def _check_header(header: list[str], path: Path) -> None:
    separator = next((word for mark, word in _SEPARATORS.items() if len(header) == 1 and mark in header[0]), None)
    if separator is not None:
        raise ReviewError(f"the columns are separated by {separator}", where=path, do="save the sheet with commas")
    for name in NEEDED:
        if name not in header:
            raise ReviewError(
                f"the sheet has no column '{name}'", where=path, do="give a file that 'skintui export' wrote"
            )
    twice = next((name for name in (*NEEDED, *_NUMBERS, "note") if header.count(name) > 1), None)
    if twice is not None:
        raise ReviewError(f"the sheet has the column '{twice}' twice", where=path, do="remove one of them")


def _verdict(row: dict[str, str]) -> Verdict:
    """The verdict of a row, checked. Raises SkintuiError saying what is wrong with it."""
    text = {name: unguarded(row.get(name, "")) for name in (*NEEDED, "note", "reviewed_at", "dataset_sha256")}
    text["verdict"] = re.sub(r"[\s-]+", "_", text["verdict"].strip().lower())
    text["attribute"], text["reviewed_at"] = text["attribute"].strip(), text["reviewed_at"].strip()
    if not text["reviewer"].strip():
        raise ReviewError("the verdict has no reviewer", do="fill in the column 'reviewer'")
    numbers = {name: _number(name, row.get(name, "").strip()) for name in _NUMBERS}
    verdict = Verdict(**text, **numbers).checked()  # type: ignore[arg-type]  # names and types are those of the fields
    judged, value = attribute(verdict.attribute), verdict.proposed_value
    if value is not None and not judged.is_plausible(value):
        bounds = f"{judged.low:g} to {judged.with_unit(f'{judged.high:g}')}"
        raise ReviewError(f"the {judged.title} cannot be {value:g}", do=f"it lies from {bounds}")
    return verdict


def _number(name: str, cell: str) -> float | None:
    if not cell:
        return None
    try:
        return float(cell)
    except ValueError as error:
        shown = printable(cell, 40)
        if re.fullmatch(r"[+-]?\d*,\d+", cell):
            do = f"write {cell.replace(',', '.')}"
            raise ReviewError(f"{name} '{shown}' has a decimal comma", do=do) from error
        raise ReviewError(f"{name} '{shown}' is no number") from error
