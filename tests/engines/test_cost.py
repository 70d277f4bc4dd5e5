from __future__ import annotations

import pytest

from skintui.engines.cost import Run


def test_the_stages_of_a_run_by_hand() -> None:
    """1,000,000 tiles, 10 GPUs of 7 ms (+ 3 ms of pixels) a tile, 100 kB a tile, 17 views."""
    run = Run(1_000_000, 10, 1 / 0.007, 100e3, 17)
    stages = run.stages()
    assert stages["GPUs"] == pytest.approx(1000.0)
    assert stages["one decoding core per GPU"] == pytest.approx(40.0)
    assert stages["driver"] == pytest.approx(1_000_000 / 256 * 3e-3)
    assert stages["shared disk"] == pytest.approx(100.0)
    assert run.reading == pytest.approx(1000.0)
    assert run.graphs == pytest.approx(17e6 / 7880)
    assert run.bottleneck == "graphs on one machine"
