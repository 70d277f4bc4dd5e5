"""What the cases work on: a small drawn data set, a workspace full of results, and how two of them are compared."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from skintui.dataset.drawn.write import write_dataset
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.place import Place, open_place
from skintui.workspace import Workspace
from tests.faults.harness import Fault
from tests.made_results import write_results, wrong_mask

LESIONS = 24
PASSING = (".part", "-wal", "-shm", "-journal", ".lock")
"""Endings of files that are no results."""


def make_place(folder: Path) -> Place:
    """24 drawn lesions and a workspace with vectors, predictions and findings, in an empty folder."""
    data = folder / "lesions"
    if not data.is_dir():
        shutil.copytree(_template() / "lesions", data)
        shutil.copytree(_template() / "workspace", folder / "workspace")
    return open_place(data, workspace=folder / "workspace")


@cache
def _template() -> Path:
    """Made once for the process, whose end removes it."""
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="skintui-faults-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_dataset(folder / "lesions", LESIONS, 4, seed=3)
    write_results(open_place(folder / "lesions", workspace=folder / "workspace"), wrong=wrong_mask(LESIONS))
    return folder


def copied_into(source: Path, folder: Path) -> None:
    """Put a fresh copy of a workspace into ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)


def copy_of(place: Place, folder: Path) -> Place:
    """The same data set with a fresh copy of the workspace in ``folder``."""
    copied_into(place.workspace.root, folder)
    return Place(place.files, Workspace(folder))


def decide(
    workspace: Workspace, ids: Iterable[str], verdict: str = "label_wrong", reviewer: str = "ada"
) -> list[Verdict]:
    """Record one verdict per lesion on its area; what was recorded."""
    made = [Verdict(isic_id, "areaMM2", verdict, reviewer) for isic_id in ids]
    with ReviewRecord(workspace.review) as record:
        for each in made:
            record.record(each)
    return made


def verdicts_in(review: Path) -> set[tuple[str, str, str, str]]:
    """(lesion, attribute, reviewer, verdict) of every verdict that counts, read from a copy of the file."""
    if not review.is_file():
        return set()
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("", "-wal", "-journal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{review}{ending}", f"{folder}/review.sqlite{ending}")
        with ReviewRecord(Path(folder) / "review.sqlite") as record:
            return {(*key, verdict.verdict) for key, verdict in record.latest().items()}


def missing(review: Path, wanted: Iterable[tuple[str, str, str, str]]) -> list[Fault]:
    """Verdicts that should be there and are not."""
    gone = set(wanted) - verdicts_in(review)
    return [Fault(f"{len(gone)} verdicts gone, first {min(gone)}", lost=len(gone))] if gone else []


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of every result under ``folder``, by its relative path; passing files are left out."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(PASSING)
    }


def differences(found: dict[str, str], wanted: dict[str, str]) -> list[Fault]:
    """Results that differ from those of an undisturbed run."""
    gone, more = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    other = sorted(name for name in set(found) & set(wanted) if found[name] != wanted[name])
    told = [
        f"{word} {', '.join(names[:5])}"
        for word, names in (("lacks", gone), ("has", more), ("differs in", other))
        if names
    ]
    return [Fault("the result " + "; ".join(told), lost=len(gone) + len(other))] if told else []


def litter(folder: Path) -> list[str]:
    """Temporary files that a killed writer left."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(".*.part*"))
