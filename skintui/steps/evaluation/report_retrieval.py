"""Sections on what is found: the retrieval table, candidates b, several attributes at once."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from skintui.steps.evaluation import report_plots as plots
from skintui.steps.evaluation.report_page import (
    Figure,
    Row,
    Section,
    Table,
    as_float,
    between,
    count,
    estimate,
    number,
    title,
    with_interval,
    words,
)

ORDER = ("attribute", "hierarchical", "image", "untuned", "monet")
AXIS = "attribute difference percentile (lower is better)"
_NAMES = {
    "attribute": "attribute",
    "image": "image",
    "untuned": "untuned, image",
    "monet": "MONET",
    "panderm": "PanDerm",
}
_CANDIDATES = re.compile(r"hierarchical_(\d+)")


def retrieval(found: Mapping[str, Any]) -> Section | None:
    """Median percentile per attribute and method."""
    table = {m: row for m, row in found.get("retrieval_intervals", {}).items() if row}
    if not table:
        return None
    breadth = found.get("setup", {}).get("breadth")
    methods = in_order(table, breadth)
    names = list(next(iter(table.values())))
    values = {m: np.array([_value(table[m], name) for name in names]) for m in methods}
    shown = [m for m in ORDER if m in values] + [m for m in methods if not _is_known(m)]
    words_of = {m: method_words(m, breadth) for m in methods}
    means = ", ".join(f"{words_of[m]} {number(_mean(values[m]), 1)}" for m in shown)
    figures = [
        Figure(
            partial(plots.retrieval, [title(n) for n in names], {m: values[m] for m in shown}, words_of, AXIS),
            f"Median attribute difference percentile for {len(names)} attributes; means: {means}.",
            "Median attribute difference percentile of the nearest lesions, by what they were compared by. The dashed "
            "line is chance.",
        ),
        *_by_breadth(values, breadth),
    ]
    k, queries = found.get("setup", {}).get("k", 5), count(found.get("queries"))
    texts = (
        f"Each of {queries} queries is answered by its {k} nearest lesions. The percentile of an answer is the rank of "
        "its squared attribute difference to the query among those of all other lesions searched: 0 is the best answer "
        "there is, 50 is chance. A cell is the median over queries and answers.",
        *_order_words(values),
    )
    tables = [_values_table(names, values, words_of), *_published(found, table, methods, words_of)]
    tables.append(_intervals_table(names, table, methods, words_of))
    return Section("retrieval", "Retrieval", texts, tuple(figures), tuple(tables))


def in_order(table: Mapping[str, Any], breadth: Any) -> list[str]:
    """Methods as one reads them: attribute, hierarchical by b, image, rivals, any other."""

    def place(method: str) -> tuple[int, float]:
        if method == "hierarchical":
            return 1, as_float(breadth)
        if match := _CANDIDATES.fullmatch(method):
            return 1, float(match[1])
        return (ORDER.index(method), 0.0) if method in ORDER else (len(ORDER), 0.0)

    return sorted(table, key=place)


def method_words(method: str, breadth: Any) -> str:
    """A method as the tables head it."""
    if method == "hierarchical":
        return f"hierarchical, b = {breadth}" if breadth else "hierarchical"
    if match := _CANDIDATES.fullmatch(method):
        return f"hierarchical, b = {match[1]}"
    return _NAMES.get(method) or words(method, 40).replace("_", " ")


def _is_known(method: str) -> bool:
    return method in ORDER or _CANDIDATES.fullmatch(method) is not None


def _value(row: Mapping[str, Any], name: str) -> float:
    return as_float(estimate(row.get(name))[0])


def _mean(values: Any) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else math.nan


def _order_words(values: Mapping[str, Any]) -> tuple[str, ...]:
    """On how many attributes the published order holds."""
    there = [m for m in ("attribute", "hierarchical", "image", "untuned") if m in values]
    if len(there) < 2:
        return ()
    columns = np.array([values[m] for m in there])
    known = np.isfinite(columns).all(axis=0)
    holds = int((np.diff(columns[:, known], axis=0) >= 0).all(axis=0).sum())
    said = " ≤ ".join(there)
    return (
        f"The published order, {said}, holds on {holds} of the {int(known.sum())} attributes that have all of them.",
    )


def _by_breadth(values: Mapping[str, Any], breadth: Any) -> list[Figure]:
    points = {int(match[1]): _mean(values[m]) for m in values if (match := _CANDIDATES.fullmatch(m))}
    if "hierarchical" in values and breadth:
        points[int(breadth)] = _mean(values["hierarchical"])
    if len(points) < 2:
        return []
    b = sorted(points)
    ends = [_mean(values[m]) if m in values else math.nan for m in ("attribute", "image")]
    said = ", ".join(f"{number(points[each], 1)} at b = {each}" for each in b)
    attribute, image = ends
    heights = np.array([points[each] for each in b])
    plot = partial(plots.breadths, b, heights, attribute, image, "mean percentile")
    words_ = (
        "Hierarchical search, mean over the attributes: the b nearest lesions by image, ranked again by attribute. "
        "With few candidates it finds what the image finds, with all of them what the attribute finds."
    )
    return [Figure(plot, f"Mean percentile of hierarchical search: {said}.", words_)]


def _values_table(names: Sequence[str], values: Mapping[str, Any], words_of: Mapping[str, str]) -> Table:
    columns = list(values.values())
    rows = []
    for i, name in enumerate(names):
        cells = [float(column[i]) for column in columns]
        rows.append(Row((title(name), *(number(x, 1) for x in cells)), _best(cells)))
    means = [_mean(column) for column in columns]
    rows.append(Row(("mean", *(number(x, 1) for x in means)), _best(means), total=True))
    caption = "Median attribute difference percentile; the lowest of a line in bold."
    return Table("Retrieval per attribute and method", caption, ("attribute", *words_of.values()), tuple(rows))


def _best(cells: Sequence[float]) -> frozenset[int]:
    """Columns of the smallest number as it is printed."""
    shown = [round(x, 1) for x in cells if math.isfinite(x)]
    return frozenset(i for i, x in enumerate(cells, start=1) if shown and round(x, 1) == min(shown))


def _intervals_table(
    names: Sequence[str], table: Mapping[str, Any], methods: Sequence[str], words_of: Mapping[str, str]
) -> Table:
    rows = tuple(Row((title(name), *(between(estimate(table[m].get(name))[1], 1) for m in methods))) for name in names)
    heads = ("attribute", *(words_of[m] for m in methods))
    return Table("Intervals of retrieval", "Patient-bootstrap intervals of the percentiles above.", heads, rows)


def _published(
    found: Mapping[str, Any], table: Mapping[str, Any], methods: Sequence[str], words_of: Mapping[str, str]
) -> list[Table]:
    """This run and the published numbers, where there are any."""
    paper = found.get("paper", {}).get("retrieval", {})
    names = [name for name in next(iter(table.values())) if any(name in row for row in paper.values())]
    if not names:
        return []
    columns = [m for m in methods if m in paper] + [m for m in paper if m not in table]
    rows = []
    for name in names:
        ours = (with_interval(*estimate(table[m].get(name)), 1) if m in table else "–" for m in columns)
        rows.append(Row((title(name), "this run", *ours)))
        rows.append(Row((title(name), "published", *(number(paper[m].get(name), 1) for m in columns))))
    heads = ("attribute", "", *(words_of.get(m) or method_words(m, None) for m in columns))
    caption = "Beside the published percentiles, for the attributes they are published for."
    return [Table("Retrieval beside the published values", caption, heads, tuple(rows), frozenset({0, 1}))]


def joint(found: Mapping[str, Any]) -> Section | None:
    """Retrieval by several attributes at once."""
    entries = [one for one in found.get("joint", []) if one.get("methods")]
    if not entries:
        return None
    published = {tuple(one["attributes"]): one["methods"] for one in found.get("paper", {}).get("joint", [])}
    tables = tuple(_joint_table(one, published.get(tuple(one["attributes"]), {})) for one in entries)
    text = (
        "One prompt asks for several attributes, and one vector answers; the model was never trained on such a prompt. "
        "A search by one attribute is good in that one and pays in the other; the joint search should be good in both."
    )
    return Section("joint", "Several attributes at once", (text,), (), tables)


def _joint_table(one: Mapping[str, Any], published: Mapping[str, Any]) -> Table:
    names = list(one["attributes"])
    rows = []
    for method, row in one["methods"].items():
        ours = [with_interval(*estimate(row.get(name)), 1) for name in names]
        theirs = [number(published.get(method, {}).get(name), 1) for name in names] if published else []
        rows.append(Row((_joint_words(method), *ours, *theirs)))
    titles = [title(name) for name in names]
    heads = ("search by", *titles, *(f"{each}, published" for each in titles if published))
    both = " × ".join(titles)
    caption = (
        f"{both}: median percentile in each attribute over {count(one.get('queries'))} queries among "
        f"{count(one.get('database'))} lesions."
    )
    return Table(both, caption, heads, tuple(rows))


def _joint_words(method: str) -> str:
    if method.endswith(" only"):
        return f"{title(method.removesuffix(' only'))} only"
    return {"joint": "joint prompt", "joint_hierarchical": "joint prompt, hierarchical"}.get(method, words(method, 60))
