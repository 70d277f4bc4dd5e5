"""The section on cost: time and memory per stage, stored against computed vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skintui.steps.evaluation.report_page import (
    NONE,
    Fact,
    Row,
    Section,
    Table,
    as_float,
    count,
    is_number,
    number,
    words,
)

STAGE_WORDS = {
    "reading tiles": ("read and decode tiles", "tile"),
    "image vector": ("image vector alone", "tile"),
    "sixteen questions": ("image vector and 16 questions", "tile"),
    "with answers": ("the same, answers decoded", "tile"),
    "attribute": ("search by attribute, stored vectors", "query"),
    "hierarchical stored": ("hierarchical, stored vectors", "query"),
    "hierarchical on the fly": ("hierarchical, vectors computed on the fly", "query"),
    "joint on the fly": ("joint of two attributes, computed on the fly", "query"),
}
"""What each stage is called, and of what one unit is."""
_BUSY = 1.2


def cost(found: Mapping[str, Any]) -> Section | None:
    """What reading and searching cost."""
    one = found.get("cost")
    if not isinstance(one, Mapping) or not one.get("stages"):
        return None
    texts = [
        f"Measured on {words(one.get('machine', ''))}. Every stage ran in a process of its own, warmed up once; peak "
        "memory counts in the interpreter, the libraries and the model. These figures change from run to run, so a "
        "report with them is not the same to the byte."
    ]
    load, cores = one.get("load"), _cores(str(one.get("machine", "")))
    if is_number(load) and cores and as_float(load) > _BUSY * cores:
        texts.append(
            f"The machine was busy: {number(load, 1)} processes wanted its {cores} cores when this began, so the times "
            "are longer than on a machine at rest."
        )
    facts, claim = _storage(one)
    if claim:
        texts.append(claim)
    return Section("cost", "Cost", tuple(texts), (), (_stages(one),), tuple(facts))


def _cores(machine: str) -> int | None:
    for part in machine.split(", "):
        head, _, tail = part.partition(" ")
        if tail == "cores" and head.isdigit():
            return int(head)
    return None


def _stages(one: Mapping[str, Any]) -> Table:
    rows, on_device = [], any(is_number(stage.get("device_bytes")) for stage in one["stages"])
    for stage in one["stages"]:
        said, unit = STAGE_WORDS.get(str(stage.get("stage")), (words(stage.get("stage", ""), 60), "unit"))
        cells = [said, words(stage.get("device") or NONE, 40), unit, count(stage.get("units"))]
        cells += [_milliseconds(stage.get("median_ms")), number(stage.get("per_second"), 1)]
        cells += [size(stage.get("before_bytes")), size(stage.get("peak_bytes"))]
        cells += [size(stage.get("device_bytes"))] if on_device else []
        rows.append(Row(tuple(cells)))
    heads = ["stage", "model on", "unit", "measured", "ms per unit", "units per s", "held before", "peak memory"]
    heads += ["peak on the device"] if on_device else []
    caption = (
        f"Median milliseconds per unit. Tiles go through the model {count(one.get('batch'))} at a time; "
        f"hierarchical and joint search rank b = {count(one.get('breadth'))} candidates."
    )
    return Table("Cost per stage", caption, tuple(heads), tuple(rows), frozenset({0, 1, 2}))


def _milliseconds(value: Any) -> str:
    return number(value, 2 if as_float(value) < 10 else 1 if as_float(value) < 1000 else 0)


def _storage(one: Mapping[str, Any]) -> tuple[list[Fact], str]:
    storage = one.get("storage")
    if not isinstance(storage, Mapping):
        return [], ""
    per_view = as_float(storage.get("per_lesion_and_view"))
    vector, graph = as_float(storage.get("vector_bytes")), as_float(storage.get("graph_bytes"))
    facts = [
        Fact(
            "on the disk per lesion and view",
            f"{number(per_view, 0)} bytes: {number(vector, 0)} the vector of {count(storage.get('dimensions'))} "
            f"numbers in half precision, {number(graph, 0)} the search graph",
        ),
        Fact(
            f"{count(storage.get('full_cohort'))} lesions, computed",
            f"{size(storage.get('full_cohort_precomputed'))} with image and 16 attributes stored, "
            f"{size(storage.get('full_cohort_on_the_fly'))} with the image view alone",
        ),
    ]
    took = {stage.get("stage"): as_float(stage.get("median_ms")) for stage in one["stages"]}
    stored, computed = took.get("hierarchical stored"), took.get("hierarchical on the fly")
    if stored is None or computed is None or not stored > 0:
        return facts, ""
    claim = (
        "Hierarchical search can do without stored attribute vectors, for those of the candidates can be computed when "
        f"they are asked for. Here that takes {_milliseconds(computed)} ms per query where stored vectors take "
        f"{_milliseconds(stored)} ms ({number(computed / stored, 0)} times), and saves {number(per_view, 0)} bytes per "
        "lesion for every attribute, and for every combination of attributes."
    )
    return facts, claim


def size(value: Any) -> str:
    """Bytes in a unit of a handy size."""
    if not is_number(value):
        return NONE
    left = float(value)
    for unit in ("B", "KiB", "MiB"):
        if left < 1024:
            return f"{number(left, 0)} {unit}"
        left /= 1024
    return f"{number(left, 2)} GiB"
