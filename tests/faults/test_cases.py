"""Every case, small; ``python -m tests.bench.faults`` is the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.cases import CASES
from tests.faults.harness import assert_survived

LONG_ONLY = {
    "kill -9: train",
    "kill -9: index",
    "kill -9: index, bundled model",
    "disk: train",
    "disk: index",
    "disk: index, bundled model",
}
"""Each loads torch and a model; ``tests/cli/test_stopping.py`` kills an index."""
LONG_ONLY |= {"disk: apply", "disk: merge", "disk: audit", "kill -9: apply", "kill -9: merge"}
"""As export, import and scan, which are tried."""
LONG_ONLY |= {name for name in CASES if name.startswith("damage")}
"""``test_damage.py`` tries them together: they share a workspace that takes a while to make."""


@pytest.mark.parametrize("name", [name for name in CASES if name not in LONG_ONLY])
def test_nothing_is_lost(name: str, tmp_path: Path) -> None:
    assert_survived(CASES[name], tmp_path / "room")
