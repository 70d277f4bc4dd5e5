"""Fixtures of the application's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from skintui.steps.place import Place
from tests.made_results import copied, drawn_lesions, prepared
from tests.tui.opened import Opener, opener

__all__ = ["drawn_lesions", "prepared"]


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    """A data set of 24 drawn lesions with vectors, predictions and findings, in a workspace of the test's own."""
    return copied(prepared, tmp_path / "workspace")


@pytest.fixture
def opened(place: Place) -> Opener:
    """Opens the application on ``place``."""
    return opener(place)
