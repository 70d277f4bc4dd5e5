"""What may be chosen about a training; the defaults are the paper's recipe (arXiv 2508.20188) where it gives them."""

from __future__ import annotations

from dataclasses import dataclass

from skintui.errors import UsageError

PLACE_ONLY = (
    "device",
    "dtype",
    "threads",
    "processes",
    "checkpoint_every",
    "micro_batch_size",
    "gradient_checkpointing",
    "compile",
)
"""Settings that say where and how a step is computed, not what is learned; a resumed run may change them."""


@dataclass(frozen=True)
class TrainSettings:
    """The paper's recipe as defaults."""

    base: str
    """Folder or hub id of the base model."""
    attributes_per_image: int = 5
    """W: questions drawn per tile and step, at most 16."""
    rank: int = 8
    alpha: int = 16
    epochs: int = 1
    batch_size: int = 16
    learning_rate: float = 1e-4
    """Peak rate; 1e-4 suits the 7B model, the bundled one wants 5e-3."""
    warmup: float = 0.03
    """Fraction of the steps over which the rate rises from 0; the rest is a cosine down to 0."""
    weight_decay: float = 0.0
    gradient_norm: float = 1.0
    """Gradients are scaled down to this norm."""
    init_adapter: str | None = None
    """Adapter folder whose weights the training starts from; without, LoRA starts as the base is."""
    turns: bool = False
    """Show each tile turned and mirrored in one of its eight views, drawn anew every time."""
    label_noise: float = 0.0
    """Share of the labels taken to be wrong: an answer counts by the odds that it is right (see ``forward``)."""
    seed: int = 0
    steps: int | None = None
    """Stop after so many steps (the schedule ends there) instead of after ``epochs``."""
    tile_px: int | None = None
    """Side to which tiles are resized; None for the model's own."""
    bf16_autocast: bool = False
    """Compute in bfloat16 on a CPU that has AVX-512 BF16; the weights stay float32."""
    compile: bool = False
    """With ``bf16_autocast``: fuse operations by torch.compile, a minute at the start (needs a C++ compiler)."""
    device: str = "auto"
    dtype: str = "auto"
    quantize: str = ""
    """Hold the frozen base in ``4bit`` or ``8bit``; empty: as it is."""
    threads: int | None = None
    """Threads of torch; None leaves them as they are."""
    processes: int = 1
    """Single-threaded processes that share each batch, on a CPU; the gradient stays the same but for rounding."""
    checkpoint_every: int = 100
    """Steps between checkpoints."""
    micro_batch_size: int | None = None
    """Tiles per pass where a whole batch does not fit; the gradient stays the same."""
    gradient_checkpointing: bool = False
    """Trade time for memory."""

    def __post_init__(self) -> None:
        whole = (
            self.processes,
            self.attributes_per_image,
            self.rank,
            self.alpha,
            self.epochs,
            self.batch_size,
            self.checkpoint_every,
        )
        if min(whole) < 1 or self.attributes_per_image > 16 or not self.learning_rate > 0:
            raise UsageError("a training setting is out of range", do="counts are at least 1, attributes at most 16")
        if self.compile and not self.bf16_autocast:
            raise UsageError("--compile goes with --bf16-autocast")
        if self.quantize and self.bf16_autocast:
            raise UsageError("--bf16-autocast computes with whole weights", do="leave out it or --quantize")
        if not 0 <= self.label_noise < 0.5:
            raise UsageError(f"the share of wrong labels must lie from 0 to below 0.5, not {self.label_noise:g}")
