"""One stage of the work, measured in a process of its own: ``python -m skintui.steps.evaluation.cost_stages``.

The process does nothing but this one stage, so that the peak of its memory is the stage's. It reads one JSON object
from stdin (:class:`Order`) and writes one line of JSON to stdout: the :class:`Stage`, or ``{"error": text}``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from skintui.errors import SkintuiError, VectorsError
from skintui.steps.measures import peak_memory, restart_peak_memory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from skintui.dataset.lesions import Lesions
    from skintui.model.reader import LesionReader
    from skintui.steps.weights import Weights
    from skintui.vectors.search import ViewIndex

    Vectors = NDArray[np.float32]
    Rows = NDArray[np.int64]

K = 5
WITH_MODEL = ("image vector", "sixteen questions", "with answers", "hierarchical on the fly", "joint on the fly")
STAGES = ("reading tiles", *WITH_MODEL[:3], "attribute", "hierarchical stored", *WITH_MODEL[3:])
"""What can be measured, in the order of the table."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is to measure."""

    stage: str
    root: str
    metadata: str
    images: str
    workspace: str
    base: str
    adapter: str | None
    device: str
    dtype: str
    decode: str
    quantize: str
    tiles: int
    batch: int
    queries: int
    breadth: int
    attributes: tuple[str, ...]
    """The one searched by; joint search asks for all of them."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage took."""

    stage: str
    units: int
    """Tiles or queries that were timed."""
    seconds: float
    """Wall time of all of them."""
    median_ms: float
    """Median milliseconds per unit."""
    peak_bytes: int | None
    """Most memory the process held during the stage, everything loaded before it counted in; None: not known here."""
    before_bytes: int | None
    """What it held when the stage began: interpreter, libraries, model, opened index."""
    device_bytes: int | None
    """Most memory of tensors on the CUDA device; None on another device."""
    device: str
    """Where the model computed, and in which numbers; empty for stages without a model."""

    @property
    def per_second(self) -> float:
        return self.units / self.seconds if self.seconds > 0 else float("nan")


def measure_stage(order: Order) -> Stage:
    """Do the stage once to warm up, then timed. Raises what the stage raises."""
    from skintui.progress import SILENT
    from skintui.steps.place import open_place
    from skintui.steps.weights import Weights

    place = open_place(order.root, metadata=order.metadata, images=order.images, workspace=order.workspace)
    lesions = place.lesions(SILENT)
    adapter = Path(order.adapter) if order.adapter else None
    weights = Weights(order.base, adapter, order.device, order.dtype, order.decode, order.quantize)
    with _work(order, lesions, place.workspace.vectors, weights) as (parts, reader):
        return _timed(order, parts, reader)


def _timed(order: Order, parts: Sequence[tuple[int, Callable[[], object]]], reader: LesionReader | None) -> Stage:
    if not parts:
        raise VectorsError("there is nothing to measure: no lesion is indexed")
    parts[0][1]()
    restarted = restart_peak_memory()
    before = peak_memory() if restarted else None
    if reader is not None:
        from skintui.model.memory import forget_device_peak

        forget_device_peak(reader)
    took: list[float] = []
    for _, act in parts:
        begun = perf_counter()
        act()
        took.append(perf_counter() - begun)
    peak, on_device, device = peak_memory(), None, ""
    if reader is not None:
        from skintui.model.memory import device_peak

        on_device, device = device_peak(reader), f"{reader.device}, {reader.dtype}"
    each = sorted(1000 * seconds / units for seconds, (units, _) in zip(took, parts, strict=True))
    middle = (each[(len(each) - 1) // 2] + each[len(each) // 2]) / 2
    units = sum(units for units, _ in parts)
    return Stage(order.stage, units, sum(took), middle, peak, before, on_device, device)


@contextmanager
def _work(
    order: Order, lesions: Lesions, folder: Path, weights: Weights
) -> Iterator[tuple[list[tuple[int, Callable[[], object]]], LesionReader | None]]:
    """The parts to time, each with its number of units, with everything they need loaded."""
    reader = weights.load() if order.stage in WITH_MODEL else None
    if order.stage in STAGES[:4]:
        yield _reading_parts(order, lesions, reader), reader
        return
    from skintui.vectors.search import ViewIndex

    names = ["image", order.attributes[0]] if order.stage != "attribute" else [order.attributes[0]]
    if order.stage in WITH_MODEL:
        names = ["image"]
    views = {name: ViewIndex.open(folder, name) for name in names}
    try:
        yield list(_search_parts(order, lesions, views, reader)), reader
    finally:
        for view in views.values():
            view.close()


def _reading_parts(
    order: Order, lesions: Lesions, reader: LesionReader | None
) -> list[tuple[int, Callable[[], object]]]:
    """Batches of tiles: decoded, or decoded before and read by the model."""
    ids = [lesions.ids[row] for row in spread_out(len(lesions), order.tiles).tolist()]
    groups = [ids[start : start + order.batch] for start in range(0, len(ids), order.batch)]
    if reader is None:
        return [(len(group), lambda group=group: [lesions.tile(i) for i in group]) for group in groups]  # type: ignore[misc]
    act: Callable[[list[Image]], object] = {
        "image vector": reader.embed_images,
        "sixteen questions": lambda images: reader.read(images, decode=False),
        "with answers": reader.read,
    }[order.stage]
    decoded = [[lesions.tile(i) for i in group] for group in groups]
    return [(len(images), lambda images=images: act(images)) for images in decoded]  # type: ignore[misc]


def _search_parts(
    order: Order, lesions: Lesions, views: dict[str, ViewIndex], reader: LesionReader | None
) -> Iterator[tuple[int, Callable[[], object]]]:
    """One part per query; each query's own vectors are stored, its candidates' are or are not."""
    from skintui.attributes import attribute
    from skintui.vectors.hierarchical import hierarchical

    asked = [attribute(name) for name in order.attributes]
    first = next(iter(views.values()))
    present = first.present.nonzero()[0]

    def from_model(images: list[Image]) -> Vectors:
        assert reader is not None  # noqa: S101 -- these stages have loaded one
        if order.stage == "joint on the fly":
            return reader.embed_joint(images, asked)
        return reader.read(images, attributes=asked[:1], decode=False).attribute_vectors[:, 0]

    def of_candidates(rows: Rows) -> Vectors:
        return computed(lesions, rows, first.d, order.batch, from_model)

    for row in present[spread_out(present.size, order.queries)].tolist():
        own = views[asked[0].name].rows([row])[0] if asked[0].name in views else None
        if order.stage == "attribute":
            yield 1, lambda own=own: first.search(own, K + 1)  # type: ignore[misc]
            continue
        image, stored = views["image"].rows([row])[0], views.get(asked[0].name)

        def act(row: int = row, image: Any = image, own: Any = own, stored: ViewIndex | None = stored) -> object:
            if stored is not None:
                return hierarchical(first, image, own, stored.stored, K, order.breadth)
            question = from_model([lesions.tile(lesions.ids[row])])[0]
            return hierarchical(first, image, question, of_candidates, K, order.breadth)

        yield 1, act


def computed(lesions: Lesions, rows: Rows, d: int, batch: int, vectors_of: Callable[[list[Image]], Vectors]) -> Vectors:
    """Vectors (b, d) of lesions by the model, their tiles read from the files; zero where one does not decode."""
    import numpy as np

    from skintui.steps.reading import decoded_batches

    place = {int(row): i for i, row in enumerate(rows.tolist())}
    vectors = np.zeros((rows.size, d), np.float32)
    for each in decoded_batches(lesions, rows.tolist(), batch):
        if each.rows:
            vectors[[place[row] for row in each.rows]] = vectors_of(list(each.images))
    return vectors


def spread_out(n: int, count: int) -> Rows:
    """Positions (min(count, n),) evenly spread over n."""
    import numpy as np

    return np.unique(np.linspace(0, max(n - 1, 0), min(count, n)).round().astype(np.int64))


def main() -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print does not end up in the reply
    sys.stdout = sys.stderr
    content = json.loads(sys.stdin.read())
    try:
        reply = asdict(measure_stage(Order(**{**content, "attributes": tuple(content["attributes"])})))
    except SkintuiError as error:
        reply = {"error": str(error)}
    with replies:
        replies.write(json.dumps(reply) + "\n")


if __name__ == "__main__":
    main()
