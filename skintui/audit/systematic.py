"""Systematic errors: one cause behind many wrong labels, found as one finding with its evidence.

A unit mistaken in a column, a flipped sign, two columns exchanged, a patient or a source off by a factor or an offset:
for every group of lesions (the whole data set, each source, site, tile type and patient) each alteration of ``KINDS``
is undone and the labels are held against the model's predictions again. What is measured is how much likelier they
become (:mod:`skintui.audit.likelihood`). Averaged over what is unknown, that ratio would exceed t, without an error,
with a chance of at most 1/t (Markov), whatever else is tested on the same labels; here it is taken at the likeliest
shift and width, which is close. So p is one over it, and p times the number of tests, each level of groups having an
equal part (weighted Bonferroni), has to be at most the false-discovery rate asked for.

Wide groups come first, likeliest first; what is found is undone before narrower ones are looked at, so that a source
is reported once and not each of its patients. A wide group counts only if most of its patients agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from skintui.attributes import ATTRIBUTES, BY_NAME, Attribute
from skintui.audit.alterations import Alteration
from skintui.audit.grounds import Given
from skintui.audit.scale import scale_of_spread, to_scale
from skintui.audit.spread import Floats
from skintui.audit.trials import Trials

SCHEMA: dict[str, Any] = {
    "kind": pl.String,
    "attribute": pl.String,
    "with_attribute": pl.String,
    "by": pl.String,
    "group": pl.String,
    "lesions": pl.Int64,
    "amount": pl.Float64,
    "log_likelihood_gain": pl.Float64,
    "median_before": pl.Float64,
    "median_after": pl.Float64,
    "explained": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "sentence": pl.String,
}
"""Columns of the findings, in order."""


@dataclass(frozen=True, slots=True)
class SystematicError:
    """One cause and the labels it explains."""

    kind: str
    """One of ``alterations.KINDS``."""
    attributes: tuple[str, ...]
    """The column, or the two that are exchanged."""
    by: str
    """What kind of group: ``data set`` for all lesions, else the name of a grouping."""
    group: str
    """The group; empty for all lesions."""
    lesions: int
    """Lesions of the group that have label and prediction."""
    amount: float | None
    """The factor (label over true value) or the offset in the attribute's unit; None for signs and exchanges."""
    gain: float
    """How much the log likelihood of the group's labels rises when it is undone (up to 500 lesions)."""
    median_before: float
    """Median |residual| in σ, as it is."""
    median_after: float
    """The same with the alteration undone."""
    explained: float
    """Share of the lesions that come nearer to the prediction when it is undone."""
    p_value: float
    """1/e^gain, for this group, attribute and alteration alone."""
    q_value: float
    """p over all groups, attributes and alterations tested."""

    @property
    def what(self) -> str:
        """What happened to the column, as the end of a sentence."""
        amount = float("nan") if self.amount is None else self.amount
        return Alteration(self.kind, amount).words([BY_NAME[name] for name in self.attributes])

    @property
    def headline(self) -> str:
        """The finding without its evidence."""
        where = f"{self.by} {self.group}" if self.group else "every lesion"
        return f"{BY_NAME[self.attributes[0]].title} of {where} is {self.what}"

    @property
    def sentence(self) -> str:
        """The finding in words, with its evidence. The group's name is as the data have it: not yet printable."""
        share = f"{self.explained:.0%} of {self.lesions:,} labels come nearer"
        return (
            f"{self.headline}: undone, the median distance from the model falls from {self.median_before:.1f} to "
            f"{self.median_after:.1f} σ and {share}"
        )

    def row(self) -> dict[str, Any]:
        """Values by the columns of ``SCHEMA``."""
        first, second = (*self.attributes, None)[:2]
        return {
            "kind": self.kind, "attribute": first, "with_attribute": second, "by": self.by, "group": self.group,
            "lesions": self.lesions, "amount": self.amount, "log_likelihood_gain": self.gain,
            "median_before": self.median_before, "median_after": self.median_after, "explained": self.explained,
            "p_value": self.p_value, "q_value": self.q_value, "sentence": self.sentence,
        }  # fmt: skip


def systematic_errors(
    labels: Floats,
    predicted: Floats,
    spread: Floats | None,
    groups: Mapping[str, pl.Series],
    *,
    fdr: float = 0.1,
    attributes: tuple[Attribute, ...] = ATTRIBUTES,
) -> list[SystematicError]:
    """Systematic errors, those of most labels first.

    Args:
        labels: (n, A) in units, NaN where missing.
        predicted: (n, A) what the model reads, in units; out-of-fold, or of a model that never saw these labels: one
            that has learnt an error from them agrees with it.
        spread: (n, A) usual distance of label and prediction, in units (the audit's σ(x)); None: one per attribute.
        groups: group (n,) of every lesion by kind of group, null for none; ``patient`` is the narrowest.
        fdr: largest q-value.
        attributes: what the A columns are.
    """
    trials = Trials(_given(labels, predicted, spread, attributes), groups, fdr)
    found = trials.run()
    found.sort(key=lambda trial: -trial.total)
    errors = [
        SystematicError(
            kind=trial.alteration.kind,
            attributes=tuple(attributes[j].name for j in trial.columns),
            by=trial.level.kind,
            group=trial.level.names[trial.group],
            lesions=trial.lesions,
            amount=trial.alteration.amount if np.isfinite(trial.alteration.amount) else None,
            gain=trial.gain,
            median_before=trial.before,
            median_after=trial.after,
            explained=trial.explained,
            p_value=trial.p_value,
            q_value=trials.corrected(trial),
        )
        for trial in found
    ]
    return _step_up(errors)


def _step_up(errors: list[SystematicError]) -> list[SystematicError]:
    """q-values by Benjamini–Hochberg among what passed: corrected p over its rank, kept monotone."""
    corrected = np.array([error.q_value for error in errors])
    order = np.argsort(corrected, kind="stable")[::-1]
    lowest = 1.0
    q = corrected.copy()
    for rank, place in zip(range(len(errors), 0, -1), order.tolist(), strict=True):
        lowest = min(lowest, float(corrected[place]) / rank)
        q[place] = lowest
    return [replace(error, q_value=float(value)) for error, value in zip(errors, q, strict=True)]


def _given(labels: Floats, predicted: Floats, spread: Floats | None, attributes: tuple[Attribute, ...]) -> Given:
    """Predictions and σ on the comparison scales; where σ is not known, the attribute's median takes its place."""
    centre, sigma = np.empty_like(predicted, np.float64), np.empty_like(predicted, np.float64)
    for j, attribute in enumerate(attributes):
        centre[:, j] = to_scale(predicted[:, j], attribute)
        own = np.ones(len(labels)) if spread is None else scale_of_spread(spread[:, j], predicted[:, j], attribute)
        known = np.isfinite(own)
        sigma[:, j] = np.where(known, own, float(np.median(own[known])) if known.any() else 1.0)
    return Given(np.array(labels, np.float64), predicted, centre, sigma, attributes)


def as_frame(errors: list[SystematicError]) -> pl.DataFrame:
    """The findings as a table with the columns ``SCHEMA``."""
    return pl.DataFrame([error.row() for error in errors], schema=SCHEMA)
