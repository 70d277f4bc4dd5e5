"""Cards a cost is computed for, from their data sheets: nothing here was measured on them."""

from __future__ import annotations

from dataclasses import dataclass

TRAIN_SHARE, INDEX_SHARE = 0.40, 0.35
"""Share of the peak that training and reading are taken to reach: an assumption, in the range that is usual for
transformers of this size in plain torch. A computed rate scales with it."""
RESERVED = 1.5 * 2**30
"""Bytes taken for CUDA's own context, its libraries and what the allocator cannot use."""


@dataclass(frozen=True, slots=True)
class Accelerator:
    """One card."""

    name: str
    memory: float
    """GiB."""
    peak: float
    """Dense bfloat16 operations per second with float32 sums; data sheets often print twice that, with sparsity."""
    bandwidth: float
    """Bytes per second."""

    @property
    def usable(self) -> float:
        """Bytes left for the model."""
        return self.memory * 2**30 - RESERVED


ACCELERATORS = (
    Accelerator("L4", 24, 121e12, 300e9),
    Accelerator("A10", 24, 125e12, 600e9),
    Accelerator("RTX 4090", 24, 165.2e12, 1008e9),
    Accelerator("A100 80 GB", 80, 312e12, 2039e9),
    Accelerator("H100 SXM", 80, 989e12, 3350e9),
    Accelerator("H200", 141e9 / 2**30, 989e12, 4800e9),
)
"""Data sheets of the vendor: 242 (L4), 250 (A10), 624 (A100), 1,979 TFLOPS (H100, H200) with sparsity, halved; 165.2
dense for the RTX 4090 (Ada architecture paper)."""
