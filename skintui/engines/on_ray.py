"""The engine of ``--engine ray``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from skintui.engines.cluster import connected
from skintui.engines.pool import Pool
from skintui.nouns import counted
from skintui.progress import Progress
from skintui.steps.engine import Facts, Result, Unit, Work
from skintui.steps.weights import Weights


class OnRay:
    """Units on a cluster's workers, one per GPU, or per CPU core where there is no GPU."""

    retries = True

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    def facts(self, weights: Weights, progress: Progress) -> Facts:
        count = min(self.pool.slots.count, self.pool.limit or self.pool.slots.count)
        progress.start(f"loading the model on {counted(count, self.pool.slots.noun)}")
        return self.pool.facts(weights, progress)

    def run(self, work: Work[Unit, Result], units: Sequence[Unit], progress: Progress) -> Iterator[tuple[Unit, Result]]:
        if units:
            yield from self.pool.run(work, units, progress)

    def rest(self) -> None:
        self.pool.dismiss()


@contextmanager
def on_ray(
    address: str = "", device: str = "auto", *, cpus: int = 1, limit: int | None = None, apart: bool | None = None
) -> Iterator[OnRay]:
    """The cluster at ``address``, or one of this machine's own cores and GPUs for as long as the run.

    Args:
        address: ``host:port`` or ``auto`` on a node of the cluster; empty for a cluster of one's own.
        device: ``auto``, ``cpu`` or ``cuda``.
        cpus: cores that a worker takes (and threads that it computes with, on a CPU).
        limit: workers at most.
        apart: whether tiles are decoded in processes of their own; None: where workers have GPUs.
    """
    with connected(address) as ray:
        pool = Pool(ray, device, cpus=cpus, limit=limit, apart=apart)
        try:
            yield OnRay(pool)
        finally:
            pool.dismiss()
