"""The state of every file of a workspace: right, stale, or damaged, and what makes it anew.

Everything is read whole: this is what ``doctor`` takes the time for that no other call has.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from skintui.dataset.seal import is_intact, read_sealed_json
from skintui.errors import SkintuiError, VectorsError, WorkspaceError
from skintui.files import sha256_of
from skintui.steps.place import Place
from skintui.texts import printable

SCAN, INDEX, AUDIT = ("run 'skintui scan'", "run 'skintui index'", "run 'skintui audit'")


@dataclass(frozen=True, slots=True)
class FileState:
    """One file, or several that stand together."""

    name: str
    """Relative to the workspace."""
    problem: str = ""
    """What is wrong and what to do; empty where nothing is."""
    detail: str = ""
    """What is right."""


def file_states(place: Place) -> Iterator[FileState]:
    """Every file there is, each looked at by itself. What was never made is not listed."""
    root = place.workspace.root
    sealed = ((place.workspace.tile_offsets, SCAN), *((path, AUDIT) for path in sorted(root.glob("neighbours/*"))))
    for path, do in sealed:
        yield from _state(root, path, _sealed(path, do))
    for path, do in ((place.workspace.scan_report, SCAN), (root / "model.json", INDEX)):
        yield from _state(root, path, _json(path, do))
    yield from _state(root, place.workspace.findings, lambda: _findings(place))
    yield from _state(root, place.workspace.desk, lambda: _desk(place.workspace.desk))
    if place.workspace.vectors.is_dir():
        yield from _vectors(place)


def _state(root: Path, path: Path, look: Callable[[], str]) -> Iterator[FileState]:
    if not path.exists() and not path.is_symlink():
        return
    name = str(path.relative_to(root))
    try:
        yield FileState(name, detail=look())
    except SkintuiError as error:
        yield FileState(name, str(error))
    except OSError as error:
        yield FileState(name, f"cannot be read ({error.strerror}); remove it")


def _sealed(path: Path, do: str) -> Callable[[], str]:
    def look() -> str:
        if not is_intact(path):
            raise WorkspaceError("damaged", do=do)
        if path.suffix == ".npy":
            try:
                np.load(path, mmap_mode="r", allow_pickle=False)
            except ValueError as error:
                raise WorkspaceError("damaged", do=do) from error
        return f"{path.stat().st_size:,} bytes"

    return look


def _json(path: Path, do: str) -> Callable[[], str]:
    def look() -> str:
        try:
            read_sealed_json(path.read_bytes())
        except ValueError as error:
            raise WorkspaceError("damaged", do=do) from error
        return f"{path.stat().st_size:,} bytes"

    return look


def _findings(place: Place) -> str:
    from skintui.steps.audit import kept_findings
    from skintui.steps.vouched import forget

    forget(place.workspace.root)
    kept = kept_findings(place, sha256_of(place.files.metadata))
    return "" if kept is None else f"{kept.findings.frame.height:,} annotations, model {printable(kept.model_id)}"


def _desk(path: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            state = str(connection.execute("PRAGMA quick_check").fetchone()[0])
            if state != "ok":
                raise sqlite3.DatabaseError(state)
            count = connection.execute("SELECT count(*) FROM desk").fetchone()[0]
            return f"{count} saved views and places"
    except sqlite3.Error as error:
        do = "the next opening keeps it beside and begins a new one"
        raise WorkspaceError(f"damaged ({printable(str(error), 100)})", do=do) from error


def _vectors(place: Place) -> Iterator[FileState]:
    from skintui.vectors.manifest import open_manifest
    from skintui.vectors.store import VectorStore

    folder, root = place.workspace.vectors, place.workspace.root
    try:
        with VectorStore.open(folder) as store:
            torn = store.verify()
            yield FileState(
                "vectors/journal.jsonl",
                f"{len(torn)} of {store.shard_count} shards are damaged (first {torn[0]}); {INDEX}" if torn else "",
                f"{len(store.finished_shards())} of {store.shard_count} shards",
            )
        manifest = open_manifest(folder)
    except VectorsError as error:
        yield FileState("vectors", str(error))
        return
    broken = set(manifest.damaged_files())
    for name in sorted(manifest.files):
        there = f"{manifest.files[name].bytes:,} bytes"
        yield FileState(str((folder / name).relative_to(root)), f"damaged; {INDEX}" if name in broken else "", there)
