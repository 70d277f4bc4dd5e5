"""What runs on the cluster: a worker that holds the model, and the decoding of tiles ahead of it.

Both are plain classes and functions here; the pool hands them to Ray.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import skintui
from skintui.errors import EngineError, SkintuiError
from skintui.progress import Silent
from skintui.steps.engine import Facts, Hands, Model, Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skintui.steps.reading import Batch, Unreadable


@dataclass(frozen=True, slots=True)
class Site:
    """Where a worker is."""

    node: str
    """Ray's id of the node."""
    name: str
    """Host name and address, for people."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """A batch of decoded tiles as plain arrays, which Ray shares between processes without copying."""

    rows: tuple[int, ...]
    tiles: tuple[NDArray[np.uint8], ...]
    """(height, width, 3) each."""
    unreadable: tuple[Unreadable, ...]
    size: int

    @classmethod
    def of(cls, batch: Batch) -> Pixels:
        import numpy as np

        return cls(batch.rows, tuple(np.asarray(image) for image in batch.images), batch.unreadable, batch.size)

    def batch(self) -> Batch:
        from PIL import Image

        from skintui.steps.reading import Batch

        return Batch(self.rows, tuple(Image.fromarray(tile) for tile in self.tiles), self.unreadable, self.size)


class Stop(Silent):
    """A progress that only carries the wish to stop."""

    def __init__(self) -> None:
        self.wanted = False

    @property
    def cancelled(self) -> bool:
        return self.wanted


class Worker:
    """One GPU or some CPU cores with a model that stays loaded from unit to unit."""

    def __init__(self, version: str) -> None:
        self.stop_wish = Stop()
        self._model: tuple[Model, Any] | None = None
        self._version = version

    def facts(self, model: Model) -> tuple[Site, Facts]:
        """What the model says of itself, loaded here."""
        with explained_here(self):
            return site(), Facts.of(self._loaded(model))

    def take_up(self, key: str, work: list[Any]) -> Site:
        """See the files of a work, load its model. ``work`` holds a reference, so that it travels once."""
        with explained_here(self):
            _seen(_of(key, work))
            model = _of(key, work).model
            if model is not None:
                self._loaded(model)
            _hands(key, work)
        return site()

    def do(self, key: str, work: list[Any], unit: Any, decoded: list[Pixels] | None) -> Any:
        """One unit, its tiles decoded already or (None) by a thread of this process."""
        with explained_here(self):
            model, hands = _of(key, work).model, _hands(key, work)
            batches: Iterable[Batch] = hands.batches(unit) if decoded is None else (each.batch() for each in decoded)
            return hands.do(None if model is None else self._loaded(model), unit, batches, self.stop_wish)

    def stop(self) -> None:
        """Ask the unit at work to end at the next batch; called beside it."""
        self.stop_wish.wanted = True

    def refuse_another_version(self) -> None:
        if self._version != skintui.__version__:
            what = f"skintui {skintui.__version__} is installed here, the run is of {self._version}"
            raise EngineError(what, do="install the same version on all nodes")

    def _loaded(self, model: Model) -> Any:
        if self._model is None or self._model[0] != model:
            self._model = None  # the former one goes first: two may not fit on a card
            self._model = model, model.load()
        return self._model[1]


def decoded(key: str, work: list[Any], unit: Any) -> list[Pixels]:
    """The tiles of a unit, for a worker on the same node that is busy with the one before."""
    return [Pixels.of(batch) for batch in _hands(key, work).batches(unit)]


def site() -> Site:
    """Where this process is."""
    import ray

    address: Any = ray.util.get_node_ip_address  # untyped there
    return Site(str(ray.get_runtime_context().get_node_id()), f"{socket.gethostname()} ({address()})")


class explained_here:  # noqa: N801 -- reads as a statement
    """Adds the node's name to whatever a person will be told."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def __enter__(self) -> None:
        self.worker.refuse_another_version()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SkintuiError):
            error.what = f"{error.what} (on node {site().name})"


_works: dict[str, Any] = {}
_taken: dict[str, Hands[Any, Any]] = {}
"""Of this process: the one work it is at."""


def _of(key: str, reference: list[Any]) -> Work[Any, Any]:
    import ray

    if key not in _works:
        _works.clear()
        _works[key] = ray.get(reference[0])
    work: Work[Any, Any] = _works[key]
    return work


def _hands(key: str, reference: list[Any]) -> Hands[Any, Any]:
    if key not in _taken:
        for hands in _taken.values():
            hands.close()
        _taken.clear()
        _taken[key] = _of(key, reference).taken_up()
    return _taken[key]


def _seen(work: Work[Any, Any]) -> None:
    """Raise EngineError naming the first path that is not there."""
    for path in _missing(work):
        do = "put data set, workspace and model on a folder that all nodes share, under the same path"
        raise EngineError("this cannot be seen", where=path, do=do)


def _missing(work: Work[Any, Any]) -> Iterator[Any]:
    return (path for path in work.needs() if not path.exists())
