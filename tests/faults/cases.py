"""The table of all cases: importing this file fills it. A family of cases is a file with its own ``CASES_HERE``."""

from __future__ import annotations

from tests.faults import damage, dataset, disk, kill, kill_application, network, writers
from tests.faults.harness import CASES, register

for family in (kill, kill_application, disk, writers, dataset, network, damage):
    register(*family.CASES_HERE)

__all__ = ["CASES"]
