"""The table of all cases: importing this file fills it. A family of cases is a file with its own ``CASES_HERE``."""

from __future__ import annotations

from tests.faults import disk, kill, kill_application, writers
from tests.faults.harness import CASES, register

register(*kill.CASES_HERE, *kill_application.CASES_HERE, *disk.CASES_HERE, *writers.CASES_HERE)

__all__ = ["CASES"]
