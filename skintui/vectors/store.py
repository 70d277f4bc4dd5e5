"""Vectors and predictions written shard by shard, so that a kill at any moment costs at most one shard.

Layout of the folder: ``store.json`` (what the vectors are made from), one preallocated ``<view>.f16`` per view,
``shards/00012.parquet`` with the predictions of shard 12, and ``journal.jsonl`` with one line per finished shard.
Shard k holds the lesions ``k * shard_rows`` up to ``(k + 1) * shard_rows``. Vectors are stored at unit length, so an
inner product is a cosine; the vector of a lesion whose tile could not be read is all zeros and is never found.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skintui.dataset.seal import write_sealed_json
from skintui.errors import VectorsError
from skintui.files import explained, sync_folder
from skintui.vectors.checked import refuse_damaged
from skintui.vectors.description import describe, discard, flat, locked, read_description
from skintui.vectors.fingerprint import bytes_of, check_fingerprint, damaged
from skintui.vectors.journal import ShardRecord, append_record, read_journal, rewrite_journal
from skintui.vectors.manifest import open_manifest
from skintui.vectors.rows import HALF, RowFile
from skintui.vectors.shard_writer import ShardWriter, predictions_path, view_path

if TYPE_CHECKING:
    import polars as pl

CHECKED_ON_RESUME = 2
"""Shards read back when a run continues: the last ones are those a crash of the machine may have left half on disk."""


class VectorStore:
    """The stored vectors of one data set, one model, one adapter. Make it with :meth:`create` or :meth:`open`."""

    def __init__(self, folder: Path, description: Mapping[str, Any]) -> None:
        self.folder = folder
        self.fingerprint: dict[str, Any] = dict(description["fingerprint"])
        self.views: tuple[str, ...] = tuple(description["views"])
        self.n, self.d, self.shard_rows = (int(description[key]) for key in ("n", "d", "shard_rows"))
        self._journal = read_journal(self.journal_path)
        self._drop_foreign_records()
        self._writer: ShardWriter | None = None
        self._read: dict[str, RowFile] = {}
        self._lock: IO[bytes] | None = None

    @classmethod
    def create(
        cls,
        folder: Path,
        fingerprint: Mapping[str, Any],
        views: Sequence[str],
        n: int,
        d: int,
        shard_rows: int = 512,
        *,
        restart: bool = False,
    ) -> VectorStore:
        """Make the store, or continue one made from the same inputs.

        Raises StaleError naming the part that changed where the folder holds vectors of other inputs; ``restart=True``
        discards those instead. Raises WorkspaceError where the folder cannot be written or another process writes it.
        """
        description = describe(fingerprint, views, n, d, shard_rows)
        lock = locked(folder)
        path = folder / "store.json"
        if path.exists() and not restart:
            stored = read_description(path)
            check_fingerprint(flat(stored), flat(description), folder)
        else:
            discard(folder)
            write_sealed_json(path, description)
        store = cls(folder, description)
        store._lock = lock
        store._prepare()
        return store

    @classmethod
    def open(cls, folder: Path, fingerprint: Mapping[str, Any] | None = None) -> VectorStore:
        """Open for reading. Raises VectorsError where there is no store, StaleError where ``fingerprint`` differs."""
        stored = read_description(folder / "store.json")
        if fingerprint is not None:
            check_fingerprint(stored["fingerprint"], fingerprint, folder)
        return cls(folder, stored)

    def close(self) -> None:
        """Let go of all files; the store can then be continued by another process."""
        if self._writer is not None:
            self._writer.close()
        for rows in self._read.values():
            rows.close()
        self._writer, self._read = None, {}
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> VectorStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def journal_path(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def shard_count(self) -> int:
        return -(-self.n // self.shard_rows)

    def path(self, view: str) -> Path:
        """The file of one view. Raises VectorsError for a view that was not indexed."""
        if view not in self.views:
            raise VectorsError(
                f"'{view}' was not indexed", where=self.folder, do=f"indexed are {', '.join(self.views)}"
            )
        return view_path(self.folder, view)

    def predictions_path(self, shard: int) -> Path:
        return predictions_path(self.folder, shard)

    def span(self, shard: int) -> tuple[int, int]:
        """First row and end row (exclusive) of a shard."""
        return shard * self.shard_rows, min((shard + 1) * self.shard_rows, self.n)

    def finished_shards(self) -> list[int]:
        return sorted(self._journal)

    def remaining(self) -> list[int]:
        return [shard for shard in range(self.shard_count) if shard not in self._journal]

    def present(self) -> NDArray[np.bool_]:
        """Which lesions (n,) belong to finished shards."""
        mask = np.zeros(self.n, dtype=np.bool_)
        for shard in self._journal:
            mask[slice(*self.span(shard))] = True
        return mask

    def digest(self, view: str) -> str:
        """SHA-256 over the shards' own checksums of one view: changes whenever its vectors do."""
        parts = (f"{shard}:{self._journal[shard].rows[view]}\n" for shard in self.finished_shards())
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @property
    def description(self) -> dict[str, Any]:
        """What ``store.json`` holds: with it a :class:`ShardWriter` elsewhere writes shards of this store."""
        return describe(self.fingerprint, self.views, self.n, self.d, self.shard_rows)

    def write_shard(self, shard: int, vectors: Mapping[str, ArrayLike], predictions: pl.DataFrame) -> None:
        """Store one shard: ``vectors`` (m, d) per view, all views, and its predictions.

        Everything is on the disk before the journal line is. Raises WorkspaceError for a full or read-only disk (the
        shard then counts as not written) and VectorsError for a wrong shape, or a shard that is already finished.
        """
        self._refuse_finished(shard)
        self.take_back_graphs()
        assert self._writer is not None  # noqa: S101 -- refused above without one
        self.commit(self._writer.write(shard, vectors, predictions))

    def take_back_graphs(self) -> None:
        """Remove the manifest before vectors change: graphs over fewer vectors must not answer from now on."""
        with suppress(FileNotFoundError):
            (self.folder / "manifest.json").unlink()

    def commit(self, record: ShardRecord) -> None:
        """Journal a shard whose bytes are on the disk, written here or elsewhere: from now on it counts."""
        self._refuse_finished(record.shard)
        append_record(self.journal_path, record)
        self._journal[record.shard] = record

    def finish(self, *, partial: bool = False) -> pl.DataFrame:
        """All shards' predictions as one frame in the order of the lesions.

        Raises VectorsError where shards are missing (unless ``partial``) or a predictions file is damaged.
        """
        import polars as pl

        missing = self.remaining()
        if missing and not partial:
            what = f"{len(missing)} of {self.shard_count} shards are missing"
            raise VectorsError(what, where=self.folder, do="run 'skintui index' to continue")
        frames = []
        for shard in self.finished_shards():
            path = self.predictions_path(shard)
            content = bytes_of(path)
            if hashlib.sha256(content).hexdigest() != self._journal[shard].predictions:
                raise damaged(path)
            frames.append(pl.read_parquet(content))
        return pl.concat(frames) if frames else pl.DataFrame()

    def verify(self, shards: Iterable[int] | None = None) -> list[int]:
        """Shards (default: all finished ones) whose bytes on disk are not those that were written."""
        wanted = self.finished_shards() if shards is None else list(shards)
        return [shard for shard in wanted if not self._is_intact(self._journal[shard])]

    def redo(self, shards: Iterable[int]) -> None:
        """Count ``shards`` as not finished, so that a run makes them again."""
        gone = set(shards)
        if gone:
            self._journal = {shard: record for shard, record in self._journal.items() if shard not in gone}
            rewrite_journal(self.journal_path, self._journal)

    def rows(self, view: str, rows: ArrayLike) -> NDArray[np.float32]:
        """Stored vectors (m, d) of lesions, in the order asked for."""
        return self.row_file(view).read(rows).astype(np.float32)

    def matrix(self, view: str) -> NDArray[np.float16]:
        """All stored vectors (n, d) as a read-only mapping."""
        return self.row_file(view).matrix()

    def row_file(self, view: str) -> RowFile:
        """A view's file. Raises VectorsError where it does not hold what was written, which is read once to see."""
        if view not in self._read:
            if self._writer is None:
                self._refuse_other_journal(view)
                self.refuse_damaged(view)
            self._read[view] = RowFile(self.path(view), self.n, self.d)
        return self._read[view]

    def damaged_shards(self) -> list[int]:
        """Finished shards that are not what was written: all files that were touched since are read to see."""
        touched = []
        for view in self.views:
            try:
                self.refuse_damaged(view)
            except VectorsError:
                touched.append(view)
        return [shard for shard, record in sorted(self._journal.items()) if not self._is_intact(record, touched)]

    def refuse_damaged(self, view: str) -> None:
        """Raise VectorsError where the finished shards of a view are not what the journal says."""
        path = self.path(view)
        try:
            refuse_damaged(path, self.digest(view), lambda: self._holds(view))
        except OSError as error:
            raise VectorsError("missing", where=path, do="rebuild with skintui index") from error

    def _refuse_other_journal(self, view: str) -> None:
        """A finished index was made from this journal: where lines of it are gone, they were damaged."""
        if (self.folder / "manifest.json").exists():
            known = open_manifest(self.folder).views.get(view)
            if known is not None and known["digest"] != self.digest(view):
                raise damaged(self.journal_path)

    def _holds(self, view: str) -> bool:
        return all(self._digest_on_disk(view, record) == record.rows[view] for record in self._journal.values())

    def _digest_on_disk(self, view: str, record: ShardRecord) -> str:
        width = self.d * HALF.itemsize
        with self.path(view).open("rb") as file:
            file.seek(record.start * width)
            return hashlib.sha256(file.read((record.stop - record.start) * width)).hexdigest()

    def _prepare(self) -> None:
        """Open the files for writing at their full (sparse) size and check the shards a crash may have torn."""
        size, resized = self.n * self.d * HALF.itemsize, False
        self._writer = ShardWriter(self.folder, self.description, make=True)
        for view, file in self._writer.files.items():
            try:
                if os.fstat(file.fileno()).st_size != size:
                    os.ftruncate(file.fileno(), size)
                    resized = True
            except OSError as error:
                raise explained(error, self.path(view)) from error
        sync_folder(self.folder)
        last = list(self._journal)[-CHECKED_ON_RESUME:]
        torn = self.verify(None if resized else last)
        on_disk = len(bytes_of(self.journal_path).splitlines()) if self.journal_path.exists() else 0
        if torn or on_disk != len(self._journal) or not _ends_whole(self.journal_path):
            self._journal = {shard: record for shard, record in self._journal.items() if shard not in set(torn)}
            rewrite_journal(self.journal_path, self._journal)

    def _drop_foreign_records(self) -> None:
        self._journal = {
            shard: record
            for shard, record in self._journal.items()
            if 0 <= shard < self.shard_count
            and (record.start, record.stop) == self.span(shard)
            and set(record.rows) == set(self.views)
        }

    def _refuse_finished(self, shard: int) -> None:
        if not 0 <= shard < self.shard_count or shard in self._journal:
            raise VectorsError(f"shard {shard} is finished or does not exist", where=self.folder)
        if self._writer is None:
            raise VectorsError("the store is open for reading only", where=self.folder)

    def _is_intact(self, record: ShardRecord, views: Sequence[str] | None = None) -> bool:
        try:
            among = self.views if views is None else views
            if any(self._digest_on_disk(view, record) != record.rows[view] for view in among):
                return False
            content = self.predictions_path(record.shard).read_bytes()
        except OSError:
            return False
        return hashlib.sha256(content).hexdigest() == record.predictions


def _ends_whole(path: Path) -> bool:
    content = path.read_bytes() if path.exists() else b""
    return not content or content.endswith(b"\n")
