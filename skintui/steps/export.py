"""``export``: flagged and reviewed annotations as one CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from skintui.progress import Progress
from skintui.steps.audit import kept_findings
from skintui.steps.place import Place


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written where."""

    rows: int
    out: str

    def summary(self) -> str:
        where = "standard output" if self.out == "-" else self.out
        return f"{self.rows} rows written to {where}"


def export(place: Place, out: str, progress: Progress, *, force: bool = False) -> Exported:
    """Write the annotations that the audit flagged or a person reviewed to ``out`` (``-`` for standard output).

    Raises StaleError for an audit of other inputs, WorkspaceError where ``out`` exists and ``force`` is not given.
    """
    from skintui.review.export import EXPORT_COLUMNS, export_rows
    from skintui.review.record import ReviewRecord
    from skintui.review.sheet import write_csv

    lesions = place.lesions(progress)
    kept = kept_findings(place, lesions.dataset_sha256)
    if kept is None:
        progress.note("there was no audit yet: only reviewed annotations are exported")
    latest = {}
    if place.workspace.review.is_file():
        with ReviewRecord(place.workspace.review) as record:
            latest = record.latest()
    rows = export_rows(
        kept.findings.frame if kept is not None else None,
        latest,
        dataset_sha256=lesions.dataset_sha256,
        model_id=kept.model_id if kept is not None else "",
        patients=dict(zip(lesions.ids, lesions.patients.tolist(), strict=True)),
    )
    target = out if out == "-" else Path(out).expanduser()
    return Exported(write_csv(rows, EXPORT_COLUMNS, target, force=force), out)
