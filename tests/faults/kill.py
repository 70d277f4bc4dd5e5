"""kill -9 at any moment."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.harness import Case

CASES_HERE: tuple[Callable[[], Case], ...] = ()
