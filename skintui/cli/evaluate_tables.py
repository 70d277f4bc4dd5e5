"""The tables of ``skintui evaluate`` for people."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skintui.steps.evaluation import paper
from skintui.texts import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from skintui.audit.bootstrap import Estimate
    from skintui.steps.evaluation.result import Evaluation, Group

_WIDTH = 10_000
"""Columns where stdout is no terminal: every table in one piece."""
_BETWEEN = 3
"""Spaces between two columns of a table."""
_HEADINGS = {"attribute": "attr", "hierarchical": "hier 200", "leave_one_source_out": "other sources only"}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table before it is known how wide it may be."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    lead: int = 1
    """Columns that say what a row is about."""

    def fitting(self, width: int) -> Iterator[_Sheet]:
        """The same in as many pieces as fit into ``width``, the leading columns in each."""
        from rich.cells import cell_len

        wide = [
            _BETWEEN + max(cell_len(row[i]) for row in (self.columns, *self.rows)) for i in range(len(self.columns))
        ]
        pieces: list[list[int]] = [[]]
        for i in range(self.lead, len(self.columns)):
            if pieces[-1] and sum(wide[: self.lead]) + sum(wide[j] for j in pieces[-1]) + wide[i] > width:
                pieces.append([])
            pieces[-1].append(i)
        for number, piece in enumerate(pieces, start=1):
            chosen = [*range(self.lead), *piece]
            title = f"{self.title} ({number} of {len(pieces)})" if len(pieces) > 1 else self.title
            yield _Sheet(title, [self.columns[i] for i in chosen], [[row[i] for i in chosen] for row in self.rows])


def write_tables(found: Evaluation, console: Console | None = None) -> None:
    """Fit, retrieval, joint retrieval and groups, whichever were measured; on stdout unless a console is given."""
    from rich.console import Console

    if console is None:
        width = None if sys.stdout.isatty() else _WIDTH
        console = Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)
    for sheet in _sheets(found):
        for piece in sheet.fitting(console.width):
            console.print(_table(piece))


def _sheets(found: Evaluation) -> Iterator[_Sheet]:
    yield _fit(found)
    yield _retrieval(found)
    for one in found.joint:
        yield _joint(one.attributes, one.methods)
    if found.groups:
        yield _groups("By group", found.groups)
    if found.leave_one_source_out:
        yield _groups("Each source searching the others", found.leave_one_source_out)


def _fit(found: Evaluation) -> _Sheet:
    rows = []
    for name, one in found.fit.items():
        train = found.train_fit.get(name)
        gap = found.gap.get(name)
        rows.append(
            [
                _name(found, name),
                _spread(one.r2, 3),
                _number(paper.R2[name], 2),
                *([_number(train.r2.value, 3), _spread(gap.r2, 3)] if train and gap else []),
                _spread(one.mae, 3),
                _spread(one.spearman, 3),
                f"{one.n:,}",
            ]
        )
    train_columns = ["train R²", "gap"] if found.train_fit else []
    columns = ["attribute", "R² (95 %)", "paper", *train_columns, "MAE (95 %)", "rank corr. (95 %)", "lesions"]
    mean = _mean([one.r2.value for one in found.fit.values()])
    ranks = _mean([one.spearman.value for one in found.fit.values()])
    return _Sheet("Predictions on held-out patients", columns, [*rows, ["mean", mean, _mean(paper.R2.values()),
                 *[""] * len(train_columns), "", ranks, ""]])  # fmt: skip


def _retrieval(found: Evaluation) -> _Sheet:
    methods = list(found.retrieval_intervals)
    rows = []
    for name in found.fit:
        cells = []
        for method in methods:
            published = paper.RETRIEVAL.get(method, {}).get(name)
            beside = f" [{published:g}]" if published is not None else ""
            cells.append(_spread(found.retrieval_intervals[method][name], 1) + beside)
        rows.append([_name(found, name), *cells])
    means = [_mean([e.value for e in found.retrieval_intervals[method].values()], 1) for method in methods]
    title = "Attribute difference percentile of the five nearest, median (95 %) [paper]; lower is better, chance 50"
    return _Sheet(title, ["attribute", *(_heading(m) for m in methods)], [*rows, ["mean", *means]])


def _joint(names: Sequence[str], methods: Mapping[str, Mapping[str, Estimate]]) -> _Sheet:
    published: dict[str, Any] = next((p["methods"] for p in paper.JOINT if p["attributes"] == list(names)), {})
    rows = []
    for method, values in methods.items():
        beside = published.get(method, {})
        cells = [_spread(values[name], 1) + (f" [{beside[name]:g}]" if name in beside else "") for name in names]
        rows.append([method.replace("_", " "), *cells])
    return _Sheet(f"Joint retrieval: {' × '.join(names)}", ["searched by", *names], rows)


def _groups(title: str, groups: Sequence[Group]) -> _Sheet:
    columns = ["by", "group", "lesions", "patients", "queries", "mean R²", "mean rank corr."]
    columns += [_heading(method) for method in groups[0].retrieval]
    if groups[0].database is not None:
        columns += ["searched", "trained on"]
    rows = []
    for one in groups:
        row = [one.by, printable(one.group, 40), f"{one.lesions:,}", f"{one.patients:,}", f"{one.queries:,}"]
        row += [_mean([fit.r2.value for fit in one.fit.values()])]
        row += [_mean([fit.spearman.value for fit in one.fit.values()])]
        row += [_mean([e.value for e in values.values()], 1) for values in one.retrieval.values()]
        if one.database is not None:
            row += [f"{one.database:,}", {True: "yes", False: "no", None: "unknown"}[one.trained_on]]
        rows.append(row)
    return _Sheet(f"{title}: means over attributes (JSON has each, with intervals)", columns, rows, lead=2)


def _table(sheet: _Sheet) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(sheet.title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for i, column in enumerate(sheet.columns):
        table.add_column(Text(column), justify="left" if i == 0 or column == "group" else "right", no_wrap=True)
    for row in sheet.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _name(found: Evaluation, name: str) -> str:
    return f"{name} (no scale)" if found.ill_posed(name) else name


def _heading(method: str) -> str:
    return _HEADINGS.get(method, method.replace("hierarchical_", "hier "))


def _spread(estimate: Estimate, digits: int) -> str:
    """``0.93 (0.91–0.95)``."""
    value = _number(estimate.value, digits)
    if not math.isfinite(estimate.low):
        return value
    return f"{value} ({_number(estimate.low, digits)}–{_number(estimate.high, digits)})"


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", "−") if math.isfinite(value) else "–"


def _mean(values: Any, digits: int = 3) -> str:
    known = [value for value in values if math.isfinite(value)]
    return _number(sum(known) / len(known), digits) if known else "–"
