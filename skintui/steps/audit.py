"""``audit``: stored predictions and neighbours against the labels; the findings are kept in the workspace."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import polars as pl

from skintui.attributes import ATTRIBUTES
from skintui.audit import findings as audit_findings
from skintui.dataset.seal import (
    OPEN,
    is_intact,
    read_sealed_json,
    seal,
    write_sealed_json,
)
from skintui.errors import StaleError, VectorsError, WorkspaceError
from skintui.files import explained, is_there, sha256_of, written_beside
from skintui.progress import Progress
from skintui.steps.place import Place
from skintui.steps.predictions import Predictions, read_predictions
from skintui.steps.vouched import holds, remember

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from skintui.audit.findings import Findings, PredictionsKind
    from skintui.dataset.lesions import Lesions
    from skintui.vectors.store import VectorStore

COLUMNS = tuple(audit_findings.SCHEMA)
_BLOCK = 10_000


@dataclass(frozen=True, slots=True)
class Audited:
    """The findings and what they rest on."""

    findings: Findings

    def rows(self, top: int | None = None) -> Iterator[dict[str, Any]]:
        """Findings in their order, every one with its reason."""
        frame = self.findings.frame if top is None else self.findings.frame.head(top)
        for block in frame.iter_slices(_BLOCK):
            yield from with_reasons(block, self.findings).iter_rows(named=True)

    def summary(self) -> str:
        found = self.findings
        q = "estimated q-values" if found.q_kind == "estimate" else "conformal q-values"
        why = f"; {found.why}" if found.why else ""
        return (
            f"{found.flagged.height} of {found.frame.height} annotations flagged at a false-discovery rate of "
            f"{found.fdr:g} ({q}, {found.predictions_kind} predictions){why}"
        )


def with_reasons(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Rows of the findings, those without a reason given one."""
    from skintui.audit.reasons import reasons

    bare = rows["reason"].is_null() & rows["label"].is_not_null()
    if not bare.any():
        return rows
    lines = pl.Series("reason", reasons(rows.filter(bare), findings.typical), dtype=pl.String)
    return rows.with_columns(rows["reason"].scatter(bare.arg_true(), lines))


def audit(place: Place, progress: Progress, *, fdr: float = 0.1, k: int = 30) -> Audited:
    """Rank the annotations of the workspace's data set and keep the findings.

    ``k`` neighbours per lesion and attribute explain the findings and sharpen σ(x); 0 leaves them out, as does a
    workspace without a finished index. Raises VectorsError without predictions, StaleError where they are stale.
    """
    from skintui.audit.ranking import audit as ranked

    lesions = place.lesions(progress)
    stored = read_predictions(place.workspace.predictions, lesions, ("predicted", "spread"))
    near = stored_neighbours(place, lesions, stored, k, progress) if k else None
    progress.start("ranking annotations")
    findings = ranked(audit_input(place, lesions, stored, near), fdr=fdr)
    findings.save(place.workspace.findings)
    _vouch(place, lesions, stored)
    return Audited(findings)


def audit_input(
    place: Place, lesions: Lesions, stored: Predictions, near: Mapping[str, NDArray[np.int32]] | None
) -> audit_findings.AuditInput:
    """Labels, predictions, neighbours, broken identities and the labels people confirmed."""
    from skintui.dataset.identities import broken_identities

    return audit_findings.AuditInput(
        ids=lesions.ids,
        labels=lesions.labels(),
        predicted=stored.predicted,
        patients=lesions.patients.tolist(),
        spread=stored.spread,
        label_logprob=stored.label_logprob,
        neighbours=near,
        confirmed=_confirmed(place, lesions),
        identities=broken_identities(lesions.frame),
        predictions_kind=cast("PredictionsKind", stored.about.kind),
    )


def stored_neighbours(
    place: Place, lesions: Lesions, stored: Predictions, k: int, progress: Progress
) -> Mapping[str, NDArray[np.int32]] | None:
    """Rows (n, k) of the nearest lesions per indexed attribute, -1 for none; None without a finished index.

    Kept in the workspace's ``neighbours/`` under the digest of the vectors, so that the next audit need not search, and
    read from there each time they are asked for: of 401,059 lesions and 30 neighbours they take 770 MB.
    """
    from skintui.vectors.manifest import open_manifest
    from skintui.vectors.store import VectorStore

    folder = place.workspace.vectors
    about = stored.about
    made_from = {"dataset_sha256": about.dataset_sha256, "model_sha256": about.model_sha256}
    made_from |= {"adapter_sha256": about.adapter_sha256, "prompt_sha256": about.prompt_sha256}
    try:
        manifest = open_manifest(folder, made_from)
        store = VectorStore.open(folder, made_from)
    except StaleError:
        raise
    except VectorsError as error:
        if is_there(folder / "manifest.json"):
            raise
        progress.note(f"without neighbours: {error}")
        return None
    with store:
        names = [a.name for a in ATTRIBUTES if a.name in manifest.views]
        near = min(k, max(store.n - 1, 1))
        return StoredRows({name: _nearest(place, store, name, near, progress) for name in names}, len(lesions))


class StoredRows(Mapping[str, "NDArray[np.int32]"]):
    """Matrices (n, k) by name, each in a file of ``npy`` and in memory only while it is used."""

    def __init__(self, files: dict[str, Path], n: int) -> None:
        self._files, self._n = files, n

    def __getitem__(self, name: str) -> NDArray[np.int32]:
        """Rows of -1 stand for the last lesions where the file ends before them."""
        path = self._files[name]
        try:
            rows = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            what = "the neighbours were taken away during the audit"
            raise WorkspaceError(what, where=path, do="run 'skintui audit' again") from error
        if len(rows) == self._n:
            return cast("NDArray[np.int32]", rows)
        padded = np.full((self._n, rows.shape[1]), -1, np.int32)
        padded[: len(rows)] = rows
        return padded

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _nearest(place: Place, store: VectorStore, view: str, k: int, progress: Progress) -> Path:
    """The file of the neighbours in one view, made where there is none yet."""
    from skintui.vectors.neighbours import all_neighbours

    digest = store.digest(view)
    path = place.workspace.root / "neighbours" / f"{view}-{digest[:16]}-{k}.npy"
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
        fresh = rows.shape == (store.n, k) and rows.dtype == np.int32 and _is_of(path, digest) and is_intact(path)
    except (OSError, ValueError):
        fresh = False
    if not fresh:
        rows = all_neighbours(store, view, k, progress).astype(np.int32)
        for old in path.parent.glob(f"{view}-*.npy"):
            old.unlink(missing_ok=True)
        with written_beside(path) as temporary, temporary.open("wb") as file:
            np.save(file, rows)
            file.write(f"{digest} {OPEN}".encode())
            file.flush()
            seal(temporary)
    return path


def _is_of(path: Path, digest: str) -> bool:
    """Whether neighbours say behind the matrix that they are of vectors with this digest."""
    with path.open("rb") as file:
        tail = f"{digest} {OPEN}".encode()
        file.seek(-len(tail), os.SEEK_END)
        return file.read(len(digest)) == digest.encode()


def _confirmed(place: Place, lesions: Lesions) -> list[tuple[str, str]]:
    """Annotations a person confirmed on random lesions; the record is not made where nobody has decided anything."""
    from skintui.review.record import ReviewRecord

    if not is_there(place.workspace.review):
        return []
    with ReviewRecord(place.workspace.review) as record:
        labels = lesions.labels()
        known, column = set(lesions.ids), {a.name: j for j, a in enumerate(ATTRIBUTES)}

        def label_now(isic_id: str, name: str) -> float | None:
            return float(labels[lesions.row_of(isic_id), column[name]]) if isic_id in known else None

        return record.confirmed(label_now)


def _vouch(place: Place, lesions: Lesions, stored: Predictions) -> None:
    """Say beside the findings what they were made from, and which bytes this is said of."""
    findings, predictions = place.workspace.findings, place.workspace.predictions
    with ThreadPoolExecutor(1) as aside:
        of_findings = aside.submit(sha256_of, findings)
        of_predictions = sha256_of(predictions)
    about = {
        "findings_sha256": of_findings.result(),
        "dataset_sha256": lesions.dataset_sha256,
        "model_id": stored.about.model_id,
        "predictions_sha256": of_predictions,
    }
    write_sealed_json(place.workspace.root / "findings.json", about)
    remember((findings, of_findings.result()), (predictions, of_predictions))


def _holds(path: Path, sha256: str) -> bool:
    try:
        return holds(path, sha256)
    except OSError as error:
        raise explained(error, path) from error


@dataclass(frozen=True, slots=True)
class KeptFindings:
    """Findings of an earlier audit that still belong to the data set and the predictions."""

    findings: Findings
    model_id: str


def kept_findings(place: Place, dataset_sha256: str, columns: Sequence[pl.Expr] | None = None) -> KeptFindings | None:
    """The findings kept in the workspace, or columns made of theirs; None where there was no audit.

    Raises StaleError naming what changed since, WorkspaceError where they are damaged.
    """
    from skintui.audit.findings import load_findings

    workspace = place.workspace
    if not is_there(workspace.findings):
        return None
    again = "run 'skintui audit' again"
    try:
        about = read_sealed_json((workspace.root / "findings.json").read_bytes())
        told = {key: str(about[key]) for key in ("findings_sha256", "dataset_sha256", "model_id", "predictions_sha256")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = "damaged, so that what the findings were made from is not known"
        raise WorkspaceError(what, where=workspace.root / "findings.json", do=again) from error
    if told["dataset_sha256"] != dataset_sha256:
        raise StaleError("the findings are stale: the data set has changed since", where=workspace.findings, do=again)
    if not _holds(workspace.findings, told["findings_sha256"]):
        raise WorkspaceError("the findings are damaged", where=workspace.findings, do=again)
    if not workspace.predictions.is_file() or not _holds(workspace.predictions, told["predictions_sha256"]):
        raise StaleError(
            "the findings are stale: the predictions have changed since", where=workspace.findings, do=again
        )
    return KeptFindings(load_findings(workspace.findings, columns), told["model_id"])
