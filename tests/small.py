"""A small data set of plain ellipses, written in a blink: enough for every step, with nothing to look at."""

from __future__ import annotations

import csv
import io
import math
import random
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from skintui.dataset.schema import SCHEMA


def small_row(number: int, patients: int, draw: random.Random) -> dict[str, Any]:
    """One row that obeys the identities of the vendor's table."""
    row: dict[str, Any] = {column.name: "" for column in SCHEMA}
    steps = draw.randint(200, 1500)
    area = steps * 0.018765246
    perimeter = math.sqrt(area * draw.uniform(14, 30))
    inside = {name: draw.uniform(10, 25) for name in "AB"} | {"L": draw.uniform(30, 45)}
    outside = {name: draw.uniform(8, 24) for name in "AB"} | {"L": draw.uniform(55, 70)}
    row |= {
        "isic_id": f"ISIC_{number:07d}",
        "patient_id": f"IP_{number % patients:07d}",
        "target": 0,
        "age_approx": 5 * draw.randint(6, 16),
        "sex": draw.choice(["male", "female"]),
        "tbp_tile_type": "3D: white",
        "image_type": "TBP tile: close-up",
        "clin_size_long_diam_mm": round(math.sqrt(area) * 1.3, 2),
        "tbp_lv_areaMM2": area,
        "tbp_lv_perimeterMM": perimeter,
        "tbp_lv_area_perim_ratio": perimeter**2 / area,
        "tbp_lv_minorAxisMM": math.sqrt(area) * 0.9,
        "tbp_lv_norm_border": 0.18184 * perimeter**2 / area + 7.41842 * 0.3 - 2.28474,
        "tbp_lv_symm_2axis": 0.3,
        "tbp_lv_norm_color": draw.uniform(0.5, 6),
        "tbp_lv_radial_color_std_max": draw.uniform(0.2, 3),
        "tbp_lv_stdLExt": draw.uniform(1, 5),
    }
    for name in "ABL":
        row[f"tbp_lv_{name}"], row[f"tbp_lv_{name}ext"] = inside[name], outside[name]
        row[f"tbp_lv_delta{name}"] = inside[name] - outside[name]
    for tail, colour in (("", inside), ("ext", outside)):
        row[f"tbp_lv_C{tail}"] = math.hypot(colour["A"], colour["B"])
        row[f"tbp_lv_H{tail}"] = math.degrees(math.atan2(colour["B"], colour["A"]))
    row["tbp_lv_deltaLB"] = math.hypot(row["tbp_lv_deltaL"], row["tbp_lv_deltaB"]) + 0.01
    return row


def small_tile(row: dict[str, Any], side: int = 81) -> bytes:
    """An ellipse of the row's area on skin, 15 mm wide, as JPEG."""
    draw = random.Random(row["isic_id"])
    tile = Image.new("RGB", (side, side), (210 - draw.randint(0, 60), 170, 140))
    radius = math.sqrt(float(row["tbp_lv_areaMM2"]) / math.pi) * side / 15
    box = (side / 2 - radius, side / 2 - radius * 0.9, side / 2 + radius, side / 2 + radius * 0.9)
    ImageDraw.Draw(tile).ellipse(box, fill=(120 - draw.randint(0, 60), 80, 60))
    out = io.BytesIO()
    tile.save(out, "JPEG", quality=85)
    return out.getvalue()


def write_small(folder: Path, lesions: int = 24, patients: int = 6, seed: int = 0) -> Path:
    """``train-metadata.csv`` and ``train-image/image/*.jpg`` in ``folder``, which comes back."""
    draw = random.Random(seed)
    rows = [small_row(number, patients, draw) for number in range(lesions)]
    images = folder / "train-image" / "image"
    images.mkdir(parents=True)
    for row in rows:
        (images / f"{row['isic_id']}.jpg").write_bytes(small_tile(row))
    write_rows(folder / "train-metadata.csv", rows)
    return folder


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in SCHEMA], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
