"""What reading and searching cost on this machine: time and memory per stage, bytes per stored vector.

The method's claim is that hierarchical search needs no database per attribute, for the candidates' vectors can be
computed when they are asked for (arXiv 2508.20188). Both ways are measured side by side, with what each keeps on disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from skintui.attributes import ATTRIBUTES
from skintui.errors import SkintuiError, VectorsError
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.evaluation.cost_stages import STAGES, Order, Stage
from skintui.steps.measures import machine
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.steps.place import Place
    from skintui.steps.weights import Weights
    from skintui.vectors.manifest import Manifest

BREADTH = 200
FULL_COHORT = 401_059
"""Lesions of SLICE-3D, for which storage is multiplied out."""
JOINT = ("areaMM2", "deltaL")
_POLL = 0.2


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes on the disk per lesion and view, the mean over the views stored."""

    views: int
    lesions: int
    dimensions: int
    vector_bytes: float
    """The half-precision vector."""
    graph_bytes: float
    """Its place in the search graph, signs included."""

    @property
    def per_view(self) -> float:
        return self.vector_bytes + self.graph_bytes

    def total(self, views: int, lesions: int = FULL_COHORT) -> float:
        """Bytes that ``views`` views of ``lesions`` lesions take at this rate."""
        return self.per_view * views * lesions


@dataclass(frozen=True, slots=True)
class Cost:
    """Everything measured, and where."""

    machine: str
    stages: tuple[Stage, ...]
    storage: Storage
    breadth: int
    """Candidates of hierarchical search: b, or all lesions where there are fewer."""
    batch: int
    load: float | None = None
    """Mean number of processes that wanted a core in the minute before; above the cores, times are too long."""

    def as_object(self) -> dict[str, Any]:
        """The ``cost`` section of the evaluation's JSON."""
        storage = self.storage
        attributes = len(ATTRIBUTES)
        return {
            "machine": self.machine,
            "breadth": self.breadth,
            "batch": self.batch,
            "load": self.load,
            "stages": [{**asdict(stage), "per_second": stage.per_second} for stage in self.stages],
            "storage": {
                **asdict(storage),
                "per_lesion_and_view": storage.per_view,
                "full_cohort": FULL_COHORT,
                "full_cohort_precomputed": storage.total(1 + attributes),
                "full_cohort_on_the_fly": storage.total(1),
            },
        }


def measure_cost(
    place: Place,
    weights: Weights,
    progress: Progress,
    *,
    tiles: int = 64,
    batch: int = 16,
    queries: int = 50,
    breadth: int = BREADTH,
    stages: Sequence[str] = STAGES,
) -> Cost:
    """Measure each stage in a process of its own. Needs an index with the image view and two attributes.

    On-the-fly searches read ``breadth`` tiles per query, so only ``queries`` / 10 of them are timed, at least three.
    Raises VectorsError where there is no index or a stage fails, Cancelled between two looks at the child.
    """
    manifest, attributes = measurable_index(place, weights, progress)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    progress.start("measuring cost", len(stages))
    found = []
    for name in stages:
        many = queries if not name.endswith("on the fly") else max(3, queries // 10)
        order = Order(
            stage=name,
            root=str(place.files.root),
            metadata=str(place.files.metadata),
            images=str(place.files.images),
            workspace=str(place.workspace.root),
            base=weights.base,
            adapter=str(weights.adapter) if weights.adapter else None,
            device=weights.device,
            dtype=weights.dtype,
            decode=weights.decode,
            quantize=weights.quantize,
            tiles=tiles,
            batch=batch,
            queries=many,
            breadth=breadth,
            attributes=attributes,
        )
        found.append(run_stage(order, progress))
        progress.advance()
    return Cost(machine(), tuple(found), storage_of(manifest), min(breadth, manifest.n), batch, load)


def measurable_index(place: Place, weights: Weights, progress: Progress) -> tuple[Manifest, tuple[str, ...]]:
    """The finished index of a place and the two attributes searched by. Raises as :func:`measure_cost` does."""
    from skintui.steps.model_record import fingerprint_of
    from skintui.vectors.manifest import open_manifest

    dataset_sha256 = place.lesions(progress).dataset_sha256
    made_from = {"dataset_sha256": dataset_sha256, **fingerprint_of(place.workspace, weights)}
    manifest = open_manifest(place.workspace.vectors, made_from)
    return manifest, _attributes(manifest)


def run_stage(order: Order, progress: Progress) -> Stage:
    """One stage in a child process. Raises VectorsError with the child's reason where it fails."""
    command = [sys.executable, "-m", "skintui.steps.evaluation.cost_stages"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, encoding="utf-8", **pipes) as child:  # type: ignore[call-overload] # noqa: S603 -- this interpreter, our own module
        try:
            said = _answer(child, json.dumps(asdict(order)), progress)
        except BaseException:
            child.kill()
            raise
    return _stage(order, child.returncode, *said)


def _answer(child: subprocess.Popen[str], order: str, progress: Progress) -> tuple[str, str]:
    """What the child wrote on stdout and stderr; looks for cancellation while it waits."""
    given: str | None = order
    while True:
        stop_if_cancelled(progress)
        try:
            return child.communicate(given, timeout=_POLL)
        except subprocess.TimeoutExpired:
            given = None  # it has been sent


def _stage(order: Order, code: int, out: str, complaints: str) -> Stage:
    try:
        reply: Mapping[str, Any] = json.loads(out.splitlines()[-1])
    except (ValueError, IndexError):
        last = (complaints.strip().splitlines() or ["no word"])[-1]
        what = f"measuring '{order.stage}' failed (code {code}): {printable(last, 200)}"
        raise VectorsError(what, do="see 'skintui doctor'") from None
    if "error" in reply:
        raise SkintuiError(printable(str(reply["error"]), 400))
    return Stage(**reply)


def storage_of(manifest: Manifest) -> Storage:
    """Mean bytes per lesion and view, from the sizes of the index's files."""
    count = max(len(manifest.views) * manifest.n, 1)
    vectors = sum(record.bytes for name, record in manifest.files.items() if name.endswith(".f16"))
    graphs = sum(record.bytes for name, record in manifest.files.items() if not name.endswith(".f16"))
    return Storage(len(manifest.views), manifest.n, manifest.d, vectors / count, graphs / count)


def _attributes(manifest: Manifest) -> tuple[str, ...]:
    """The paper's pair where it is indexed, else the first two attributes that are."""
    indexed = [a.name for a in ATTRIBUTES if a.name in manifest.views]
    chosen = tuple(name for name in JOINT if name in indexed) if set(JOINT) <= set(indexed) else tuple(indexed[:2])
    if "image" not in manifest.views or len(chosen) < 2:
        what = "measuring cost needs an index of the image view and two attributes"
        raise VectorsError(what, where=manifest.folder, do="run 'skintui index'")
    return chosen
