"""Whether what a workspace holds still belongs to its data set."""

from __future__ import annotations

import polars as pl

from skintui.dataset.seal import is_intact
from skintui.errors import StaleError, VectorsError
from skintui.files import sha256_of
from skintui.steps.place import Place


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
