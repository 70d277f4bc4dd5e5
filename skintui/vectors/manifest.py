"""``manifest.json``, written last: what the index was made from and the checksum of every file.

usearch may crash on a damaged file, so a graph's checksum is compared before usearch sees it. A file that was compared
once is remembered by its size, times and inode (``checked.json``), because hashing the 0.4 GB graph of a full data set
at every start would cost more than the search; a file touched in any way is compared again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skintui.errors import VectorsError, WorkspaceError
from skintui.files import sha256_of, write_json
from skintui.vectors.fingerprint import REBUILD, bytes_of, check_fingerprint, damaged

SCHEMA = 2
_RACY_SECONDS = 2.0
"""A file changed this recently is not remembered: a second change could leave its times the same."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file must look like."""

    sha256: str
    bytes: int


@dataclass(slots=True)
class Manifest:
    """The index of one store: per view a graph, its codes' description and the stored vectors."""

    folder: Path
    fingerprint: dict[str, Any]
    n: int
    d: int
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Per view: ``digest`` of its vectors, ``codes`` (file and byte offset of the packed signs) and ``bits``."""
    files: dict[str, FileRecord] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.folder / "manifest.json"

    def save(self) -> None:
        files = {name: {"sha256": record.sha256, "bytes": record.bytes} for name, record in self.files.items()}
        content = {"schema": SCHEMA, "fingerprint": self.fingerprint, "n": self.n, "d": self.d}
        write_json(self.path, {**content, "views": self.views, "files": files})

    def check(self, name: str) -> Path:
        """The path of a file whose checksum is right. Raises VectorsError in one line where it is not."""
        path, record = self.folder / name, self.files.get(name)
        try:
            stat = path.stat()
        except OSError as error:
            raise VectorsError("missing", where=path, do="rebuild with skintui index") from error
        if record is None or stat.st_size != record.bytes:
            raise damaged(path)
        stamp = f"{stat.st_dev}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}:{record.sha256}"
        known = _remembered(self.folder)
        if known.get(name) == stamp:
            return path
        if _digest_of(path) != record.sha256:
            raise damaged(path)
        if time.time() - max(stat.st_mtime, stat.st_ctime) > _RACY_SECONDS:
            _remember(self.folder, {**known, name: stamp})
        return path

    def damaged_files(self) -> list[str]:
        """Names of all files whose content is not what was written, every byte read (for the doctor)."""
        return [name for name, record in self.files.items() if not _is_intact(self.folder / name, record)]


def open_manifest(folder: Path, expected_fingerprint: Mapping[str, Any] | None = None) -> Manifest:
    """Read the manifest of an index.

    Raises VectorsError where there is none or it is damaged, StaleError naming what changed where it was made from
    other inputs than ``expected_fingerprint`` (only the keys given are compared).
    """
    path = folder / "manifest.json"
    if not path.exists():
        raise VectorsError("no finished index here", where=folder, do="run 'skintui index' first")
    try:
        content = json.loads(bytes_of(path))
        files = {str(k): FileRecord(str(v["sha256"]), int(v["bytes"])) for k, v in content["files"].items()}
        views = {str(view): _view_record(record) for view, record in content["views"].items()}
        fingerprint, n, d = dict(content["fingerprint"]), int(content["n"]), int(content["d"])
        schema = content["schema"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VectorsError("damaged", where=path, do=REBUILD) from error
    check_fingerprint({"schema": schema}, {"schema": SCHEMA}, folder)
    if expected_fingerprint is not None:
        check_fingerprint(fingerprint, expected_fingerprint, folder)
    if any(Path(name).name != name for name in files):
        raise damaged(path)
    return Manifest(folder, fingerprint, n, d, views, files)


def _view_record(record: Mapping[str, Any]) -> dict[str, Any]:
    codes = {"file": str(record["codes"]["file"]), "offset": int(record["codes"]["offset"])}
    return {"digest": str(record["digest"]), "codes": codes, "bits": int(record["bits"])}


def _digest_of(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise VectorsError("cannot be read", where=path, do="rebuild with skintui index") from error


def _is_intact(path: Path, record: FileRecord) -> bool:
    try:
        return path.stat().st_size == record.bytes and sha256_of(path) == record.sha256
    except OSError:
        return False


_CHECKED: dict[Path, dict[str, str]] = {}


def _remembered(folder: Path) -> dict[str, str]:
    if folder not in _CHECKED:
        _CHECKED[folder] = {}
        with suppress(OSError, ValueError):
            content = json.loads((folder / "checked.json").read_bytes())
            if isinstance(content, dict):
                _CHECKED[folder] = {str(name): str(stamp) for name, stamp in content.items()}
    return _CHECKED[folder]


def _remember(folder: Path, stamps: dict[str, str]) -> None:
    _CHECKED[folder] = stamps
    with suppress(WorkspaceError):  # a read-only workspace is searched all the same
        write_json(folder / "checked.json", stamps)
