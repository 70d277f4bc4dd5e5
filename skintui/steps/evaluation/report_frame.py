"""What frames the report: the summary's numbers, the set-up, the malignancy probe, limits, how to make it again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from skintui.steps.evaluation import report_plots as plots
from skintui.steps.evaluation.report_page import (
    Card,
    Fact,
    Figure,
    Row,
    Section,
    Table,
    as_float,
    count,
    estimate,
    number,
    title,
    with_interval,
    words,
)
from skintui.steps.evaluation.report_retrieval import method_words


def cards(found: Mapping[str, Any]) -> tuple[Card, ...]:
    """The numbers one looks for first."""
    fit = found.get("fit", {}).get("test", {})
    made = [_mean_card(fit, found, "r2", "mean R²"), _mean_card(fit, found, "spearman", "mean rank correlation")]
    methods = found.get("retrieval", {})
    for method in ("attribute", "hierarchical", "image"):
        known = _finite(methods.get(method, {}).values())
        if known:
            what = f"percentile, {method_words(method, found.get('setup', {}).get('breadth'))}"
            made.append(Card(number(np.mean(known), 1), what, "mean over the attributes; chance is 50"))
    return tuple(card for card in made if card is not None)


def _mean_card(fit: Mapping[str, Any], found: Mapping[str, Any], figure: str, what: str) -> Card | None:
    known = {name: x for name, one in fit.items() if math.isfinite(x := as_float(estimate(one.get(figure))[0]))}
    if not known:
        return None
    lowest = min(known, key=lambda name: known[name])
    note = f"{len(known)} attributes; lowest {number(known[lowest])}, {title(lowest)}"
    published = _finite(found.get("paper", {}).get("r2", {}).get(name) for name in known) if figure == "r2" else []
    if len(published) == len(known):
        note += f"; published mean {number(np.mean(published))}"
    return Card(number(np.mean(list(known.values()))), what, note)


def _finite(values: Iterable[Any]) -> list[float]:
    return [x for value in values if math.isfinite(x := as_float(value))]


def setup(found: Mapping[str, Any]) -> Section | None:
    """What was evaluated, on whom, and how."""
    one = found.get("setup")
    if not one:
        return None
    sides = [("lesions searched", one.get("database", {})), ("lesions that ask", one.get("queries", {}))]
    if sides[0][1] == sides[1][1]:
        sides = [("held-out lesions", sides[0][1])]
    facts = [
        Fact(
            name,
            f"{words(side.get('name', ''))}: {count(side.get('lesions'))} of {count(side.get('patients'))} patients",
        )
        for name, side in sides
    ]
    record = {"record": "the adapter's record of its training", "default split": "the default split"}
    by = str(one.get("held_out_by", ""))
    level, draws = number(100 * as_float(one.get("level")), 0), count(one.get("replicates"))
    facts += [
        Fact(
            "patients trained on",
            f"{count(found.get('patients', {}).get('train'))}, by {record.get(by, words(by, 80))}",
        ),
        Fact("predictions", words(one.get("predictions", ""), 40)),
        Fact("intervals", f"{level} %, {draws} draws of the patients with replacement, all lesions of one together"),
        Fact("retrieval", f"{count(found.get('queries'))} queries, {count(one.get('k'))} answers each"),
        Fact("seed", count(one.get("seed"))),
    ]
    notes = tuple(words(note, 600) for note in found.get("notes", []))
    return Section("setup", "What was evaluated", (), (), (), tuple(facts), notes)


def probe(found: Mapping[str, Any]) -> Section | None:
    """How much of malignancy a straight cut through the image vectors tells."""
    methods = {name: row for name, row in (found.get("probe") or {}).items() if isinstance(row, Mapping)}
    if not methods:
        return None
    notes = tuple(
        f"{_probe_words(name)}: not measured, {words(row['note'], 200)}"
        for name, row in methods.items()
        if row.get("note")
    )
    measured = {name: row for name, row in methods.items() if math.isfinite(as_float(row.get("auroc")))}
    rows = [
        Row(
            (
                _probe_words(name),
                *(count(row.get(key)) for key in ("lesions", "malignant", "patients")),
                *(with_interval(*_flat(row, key), 3) for key in ("auroc", "pauc")),
            )
        )
        for name, row in measured.items()
    ]
    bars = [
        plots.Bar(_probe_words(name), *(as_float(x) for x in _three(row, "auroc"))) for name, row in measured.items()
    ]
    text = (
        "A regularised logistic regression on the image vectors, each lesion scored by one that has seen no lesion of "
        "its patient: what the vectors hold about malignancy without having been taught it. It is a probe of vectors, "
        "not a test for people."
    )
    caption = "AUROC: chance is 0.5. pAUC: the area above 80 % sensitivity, where 0.02 is chance and 0.2 is perfect."
    heads = ("vectors of", "lesions", "malignant", "patients", "AUROC", "pAUC")
    alt = "AUROC: " + ", ".join(f"{bar.name} {number(bar.value, 3)}" for bar in bars) + "."
    plot = partial(plots.forest, bars, "AUROC", reference=0.5, legend=False)
    figures = (Figure(plot, alt, "AUROC with its interval; the dashed line is chance."),) if bars else ()
    tables = (Table("Malignancy probe", caption, heads, tuple(rows)),) if rows else ()
    return Section("probe", "Malignancy probe", (text,), figures, tables, (), notes)


def _three(row: Mapping[str, Any], key: str) -> tuple[Any, Any, Any]:
    """Value and both ends, which the probe's object has side by side."""
    return row.get(key), row.get(f"{key}_low"), row.get(f"{key}_high")


def _flat(row: Mapping[str, Any], key: str) -> tuple[Any, tuple[Any, Any]]:
    value, low, high = _three(row, key)
    return value, (low, high)


def _probe_words(name: str) -> str:
    return {"image": "this model", "untuned": "untuned base"}.get(name) or method_words(name, None)


def limits(found: Mapping[str, Any], *, costed: bool) -> Section:
    """What these numbers do not say."""
    one, points = found.get("setup", {}), []
    points.append(
        "No diagnosis is claimed. The model reads measurements from an image; likeness of lesions is likeness in these "
        "measurements, and nothing here has been tested for a decision about a person."
    )
    points.append(
        "The labels are themselves measured by software on a three-dimensional photograph. An error of a label counts "
        "here as an error of the reading, and an error that both share does not show."
    )
    patients = one.get("queries", {}).get("patients")
    points.append(
        f"Intervals tell how the numbers move with the {count(patients)} patients that were drawn. They say nothing of "
        "other cameras, clinics or skin than those in the data, and are too narrow where patients are few."
    )
    database = one.get("database", {}).get("lesions")
    points.append(
        f"Percentiles hold for a search among {count(database)} lesions: the nearest of many more are nearer. "
        "Published values are of another model, other patients and a larger database."
    )
    if one.get("predictions") == "in-sample":
        points.append("Predictions are of one adapter. Only patients it was not trained on are counted.")
    if one.get("held_out_by") == "default split":
        points.append(
            "The adapter keeps no record of its patients. If it was trained on others than the default split says, "
            "training patients are counted as held out and the numbers are too good."
        )
    if one.get("has_scale") is False:
        points.append(
            "The tiles of the queries have no known size. Lengths and areas in millimetres cannot be read from them, "
            "and their figures mean little."
        )
    if costed:
        points.append("Times are of one machine at one hour; another machine has others.")
    return Section("limits", "Limits", (), (), (), (), tuple(points))


def provenance(found: Mapping[str, Any], command: str, versions: Mapping[str, str]) -> Section:
    """How to make the report again."""
    one, facts = found.get("setup", {}), []
    if command:
        facts.append(Fact("command", words(command, 2000), code=True))
    shas = {"database": one.get("database", {}), "queries": one.get("queries", {})}
    if shas["database"].get("dataset_sha256") == shas["queries"].get("dataset_sha256"):
        shas = {"data set": shas["database"]}
    facts += [
        Fact(f"{name}, SHA-256", words(side["dataset_sha256"], 100), code=True)
        for name, side in shas.items()
        if side.get("dataset_sha256")
    ]
    parts = {"model_id": "model", "model_sha256": "model, SHA-256", "adapter_sha256": "adapter, SHA-256"}
    parts |= {"prompt_sha256": "prompts, SHA-256"}
    model = one.get("model", {})
    for key in [*parts, *(key for key in model if key not in parts)]:
        if model.get(key):
            facts.append(Fact(parts.get(key, words(key, 40)), words(model[key], 200), code=True))
    facts.append(Fact("versions", ", ".join(f"{name} {version}" for name, version in versions.items())))
    return Section(
        "provenance",
        "Making this report again",
        (
            "The same data, model, versions and seed give this file again, to the byte, except where costs were "
            "measured. It holds no date.",
        ),
        (),
        (),
        tuple(facts),
    )
