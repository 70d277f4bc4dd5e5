"""Views of the work under a name: rules, kept on the desk for all curators of the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from skintui.errors import FilterError, UsageError, WorkspaceError
from skintui.session.arrangement import Arrangement
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.session.session import Session

LONGEST_NAME = 60
_PREFIX = "view/"


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view as it stands in the list of views."""

    name: str
    words: str
    """Its rules in a line, printable."""
    count: int | None
    """Lesions that the rules leave now; None where they cannot be applied."""
    problem: str = ""
    """Why not."""


class SavedViews:
    """The views of one workspace. Reads and writes the desk, so not for every key."""

    def __init__(self, session: Session) -> None:
        self._session, self._desk = session, session.desk

    def all(self) -> tuple[SavedView, ...]:
        """Every view by name, with its count."""
        return tuple(self._looked_at(name) for name in self._desk.names(_PREFIX))

    def save(self, name: str) -> str:
        """Keep what is shown now under a name, in the place of a view of that name; the name as kept."""
        name = _name(name)
        self._put(name, Arrangement.of(self._session).plain())
        return name

    def load(self, name: str) -> None:
        """Show a view. Raises FilterError, what is shown stays, where a rule of it cannot be applied here."""
        try:
            Arrangement.read(self._kept(name)).apply(self._session)
        except FilterError as error:
            what = f"view '{printable(name, 40)}' cannot be shown here: {error.what}"
            raise FilterError(what, do=error.do) from error

    def rename(self, old: str, new: str) -> str:
        """Give a view another name. Raises UsageError where that one is taken."""
        new = _name(new)
        if new != old:
            if new in self._desk.names(_PREFIX):
                raise UsageError(f"there is a view '{printable(new, 40)}' already", do="choose another name")
            self._put(new, self._kept(old))
            self.delete(old)
        return new

    def delete(self, name: str) -> None:
        if not self._desk.drop(_PREFIX + name):
            raise WorkspaceError("the desk cannot be written; the view stays")

    def _kept(self, name: str) -> object:
        value = self._desk.get(_PREFIX + name)
        if value is None:
            raise FilterError(f"there is no view '{printable(name, 40)}' any more")
        return value

    def _put(self, name: str, value: object) -> None:
        if not self._desk.put(_PREFIX + name, value):
            raise WorkspaceError("the desk cannot be written; the view was not kept")

    def _looked_at(self, name: str) -> SavedView:
        words = ""
        try:
            arrangement = Arrangement.read(self._kept(name))
            words = printable(arrangement.words(self._session), 300)
            return SavedView(name, words, arrangement.count(self._session))
        except FilterError as error:
            return SavedView(name, words, None, error.what)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or name != printable(name):
        raise UsageError(f"a view needs a name of 1 to {LONGEST_NAME} printable characters")
    return name
