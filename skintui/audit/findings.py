"""What an audit takes and what it gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.audit.reasons import Typical, reasons
from skintui.audit.spread import Floats, Rows
from skintui.dataset.parquet import write_parquet
from skintui.dataset.seal import is_intact
from skintui.errors import WorkspaceError
from skintui.files import explained
from skintui.texts import parsed_json

PredictionsKind = Literal["out-of-fold", "in-sample"]
QKind = Literal["estimate", "conformal"]

SCHEMA: dict[str, Any] = {
    "rank": pl.Int64,
    "isic_id": pl.String,
    "patient_id": pl.String,
    "attribute": pl.String,
    "label": pl.Float64,
    "predicted": pl.Float64,
    "spread": pl.Float64,
    "residual": pl.Float64,
    "score": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "neighbour_median": pl.Float64,
    "neighbour_mad": pl.Float64,
    "identity_violation": pl.String,
    "flagged": pl.Boolean,
    "reason": pl.String,
    "expected": pl.Float64,
}
"""Columns of the findings, in order.

``score`` = |label − ``expected``| / σ on the attribute's comparison scale, where σ is ``spread`` (of a logarithm
``spread`` / |``predicted``|). ``expected`` is the prediction, moved where the model is off on this data set, and drawn
towards the neighbours' labels where labels are likelier that way; ``residual`` is label − ``predicted``.
"""


@dataclass(frozen=True)
class AuditInput:
    """Labels and what the model says of them; n lesions, A attributes, NaN = missing."""

    ids: Sequence[str]
    labels: Floats
    """(n, A) in units; a stored 0 is already NaN."""
    predicted: Floats
    """(n, A) in units."""
    patients: NDArray[np.object_] | Sequence[str] | None = None
    spread: Floats | None = None
    """(n, A) the model's own spread, in units."""
    label_logprob: Floats | None = None
    """(n, A) log-probability of the label's tokens; accepted for completeness, the score does not use it."""
    neighbours: Mapping[str, Rows] | None = None
    """Per attribute name (n, k) rows of the nearest lesions, nearest first, −1 for none. k ≥ 30 helps σ."""
    confirmed: Sequence[tuple[str, str]] = ()
    """(isic_id, attribute) that a person confirmed as right on randomly drawn lesions."""
    identities: pl.DataFrame | None = None
    """Broken identities: ``isic_id, attribute_or_column, rule``."""
    predictions_kind: PredictionsKind = "in-sample"
    attributes: tuple[Attribute, ...] = ATTRIBUTES

    def patient_array(self) -> NDArray[np.object_] | None:
        return None if self.patients is None else np.asarray(self.patients, dtype=object)

    def __post_init__(self) -> None:
        shape = (len(self.ids), len(self.attributes))
        for name in ("labels", "predicted", "spread", "label_logprob"):
            values = getattr(self, name)
            if values is not None and values.shape != shape:
                raise ValueError(f"{name} has shape {values.shape}, expected {shape}")
        if self.patients is not None and len(self.patients) != shape[0]:
            raise ValueError(f"{len(self.patients)} patients for {shape[0]} lesions")


@dataclass(frozen=True)
class Findings:
    """Every annotation with a label, flagged ones first, then by score; those without a prediction last."""

    frame: pl.DataFrame
    q_kind: QKind = "estimate"
    predictions_kind: PredictionsKind = "in-sample"
    fdr: float = 0.1
    why: str = ""
    """One line: where the q-values come from, and what is missing for better ones."""
    typical: Mapping[str, Typical] = field(default_factory=dict)
    """Per attribute what spread and neighbours usually are."""
    file: Path | None = None
    """Where the columns are that were not read; None where all are in ``frame``."""

    @property
    def flagged(self) -> pl.DataFrame:
        return self.frame.filter(pl.col("flagged"))

    def row(self, place: int) -> pl.DataFrame:
        """One row with every column: of 6.4 million rows, 2 ms where it has to be read. Empty if the file is gone."""
        if self.file is None:
            return self.frame[place]
        try:
            return pl.scan_parquet(self.file, glob=False).slice(place, 1).collect()
        except (OSError, pl.exceptions.PolarsError):
            return pl.DataFrame(schema=SCHEMA)

    def reason(self, place: int, of: tuple[str, str] | None = None) -> str:
        """Why the annotation in a row is suspicious; made on the spot where the audit did not write it out.

        Empty where the row is not ``of`` this lesion and attribute: a new audit has taken the place of this one.
        """
        row = self.row(place)
        if row.is_empty() or (of is not None and of != (row["isic_id"][0], row["attribute"][0])):
            return ""
        written = row["reason"][0]
        return written if written is not None else reasons(row, self.typical)[0]

    def codes(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """Flat place in an (n, 16) matrix of each row, by the lesions ``ids``; −1 for a lesion that is not there."""
        rows = _places(self.frame["isic_id"], ids)
        attributes = _places(self.frame["attribute"], [a.name for a in ATTRIBUTES])
        return np.where((rows >= 0) & (attributes >= 0), rows * len(ATTRIBUTES) + attributes, -1)

    def save(self, path: Path) -> None:
        """Write as parquet, whole or not at all, what the q-values are in the file's metadata."""
        about = {
            "q_kind": self.q_kind,
            "predictions_kind": self.predictions_kind,
            "fdr": self.fdr,
            "why": self.why,
            "typical": {name: [t.spread, t.mad] for name, t in self.typical.items()},
        }
        write_parquet(self.frame, path, {"skintui": json.dumps(about)})


def _places(values: pl.Series, known: Sequence[str]) -> NDArray[np.int64]:
    """Position of each value in ``known`` (each there once); −1 where it is not there."""
    kind = pl.Enum(known)
    places = values if values.dtype == kind else values.cast(pl.String).cast(kind, strict=False)
    return places.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()


def load_findings(path: Path, columns: Sequence[pl.Expr] | None = None) -> Findings:
    """Findings written by :meth:`Findings.save`, or columns made of theirs, which are read piece by piece.

    Raises WorkspaceError if the file is missing or damaged.
    """
    again = "run 'skintui audit' again"
    try:
        if not is_intact(path):
            raise WorkspaceError("the findings are damaged", where=path, do=again)
        about = parsed_json(pl.read_parquet_metadata(path)["skintui"])
        known = list(pl.scan_parquet(path, glob=False).collect_schema())
        typical = {name: Typical(*pair) for name, pair in about.pop("typical").items()}
        if known[: len(SCHEMA)] != list(SCHEMA):
            raise WorkspaceError("the findings have other columns than expected", where=path, do=again)
        if columns is None:
            return Findings(pl.read_parquet(path, glob=False), typical=typical, **about)
        frame = pl.scan_parquet(path, glob=False).select(columns).collect(engine="streaming")
        return Findings(frame, typical=typical, file=path, **about)
    except OSError as error:
        raise explained(error, path) from error
    except (pl.exceptions.PolarsError, KeyError, TypeError, ValueError) as error:
        raise WorkspaceError("the findings are damaged", where=path, do=again) from error
