"""The command that lets results leave: what, and into which file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.errors import UsageError
from skintui.tui.jobs.exporting import CARD, LISTED, PATCH, WIDE, Export, Exporting
from skintui.tui.screens.picker import Picker
from skintui.tui.widgets.prompt_bar import Question

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display

BOTH, FLAGGED, REVIEWED = "flagged,reviewed", "flagged", "reviewed"
_FILES = {
    BOTH: ("flags.csv", "flagged and reviewed annotations as CSV"),
    LISTED: ("view.csv", "what is listed now as CSV, in this order"),
    FLAGGED: ("flagged.csv", "flagged annotations as CSV"),
    REVIEWED: ("reviewed.csv", "reviewed annotations as CSV"),
    WIDE: ("wide.csv", "a row per lesion as CSV"),
    PATCH: ("patch.csv", "corrections as CSV for 'skintui apply'"),
    CARD: ("audit-card.md", "the audit card as Markdown"),
}
"""What can leave, in the order offered: the name of the file to begin with, and what it holds."""


class Leaving:
    """Export."""

    def __init__(self, screen: AuditScreen, session: Session, _display: Display) -> None:
        self._screen, self._session = screen, session
        self._exporting = Exporting(screen, session)
        self.deeds: dict[str, Callable[[], None]] = {"export": self.export}

    def export(self) -> None:
        """Ask what shall leave, then where to."""
        self._screen.app.push_screen(Picker("export", list(self._offered())), self._chosen)

    def _offered(self) -> list[tuple[str, str]]:
        session = self._session
        words = {
            BOTH: "flagged and reviewed annotations",
            REVIEWED: f"reviewed only: {_annotations(len(session.decisions))}",
            WIDE: "wide: one row per lesion",
            PATCH: "patch: corrections for skintui apply",
            CARD: "audit card, in Markdown",
        }
        if session.findings is not None:
            listed, every = len(session.listing), session.findings.count
            what = "" if session.in_queue else f", {ATTRIBUTES[session.attribute].title}"
            words[LISTED] = f"current view{what}: {listed:,} of {every:,} rows"
            words[FLAGGED] = f"flagged only: {_annotations(session.findings.flagged_count)}"
        return [(name, words[name]) for name in _FILES if name in words]

    def _chosen(self, kind: str | None) -> None:
        if kind is None:
            return
        refused: set[str] = set()
        session = self._session
        places = session.listing.places(0, len(session.listing), session.attribute) if kind == LISTED else None

        def answer(text: str) -> None:
            path = text.strip()
            if path in ("", "-"):
                raise UsageError(f"name a file, e.g. {_FILES[kind][0]}")
            if Path(path).expanduser().exists() and path not in refused:
                refused.add(path)
                raise UsageError("the file exists; Enter again replaces it")
            self._exporting.start(Export(kind, path, path in refused, places))

        name, hint = _FILES[kind]
        self._screen.prompt.ask(Question("export to", hint, answer, name))


def _annotations(count: int) -> str:
    return f"{count:,} annotation{'' if count == 1 else 's'}"
