"""A small data set, right in every respect, for tests to break in one place each."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import polars as pl
import pytest
from PIL import Image

from skintui.dataset.identities import AREA_STEP
from skintui.dataset.schema import SCHEMA
from skintui.workspace import Workspace


def lesion(k: int) -> dict[str, object]:
    """Row ``k`` of a table that obeys every identity."""
    a, aext, b, bext, light, lext = 20.0 + k, 14.0 + k / 2, 27.0 - k / 4, 25.0 + k / 8, 41.0 + k / 4, 52.0 + k / 2
    area, symmetry = AREA_STEP * (300 + 20 * k), 0.3 + k / 100
    ratio = 14.0 + k / 4
    delta_l, delta_b = light - lext, b - bext
    row: dict[str, object] = {
        "isic_id": f"ISIC_{k:07d}",
        "target": k % 2,
        "patient_id": f"IP_{k // 2:07d}",
        "age_approx": 50.0 + k,
        "sex": "male" if k % 2 else "female",
        "clin_size_long_diam_mm": 3.0 + k / 8,
        "tbp_lv_A": a,
        "tbp_lv_Aext": aext,
        "tbp_lv_B": b,
        "tbp_lv_Bext": bext,
        "tbp_lv_C": math.hypot(a, b),
        "tbp_lv_Cext": math.hypot(aext, bext),
        "tbp_lv_H": math.degrees(math.atan2(b, a)),
        "tbp_lv_Hext": math.degrees(math.atan2(bext, aext)),
        "tbp_lv_L": light,
        "tbp_lv_Lext": lext,
        "tbp_lv_areaMM2": area,
        "tbp_lv_area_perim_ratio": ratio,
        "tbp_lv_deltaA": a - aext,
        "tbp_lv_deltaB": delta_b,
        "tbp_lv_deltaL": delta_l,
        "tbp_lv_deltaLB": math.hypot(delta_l, delta_b) + 0.2,
        "tbp_lv_minorAxisMM": 2.0 + k / 8,
        "tbp_lv_norm_border": 0.18184 * ratio + 7.41842 * symmetry - 2.28474,
        "tbp_lv_norm_color": 2.5 + k / 16,
        "tbp_lv_perimeterMM": math.sqrt(ratio * area),
        "tbp_lv_radial_color_std_max": 0.9 + k / 32,
        "tbp_lv_stdLExt": 2.25 + k / 64,
        "tbp_lv_symm_2axis": symmetry,
        "tbp_lv_symm_2axis_angle": 5 * k % 180,
        "attribution": "Clinic, with comma",
        "copyright_license": "CC-0",
        "tbp_lv_dnn_lesion_confidence": 99.5,
    }
    return {column.name: row.get(column.name) for column in SCHEMA}


def rounded(frame: pl.DataFrame, digits: int = 5) -> pl.DataFrame:
    """As published: five decimals."""
    return frame.with_columns(pl.col(pl.Float64).round(digits))


def table(n: int = 6) -> pl.DataFrame:
    """``n`` lesions of the 55 columns."""
    kinds = {"text": pl.String, "float": pl.Float64, "int": pl.Int64}
    return rounded(pl.DataFrame([lesion(k) for k in range(n)], schema={c.name: kinds[c.kind] for c in SCHEMA}))


def jpeg(side: int = 61, shade: int = 150) -> bytes:
    rng = np.random.default_rng(shade)
    pixels = np.clip(rng.normal(shade, 12, (side, side, 3)), 0, 255).astype(np.uint8)
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=85)
    return stream.getvalue()


def write_hdf5(path: Path, tiles: dict[str, bytes]) -> None:
    """One scalar bytes dataset per tile, as Kaggle packs them."""
    with h5py.File(path, "w") as file:
        for isic_id, data in tiles.items():
            file.create_dataset(isic_id, data=np.array(data, dtype=f"S{len(data)}") if data else np.bytes_(b"\0"))


def write_folder(folder: Path, tiles: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    for isic_id, data in tiles.items():
        (folder / f"{isic_id}.jpg").write_bytes(data)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A folder with metadata and HDF5 tiles of six lesions."""
    root = tmp_path / "data"
    root.mkdir()
    frame = table()
    frame.write_csv(root / "train-metadata.csv")
    write_hdf5(root / "train-image.hdf5", {i: jpeg(shade=100 + k) for k, i in enumerate(frame["isic_id"])})
    return root


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "workspace"
    root.mkdir()
    return Workspace(root)
