"""The published figures, to stand beside ours."""

from __future__ import annotations

from typing import Any

from skintui.attributes import ATTRIBUTES

SOURCE = "arXiv 2508.20188 and its extended write-up"
SETTING = "Qwen2-VL-7B fine-tuned on 401,059 tiles of SLICE-3D, tested on 511,474 private ones"

R2: dict[str, float] = {a.name: a.paper_r2 for a in ATTRIBUTES}

_METHODS = ("attribute", "hierarchical", "image", "untuned", "monet", "panderm")
_ROWS = {
    "areaMM2": (8.4, 8.5, 15.4, 41.0, 35.7, 33.1),
    "norm_border": (16.9, 17.0, 21.2, 36.0, 33.9, 32.7),
    "deltaLB": (6.3, 6.5, 11.2, 28.8, 22.2, 21.5),
}
RETRIEVAL: dict[str, dict[str, float]] = {
    method: {name: row[i] for name, row in _ROWS.items()} for i, method in enumerate(_METHODS)
}
"""Method → attribute → median attribute difference percentile, for the attributes published."""

JOINT: tuple[dict[str, Any], ...] = (
    {
        "attributes": ["areaMM2", "deltaL"],
        "methods": {
            "image": {"areaMM2": 15.5, "deltaL": 11.1},
            "areaMM2 only": {"areaMM2": 8.3, "deltaL": 17.0},
            "deltaL only": {"areaMM2": 20.0, "deltaL": 8.3},
            "joint": {"areaMM2": 12.8, "deltaL": 8.3},
        },
    },
)


def as_object() -> dict[str, Any]:
    return {"source": SOURCE, "setting": SETTING, "r2": R2, "retrieval": RETRIEVAL, "joint": list(JOINT)}
