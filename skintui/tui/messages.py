"""What has happened, in the order in which it happens; workers post these and never touch a widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from PIL.Image import Image

    from skintui.session import Cell, Lane, Neighbours, Reading, Session
    from skintui.session.drawing import Drawn


@dataclass
class SessionOpened(Message):
    """The data set is in memory."""

    session: Session


@dataclass
class OpeningFailed(Message):
    """The data set cannot be opened."""

    reason: str


@dataclass
class TileDecoded(Message):
    """The picture of a lesion is ready, or why it is not."""

    row: int
    picture: Image | None
    reason: str = ""


@dataclass
class PictureDrawn(Message):
    """A picture made of tiles is ready, or why it is not."""

    key: str
    drawn: Drawn | None
    reason: str = ""


@dataclass
class NeighboursFound(Message):
    """The neighbours for a question are known, or why they are not."""

    question: tuple[Cell, str]
    neighbours: Neighbours | None
    reason: str = ""


@dataclass
class LaneFound(Message):
    """The other lesions of a patient are known, or why they are not."""

    question: tuple[Cell, str]
    lane: Lane | None
    reason: str = ""


@dataclass
class LesionRead(Message):
    """The model has read a lesion that had no stored prediction, or why it could not."""

    row: int
    reading: Reading | None
    reason: str = ""


@dataclass
class StepAdvanced(Message):
    """A long step (index, audit) in the background has come further."""

    step: str
    stage: str
    done: int
    total: int | None
    seconds_left: float | None = None


@dataclass
class StepFinished(Message):
    """A long step in the background is over; ``reason`` says why where it failed."""

    step: str
    reason: str = ""


@dataclass
class ResultsLoaded(Message):
    """Predictions, findings or vectors of the workspace have been read again."""

    what: str
    reason: str = ""


@dataclass
class Exported(Message):
    """An export has been written, or why it was not."""

    words: str
    """How much was written where."""
    reason: str = ""


@dataclass
class Remarked(Message, bubble=False):
    """What is to be said of a text that is being typed."""

    text: str
    words: str
    good: bool = True
    """Whether the text would do as an answer."""


@dataclass(frozen=True, slots=True)
class Encode:
    """A picture to be encoded, asked for by its place on the screen."""

    who: object
    """The place; a later wish for the same place takes this one's."""
    prepare: Callable[[], None]
    wanted: Callable[[], bool]
    done: Callable[[str], object]
    """Told the reason where it failed, else nothing."""
