"""The workspace: one folder per data set for everything computed and decided.

Everything can be rebuilt from the data set and the model but ``review.sqlite`` and the saved views of ``desk.sqlite``.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from skintui.errors import WorkspaceError
from skintui.files import explained


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths inside one workspace folder."""

    root: Path

    @property
    def lesions(self) -> Path:
        """Parquet cache of the metadata."""
        return self.root / "lesions.parquet"

    @property
    def scan_report(self) -> Path:
        """What the scan found and the fingerprint it is valid for (JSON)."""
        return self.root / "scan.json"

    @property
    def tile_offsets(self) -> Path:
        """Byte offsets of the tiles inside the HDF5 file (parquet)."""
        return self.root / "tiles.parquet"

    @property
    def predictions(self) -> Path:
        return self.root / "predictions.parquet"

    @property
    def vectors(self) -> Path:
        """Folder of stored vectors, graphs and ``manifest.json``."""
        return self.root / "vectors"

    @property
    def findings(self) -> Path:
        return self.root / "findings.parquet"

    @property
    def review(self) -> Path:
        """SQLite file of the verdicts: the one file that cannot be rebuilt."""
        return self.root / "review.sqlite"

    @property
    def desk(self) -> Path:
        """SQLite file of saved views, columns and the place where each curator left off."""
        return self.root / "desk.sqlite"


def default_workspace(dataset: Path) -> Path:
    """A folder per data set under the platform's user data directory, named after it and its full path."""
    from platformdirs import user_data_path

    full = dataset.expanduser().resolve()
    tail = hashlib.sha256(os.fsencode(full)).hexdigest()[:10]
    return user_data_path("skintui", appauthor=False) / f"{full.name or 'root'}-{tail}"


def open_workspace(dataset: Path, folder: Path | str | None = None) -> Workspace:
    """The workspace of ``dataset``, its folder made if need be. Raises WorkspaceError where that is impossible."""
    root = Path(folder).expanduser() if folder else default_workspace(dataset)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explained(error, root) from error
    if not root.is_dir():
        raise WorkspaceError("the workspace is not a folder", where=root, do="name another with --workspace")
    return Workspace(root)
