"""Opening the data set, and reading what the workspace holds about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.screen import Screen

from skintui.errors import SkintuiError
from skintui.settings import Settings
from skintui.tui.messages import OpeningFailed, ResultsLoaded, SessionOpened
from skintui.workspace import Workspace

if TYPE_CHECKING:
    from skintui.session import Session


@dataclass(frozen=True, slots=True)
class Request:
    """What the application was started with."""

    dataset: Path
    workspace: Workspace
    settings: Settings
    metadata: Path | None = None
    images: Path | None = None
    base: str | None = None
    adapter: str | None = None
    first_run: bool = False
    """Whether the tour begins by itself."""

    def open(self) -> Session:
        """The session. The first call loads polars and numpy, so it belongs into a worker."""
        from skintui.dataset.locate import locate
        from skintui.session import Session
        from skintui.steps.place import Place

        files = locate(self.dataset, self.metadata, self.images)
        return Session(Place(files, self.workspace), reviewer=self.settings.reviewer, fdr=self.settings.fdr)

    @property
    def step_options(self) -> list[str]:
        """Options that make ``skintui VERB DATASET`` work on the same data set and workspace."""
        options = ["--workspace", str(self.workspace.root)]
        options += ["--metadata", str(self.metadata)] if self.metadata else []
        options += ["--images", str(self.images)] if self.images else []
        return options

    @property
    def model_options(self) -> list[str]:
        """Options that name the same model."""
        options = ["--base", self.base] if self.base else []
        options += ["--adapter", self.adapter] if self.adapter else []
        options += ["--quantize", self.settings.quantize] if self.settings.quantize else []
        return [*options, "--device", self.settings.device, "--dtype", self.settings.dtype]


class Opening:
    """Opens in a thread, so that the first frame does not wait for the data."""

    def __init__(self, screen: Screen[None], request: Request) -> None:
        self._screen, self._request = screen, request

    def start(self) -> None:
        self._screen.run_worker(self._open, group="opening", thread=True)

    def load_results(self, session: Session, what: str) -> None:
        """Read predictions, findings and vectors of the workspace (again)."""
        self._screen.run_worker(lambda: self._load(session, what), group="results", thread=True)

    def _open(self) -> None:
        try:
            session = self._request.open()
            session.resuming.begin()
        except Exception as error:  # noqa: BLE001 -- whatever it is, the screen says so and stays
            self._screen.post_message(OpeningFailed(explained(error)))
            return
        self._screen.post_message(SessionOpened(session))

    def _load(self, session: Session, what: str) -> None:
        self._screen.post_message(ResultsLoaded(what, attempt(lambda: "; ".join(session.load_results()))))


def attempt(work: Callable[[], str]) -> str:
    """The text ``work`` returns, or what went wrong in its place."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 -- a worker must not end the application
        return explained(error)


def explained(error: BaseException) -> str:
    """An error as one line."""
    if isinstance(error, SkintuiError):
        return str(error)
    return " ".join(f"unexpected {type(error).__name__}: {error}".split())
