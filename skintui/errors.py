"""Errors a person can act on: what is wrong, where, and what to do, in one line."""

from __future__ import annotations

from skintui.texts import printable


class SkintuiError(Exception):
    """A failure that is explained to the user in one line.

    Args:
        what: what is wrong, as a clause without a final stop.
        where: the file, row or option it concerns.
        do: what the user can do about it.
    """

    def __init__(self, what: str, *, where: object = None, do: str | None = None) -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(what)

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where is not None else self.what
        if self.do:
            line = f"{line}; {self.do}"
        return printable(" ".join(line.split()))


class UsageError(SkintuiError):
    """The call itself is wrong: an unknown attribute, option value or identifier (exit code 2)."""


class DatasetError(SkintuiError):
    """Metadata or tiles cannot be read as a data set."""


class TileError(DatasetError):
    """One tile is missing, empty, truncated, not an image, or too large to decode."""


class FilterError(UsageError):
    """A filter or sort expression cannot be applied to the table."""


class ModelError(SkintuiError):
    """A base model or adapter is missing, damaged, or of another architecture."""


class VectorsError(SkintuiError):
    """Stored vectors or their index are missing or damaged."""


class StaleError(VectorsError):
    """A stored result no longer matches the data set, model, adapter or prompt it was made from."""


class WorkspaceError(SkintuiError):
    """The workspace cannot be read or written (permissions, full disk, damaged file)."""


class EngineError(SkintuiError):
    """A cluster cannot be reached, its nodes do not see the files, or its workers die."""


class ReviewError(SkintuiError):
    """A verdict cannot be recorded, undone, or exported."""


class Cancelled(SkintuiError):  # noqa: N818 -- not a failure: the user asked to stop
    """The user stopped a long step; what was finished is kept."""
