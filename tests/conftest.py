"""Fixtures shared by every room's tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own settings and workspaces."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    for name in list(os.environ):
        if name.startswith("SKINTUI_") and name != "SKINTUI_SLICE3D":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session")
def slice3d() -> Path:
    """The folder of real tiles, where the machine has one."""
    folder = Path(os.environ.get("SKINTUI_SLICE3D") or ROOT.parent / "shared" / "slice3d")
    if not (folder / "train-metadata.csv").is_file():
        pytest.skip("real SLICE-3D tiles are not on this machine (set SKINTUI_SLICE3D to their folder)")
    return folder
