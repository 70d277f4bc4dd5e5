"""How long steps report: a small protocol that both front ends implement and the steps only call."""

from __future__ import annotations

from typing import Protocol

from skintui.errors import Cancelled


class Progress(Protocol):
    """Receives the course of a long step. Calls may come from a worker thread."""

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None:
        """A stage begins: its name, the number of units if known, and how many a resumed run already has."""

    def advance(self, count: int = 1, **figures: float) -> None:
        """``count`` more units are finished; ``figures`` (loss, rate) are shown beside the bar."""

    def note(self, message: str) -> None:
        """One line the user should see, without stopping the work."""

    @property
    def cancelled(self) -> bool:
        """Whether the user asked to stop; steps look between units."""


class Silent:
    """Reports nothing and is never cancelled."""

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None: ...

    def advance(self, count: int = 1, **figures: float) -> None: ...

    def note(self, message: str) -> None: ...

    @property
    def cancelled(self) -> bool:
        return False


SILENT = Silent()


def stop_if_cancelled(progress: Progress) -> None:
    """Raise :class:`Cancelled` between two units of work once the user asked to stop."""
    if progress.cancelled:
        raise Cancelled("stopped", do="run the same command again to continue where it stopped")
