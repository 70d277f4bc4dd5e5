"""Where a step works: one data set and the workspace beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skintui import bundled
from skintui.errors import DatasetError
from skintui.progress import SILENT, Progress
from skintui.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from skintui.dataset.lesions import Lesions
    from skintui.dataset.locate import DatasetFiles


@dataclass(frozen=True, slots=True)
class Place:
    """A data set's files and its workspace."""

    files: DatasetFiles
    workspace: Workspace

    def lesions(self, progress: Progress = SILENT) -> Lesions:
        """The lesions, from the cache where it is fresh."""
        from skintui.dataset.lesions import open_lesions

        return open_lesions(self.files, self.workspace, progress)


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
