"""How a curator left the desk: small named values that survive a restart, shared by all who use the workspace.

Kept in SQLite because several applications write at once; nothing of it is needed to open the data set again.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

_TABLE = "CREATE TABLE IF NOT EXISTS desk (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"
_PATIENCE = 2.0
"""Seconds to wait for another process; what is on a desk is not worth more."""


class Desk:
    """JSON values by name (``place/ada``, ``view/large lesions``). Safe in several threads and processes.

    A file that cannot be read or written costs what was on the desk, never the application: ``get`` then gives the
    default and ``put`` returns False.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def get(self, name: str, default: Any = None) -> Any:
        found = self._run("SELECT value FROM desk WHERE name = ?", (name,))
        if not found:
            return default
        try:
            return json.loads(found[0][0])
        except ValueError:
            return default

    def put(self, name: str, value: Any) -> bool:
        """Keep a value; whether it is on the disk."""
        text = json.dumps(value, ensure_ascii=False)
        return self._run("INSERT OR REPLACE INTO desk (name, value) VALUES (?, ?)", (name, text)) is not None

    def drop(self, name: str) -> bool:
        return self._run("DELETE FROM desk WHERE name = ?", (name,)) is not None

    def names(self, prefix: str) -> list[str]:
        """Names that begin with ``prefix``, without it, in order."""
        found = self._run("SELECT name FROM desk ORDER BY name", ())
        return [name[len(prefix) :] for (name,) in found or () if name.startswith(prefix)]

    def _run(self, statement: str, values: tuple[str, ...]) -> list[tuple[str]] | None:
        try:
            with self._lock:
                connection = sqlite3.connect(self._path, timeout=_PATIENCE)
                try:
                    with connection:
                        connection.execute(_TABLE)
                        return connection.execute(statement, values).fetchall()
                finally:
                    connection.close()
        except sqlite3.Error:
            return None
