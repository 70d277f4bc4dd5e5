"""How a file is recognised: quickly by what the file system says, surely by its content."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from skintui.errors import DatasetError
from skintui.texts import parsed_json, printable


@dataclass(frozen=True, slots=True)
class Stamp:
    """Size and times of a file: equal stamps mean the file was not touched in between."""

    path: str
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""
    changed: int
    """Nanoseconds since 1970; also moves when the modification time was set back."""

    @classmethod
    def of(cls, path: Path) -> Self:
        """Raises DatasetError where the file cannot be looked at."""
        try:
            status = path.stat()
        except OSError as error:
            raise DatasetError(f"cannot be read ({error.strerror or error})", where=printable(str(path))) from error
        return cls(os.path.realpath(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | None) -> Self | None:
        """None where the text is not a stamp."""
        try:
            return cls(**parsed_json(text or ""))
        except (ValueError, TypeError):
            return None
