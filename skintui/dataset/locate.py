"""Where the metadata and the tiles of a data set are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from skintui.errors import DatasetError
from skintui.texts import printable

METADATA_SUFFIXES = (".csv", ".parquet")
HDF5_SUFFIXES = (".hdf5", ".h5", ".hdf")


@dataclass(frozen=True, slots=True)
class DatasetFiles:
    """The files of one data set."""

    root: Path
    """The folder that was named."""
    metadata: Path
    """CSV or parquet file, one row per lesion."""
    images: Path
    """HDF5 file, or folder of ``<isic_id>.jpg``."""
    kind: Literal["hdf5", "folder"]
    """How the tiles are stored."""


def locate(dataset: Path, metadata: Path | None = None, images: Path | None = None) -> DatasetFiles:
    """Find metadata and tiles in the folder ``dataset``; ``metadata`` and ``images`` name them otherwise.

    Raises:
        DatasetError: naming what is missing and what was looked for.
    """
    root = Path(dataset).expanduser()
    if (metadata is None or images is None) and not root.is_dir():
        what = "this is a file, a data set is a folder" if root.is_file() else "no such folder"
        hint = "name the folder it is in" if root.is_file() else "check the path"
        raise DatasetError(what, where=_shown(root), do=hint)
    table = _metadata_in(root) if metadata is None else _named_metadata(Path(metadata).expanduser())
    place = _images_in(root, table) if images is None else _named_images(Path(images).expanduser())
    return DatasetFiles(root, table, place, "folder" if place.is_dir() else "hdf5")


def _metadata_in(root: Path) -> Path:
    try:
        found = sorted(p for p in root.iterdir() if _is_metadata(p))
    except OSError as error:
        raise DatasetError(f"the folder cannot be read ({error.strerror})", where=_shown(root)) from error
    for preferred in ("train-metadata.csv", "train-metadata.parquet"):
        if root / preferred in found:
            return root / preferred
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(printable(p.name, 60) for p in found[:5]) + (" …" if len(found) > 5 else "")
        raise DatasetError(f"several metadata files: {names}", where=_shown(root), do="choose one with --metadata")
    looked = "looked for train-metadata.csv, then any one *metadata*.csv or *metadata*.parquet"
    raise DatasetError(f"no metadata found ({looked})", where=_shown(root), do="name the file with --metadata")


def _is_metadata(path: Path) -> bool:
    name = path.name.lower()
    return (
        "metadata" in name and not name.startswith(".") and path.suffix.lower() in METADATA_SUFFIXES and path.is_file()
    )


def _named_metadata(path: Path) -> Path:
    if not path.is_file():
        raise DatasetError("no such metadata file", where=_shown(path), do="check --metadata")
    if path.suffix.lower() not in METADATA_SUFFIXES:
        raise DatasetError("metadata must be a .csv or .parquet file", where=_shown(path), do="check --metadata")
    return path


def _images_in(root: Path, table: Path) -> Path:
    """The tiles that go with ``table``: its own (``x-metadata`` → ``x-image``) before the usual names."""
    own = table.stem.replace("-metadata", "-image").replace("_metadata", "_image")
    stems = dict.fromkeys([own, "train-image"] if own != table.stem else ["train-image"])
    files = [root / f"{stem}.hdf5" for stem in stems]
    folders = [*(root / stem / "image" for stem in stems), root / "images"]
    for path in files:
        if path.is_file():
            return path
    for path in folders:
        if path.is_dir():
            return path
    looked = ", ".join(
        printable(str(p.relative_to(root)), 60) for p in [*files, *(f / "<isic_id>.jpg" for f in folders)]
    )
    raise DatasetError(f"no tiles found (looked for {looked})", where=_shown(root), do="name them with --images")


def _named_images(path: Path) -> Path:
    if path.is_dir():
        return path / "image" if (path / "image").is_dir() else path
    if not path.is_file():
        raise DatasetError("no such file or folder of tiles", where=_shown(path), do="check --images")
    if path.suffix.lower() not in HDF5_SUFFIXES:
        raise DatasetError("tiles must be an .hdf5 file or a folder", where=_shown(path), do="check --images")
    return path


def _shown(path: Path) -> str:
    return printable(str(path))
