"""Columns that the audit and the review add to the metadata, for filters and for sorting."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from skintui.attributes import ATTRIBUTES
from skintui.dataset.expression import Beside
from skintui.errors import FilterError, UsageError

if TYPE_CHECKING:
    from skintui.session.session import Session

A = len(ATTRIBUTES)
_ATTRIBUTE_NAMES = {attribute.name: index for index, attribute in enumerate(ATTRIBUTES)}

_GRAVEST_FIRST = ("label_wrong", "both_plausible", "unsure", "image_unusable", "label_ok")

OF_ATTRIBUTE = ("label", "predicted", "difference")
"""Columns that a lesion has of the chosen attribute only."""
COLUMNS = ("flagged", "suspicion", "verdict", *OF_ATTRIBUTE)
"""``flagged``: whether the audit flags it; ``suspicion``: its score, of a lesion the highest; ``verdict``: what counts,
of a lesion the gravest; ``difference``: label and prediction apart."""


OF_THE_AUDIT = frozenset(COLUMNS) - {"verdict", "label"}
"""Those that rest on what the model has read."""


class Audited:
    """The columns by name, made when they are asked for. Safe in a worker: what changes meanwhile is left out."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: tuple[object, pl.Series] | None = None

    def of_lesion(self, attribute: int) -> Beside:
        """Columns (n,) of whole lesions, ``attribute`` the chosen one."""
        return {
            "flagged": lambda: pl.Series(self.flags().any(axis=1)),
            "suspicion": lambda: pl.Series(self._highest()),
            "verdict": lambda: self._verdicts(None),
            **{name: partial(self._numbers, name, attribute) for name in OF_ATTRIBUTE},
        }

    def of_annotation(self, attribute: int) -> Beside:
        """The same columns (n,) of one attribute's annotations."""
        return {
            "flagged": lambda: pl.Series(self.flags()[:, attribute]),
            "suspicion": lambda: pl.Series(self._scores(attribute)).fill_nan(None),
            "verdict": lambda: self._verdicts(attribute),
            **{name: partial(self._numbers, name, attribute) for name in OF_ATTRIBUTE},
        }

    def flags(self) -> NDArray[np.bool_]:
        """(n, 16) what the audit flags; nothing without an audit."""
        found = self._session.findings
        return found.flags if found is not None else np.zeros((len(self._session.lesions), A), dtype=np.bool_)

    def judged(self, verdict: str = "") -> NDArray[np.bool_]:
        """(n, 16) what has this verdict, or any."""
        mask = np.zeros((len(self._session.lesions), A), dtype=np.bool_)
        for row, attribute, given in self.given():
            mask[row, attribute] = not verdict or given == verdict
        return mask

    def given(self) -> list[tuple[int, int, str]]:
        """Row, attribute and verdict of every annotation that has one."""
        given = []
        for (isic_id, name), verdict in self._session.decisions.visible().items():
            try:
                given.append((self._session.lesions.row_of(isic_id), _ATTRIBUTE_NAMES[name], verdict.verdict))
            except (UsageError, KeyError):  # a lesion or an attribute that the data set has no longer
                continue
        return given

    def _verdicts(self, attribute: int | None) -> pl.Series:
        gravest: dict[int, str] = {}
        for row, of, verdict in self.given():
            if attribute in (None, of):
                gravest[row] = min(gravest.get(row, verdict), verdict, key=_GRAVEST_FIRST.index)
        column = pl.repeat(None, len(self._session.lesions), dtype=pl.String, eager=True)
        return column.scatter(list(gravest), list(gravest.values())) if gravest else column

    def _scores(self, attribute: int) -> NDArray[np.float64]:
        if self._session.findings is None:
            raise FilterError("there is no audit to take the suspicion from yet", do="make the index first")
        return self._session.findings.scores_of(attribute)

    def _highest(self) -> pl.Series:
        """Of every lesion the highest score, kept as long as the findings are the same."""
        found, kept = self._session.findings, self._kept
        if kept is None or kept[0] is not found:
            highest = self._scores(0)
            for attribute in range(1, A):
                highest = np.fmax(highest, self._scores(attribute))
            self._kept = kept = found, pl.Series(highest).fill_nan(None)
        return kept[1]

    def _numbers(self, name: str, attribute: int) -> pl.Series:
        labels, predicted = self._session.labels[:, attribute], self._session.predictions.predicted[:, attribute]
        values = {"label": labels, "predicted": predicted}.get(name)
        return pl.Series(np.abs(labels - predicted) if values is None else values).fill_nan(None)
