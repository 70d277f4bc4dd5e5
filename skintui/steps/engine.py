"""Who computes: the same units of work in this process, or spread over workers that each hold the model.

A step says *what* there is to do as a :class:`Work` (names and numbers, so that it can travel to another machine) and
takes the results as they come. An engine says *where*: :class:`Local` here, ``skintui.engines`` on a cluster. Both call
the very same code of the work, and only the step that asked writes down what counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from skintui.progress import Progress

if TYPE_CHECKING:
    from skintui.steps.reading import Batch
    from skintui.steps.weights import Weights

Unit = TypeVar("Unit")
Result = TypeVar("Result")
Taken = TypeVar("Taken", contravariant=True)
Made = TypeVar("Made", covariant=True)


class Model(Protocol):
    """How a worker comes by its model; two that are equal load the same."""

    def load(self) -> Any:
        """The loaded model."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a loaded reader says of itself."""

    fingerprint: dict[str, str]
    hidden_size: int
    dtype: str
    decode: str

    @classmethod
    def of(cls, reader: Any) -> Self:
        """Of a ``LesionReader``."""
        return cls(dict(reader.fingerprint), int(reader.hidden_size), str(reader.dtype), str(reader.decode))


class Hands(Protocol[Taken, Made]):
    """A work taken up by one process, its files open."""

    def batches(self, unit: Taken) -> Iterator[Batch]:
        """The decoded tiles of a unit, in order; needs no model, so others may do it ahead."""

    def do(self, model: Any, unit: Taken, batches: Iterable[Batch], progress: Progress) -> Made:
        """One unit from its tiles. Doing it twice does no harm. ``progress`` is advanced by the unit's size."""

    def close(self) -> None:
        """Let go of all files."""


class Work(Protocol[Taken, Made]):
    """Independent units of one task."""

    @property
    def model(self) -> Model | None:
        """What every worker loads once; None where a unit brings its own."""

    @property
    def noun(self) -> str:
        """What a unit is called in a message."""

    def needs(self) -> Sequence[Path]:
        """Files and folders that every worker must see."""

    def size(self, unit: Taken) -> int:
        """How far a unit moves the progress."""

    def taken_up(self) -> Hands[Taken, Made]:
        """Open the files, wherever this is called."""


class Engine(Protocol):
    """Where units are done."""

    @property
    def retries(self) -> bool:
        """Whether a unit may be done again after it was begun elsewhere."""

    def facts(self, weights: Weights, progress: Progress) -> Facts:
        """What the model says of itself once it is loaded. Raises ModelError."""

    def run(self, work: Work[Unit, Result], units: Sequence[Unit], progress: Progress) -> Iterator[tuple[Unit, Result]]:
        """Units with their results as they are done, in any order. Raises Cancelled once the user asked to stop."""

    def rest(self) -> None:
        """Let models and workers go: what comes next needs none."""


class Local:
    """Everything in this process, unit by unit in order; a model stays loaded until another one is needed."""

    retries = False

    def __init__(self) -> None:
        self._model: tuple[Model, Any] | None = None

    def facts(self, weights: Weights, progress: Progress) -> Facts:
        progress.start("loading the model")
        return Facts.of(self._loaded(weights))

    def run(self, work: Work[Unit, Result], units: Sequence[Unit], progress: Progress) -> Iterator[tuple[Unit, Result]]:
        if not units:
            return
        model = None if work.model is None else self._loaded(work.model)
        hands = work.taken_up()
        try:
            for unit in units:
                yield unit, hands.do(model, unit, hands.batches(unit), progress)
        finally:
            hands.close()

    def rest(self) -> None:
        self._model = None

    def _loaded(self, model: Model) -> Any:
        if self._model is None or self._model[0] != model:
            self._model = None  # the former one goes first: two may not fit
            self._model = model, model.load()
        return self._model[1]
