"""What indexing costs on 1, 8 and 64 GPUs, computed: nothing here was measured on such machines.

The rate of a card is ``skintui bench cost``'s; everything else is a rate per tile that the stages beside the GPUs must
keep up with, named below with where it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from skintui.steps.measures import Measure

TILES = (401_059, 10_000_000)
GPUS = (1, 8, 64)
CARDS = ("A100 80 GB", "H100 SXM")
BATCH = 16
SHARD_TILES = 256
DECODE_SECONDS = 0.4e-3
"""Of one core per tile of 131 px, beside the GPU (measured on one core here)."""
PIXEL_SECONDS = 3.0e-3
"""Of the worker's own core per tile, and the GPU waits: bicubic to 224 px, normalised, in patches (measured here)."""
DRIVER_SECONDS = 3e-3
"""Of the driver per shard: 1 ms of CPU measured, journal included; taken with its sync on a slow disk."""
DISK_BYTES = 1e9
"""Per second that a shared folder is taken to write: an assumption."""
GRAPH_VECTORS = 7_880.0
"""Vectors per second of d = 3,584 that one machine adds to the graphs (measured on two cores)."""


@dataclass(frozen=True, slots=True)
class Run:
    """One index of ``tiles`` lesions on ``gpus`` cards."""

    tiles: int
    gpus: int
    tiles_per_second: float
    """Of one card."""
    tile_bytes: float
    """Vectors of one tile."""
    views: int

    def stages(self) -> dict[str, float]:
        """Seconds each stage of reading would take if it alone mattered; they run at the same time."""
        return {
            "GPUs": self.tiles * (1 / self.tiles_per_second + PIXEL_SECONDS) / self.gpus,
            "one decoding core per GPU": self.tiles * DECODE_SECONDS / self.gpus,
            "driver": self.tiles / SHARD_TILES * DRIVER_SECONDS,
            "shared disk": self.tiles * self.tile_bytes / DISK_BYTES,
        }

    @property
    def reading(self) -> float:
        """Seconds until every vector is stored: the slowest stage."""
        return max(self.stages().values())

    @property
    def graphs(self) -> float:
        """Seconds of building the graphs on one machine afterwards, GPUs already let go."""
        return self.tiles * self.views / GRAPH_VECTORS

    @property
    def bottleneck(self) -> str:
        """What most of the time goes to."""
        stages = {**self.stages(), "graphs on one machine": self.graphs}
        return max(stages, key=stages.__getitem__)


def computed(views: int = 17) -> Iterator[Measure]:
    """Hours, GPU-hours, storage and what is slowest."""
    from skintui.model.accelerators import ACCELERATORS
    from skintui.model.cost import vector_bytes
    from skintui.model.shapes import SHAPES
    from skintui.steps.bench_cost import Job

    job = Job.of(SHAPES["7b"])
    cards = {card.name: card for card in ACCELERATORS}
    for tiles in TILES:
        for name in CARDS:
            for gpus in GPUS:
                rate = 1 / job.index_seconds(cards[name], BATCH)
                run = Run(tiles, gpus, rate, vector_bytes(job.shape, views), views)
                told = ", ".join(f"{stage} {took / 3600:.2g}" for stage, took in run.stages().items())
                yield Measure(
                    f"7B, {tiles:,} tiles on {gpus} x {name}, computed",
                    (run.reading + run.graphs) / 3600,
                    "h",
                    f"{gpus * run.reading / 3600:.3g} GPU-h; {run.tiles * run.tile_bytes / 1e9:,.0f} GB of vectors",
                    f"{run.bottleneck}; hours: {told}, then graphs {run.graphs / 3600:.2g}",
                    tiles,
                )
