"""``store.json`` says what the vectors of a folder are; one process at a time may write there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from skintui.dataset.seal import read_sealed_json
from skintui.errors import VectorsError, WorkspaceError
from skintui.files import explained
from skintui.vectors.fingerprint import REBUILD, bytes_of

SCHEMA = 1

_VIEW_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{0,63}")


def describe(fingerprint: Mapping[str, Any], views: Sequence[str], n: int, d: int, shard_rows: int) -> dict[str, Any]:
    if n < 0 or d < 1 or shard_rows < 1 or not views or len(set(views)) != len(views):
        raise VectorsError(f"cannot store {n} lesions of {d} numbers in shards of {shard_rows} for views {list(views)}")
    if not all(_VIEW_NAME.fullmatch(view) for view in views):
        raise VectorsError(f"view names must be plain words, not {list(views)}")
    return {
        "schema": SCHEMA,
        "fingerprint": dict(fingerprint),
        "views": list(views),
        "n": n,
        "d": d,
        "dtype": "float16",
        "shard_rows": shard_rows,
    }


def flat(description: Mapping[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in description.items() if k != "fingerprint"}, **description["fingerprint"]}


def read_description(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise VectorsError("no vectors are stored yet", where=path.parent, do="run 'skintui index' first")
    try:
        stored = read_sealed_json(bytes_of(path))
        shape = (stored["fingerprint"], stored["views"], stored["n"], stored["d"], stored["shard_rows"])
        describe(*shape)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VectorsError("damaged", where=path, do=REBUILD) from error
    return stored


def locked(folder: Path) -> IO[bytes]:
    """Hold the folder for one writing process; the lock goes with the process, however it ends."""
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "store.lock").open("ab")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise WorkspaceError("another 'skintui index' is at work here", where=folder, do="wait for it") from error
    except OSError as error:
        raise explained(error, folder) from error
    return file


def discard(folder: Path) -> None:
    """Remove what an earlier store left: manifest first, so that nothing answers from a half-removed index."""
    try:
        for pattern in (
            "manifest.json",
            "store.json",
            "journal.jsonl",
            "*.f16",
            "*.usearch",
            "*.bits.npz",
            "*.bits",
            "*.axes",
        ):
            for path in folder.glob(pattern):
                path.unlink()
        shutil.rmtree(folder / "shards", ignore_errors=True)
    except OSError as error:
        raise explained(error, folder) from error
