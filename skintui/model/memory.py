"""Memory of the accelerator that a piece of work takes at its peak."""

from __future__ import annotations

import torch

from skintui.model.reader import LesionReader


def forget_device_peak(reader: LesionReader) -> None:
    """Let the peak begin anew with what is held now."""
    if reader.loaded.device.type == "cuda":
        torch.cuda.synchronize(reader.loaded.device)
        torch.cuda.reset_peak_memory_stats(reader.loaded.device)


def device_peak(reader: LesionReader) -> int | None:
    """Most bytes of tensors held at once on the model's CUDA device since then; None where there is no such device."""
    if reader.loaded.device.type != "cuda":
        return None
    torch.cuda.synchronize(reader.loaded.device)
    return int(torch.cuda.max_memory_allocated(reader.loaded.device))
