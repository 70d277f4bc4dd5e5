"""Which model a workspace's vectors were made with, so that no later call has to name it again.

``model.json`` keeps base and adapter with the size and time of their files: while those are untouched the recorded
fingerprint stands, and the checksum over gigabytes of weights is not taken again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skintui.dataset.seal import read_sealed_json, write_sealed_json
from skintui.errors import ModelError
from skintui.settings import DECODE
from skintui.steps.weights import Weights
from skintui.workspace import Workspace

Fingerprint = dict[str, str]


def remember_model(workspace: Workspace, weights: Weights, fingerprint: Fingerprint) -> None:
    """Write down the model that the vectors are made with."""
    write_sealed_json(
        _path(workspace),
        {
            "base": weights.base,
            "adapter": str(weights.adapter.resolve()) if weights.adapter else None,
            "quantize": weights.quantize,
            "files": _stamps(weights),
            "fingerprint": fingerprint,
        },
    )


def recall_model(
    workspace: Workspace, *, device: str = "auto", dtype: str = "auto", decode: str = DECODE, quantize: str = ""
) -> Weights | None:
    """The recorded model, quantised as recorded unless asked otherwise; None without record or where it is gone."""
    record = _read(workspace)
    if record is None:
        return None
    adapter = Path(record["adapter"]) if record.get("adapter") else None
    quantize = quantize or str(record.get("quantize", ""))
    weights = Weights(str(record["base"]), adapter, device, dtype, decode, quantize)
    if record["files"] and all(not Path(file).exists() for file in record["files"]):
        return None
    return weights


def fingerprint_of(workspace: Workspace, weights: Weights) -> Fingerprint:
    """Fingerprint of a model without loading it, from the record where its files are untouched. Raises ModelError."""
    from skintui.model.fingerprint import fingerprint

    record = _read(workspace)
    same = record is not None and (record["base"], record.get("quantize", "")) == (weights.base, weights.quantize)
    if record is not None and same and record["files"] == _stamps(weights):
        return dict(sorted(record["fingerprint"].items()))
    return dict(sorted(fingerprint(weights.base, weights.adapter, quantize=weights.quantize).items()))


def _path(workspace: Workspace) -> Path:
    return workspace.root / "model.json"


def _read(workspace: Workspace) -> dict[str, Any] | None:
    try:
        record = read_sealed_json(_path(workspace).read_bytes())
        complete = isinstance(record["base"], str) and isinstance(record["files"], dict) and record["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if complete else None


def _stamps(weights: Weights) -> dict[str, list[int]]:
    """Size and modification time of every file of base and adapter, by full path."""
    from skintui.model.fingerprint import base_folder

    try:
        folders = [base_folder(weights.base)]
    except ModelError:
        return {}
    if weights.adapter is not None:
        folders.append(weights.adapter.resolve())
    stamps = {}
    for folder in folders:
        for file in sorted(folder.iterdir()):
            if file.is_file():
                status = file.stat()
                stamps[str(file.absolute())] = [status.st_size, status.st_mtime_ns]
    return stamps
