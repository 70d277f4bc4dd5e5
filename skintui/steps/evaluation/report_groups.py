"""Sections on whom it holds for: groups of lesions, sources left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from skintui.attributes import BY_NAME
from skintui.steps.evaluation import report_plots as plots
from skintui.steps.evaluation.report_page import (
    NONE,
    Figure,
    Row,
    Section,
    Table,
    as_float,
    count,
    estimate,
    number,
    title,
    words,
)

BY = {
    "sex": "sex", "age": "age", "site": "site", "tile_type": "tile type", "source": "source",
    "patient_size": "lesions of the patient",
}  # fmt: skip
WORST = -1.0


_TRAINED_ON: dict[bool | None, str] = {True: "yes", False: "no", None: "not known"}


def groups(found: Mapping[str, Any]) -> Section | None:
    """The same figures by sex, age, site, tile type, source and size of the patient."""
    return _section(
        found.get("groups", []),
        found.get("groups_left_out", []),
        "groups",
        "By group of lesions",
        "R² falls where a group's lesions are alike, even if they are read as well as others: read it with the rank "
        "correlation. No correction is made for the number of groups looked at.",
    )


def sources(found: Mapping[str, Any]) -> Section | None:
    """Lesions of one source searched for among all the others."""
    return _section(
        found.get("leave_one_source_out", []),
        [],
        "sources",
        "One source left out",
        "Queries of one source are answered from the lesions of all other sources.",
    )


def _section(entries: Any, left_out: Any, key: str, heading: str, text: str) -> Section | None:
    there = [one for one in entries if one.get("fit")]
    if not there:
        return None
    bars = [_bar(one) for one in there]
    alt = "Median R² over the attributes: " + ", ".join(f"{bar.name} {number(bar.value)}" for bar in bars) + "."
    figure = Figure(
        partial(plots.forest, bars, "R², median and middle half of the attributes", floor=WORST, legend=False),
        alt,
        "Median R² over the attributes in each group; the line holds the middle half of the attributes. It is no "
        "interval of confidence.",
    )
    tables = [_figures(there), _each(there), *_left_out(left_out)]
    return Section(key, heading, (text,), (figure,), tuple(tables))


def _name(one: Mapping[str, Any]) -> str:
    by = str(one.get("by", ""))
    return f"{BY.get(by, words(by, 30))}: {words(one.get('group', ''), 40)}"


def _bar(one: Mapping[str, Any]) -> plots.Bar:
    known = _of(one["fit"], "r2")
    if not known:
        return plots.Bar(_name(one), math.nan)
    return plots.Bar(_name(one), *(float(np.quantile(known, q)) for q in (0.5, 0.25, 0.75)))


def _of(fit: Mapping[str, Any], figure: str) -> list[float]:
    values = (as_float(estimate(each.get(figure))[0]) for each in fit.values())
    return [value for value in values if math.isfinite(value)]


def _figures(entries: Sequence[Mapping[str, Any]]) -> Table:
    methods = list(dict.fromkeys(method for one in entries for method in one.get("retrieval", {})))
    trained = any("trained_on" in one for one in entries)
    rows = []
    for one in entries:
        counts = [count(one.get(name)) for name in ("lesions", "patients", "queries")]
        fits = [_middle(_of(one["fit"], figure)) for figure in ("r2", "spearman")]
        percentiles = [_percentile(one.get("retrieval", {}).get(method, {})) for method in methods]
        said = [_TRAINED_ON[one.get("trained_on")]] if trained else []
        rows.append(Row((_name(one), *counts, *fits, *percentiles, *said)))
    heads = ["group", "lesions", "patients", "queries", "R²", "ρ", *(f"percentile, {method}" for method in methods)]
    caption = "Medians over the attributes: R², Spearman's ρ, and the attribute difference percentile of each search."
    last = {len(heads)} if trained else set()
    more = ["trained on"] if trained else []
    return Table("Figures by group", caption, (*heads, *more), tuple(rows), frozenset({0} | last))


def _middle(values: Sequence[float], digits: int = 2) -> str:
    return number(float(np.median(values)), digits) if values else NONE


def _percentile(row: Mapping[str, Any]) -> str:
    values = [as_float(estimate(one)[0]) for one in row.values()]
    return _middle([value for value in values if math.isfinite(value)], 1)


def _each(entries: Sequence[Mapping[str, Any]]) -> Table:
    """R² of every attribute in every group."""
    names = list(dict.fromkeys(name for one in entries for name in one["fit"]))
    rows = tuple(
        Row((_name(one), *(number(estimate(one["fit"].get(name, {}).get("r2"))[0]) for name in names)))
        for one in entries
    )
    heads = ("group", *(BY_NAME[name].short if name in BY_NAME else title(name) for name in names))
    return Table("R² per attribute and group", "R² of each attribute in each group.", heads, rows)


def _left_out(left_out: Sequence[Mapping[str, Any]]) -> list[Table]:
    if not left_out:
        return []
    rows = tuple(
        Row((_name(one), count(one.get("lesions")), count(one.get("patients")), words(one.get("reason", ""), 120)))
        for one in left_out
    )
    heads = ("group", "lesions", "patients", "reason")
    return [Table("Groups left out", "Groups that were not measured.", heads, rows, frozenset({0, 3}))]
