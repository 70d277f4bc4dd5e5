"""Rules applied to the lesions of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from skintui.attributes import ATTRIBUTES, BY_NAME
from skintui.dataset.expression import Beside, column_of, named_beside
from skintui.dataset.table import Tabular
from skintui.dataset.view import LesionView, Mask, ranks
from skintui.errors import FilterError
from skintui.session.audited import OF_ATTRIBUTE, OF_THE_AUDIT, Audited
from skintui.session.rules import Filter, Having, Order, Rules
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.session.session import Session

BY_SUSPICION, BY_DIFFERENCE, BY_MODEL = "suspicion", "difference", "model"
"""What can be sorted by besides the columns of the metadata, each for the chosen attribute."""


class Sieve:
    """Makes views from rules and changes nothing, so that a worker may try what is still being typed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.audited = Audited(session)
        self._ranked: dict[str, tuple[Tabular, pl.Series]] = {}
        """Columns of text that have been sorted by, as ranks."""

    def of(self, rules: Rules) -> LesionView:
        """The view of the whole data set under all the rules. Raises FilterError."""
        view = LesionView.of(self._session.lesions.table)
        for each in rules.filters:
            view = self.narrowed(view, each)
        return self.sorted(view, rules.order) if rules.order is not None else view

    def narrowed(self, view: LesionView, by: Filter) -> LesionView:
        """A view with one more filter. Raises FilterError."""
        if isinstance(by, Having):
            return view.keeping(self._annotations(by), self.words(by), without=by.without)
        beside = self._beside(by.attribute)
        named = named_beside(view.frame, by.expression, beside)
        if {"flagged", "suspicion"} & set(named) and self._session.findings is None:
            raise FilterError("there is no audit to filter by yet", do="make the index first")
        return view.where_audited(by.expression, beside, self.audited.of_annotation, self.words(by))

    def words(self, by: Filter) -> str:
        """A filter as a person reads it; not yet printable."""
        if isinstance(by, Having):
            sign = "not " if by.without else ""
            if by.facet == "verdict":
                return f"{sign}verdict {by.value}" if by.value else "no verdict" if by.without else "any verdict"
            of = f" {BY_NAME[by.value].title}" if by.value in BY_NAME else ""
            return f"{sign}flagged{of}"
        words = " ".join(by.expression.split())
        try:
            named = named_beside(self._session.lesions.table, by.expression, self._beside(by.attribute))
        except FilterError:
            return words
        return f"{words} ({ATTRIBUTES[by.attribute].title})" if set(named) & set(OF_ATTRIBUTE) else words

    def needs_audit(self, rules: Rules) -> bool:
        """Whether one of the rules needs what the audit has found, or what the model has read."""
        for each in rules.filters:
            if isinstance(each, Having):
                if each.facet != "verdict":
                    return True
                continue
            try:
                named = named_beside(self._session.view.frame, each.expression, self._beside(each.attribute))
            except FilterError:
                continue
            if set(named) & OF_THE_AUDIT:
                return True
        return rules.order is not None and rules.order.column in (*OF_THE_AUDIT, BY_MODEL)

    def sorted(self, view: LesionView, order: Order) -> LesionView:
        """A view in another order. Raises FilterError."""
        values = self._computed(order)
        if values is None:
            return self._by_column(view, order)
        whole = order.column in ("flagged", "verdict")
        name = order.column if whole else f"{order.column} of {ATTRIBUTES[order.attribute].title}"
        return view.sorted_along(values, name, order.descending)

    def _by_column(self, view: LesionView, order: Order) -> LesionView:
        name = column_of(view.frame, order.column)
        values = view.frame.get_column(name)
        if values.dtype != pl.String:
            return view.sorted_by(name, order.descending)
        if self._ranked.get(name, (None,))[0] is not view.frame:
            in_order = not values.null_count() and values.is_sorted()  # as ids are: places without sorting
            self._ranked[name] = view.frame, values.rle_id() if in_order else ranks(values)
        return view.sorted_along(self._ranked[name][1], name, order.descending)

    def _beside(self, attribute: int) -> Beside:
        """Columns that the metadata does not have under the same name."""
        frame = self._session.lesions.table
        return {name: made for name, made in self.audited.of_lesion(attribute).items() if name not in frame.columns}

    def _annotations(self, by: Having) -> Mask:
        """(n, 16) which annotations a rule means."""
        if by.facet == "verdict":
            return self.audited.judged(by.value)
        if self._session.findings is None:
            raise FilterError("there is no audit to filter by yet", do="make the index first")
        if by.facet == "flagged":
            return self.audited.flags()
        if by.facet != "attribute" or by.value not in BY_NAME:
            raise FilterError(f"no such facet '{printable(by.facet, 30)} {printable(by.value, 30)}'")
        chosen = np.arange(len(ATTRIBUTES)) == ATTRIBUTES.index(BY_NAME[by.value])
        return np.asarray(self.audited.flags() & chosen)

    def _computed(self, order: Order) -> pl.Series | None:
        """Values (n,) to sort by that are no column of the metadata."""
        session, attribute = self._session, order.attribute
        if order.column in session.lesions.table.columns:
            return None
        if order.column == BY_SUSPICION:
            if session.findings is None:
                raise FilterError("there is no audit to sort by yet", do="make the index first")
            return pl.Series(session.findings.scores_of(attribute))
        made = self.audited.of_lesion(attribute).get("predicted" if order.column == BY_MODEL else order.column)
        return made() if made is not None else None
