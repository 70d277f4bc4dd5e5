"""Which lesions ask, which are searched, and which of their patients the model has not trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skintui.attributes import ATTRIBUTES
from skintui.errors import VectorsError
from skintui.steps.evaluation.result import Side
from skintui.steps.predictions import About, Predictions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions
    from skintui.vectors.store import VectorStore

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
    Vectors = NDArray[np.float32]

COLUMN = {a.name: j for j, a in enumerate(ATTRIBUTES)}


@dataclass(frozen=True, slots=True)
class Part:
    """Some lesions of one indexed data set."""

    lesions: Lesions
    store: VectorStore
    rows: Rows
    """(m,) rows of the data set."""

    @property
    def patients(self) -> NDArray[np.str_]:
        return self.lesions.patients[self.rows]

    def values(self, name: str) -> Floats:
        """(m,) labels of an attribute, NaN where missing."""
        return np.asarray(self.lesions.labels()[self.rows, COLUMN[name]], np.float64)

    def texts(self, column: str) -> list[str | None] | None:
        """(m,) entries of a column of text; None where the data set has no such column."""
        if column not in self.lesions.table.columns:
            return None
        found = self.lesions.table.get_column(column).gather(self.rows).cast(str).to_list()
        return [text.strip() or None if text is not None else None for text in found]

    def side(self) -> Side:
        from skintui.texts import printable

        name = printable(self.lesions.files.root.name, 80)
        return Side(name, self.lesions.dataset_sha256, self.rows.size, len(set(self.patients.tolist())))


@dataclass(frozen=True, slots=True)
class Arena:
    """Lesions that ask and lesions that are searched: the same ones, or those of two data sets."""

    database: Part
    queries: Part
    asked: Rows
    """(q,) positions of the queries in ``queries``, sorted."""

    @property
    def external(self) -> bool:
        return self.database is not self.queries

    @property
    def own(self) -> Rows:
        """(q,) each query's position in the database, -1 where it is of another data set."""
        return np.full(self.asked.size, -1) if self.external else self.asked

    @property
    def names(self) -> list[str]:
        """Attributes indexed on both sides."""
        both = set(self.database.store.views) & set(self.queries.store.views)
        return [a.name for a in ATTRIBUTES if a.name in both]

    def vectors(self, view: str) -> tuple[Vectors, Vectors]:
        """Stored vectors (m, d) of the database and (q, d) of the queries."""
        base = self.database.store.rows(view, self.database.rows)
        if not self.external:
            return base, base[self.asked]
        return base, self.queries.store.rows(view, self.queries.rows[self.asked])

    def values(self, name: str) -> tuple[Floats, Floats]:
        """Labels (m,) of the database and (q,) of the queries."""
        return self.database.values(name), self.queries.values(name)[self.asked]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rows of a data set by what the model has seen of their patients."""

    test: Rows
    train: Rows
    trained: int
    """Patients trained on, of this data set or another."""
    by: str
    """``record`` or ``default split``."""

    def notes(self, about: About) -> list[str]:
        """What a reader must know of the split."""
        found = []
        if self.by != "record":
            found.append(
                "training left no record of its patients: the test side of the default split stands for held-out"
                " patients, whom the model may have seen"
            )
        elif self.trained and not self.train.size:
            found.append(
                f"the adapter's record names {self.trained:,} patients trained on, none of them among the indexed"
                " lesions: every patient is held out, and there is no training side to compare with"
            )
        elif not self.trained:
            found.append("the model trained on no patient of any record: every patient is held out")
        if about.folds and self.train.size:
            found.append("training patients were predicted by fold adapters that never saw them: no gap is expected")
        return found


def held_out(lesions: Lesions, stored: Predictions, n: int) -> HeldOut:
    """The split of the first ``n`` lesions: patients whom the adapter's record does not name as trained on.

    Without a record, the test side of the default split. Raises VectorsError with fewer than two held-out lesions.
    """
    from skintui.dataset.split import split_patients

    patients = lesions.patients[:n]
    trained = stored.about.train_patients
    if trained is None:
        split = split_patients(lesions.patients)  # as training splits, also where only some are indexed
        names, by = split.train, "default split"
    else:
        names, by = trained, "record"
    seen = np.isin(patients, np.asarray(names, dtype=np.str_))
    rows = np.flatnonzero(~seen)
    if rows.size < 2:
        what = f"only {rows.size} indexed lesions belong to patients the model has not trained on"
        raise VectorsError(what, do="evaluate on other patients, or index more lesions")
    return HeldOut(rows, np.flatnonzero(seen), len(names), by)


def draw_queries(n: int, limit: int, seed: int) -> Rows:
    """Positions of the queries, sorted: all, or a seeded draw of ``limit``."""
    return np.sort(np.random.default_rng(seed).choice(n, min(limit, n), replace=False))
