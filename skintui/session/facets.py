"""Counts of what is listed, by patient, site, verdict and the like, with the rule that narrows the list to a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.schema import PATIENT
from skintui.review.verdicts import VERDICTS
from skintui.session.listing import A
from skintui.session.rules import Filter, Having, Where

if TYPE_CHECKING:
    from skintui.session.session import Session

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]

AGE, BAND = "age_approx", 10
"""Years in a band of ages."""
COLUMNS: tuple[tuple[str, str], ...] = (
    (PATIENT, "patient"),
    ("anatom_site_general", "site"),
    ("tbp_lv_location", "location"),
    (AGE, "age"),
    ("sex", "sex"),
    ("attribution", "source"),
    ("tbp_tile_type", "tile"),
)
"""Columns of the metadata that are counted, and what they are called."""
MISSING, NO_VERDICT = "missing", "none yet"


@dataclass(frozen=True, slots=True, eq=False)
class Facet:
    """The values of one kind that occur in what is listed, most frequent first."""

    title: str
    words: Sequence[str]
    """Each value as a person reads it; text of the data set, so to be made printable."""
    counts: Counts
    """Lesions listed of each value, in the queue annotations."""
    flagged: Counts
    """Annotations among them that the audit flags."""
    kept: Sequence[Filter]
    """The rule that leaves only this value."""
    left_out: Sequence[Filter]
    """The rule that leaves all but this value."""

    def __len__(self) -> int:
        return len(self.words)


@dataclass(frozen=True, slots=True)
class _Groups:
    """One column as a group per row; the last group is of missing values."""

    words: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    """Per group the expression that keeps it, and the one that leaves it out."""
    of: Counts


@dataclass(frozen=True, slots=True)
class _Listed:
    """What is listed, by lesion and annotation."""

    queue: bool
    held: Mask
    """(n, 16) annotations."""
    weight: Counts
    """(n,) how often each lesion counts."""
    flags: Mask
    """(n, 16) flagged ones of the held."""
    flagged: Counts
    """(n,) how many of a lesion."""


class Facets:
    """Counts over one session. The columns are looked through once; safe in a worker."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._groups: dict[str, _Groups] = {}

    def count(self) -> tuple[Facet, ...]:
        """Every facet that the data set has, of what is listed now."""
        listed = self._listed()
        frame = self._session.lesions.table
        columns = [
            self._of_column(name, title, listed)
            for name, title in COLUMNS
            if name in frame.columns and frame.get_column(name).null_count() < frame.height
        ]
        audit = [self._flagged(listed), self._attributes(listed)] if self._session.findings is not None else []
        return (*columns, *audit, self._verdicts(listed))

    def _listed(self) -> _Listed:
        session = self._session
        view, listing, queue = session.view, session.listing, session.in_queue
        n = len(session.lesions)
        held = np.zeros((n, A), dtype=np.bool_)
        if queue:
            held.reshape(-1)[listing.places(0, len(listing), 0)] = True
            weight = _per_lesion(held)
        else:
            held[view.rows] = True if view.cells is None else view.cells.mask[view.rows]
            weight = np.zeros(n, dtype=np.int64)
            weight[view.rows] = 1
        flags = held & session.sieve.audited.flags()
        return _Listed(queue, held, weight, flags, _per_lesion(flags))

    def _of_column(self, column: str, title: str, listed: _Listed) -> Facet:
        if column not in self._groups:
            values = self._session.lesions.table.get_column(column)
            self._groups[column] = _bands(values) if column == AGE else _texts(values)
        groups = self._groups[column]
        counts, flagged = (
            np.bincount(groups.of, weights=weights, minlength=len(groups.words)).astype(np.int64)
            for weights in (listed.weight, listed.flagged)
        )
        rules = [(Where(keep), Where(leave)) for keep, leave in groups.rules]
        return _facet(title, groups.words, counts, flagged, rules)

    def _flagged(self, listed: _Listed) -> Facet:
        flags = int(listed.flags.sum())
        some = flags if listed.queue else int((listed.flagged > 0).sum())
        counts = np.array([some, int(listed.weight.sum()) - some])
        rules = [(Having("flagged", ""), Having("flagged", "", without=True))]
        return _facet("flagged", ["flagged", "not flagged"], counts, np.array([flags, 0]), [*rules, rules[0][::-1]])

    def _attributes(self, listed: _Listed) -> Facet:
        counts = listed.flags.sum(axis=0)
        rules = [(Having("attribute", a.name), Having("attribute", a.name, without=True)) for a in ATTRIBUTES]
        return _facet("flagged attribute", [a.title for a in ATTRIBUTES], counts, counts, rules)

    def _verdicts(self, listed: _Listed) -> Facet:
        given = self._session.sieve.audited.given()
        places = np.array([row * A + attribute for row, attribute, _ in given], dtype=np.int64)
        kinds = np.array([VERDICTS.index(verdict) for *_, verdict in given], dtype=np.int64)
        held = listed.held.reshape(-1)[places]
        places, kinds = places[held], kinds[held]
        owners = places if listed.queue else places // A
        some = [owners[kinds == kind] for kind in range(len(VERDICTS))]
        counts = np.array([len(np.unique(each)) for each in (*some, owners)])
        marked = listed.flags.reshape(-1)[places]
        flagged = np.array([*np.bincount(kinds[marked], minlength=len(VERDICTS)), marked.sum()])
        counts[-1] = int(listed.weight.sum()) - counts[-1]
        flagged[-1] = int(listed.flagged.sum()) - flagged[-1]
        rules = [(Having("verdict", v), Having("verdict", v, without=True)) for v in VERDICTS]
        none = (Having("verdict", "", without=True), Having("verdict", ""))
        words = [*(verdict.replace("_", " ") for verdict in VERDICTS), NO_VERDICT]
        return _facet("verdict", words, counts, flagged, [*rules, none])


def _facet(
    title: str, words: Sequence[str], counts: Counts, flagged: Counts, rules: Sequence[tuple[Filter, Filter]]
) -> Facet:
    """The values that occur, most frequent first, equal ones in their own order."""
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    kept, left_out = [rules[i][0] for i in order], [rules[i][1] for i in order]
    return Facet(title, [words[i] for i in order], counts[order], flagged[order], kept, left_out)


def _per_lesion(mask: Mask) -> Counts:
    """Row sums of (n, 16)."""
    packed = np.packbits(mask, axis=1).view(np.uint16)[:, 0]
    return np.bitwise_count(packed).astype(np.int64)


def _texts(values: pl.Series) -> _Groups:
    different = values.cast(pl.String).unique().drop_nulls().sort()
    of = values.cast(pl.String).cast(pl.Enum(different)).to_physical().cast(pl.Int64).fill_null(len(different))
    words = different.to_list()
    name = values.name
    texts = ["'" + word.replace("'", "''") + "'" for word in words]
    rules = [(f"{name} = {text}", f"{name} IS DISTINCT FROM {text}") for text in texts]
    return _Groups((*words, MISSING), (*rules, _missing(name)), of.to_numpy())


def _bands(ages: pl.Series) -> _Groups:
    band = (ages.cast(pl.Float64).fill_nan(None) / BAND).floor().cast(pl.Int64, strict=False)
    different = band.unique().drop_nulls().sort()
    name, starts = ages.name, (BAND * different).to_list()
    rules = [
        (f"{name} >= {low} AND {name} < {low + BAND}", f"({name} < {low} OR {name} >= {low + BAND} OR {name} IS NULL)")
        for low in starts
    ]
    words = [f"{low}–{low + BAND - 1}" for low in starts]
    of = different.search_sorted(band).cast(pl.Int64)
    return _Groups((*words, MISSING), (*rules, _missing(name)), of.set(band.is_null(), len(different)).to_numpy())


def _missing(name: str) -> tuple[str, str]:
    return f"{name} IS NULL", f"{name} IS NOT NULL"
