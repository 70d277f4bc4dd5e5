"""Fixtures of the session's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skintui.session import Session
from skintui.steps.place import Place
from tests.made_results import copied, drawn_lesions, prepared

__all__ = ["drawn_lesions", "prepared"]


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    """A data set of 24 drawn lesions with vectors, predictions and findings, in a workspace of the test's own."""
    return copied(prepared, tmp_path / "workspace")


@pytest.fixture
def session(place: Place) -> Iterator[Session]:
    """The session with the workspace's results in."""
    session = Session(place, reviewer="ada")
    assert session.load_results() == []
    yield session
    session.close()


@pytest.fixture
def ben(place: Place) -> Iterator[Session]:
    """Another reviewer's session over the same workspace."""
    session = Session(place, reviewer="ben")
    yield session
    session.close()
