"""``evaluate --report``: the evaluation as one HTML file that opens without a network and can be attached to a paper.

The file holds its plots, loads nothing and bears no date: the same evaluation gives the same bytes. Every word that
came from a file is escaped by the template.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import skintui
from skintui.files import check_target, result_stream
from skintui.steps.evaluation.report_page import Page, Section, count, words

if TYPE_CHECKING:
    from pathlib import Path

    from skintui.steps.evaluation.readings import Readings

TEMPLATE = "report.html.jinja"
_COMPUTED_WITH = ("torch", "transformers", "peft", "numpy", "scipy", "scikit-learn", "matplotlib")


def write_report(
    found: Mapping[str, Any],
    out: Path | str,
    *,
    readings: Readings | None = None,
    command: str = "",
    force: bool = False,
) -> None:
    """Write the report to a file, whole or not at all, or to ``-``.

    Args:
        found: the evaluation as ``Evaluation.as_object()`` or the JSON file gives it.
        out: where it goes.
        readings: the held-out lesions' labels and predictions, for the plots that need them.
        command: the call as the reader can repeat it.
        force: whether to write over a file.

    Raises:
        WorkspaceError: where ``out`` is a folder, in none, or there already without ``force``.
    """
    check_target(out, force=force)
    text = report_html(found, readings=readings, command=command)
    with result_stream(out, force=force) as file:
        file.write(text.encode("utf-8"))


def report_html(found: Mapping[str, Any], *, readings: Readings | None = None, command: str = "") -> str:
    """The report's HTML. ``found``, ``readings`` and ``command`` as in :func:`write_report`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("skintui.steps.evaluation", ""), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(TEMPLATE).render(page=page(found, readings=readings, command=command)) + "\n"


def page(found: Mapping[str, Any], *, readings: Readings | None = None, command: str = "") -> Page:
    """The report's content: only sections that have something to say."""
    from skintui.steps.evaluation.report_accuracy import accuracy, agreement, calibration, gap
    from skintui.steps.evaluation.report_costs import cost
    from skintui.steps.evaluation.report_frame import cards, limits, probe, provenance, setup
    from skintui.steps.evaluation.report_groups import groups, sources
    from skintui.steps.evaluation.report_retrieval import joint, retrieval

    costs = cost(found)
    sections: list[Section | None] = [
        setup(found),
        accuracy(found),
        gap(found),
        agreement(readings),
        calibration(readings),
        retrieval(found),
        joint(found),
        groups(found),
        sources(found),
        probe(found),
        costs,
        limits(found, costed=costs is not None),
        provenance(found, command, versions()),
    ]
    return Page(
        title=_title(found),
        lead=_lead(found),
        version=skintui.__version__,
        cards=cards(found),
        sections=tuple(section for section in sections if section is not None),
    )


def versions() -> dict[str, str]:
    """Versions of what computed the numbers, without loading any of it."""
    known = {"skintui": skintui.__version__, "Python": platform.python_version()}
    for name in _COMPUTED_WITH:
        try:
            known[name] = version(name)
        except PackageNotFoundError:
            continue
    return known


def _title(found: Mapping[str, Any]) -> str:
    one = found.get("setup", {})
    database, queries = (words(one.get(side, {}).get("name", ""), 80) for side in ("database", "queries"))
    if one.get("external") and queries:
        return f"Evaluation: {queries} against {database}"
    return f"Evaluation on {database}" if database else "Evaluation"


def _lead(found: Mapping[str, Any]) -> str:
    one = found.get("setup", {})
    side, model = one.get("queries", {}), words(one.get("model", {}).get("model_id", "") or "the model", 120)
    who = f"{count(side.get('lesions'))} lesions of {count(side.get('patients'))} patients"
    kept = "from another cohort" if one.get("external") else "held out from training"
    return f"How well {model} reads the attributes of skin-lesion tiles and finds lesions alike in them: {who} {kept}."
