"""``skintui evaluate --report`` and ``--cost``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skintui.errors import UsageError

if TYPE_CHECKING:
    from skintui.progress import Progress
    from skintui.steps.evaluation.result import Evaluation
    from skintui.steps.place import Place
    from skintui.steps.weights import Weights

_ELSEWHERE = frozenset({"report", "force", "form", "progress", "debug", "workspace", "queries_workspace"})
"""Options that change where results go, not what they are."""


def refuse_early(report: str | None, force: bool) -> None:
    """Raise UsageError or WorkspaceError before anything is computed where the report could not be written."""
    from skintui.files import check_target

    if report == "-":
        raise UsageError("the tables go to standard output already", do="name a file: --report evaluation.html")
    if report is not None:
        check_target(report, force=force)


def refuse_unmeasurable(place: Place, weights: Weights, progress: Progress) -> None:
    """Raise VectorsError before anything is computed where the index does not do to measure cost with."""
    from skintui.steps.evaluation.cost import measurable_index

    measurable_index(place, weights, progress)


def with_cost(found: Evaluation, place: Place, weights: Weights, progress: Progress) -> Evaluation:
    """The evaluation with what it costs on this machine."""
    from skintui.steps.evaluation.cost import measure_cost

    return found.with_extra("cost", measure_cost(place, weights, progress).as_object())


def write(
    found: Evaluation, report: str, database: Place, asking: Place | None, progress: Progress, *, force: bool
) -> None:
    """Write the report; ``asking`` is the external cohort, if there is one."""
    from skintui.steps.evaluation.readings import held_out_readings
    from skintui.steps.evaluation.report import write_report

    progress.start("drawing the report")
    place, searched = (database, None) if asking is None else (asking, database)
    readings = held_out_readings(place, progress, searched=searched)
    write_report(found.as_object(), report, readings=readings, command=command(), force=force)


def command() -> str:
    """This call as a reader can repeat it: only what decides the numbers, the home folder as ``~``."""
    context = click.get_current_context()
    return " ".join(["skintui", str(context.info_name), *(_word(word) for word in _words(context))])


def _words(context: click.Context) -> Iterator[str]:
    for parameter in context.command.params:
        name, value = str(parameter.name), context.params.get(str(parameter.name))
        given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if not given or name in _ELSEWHERE or value is None:
            continue
        if isinstance(parameter, click.Argument):
            yield str(value)
            continue
        flag = parameter.opts[-1]
        if isinstance(parameter, click.Option) and parameter.is_flag:
            yield flag
            continue
        values: list[Any] = list(value) if isinstance(value, (tuple, list)) else [value]
        for each in values:
            yield from (flag, str(each))


def _word(text: str) -> str:
    """Quoted for a shell; below the home folder without its name, which is nobody's business."""
    home = str(Path.home()).rstrip("/") + "/"
    return "~/" + shlex.quote(text.removeprefix(home)) if len(home) > 1 and text.startswith(home) else shlex.quote(text)
