"""What stored vectors were made from, and which part of it changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from skintui.errors import StaleError, VectorsError
from skintui.files import explained

REBUILD = "run 'skintui index' to make them anew"

_PARTS = {
    "dataset_sha256": "the data set",
    "model_id": "the model",
    "model_sha256": "the model",
    "adapter_sha256": "the adapter",
    "prompt_sha256": "the prompt",
    "precision": "the model's arithmetic (--dtype)",
    "decode": "how answers become numbers (--decode)",
    "folds": "the fold adapters",
    "views": "the attributes indexed",
    "n": "the number of lesions",
    "d": "the vector length",
    "dtype": "the number format",
    "shard_rows": "the lesions per shard",
    "schema": "the file format",
}


def check_fingerprint(stored: Mapping[str, Any], expected: Mapping[str, Any], folder: Path) -> None:
    """Raise StaleError naming every part of ``expected`` that differs from what ``stored`` says."""
    changed = [_PARTS.get(key, key) for key in expected if stored.get(key) != expected[key]]
    if changed:
        names = " and ".join(dict.fromkeys(changed))
        raise StaleError(
            f"the stored vectors are stale: {names} changed since they were made", where=folder, do=REBUILD
        )


def damaged(path: Path) -> VectorsError:
    """The one-line refusal of a file whose content is not what was written."""
    return VectorsError("damaged", where=path, do="rebuild with skintui index")


def bytes_of(path: Path) -> bytes:
    """A file's content. Raises VectorsError where it is missing, WorkspaceError where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise VectorsError("missing", where=path, do="rebuild with skintui index") from error
    except OSError as error:
        raise explained(error, path) from error
