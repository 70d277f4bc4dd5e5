"""Where the bundled demo and model are: inside an installed package, or in ``data/`` of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    inside = _PACKAGE / "_bundled" / name
    return inside if inside.is_dir() else _PACKAGE.parent / "data" / name


def demo_dataset() -> Path:
    """Folder of the drawn demo data set, in Kaggle's layout."""
    return _folder("demo")


def base_model() -> Path:
    """Folder of the bundled base model, laid out like one from the hub."""
    return _folder("model") / "base"


def adapter() -> Path:
    """Folder of the bundled LoRA adapter (PEFT layout)."""
    return _folder("model") / "adapter"
