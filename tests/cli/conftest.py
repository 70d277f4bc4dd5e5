"""The small data set, the tiny model and their workspaces, and a verb called as a shell would."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from skintui.cli.main import run
from tests.small_fixtures import _indexed, indexed, predicted, small, tiny

__all__ = ["_indexed", "indexed", "predicted", "small", "tiny"]

Called = Callable[..., str]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Called:
    """Run a verb; what it wrote to stdout, or to stderr where it is to fail."""

    def called(*arguments: object, code: int = 0) -> str:
        got = run([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        assert got == code, shown.err
        assert "Traceback" not in shown.err
        return shown.out if not code else shown.err

    return called
