"""Where a step works: one data set and the workspace beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from skintui import bundled
from skintui.errors import DatasetError
from skintui.files import explained
from skintui.nouns import counted
from skintui.progress import SILENT, Progress
from skintui.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    import polars as pl

    from skintui.dataset.lesions import Lesions
    from skintui.dataset.locate import DatasetFiles


@dataclass(frozen=True, slots=True)
class Place:
    """A data set's files and its workspace."""

    files: DatasetFiles
    workspace: Workspace
    truth: Path | None = None
    """A table ``isic_id, column`` of labels known to be wrong: missing in what :meth:`lesions` gives."""

    def absolute(self) -> Place:
        """The same with full paths, for a process in another working folder."""
        files = self.files
        root, metadata, images = (path.absolute() for path in (files.root, files.metadata, files.images))
        files = replace(files, root=root, metadata=metadata, images=images)
        return replace(self, files=files, workspace=Workspace(self.workspace.root.absolute()))

    def lesions(self, progress: Progress = SILENT) -> Lesions:
        """The lesions, from the cache where it is fresh."""
        from skintui.dataset.lesions import open_lesions

        lesions = open_lesions(self.files, self.workspace, progress)
        return lesions if self.truth is None else lesions.without_labels(known_errors(self.truth).iter_rows())


def known_errors(path: Path) -> pl.DataFrame:
    """A table ``isic_id, column`` from a CSV file that names columns of the metadata, or attributes by their names.

    Raises DatasetError where it is not one.
    """
    import polars as pl

    from skintui.attributes import ATTRIBUTES

    try:
        found = pl.read_csv(path, glob=False, infer_schema=False).select("isic_id", "column")
    except OSError as error:
        raise explained(error, path) from error
    except pl.exceptions.PolarsError as error:
        raise DatasetError("not a table with the columns isic_id and column", where=path) from error
    if empty := int(found.null_count().max_horizontal().item()):
        raise DatasetError(f"{counted(empty, 'row')} without isic_id or column", where=path, do="fill them in")
    return found.with_columns(pl.col("column").replace({a.name: a.column for a in ATTRIBUTES}))


def dataset_folder(dataset: str | Path | None) -> Path:
    """The folder named, or the bundled demo."""
    if dataset:
        return Path(dataset).expanduser()
    demo = bundled.demo_dataset()
    if not demo.is_dir():
        raise DatasetError("the bundled demo is not installed", where=demo, do="name a DATASET")
    return demo


def open_place(
    dataset: str | Path | None,
    *,
    metadata: str | Path | None = None,
    images: str | Path | None = None,
    workspace: str | Path = "",
) -> Place:
    """Locate the data set first, so that a wrong name leaves no workspace behind."""
    from skintui.dataset.locate import locate

    folder = dataset_folder(dataset)
    files = locate(folder, _path(metadata), _path(images))
    return Place(files, open_workspace(folder, workspace or None))


def _path(given: str | Path | None) -> Path | None:
    return Path(given).expanduser() if given else None
