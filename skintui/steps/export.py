"""``export``: flagged and reviewed annotations as one CSV."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.errors import StaleError, UsageError
from skintui.progress import Progress
from skintui.steps.audit import KeptFindings, kept_findings, with_reasons
from skintui.steps.chosen import Wanted, choice_of, latest_verdicts

if TYPE_CHECKING:
    import polars as pl

    from skintui.audit.findings import Findings
    from skintui.dataset.lesions import Lesions
    from skintui.review.choice import Choice
    from skintui.review.record import Key
    from skintui.review.verdicts import Verdict
    from skintui.steps.place import Place


_PLACE = "_place"
_BLOCK = 1 << 18
"""Rows of the findings that are read together."""
_CHOSEN_BY = ("isic_id", "attribute", "flagged")
"""Columns of the findings that decide which of them leave."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written where."""

    rows: int
    total: int
    """Rows there would be if nothing but their kind was chosen."""
    out: str
    noun: str = "rows"

    def summary(self) -> str:
        where = "standard output" if self.out == "-" else self.out
        return f"{self.rows:,} of {self.total:,} {self.noun} written to {where}"


def export(
    place: Place,
    out: str,
    progress: Progress,
    wanted: Wanted | None = None,
    *,
    wide: bool = False,
    force: bool = False,
) -> Exported:
    """Write the annotations that the audit flagged or a person reviewed to ``out`` (``-`` for standard output).

    ``wide`` writes a row per lesion. Raises StaleError for an audit of other inputs, WorkspaceError where ``out``
    exists and ``force`` is not given, UsageError for what cannot be chosen.
    """
    import polars as pl

    from skintui.files import check_target
    from skintui.review.choice import ALL
    from skintui.review.sheet import write_csv

    wanted = wanted or Wanted()
    check_target(out, force=force)
    lesions = place.lesions(progress)
    choice = choice_of(wanted)
    kept = kept_findings(place, lesions.dataset_sha256, None if wide else [pl.col(*_CHOSEN_BY)])
    if kept is None and ALL in choice.kinds:
        raise UsageError("there was no audit yet", do="run 'skintui audit' first, or export what is reviewed")
    if kept is None:
        progress.note("there was no audit yet: only reviewed annotations are exported")
    rows, total = _table(lesions, kept, latest_verdicts(place, lesions), choice, wide=wide)
    noun = "lesions" if wide else "rows"
    return Exported(write_csv(rows, rows.columns, out, force=force), total, out, noun)


def _table(
    lesions: Lesions, kept: KeptFindings | None, latest: dict[Key, Verdict], choice: Choice, *, wide: bool
) -> tuple[pl.DataFrame, int]:
    """The rows that leave, and how many there would be if nothing but their kind was chosen."""
    from skintui.review.choice import Choice
    from skintui.review.export import export_rows, row_count
    from skintui.review.wide import lesion_count, wide_rows

    frame = kept.findings.frame if kept is not None else None
    about: dict[str, Any] = {
        "choice": choice,
        "dataset_sha256": lesions.dataset_sha256,
        "model_id": kept.model_id if kept is not None else "",
        "patients": lesions.table.frame("isic_id", "patient_id"),
    }
    everything = Choice(choice.kinds)
    if wide:
        return wide_rows(frame, latest, **about), lesion_count(frame, latest, everything)
    rows = export_rows(_explained(kept, latest, choice), latest, **about)
    return rows, row_count(frame, latest, everything)


def _explained(kept: KeptFindings | None, latest: dict[Key, Verdict], choice: Choice) -> pl.DataFrame | None:
    """The chosen findings with all their columns, every one with its reason.

    Choosing takes three columns; the others are read where the chosen ones stand.
    """
    from skintui.review.export import chosen_findings

    if kept is None:
        return None
    chosen = chosen_findings(kept.findings.frame.with_row_index(_PLACE), latest, choice)
    return with_reasons(completed(chosen, kept.findings), kept.findings)


def completed(chosen: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """The rows at the places ``chosen`` names, in its order; one without a place keeps its lesion and attribute."""
    import polars as pl

    if findings.file is None:
        return chosen.drop(_PLACE)
    places = np.unique(chosen[_PLACE].drop_nulls().to_numpy()).astype(np.int64)
    stored = pl.scan_parquet(findings.file, glob=False)
    parts = [stored.head(0).collect()]
    for block in np.split(places, np.flatnonzero(np.diff(places // _BLOCK)) + 1) if len(places) else ():
        first, last = int(block[0]), int(block[-1])
        parts.append(stored.slice(first, last - first + 1).collect()[block - first])
    rows = pl.concat(parts).with_columns(pl.Series(_PLACE, places, dtype=chosen[_PLACE].dtype))
    keys = ["isic_id", "attribute"]
    whole = chosen.select(*keys, _PLACE).join(rows, on=_PLACE, how="left", maintain_order="left", suffix="_now")
    moved = pl.any_horizontal(pl.col(key) != pl.col(f"{key}_now") for key in keys)
    if whole.select(moved.any()).item():
        again = "run the same command again"
        raise StaleError("another audit took the place of these findings meanwhile", where=findings.file, do=again)
    return whole.select(parts[0].columns)
