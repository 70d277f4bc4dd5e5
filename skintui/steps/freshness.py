"""Whether what a workspace holds still belongs to its data set."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from skintui.dataset.seal import is_intact
from skintui.errors import ReviewError, StaleError, UsageError, VectorsError
from skintui.files import sha256_of
from skintui.nouns import counted
from skintui.steps.place import Place

if TYPE_CHECKING:
    from skintui.dataset.lesions import Lesions
    from skintui.review.record import ReviewRecord


def cached_sha256(place: Place) -> str | None:
    """Fingerprint of the metadata that the cached table was read from; None where there is no cache.

    Raises StaleError where the metadata has changed since (the next step reads it anew).
    """
    path = place.workspace.lesions
    if not path.is_file():
        return None
    try:
        if not is_intact(path):
            raise VectorsError("the cache is damaged", where=path, do="run 'skintui scan'")
        known = pl.read_parquet_metadata(path).get("skintui.sha256")
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise VectorsError("the cache is damaged", where=path, do="run 'skintui scan'") from error
    if known != sha256_of(place.files.metadata):
        raise StaleError("the metadata has changed since", where=path, do="run 'skintui scan'")
    return known


def check_vectors(place: Place) -> str:
    """Whether the index belongs to the data set; what is there in one line. Raises VectorsError or StaleError."""
    from skintui.vectors.manifest import open_manifest

    manifest = open_manifest(place.workspace.vectors, {"dataset_sha256": sha256_of(place.files.metadata)})
    return f"{manifest.n} lesions, {len(manifest.views)} views, d = {manifest.d}"


def check_verdicts(path: Path, judged: Collection[str], lesions: Lesions) -> None:
    """Raise ReviewError where verdicts are recorded at ``path``, and none of the lesions ``judged`` is in the data set.

    Lesions that left a data set keep their verdicts; a record that knows no lesion at all is of another one.
    """
    if judged and not any(_is_in(lesions, isic_id) for isic_id in judged):
        what = (
            f"these verdicts are of another data set: not one of their {counted(len(judged), 'lesion')} is in this one"
        )
        raise ReviewError(what, where=path, do="restore it from a copy, or name another --workspace")


def check_record(record: ReviewRecord, lesions: Lesions) -> None:
    """Raise ReviewError where none of the standing verdicts of an open record is of a lesion of the data set."""
    check_verdicts(record.path, {verdict.isic_id for verdict in record.latest().values()}, lesions)


def _is_in(lesions: Lesions, isic_id: str) -> bool:
    try:
        lesions.row_of(isic_id)
    except UsageError:
        return False
    return True
