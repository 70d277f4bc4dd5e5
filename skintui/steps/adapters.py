"""The adapters of one training as units of work: the main one and those of the folds do not wait for each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.progress import Progress
from skintui.steps.place import Place

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from skintui.dataset.lesions import Lesions
    from skintui.model.train import Trained
    from skintui.model.train_settings import TrainSettings
    from skintui.steps.reading import Batch

    Rows = NDArray[np.int64]


class Samples:
    """The labelled lesions of some rows, of one data set or several, as training takes them."""

    def __init__(self, *parts: tuple[Lesions, Rows]) -> None:
        self._lesions = [lesions for lesions, _ in parts]
        self._ids = [lesions.ids for lesions in self._lesions]  # read now: polars must not be used behind a fork
        self._part = np.repeat(np.arange(len(parts)), [rows.size for _, rows in parts])
        self._row = np.concatenate([rows for _, rows in parts])
        self._labels = np.concatenate([lesions.labels()[rows] for lesions, rows in parts])

    def __len__(self) -> int:
        return int(self._row.size)

    def image(self, i: int) -> Image:
        part = int(self._part[i])
        return self._lesions[part].tile(self._ids[part][int(self._row[i])])

    def labels(self, i: int) -> NDArray[np.float64]:
        return np.asarray(self._labels[i])


@dataclass(frozen=True, eq=False)
class Adapter:
    """One adapter to train: its folder, and its rows of the data set."""

    folder: Path
    rows: Rows


@dataclass(frozen=True, eq=False)
class AdapterTraining:
    """Trainings of one recipe."""

    settings: TrainSettings
    place: Place
    mixed: tuple[tuple[Place, Rows], ...]
    """Rows of other data sets that every adapter learns from too."""
    resume: bool

    model = None
    noun = "adapter"

    def needs(self) -> list[Path]:
        places = [self.place, *(place for place, _ in self.mixed)]
        found = [path for one in places for path in (one.files.metadata, one.files.images, one.workspace.root)]
        named = (self.settings.base, self.settings.init_adapter)
        return [*found, *(Path(path) for path in named if path and Path(path).is_absolute())]

    def size(self, unit: Adapter) -> int:  # noqa: ARG002 -- each counts as one
        return 1

    def taken_up(self) -> AdapterHands:
        return AdapterHands(self)


class AdapterHands:
    """The data sets open for one process."""

    def __init__(self, work: AdapterTraining) -> None:
        self.work, self.lesions = work, work.place.lesions()
        self.mixed = [(place.lesions(), rows) for place, rows in work.mixed]

    def close(self) -> None: ...

    def batches(self, unit: Adapter) -> Iterator[Batch]:  # noqa: ARG002 -- training draws its own
        return iter(())

    def do(self, model: Any, unit: Adapter, batches: Iterable[Batch], progress: Progress) -> Trained:  # noqa: ARG002
        from skintui.model.train import train

        samples = Samples((self.lesions, unit.rows), *self.mixed)
        return train(self.work.settings, samples, unit.folder, progress, resume=self.work.resume)
