"""The journal of finished shards: one JSON line each, appended only after the shard's bytes are on the disk."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from skintui.files import explained, write_text
from skintui.texts import parsed_json


@dataclass(frozen=True, slots=True)
class ShardRecord:
    """One finished shard: its rows ``start`` to ``stop`` (exclusive) and the SHA-256 of everything it wrote."""

    shard: int
    start: int
    stop: int
    rows: Mapping[str, str]
    """SHA-256 of the stored bytes per view."""
    predictions: str
    """SHA-256 of the shard's parquet file."""

    def line(self) -> str:
        content = {
            "shard": self.shard,
            "start": self.start,
            "stop": self.stop,
            "rows": dict(self.rows),
            "predictions": self.predictions,
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"


def _parsed(line: bytes) -> ShardRecord | None:
    try:
        content = parsed_json(line)
        rows = {str(view): str(digest) for view, digest in content["rows"].items()}
        shard, start, stop = (content[key] for key in ("shard", "start", "stop"))
        if not all(type(number) is int for number in (shard, start, stop)):
            return None
        return ShardRecord(shard, start, stop, rows, str(content["predictions"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def read_journal(path: Path) -> dict[int, ShardRecord]:
    """Finished shards by number. A line that is torn or unreadable counts as a shard that was never finished."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise explained(error, path) from error
    whole = content[: content.rfind(b"\n") + 1]
    records = [_parsed(line) for line in whole.splitlines()]
    return {record.shard: record for record in records if record is not None}


def rewrite_journal(path: Path, records: Mapping[int, ShardRecord]) -> None:
    """Replace the journal by ``records`` in the order given, whole or not at all."""
    write_text(path, "".join(record.line() for record in records.values()))


def append_record(path: Path, record: ShardRecord) -> None:
    """Append one line and sync it; where that fails the journal keeps its former length."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    except OSError as error:
        raise explained(error, path) from error
    try:
        before = os.fstat(handle).st_size
        line = record.line().encode()
        try:
            if os.write(handle, line) != len(line):
                raise OSError(28, "the disk is full")  # ENOSPC: a short write is how a full disk first shows
            os.fsync(handle)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(handle, before)
            raise explained(error, path) from error
    finally:
        os.close(handle)
