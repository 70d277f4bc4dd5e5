"""The table of all cases: importing this file fills it. A family of cases is a file with its own ``CASES_HERE``."""

from __future__ import annotations

from tests.faults import kill
from tests.faults.harness import CASES, register

register(*kill.CASES_HERE)

__all__ = ["CASES"]
