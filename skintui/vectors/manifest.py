"""``manifest.json``, written last: what the index was made from and the checksum of every file.

usearch may crash on a damaged file, so a graph's checksum is compared before usearch sees it
(:mod:`skintui.vectors.checked`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from skintui.dataset.seal import read_sealed_json, write_sealed_json
from skintui.errors import VectorsError
from skintui.files import sha256_of
from skintui.vectors.checked import refuse_damaged
from skintui.vectors.fingerprint import REBUILD, bytes_of, check_fingerprint, damaged

SCHEMA = 3


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
        write_sealed_json(self.path, {**content, "views": self.views, "files": files})

    def check(self, name: str) -> Path:
        """The path of a file whose checksum is right. Raises VectorsError in one line where it is not."""
        path, record = self.folder / name, self.files.get(name)
        try:
            if record is None or path.stat().st_size != record.bytes:
                raise damaged(path)
            refuse_damaged(path, record.sha256, lambda: _digest_of(path) == record.sha256)
        except OSError as error:
            raise VectorsError("missing", where=path, do="rebuild with skintui index") from error
        return path

    def check_vectors(self, view: str) -> Path:
        """The path of a view's vectors, found right as :meth:`VectorStore.refuse_damaged` finds them."""
        path, record = self.folder / f"{view}.f16", self.files.get(f"{view}.f16")
        try:
            if record is None or path.stat().st_size != record.bytes:
                raise damaged(path)
            refuse_damaged(path, str(self.views[view]["digest"]), lambda: _digest_of(path) == record.sha256)
        except OSError as error:
            raise VectorsError("missing", where=path, do="rebuild with skintui index") from error
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
        content = read_sealed_json(bytes_of(path))
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
