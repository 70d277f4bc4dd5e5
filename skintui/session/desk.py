"""How a curator left the desk: small named values that survive a restart, shared by all who use the workspace.

Kept in SQLite because several applications write at once; nothing of it is needed to open the data set again. A value
is followed by a checksum (CRC-32 of name and value), so that a changed byte is no other view.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import threading
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

from skintui.texts import parsed_json, printable

_TABLE = "CREATE TABLE IF NOT EXISTS desk (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"
_MARK = "\n#"
_PATIENCE = 2.0
"""Seconds to wait for another process; what is on a desk is not worth more."""


class Desk:
    """JSON values by name (``place/ada``, ``view/large lesions``). Safe in several threads and processes.

    A file that cannot be read or written costs what was on the desk, never the application: ``get`` then gives the
    default and ``put`` returns False. A damaged one is kept beside under another name and a new one begun;
    :attr:`problem` says so.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.problem = ""
        """What is wrong with the file, in a line."""

    def get(self, name: str, default: Any = None) -> Any:
        found = self._run("SELECT value FROM desk WHERE name = ?", (name,))
        if not found:
            return default
        try:
            text, _, checksum = found[0][0].partition(_MARK)
            if checksum and checksum != _checksum(name, text):
                self.problem = f"{printable(str(self._path))}: '{printable(name, 70)}' is damaged and left out"
                return default
            return parsed_json(text)
        except ValueError:
            return default

    def put(self, name: str, value: Any) -> bool:
        """Keep a value; whether it is on the disk."""
        text = json.dumps(value, ensure_ascii=False)
        text += _MARK + _checksum(name, text)
        return self._run("INSERT OR REPLACE INTO desk (name, value) VALUES (?, ?)", (name, text)) is not None

    def drop(self, name: str) -> bool:
        return self._run("DELETE FROM desk WHERE name = ?", (name,)) is not None

    def names(self, prefix: str) -> list[str]:
        """Names that begin with ``prefix``, without it, in order."""
        found = self._run("SELECT name FROM desk ORDER BY name", ())
        return [name[len(prefix) :] for (name,) in found or () if name.startswith(prefix)]

    def _run(self, statement: str, values: tuple[str, ...]) -> list[tuple[str]] | None:
        with self._lock:
            try:
                return self._asked(statement, values)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    self.problem = f"saved views cannot be kept ({error}): {printable(str(self._path))}"
                return None
            except sqlite3.DatabaseError:
                return self._begun_anew(statement, values)

    def _asked(self, statement: str, values: tuple[str, ...]) -> list[tuple[str]]:
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as connection, connection:
            connection.execute(_TABLE)
            return connection.execute(statement, values).fetchall()

    def _begun_anew(self, statement: str, values: tuple[str, ...]) -> list[tuple[str]] | None:
        try:
            number = next(n for n in itertools.count(1) if not self._kept(n).exists())
            self._path.replace(self._kept(number))
            self.problem = (
                f"{printable(str(self._path))}: the saved views were damaged and a new file is begun; "
                f"the old one is kept as {self._kept(number).name}"
            )
            return self._asked(statement, values)
        except (OSError, sqlite3.Error) as error:
            self.problem = f"{printable(str(self._path))}: the saved views are damaged ({error}); remove it"
            return None

    def _kept(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.damaged-{number}")


def _checksum(name: str, text: str) -> str:
    return f"{zlib.crc32(f'{name}={text}'.encode('utf-8', 'surrogatepass')):08x}"
