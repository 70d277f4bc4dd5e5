"""Where a data set's tiles come from, as far as its own columns tell."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Published:
    """A published data set, as one cites it."""

    name: str
    doi: str
    paper_doi: str
    citation: str
    licence: str
    """Address of the licence that holds for the whole."""


SLICE_3D = Published(
    name="SLICE-3D",
    doi="10.34970/2024-slice-3d",
    paper_doi="10.1038/s41597-024-03743-w",
    citation=(
        "Kurtansky, N. R. et al. The SLICE-3D dataset: 400,000 skin lesion image crops extracted from 3D TBP for skin "
        "cancer detection. Scientific Data 11, 884 (2024)."
    ),
    licence="https://creativecommons.org/licenses/by-nc/4.0/",
)
LICENCES = {
    "CC-0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-NC": SLICE_3D.licence,
}
"""The words of ``copyright_license`` and the address of each licence."""

_SOURCES = "Memorial Sloan Kettering|ACEMID|Frazer Institute|University of Athens|Barcelona|Basel|ViDIR|Vienna"
"""What the attribution of a SLICE-3D tile names, one for each of its sources."""


def published_origin(frame: pl.DataFrame) -> Published | None:
    """SLICE-3D where every tile is attributed to one of its sources; None for any other table."""
    if "attribution" not in frame.columns or not frame.height:
        return None
    sources = frame.get_column("attribution").unique()
    return SLICE_3D if sources.str.contains(_SOURCES).fill_null(value=False).all() else None


def licences(frame: pl.DataFrame) -> dict[str, int]:
    """How many tiles bear each licence, by the words of the table, in their order; none where it does not tell."""
    if "copyright_license" not in frame.columns:
        return {}
    counts = frame.get_column("copyright_license").drop_nulls().value_counts().sort("copyright_license")
    return {str(word): int(count) for word, count in counts.iter_rows()}
