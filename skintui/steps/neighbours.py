"""``neighbours``: the nearest lesions of one lesion, from stored vectors where they are, else computed on the fly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.attributes import ATTRIBUTES, Attribute
from skintui.errors import StaleError, TileError, UsageError, VectorsError
from skintui.files import explained
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.model_record import fingerprint_of
from skintui.steps.place import Place
from skintui.steps.predictions import look_up
from skintui.steps.reading import decoded_batches
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PIL.Image import Image

    from skintui.dataset.lesions import Lesions
    from skintui.model.reader import LesionReader
    from skintui.vectors.exact import Hits
    from skintui.vectors.search import ViewIndex

    Vectors = NDArray[np.float32]

COLUMNS = ("rank", "isic_id", "similarity", "label", "predicted", "patient_id")
MODES = ("attribute", "image", "hierarchical", "joint")
BATCH = 16


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: a lesion of the data set or a tile from outside, and how lesions are compared."""

    isic_id: str | None
    image: Path | None
    attributes: tuple[Attribute, ...]
    mode: str = "attribute"
    k: int = 5
    exclude_patient: bool = False

    def checked(self) -> Query:
        """Raises UsageError where mode and attributes do not go together."""
        count = len(self.attributes)
        if self.mode not in MODES:
            raise UsageError(f"unknown mode '{self.mode[:40]}'", do=f"choose one of {', '.join(MODES)}")
        if self.mode == "joint" and count < 2:
            raise UsageError("joint mode needs two attributes or more", do="name them: --attribute areaMM2,deltaL")
        if self.mode in ("attribute", "hierarchical") and count != 1:
            hint = "name one with --attribute" if not count else "use --mode joint for several"
            raise UsageError(f"{self.mode} mode takes one attribute, not {count}", do=hint)
        if (self.isic_id is None) == (self.image is None):
            raise UsageError("name one lesion: an isic_id or --image FILE")
        if self.image is not None and self.exclude_patient:
            raise UsageError("a tile from outside has no patient", do="leave out --exclude-patient")
        return self


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One result."""

    rank: int
    isic_id: str
    similarity: float
    """Cosine of the vectors compared."""
    patient_id: str
    labels: tuple[float, ...]
    """Per attribute asked for, in its unit; NaN where missing."""
    predicted: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The results, most similar first."""

    query: Query
    found: tuple[Neighbour, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The fixed columns, for the first attribute; label and prediction of further ones behind them."""
        more = (f"{kind}_{a.name}" for a in self.query.attributes[1:] for kind in ("label", "predicted"))
        return (*COLUMNS, *more)

    def rows(self) -> Iterator[dict[str, Any]]:
        for one in self.found:
            row: dict[str, Any] = {
                "rank": one.rank,
                "isic_id": one.isic_id,
                "similarity": one.similarity,
                "patient_id": one.patient_id,
            }
            for j, attribute in enumerate(self.query.attributes):
                tail = f"_{attribute.name}" if j else ""
                row[f"label{tail}"], row[f"predicted{tail}"] = one.labels[j], one.predicted[j]
            yield row


def neighbours(place: Place, query: Query, weights: Weights, progress: Progress) -> Neighbours:
    """The ``query.k`` nearest lesions; the query itself is left out.

    Raises VectorsError where there is no index, StaleError naming what changed since it was made, TileError for a tile
    that does not decode.
    """
    query.checked()
    lesions = place.lesions(progress)
    search = _Search(place, lesions, query, weights, progress)
    hits = search.hits()
    return Neighbours(query, tuple(_described(place, lesions, query, hits)))


def _described(place: Place, lesions: Lesions, query: Query, hits: Hits) -> Iterator[Neighbour]:
    labels, names = lesions.labels(), [a.name for a in query.attributes]
    columns = [ATTRIBUTES.index(a) for a in query.attributes]
    ids = [lesions.ids[row] for row in hits.rows.tolist()]
    predicted = look_up(place.workspace.predictions, lesions.dataset_sha256, ids, names)
    for rank, (row, similarity) in enumerate(zip(hits.rows.tolist(), hits.similarity.tolist(), strict=True), start=1):
        yield Neighbour(
            rank=rank,
            isic_id=lesions.ids[row],
            similarity=similarity,
            patient_id=str(lesions.patients[row]),
            labels=tuple(float(labels[row, j]) for j in columns),
            predicted=tuple(predicted.get((lesions.ids[row], name), float("nan")) for name in names),
        )


class _Search:
    """One question put to the index of a workspace, with the model at hand for what is not stored."""

    def __init__(self, place: Place, lesions: Lesions, query: Query, weights: Weights, progress: Progress) -> None:
        from skintui.vectors.manifest import open_manifest

        self.lesions, self.query, self.weights, self.progress = lesions, query, weights, progress
        self.row = lesions.row_of(query.isic_id) if query.isic_id is not None else None
        folder = place.workspace.vectors
        self.manifest = open_manifest(folder, {"dataset_sha256": lesions.dataset_sha256})
        wanted = fingerprint_of(place.workspace, weights)
        self.manifest = open_manifest(folder, wanted)
        self._opened: dict[str, ViewIndex] = {}

    def hits(self) -> Hits:
        query = self.query
        if query.mode in ("attribute", "image"):
            view = "image" if query.mode == "image" else query.attributes[0].name
            return self._view(view).search(self._vector(view), query.k, self._allowed())
        from skintui.vectors.hierarchical import hierarchical

        rows = self._joint_rows if query.mode == "joint" else self._attribute_rows
        second = self._joint([self._tile])[0] if query.mode == "joint" else self._vector(query.attributes[0].name)
        image = self._view("image")
        return hierarchical(image, self._vector("image"), second, rows, query.k, allowed=self._allowed())

    @cached_property
    def reader(self) -> LesionReader:
        """The model, loaded when first needed; it must be the one the index was made with."""
        self.progress.start("loading the model")
        reader = self.weights.load()
        if any(self.manifest.fingerprint.get(key) != value for key, value in reader.fingerprint.items()):
            raise StaleError(
                "the stored vectors are of another model", where=self.manifest.folder, do="run 'skintui index'"
            )
        return reader

    @cached_property
    def _tile(self) -> Image:
        """The query's tile."""
        from skintui.dataset.tiles import decode_tile

        if self.query.image is None:
            assert self.query.isic_id is not None  # noqa: S101 -- the query was checked
            return self.lesions.tile(self.query.isic_id)
        try:
            return decode_tile(self.query.image.read_bytes())
        except OSError as error:
            raise explained(error, self.query.image) from error
        except TileError as error:
            raise TileError(error.what, where=self.query.image) from error

    def _view(self, view: str) -> ViewIndex:
        from skintui.vectors.search import ViewIndex

        if view not in self._opened:
            if view not in self.manifest.views:
                hint = f"use --mode hierarchical, or run 'skintui index' with {view}"
                raise VectorsError(f"'{view}' is not indexed", where=self.manifest.folder, do=hint)
            self._opened[view] = ViewIndex(self.manifest, view)
        return self._opened[view]

    def _vector(self, view: str) -> Vectors:
        """The query's vector (d,) in a view: stored, or read from its tile."""
        if self.row is not None and view in self.manifest.views:
            index = self._view(view)
            if self.row < index.n and index.present[self.row]:
                return np.asarray(index.rows([self.row])[0])
        if view == "image":
            return np.asarray(self.reader.embed_images([self._tile])[0])
        return np.asarray(self._answered([self._tile])[0])

    def _answered(self, images: list[Image]) -> Vectors:
        """Attribute vectors (b, d) of tiles, computed now."""
        return self.reader.read(images, attributes=self.query.attributes[:1], decode=False).attribute_vectors[:, 0]

    def _joint(self, images: list[Image]) -> Vectors:
        return self.reader.embed_joint(images, self.query.attributes)

    def _attribute_rows(self, rows: NDArray[np.int64]) -> Vectors | NDArray[np.float16]:
        """Vectors (b, d) of the candidates: stored ones where the attribute is indexed."""
        name = self.query.attributes[0].name
        if name in self.manifest.views:
            return self._view(name).stored(rows)
        return self._computed(rows, self._answered)

    def _joint_rows(self, rows: NDArray[np.int64]) -> Vectors:
        return self._computed(rows, self._joint)

    def _computed(self, rows: NDArray[np.int64], vectors_of: Callable[[list[Image]], Vectors]) -> Vectors:
        """Vectors (b, d) of candidates by the model; zero where a tile does not decode, so that it is left out."""
        place = {int(row): i for i, row in enumerate(rows.tolist())}
        vectors = np.zeros((rows.size, self.manifest.d), np.float32)
        reader = self.reader
        assert reader is not None  # noqa: S101 -- loads the model before the bar starts
        self.progress.start("reading candidates", rows.size)
        for batch in decoded_batches(self.lesions, rows.tolist(), BATCH):
            stop_if_cancelled(self.progress)
            if batch.rows:
                vectors[[place[row] for row in batch.rows]] = vectors_of(list(batch.images))
            self.progress.advance(batch.size)
        return vectors

    def _allowed(self) -> NDArray[np.bool_] | None:
        """Which indexed lesions may be found: not the query, and not its patient's where that is asked for."""
        if self.row is None:
            return None
        from skintui.dataset.schema import UNKNOWN_PATIENT

        allowed = np.ones(self.manifest.n, np.bool_)
        patients = self.lesions.patients
        if self.query.exclude_patient and patients[self.row] != UNKNOWN_PATIENT:
            allowed &= patients[: self.manifest.n] != patients[self.row]
        if self.row < self.manifest.n:
            allowed[self.row] = False
        return allowed
