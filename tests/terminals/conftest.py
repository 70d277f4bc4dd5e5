"""Fixtures of the tests in real terminals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from skintui.steps.place import Place
from tests.made_results import copied, drawn_lesions, prepared
from tests.terminals.application import Application
from tests.terminals.display import Display
from tests.terminals.matching import Tiles
from tests.terminals.server import Server

__all__ = ["drawn_lesions", "prepared"]


@pytest.fixture(scope="session")
def tiles(prepared: Place) -> Tiles:
    """The data set's pictures."""
    return Tiles(prepared.lesions())


@pytest.fixture
def application(prepared: Place, tmp_path: Path) -> Application:
    """The application with a workspace of the test's own."""
    return Application(copied(prepared, tmp_path / "workspace"), tmp_path)


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    """An X display; every window on it is closed with the module."""
    display = Display()
    yield display
    display.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An SSH server on the loopback."""
    server = Server(tmp_path_factory.mktemp("sshd"))
    yield server
    server.close()
