"""A Croissant sidecar: what an exported CSV holds, for machines, and where it comes from (W3C PROV).

Croissant 1.0 is MLCommons' vocabulary for data sets, JSON-LD over schema.org.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skintui.attributes import ATTRIBUTES
from skintui.files import result_stream, sha256_of
from skintui.review.export import EXPORT_SCHEMA
from skintui.steps.chosen import Wanted, choice_of, latest_verdicts
from skintui.steps.croissant_context import CONTEXT, VERSION
from skintui.texts import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skintui.progress import Progress
    from skintui.steps.card import AuditCard, DatasetFacts
    from skintui.steps.place import Place
    from skintui.steps.predictions import About

Node = dict[str, Any]
_LEADS_ASTRAY = re.compile(r"(?!\s*https?://)\W*[a-zA-Z][\w+.\s-]*:")

_TEXT, _FLOAT, _INTEGER, _FLAG, _TIME = "sc:Text", "sc:Float", "sc:Integer", "sc:Boolean", "sc:DateTime"
_COLUMNS: dict[str, tuple[str, str]] = {
    "isic_id": (_TEXT, "Identifier of the lesion's tile"),
    "patient_id": (_TEXT, "Identifier of the patient"),
    "attribute": (_TEXT, "Name of the attribute"),
    "unit": (_TEXT, "Unit of the attribute, empty for a pure number"),
    "label": (_FLOAT, "Value in the data set, in the attribute's unit"),
    "predicted": (_FLOAT, "What the model reads from the tile"),
    "spread": (_FLOAT, "Expected deviation of label and prediction for this lesion"),
    "residual": (_FLOAT, "Label less prediction, between logarithms for heavy-tailed attributes"),
    "score": (_FLOAT, "Residual over spread: how suspicious the label is"),
    "q_value": (_FLOAT, "Smallest false-discovery rate at which the label is flagged"),
    "flagged": (_FLAG, "Whether the audit flags the label"),
    "neighbour_median": (_FLOAT, "Median label of the most similar lesions"),
    "reason": (_TEXT, "Why the label is suspicious"),
    "verdict": (_TEXT, "What a person decided: label_wrong, label_ok, both_plausible, unsure or image_unusable"),
    "proposed_value": (_FLOAT, "The right value as proposed by a person"),
    "note": (_TEXT, "The person's note"),
    "reviewer": (_TEXT, "Who decided"),
    "reviewed_at": (_TIME, "When it was decided, UTC"),
    "dataset_sha256": (_TEXT, "SHA-256 of the metadata the label is from"),
    "model_id": (_TEXT, "The model that predicted"),
    "schema_version": (_INTEGER, "Version of these columns"),
    "column": (_TEXT, "Column of the metadata to change"),
    "old": (_TEXT, "Text of the cell before"),
    "new": (_FLOAT, "Value of the cell after"),
}


@dataclass(frozen=True, slots=True)
class Described:
    """An exported file and what is told of it."""

    csv: Path
    columns: Sequence[str]
    reviewers: Sequence[str]
    """Whose verdicts are in it."""
    first: str
    """Time of the first verdict in it; empty for none."""
    last: str


def describe_export(
    place: Place, csv: str, out: str, progress: Progress, wanted: Wanted | None = None, *, force: bool = False
) -> None:
    """Describe what was just exported to ``csv``, in a file or ``-``. Raises as :func:`audit_card` does."""
    from skintui.review.choice import verdicts_of
    from skintui.review.sheet import csv_rows
    from skintui.steps.card import audit_card

    path = Path(csv).expanduser()
    chosen = verdicts_of(choice_of(wanted or Wanted()), latest_verdicts(place, place.lesions(progress)))
    times = sorted(v.reviewed_at for v in chosen)
    described = Described(
        csv=path,
        columns=next(csv_rows(path)),
        reviewers=sorted({v.reviewer for v in chosen}),
        first=times[0] if times else "",
        last=times[-1] if times else "",
    )
    write_croissant(described, audit_card(place, progress), out, force=force)


def write_croissant(described: Described, card: AuditCard, out: str, *, force: bool = False) -> None:
    """Write the sidecar. Raises WorkspaceError where ``out`` exists and ``force`` is not given."""
    folder = Path() if out == "-" else Path(out).expanduser().parent
    text = json.dumps(croissant(described, card, folder), ensure_ascii=False, indent=2, allow_nan=False)
    with result_stream(out, force=force) as file:
        file.write(inert(text).encode("utf-8") + b"\n")


def inert(text: str) -> str:
    """JSON of the same value without characters that act on a terminal or are not seen: they are spelled out."""
    if text.isascii():  # json spells out the rest itself, but for one
        return text.replace("\x7f", "\\u007f")
    return "".join(c if c == "\n" or printable(c) == c else json.dumps(c)[1:-1] for c in text)


def croissant(described: Described, card: AuditCard, folder: Path) -> Node:
    """The sidecar of an exported CSV as it is told from ``folder``."""
    data, origin = card.dataset, card.dataset.origin
    node: Node = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": f"{data.name}-annotation-audit",
        "description": (
            f"Annotations of {data.name} ({data.lesions} skin lesions of {data.patients} patients) that an audit "
            f"flagged or people reviewed, exported by skintui {card.version}."
        ),
        "conformsTo": VERSION,
        "version": f"{EXPORT_SCHEMA}.0.0",
        "license": licence_addresses(data),
        "citeAs": f"{origin.citation} https://doi.org/{origin.paper_doi}" if origin is not None else None,
        "creator": [{"@type": "sc:Person", "name": name} for name in described.reviewers],
        "datePublished": described.last[:10],
        "distribution": [_file(described.csv, folder)],
        "recordSet": [_record_set(described.columns)],
        "prov:wasDerivedFrom": _source(data),
        "prov:wasGeneratedBy": _activity(described, card),
        "prov:wasAttributedTo": [{"@type": "prov:Person", "name": name} for name in described.reviewers],
    }
    return {key: value for key, value in node.items() if value}


def licence_addresses(data: DatasetFacts) -> list[str]:
    """The published data set's licence, else those the table names; a word without a known address as it is.

    What would be an address, but none of the web's, stands in quotation marks: a page that shows it may link it.
    """
    from skintui.dataset.origin import LICENCES

    if data.origin is not None:
        return [data.origin.licence]
    return [LICENCES.get(word) or (f"“{word}”" if _LEADS_ASTRAY.match(word) else word) for word in data.licences]


def _file(csv: Path, folder: Path) -> Node:
    where = Path(os.path.relpath(csv, folder)).as_posix()
    return {
        "@type": "cr:FileObject",
        "@id": "csv",
        "name": csv.name,
        "contentUrl": where if ":" not in where else f"./{where}",  # RFC 3986, 4.2: else a name could be a scheme
        "contentSize": f"{csv.stat().st_size} B",
        "encodingFormat": "text/csv",
        "sha256": sha256_of(csv),
    }


def _record_set(columns: Sequence[str]) -> Node:
    return {"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "field": [_field(column) for column in columns]}


def _field(column: str) -> Node:
    kind, description = _told(column)
    return {
        "@type": "cr:Field",
        "@id": f"rows/{column}",
        "name": column,
        "description": description,
        "dataType": kind,
        "source": {"fileObject": {"@id": "csv"}, "extract": {"column": column}},
    }


def _told(column: str) -> tuple[str, str]:
    """Type and description; a column of the wide table is told of its attribute."""
    if column in _COLUMNS:
        return _COLUMNS[column]
    attribute = next(a for a in ATTRIBUTES if column.startswith(f"{a.name}_") and column[len(a.name) + 1 :] in _COLUMNS)
    kind, description = _COLUMNS[column[len(attribute.name) + 1 :]]
    return kind, f"{attribute.title}{f' ({attribute.unit})' if attribute.unit else ''}: {description}"


def _source(data: DatasetFacts) -> Node:
    """The data set that was audited, by the digest of its table and, where it is a published one, its DOI."""
    node: Node = {
        "@type": "prov:Entity",
        "@id": f"urn:sha256:{data.sha256}",
        "name": data.origin.name if data.origin is not None else data.name,
        "description": f"{data.metadata}, SHA-256 {data.sha256}",
        "license": licence_addresses(data),
    }
    if data.origin is not None:
        node["identifier"] = f"https://doi.org/{data.origin.doi}"
        node["citation"] = data.origin.citation
    return node


def _activity(described: Described, card: AuditCard) -> Node:
    """The audit and its review: what it used, when people decided, with which software."""
    audit, sha = card.audit, card.dataset.sha256
    node: Node = {
        "@type": "prov:Activity",
        "@id": f"urn:skintui:audit:{sha[:16]}",
        "name": "annotation audit and review",
        "prov:used": [{"@id": f"urn:sha256:{sha}"}, *_models(card.model)],
        "prov:wasAssociatedWith": {
            "@type": ["prov:SoftwareAgent", "sc:SoftwareApplication"],
            "@id": f"urn:skintui:{card.version}",
            "name": "skintui",
            "softwareVersion": card.version,
        },
    }
    if audit is not None:
        node["description"] = (
            f"{audit.flagged} of {audit.ranked} annotations flagged at a false-discovery rate of {audit.fdr:g}, "
            f"q-values: {audit.q_kind}, {audit.predictions_kind} predictions"
        )
    if described.first:
        node["prov:startedAtTime"], node["prov:endedAtTime"] = _time(described.first), _time(described.last)
    return node


def _models(about: About | None) -> list[Node]:
    """Base, adapters and prompts, each by its digest."""
    if about is None:
        return []
    parts = [("base model", about.model_sha256), ("adapter", about.adapter_sha256), ("prompts", about.prompt_sha256)]
    parts += [(f"fold adapter {number}", digest) for number, digest in enumerate(about.folds, start=1)]
    return [
        {"@type": "prov:Entity", "@id": f"urn:sha256:{digest}", "name": f"{about.model_id}: {word}"}
        for word, digest in parts
        if digest
    ]


def _time(moment: str) -> Node:
    return {"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": moment}
