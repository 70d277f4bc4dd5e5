from __future__ import annotations

import polars as pl

from skintui.dataset.origin import SLICE_3D, licences, published_origin


def frame(*sources: str | None) -> pl.DataFrame:
    return pl.DataFrame({"attribution": list(sources)}, schema={"attribution": pl.String})


def test_tiles_of_slice_3ds_sources_are_of_slice_3d() -> None:
    assert published_origin(frame("Memorial Sloan Kettering Cancer Center", "ACEMID MIA")) is SLICE_3D


def test_one_tile_from_elsewhere_is_another_data_set() -> None:
    assert published_origin(frame("ACEMID MIA", "Drawn tiles, source A")) is None
    assert published_origin(frame("ACEMID MIA", None)) is None


def test_without_attribution_nothing_is_claimed() -> None:
    assert published_origin(pl.DataFrame({"isic_id": ["a"]})) is None


def test_licences_are_counted_by_word() -> None:
    table = pl.DataFrame({"copyright_license": ["CC-BY", "CC-0", None, "CC-BY"]})
    assert licences(table) == {"CC-0": 1, "CC-BY": 2}
