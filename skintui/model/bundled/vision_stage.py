"""First stage: the vision tower learns to see what was drawn, cell by cell, before any word is spoken.

Linear heads on the merged image tokens (what the decoder will read) predict the dense targets of their four cells; a
pooled head predicts the other quantities and the words of the sixteen attributes, never their numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from skintui.attributes import ATTRIBUTES
from skintui.model.bundled.drawings import MISSING_LEVEL, Drawings, turned
from skintui.model.bundled.questions import LEVELS, TRAITS
from skintui.model.bundled.shape import CELLS, IMAGE_TOKENS, MERGE, PATCH_PIXELS, PIXEL_MEAN, PIXEL_STD
from skintui.model.bundled.targets import CHANNELS

_SCALE_SAMPLE = 2000
_TRAIT_WEIGHT, _LEVEL_WEIGHT = 0.3, 0.3
_POOL_WIDTH = 384


class Batch:
    """Some drawings in one of eight views each, as tensors."""

    def __init__(self, drawings: Drawings, rows: NDArray[np.int64], views: NDArray[np.int64]) -> None:
        pairs = list(zip(rows.tolist(), views.tolist(), strict=True))
        tiles = np.stack([turned(drawings.tiles[i], view % 4, view >= 4) for i, view in pairs])
        cells = np.stack([turned(drawings.cells[i], view % 4, view >= 4) for i, view in pairs])
        self.pixels = patches(torch.from_numpy(tiles))
        self.cells = merged_cells(torch.from_numpy(cells.astype(np.float32)))
        self.levels = torch.from_numpy(drawings.levels[rows].astype(np.int64))
        self.traits = torch.from_numpy(np.array(drawings.traits[rows]))

    def __len__(self) -> int:
        return len(self.levels)


def random_batch(drawings: Drawings, size: int, seed: tuple[int, ...]) -> Batch:
    """A batch that depends on ``seed`` alone, so that a resumed run sees what it would have seen."""
    draw = np.random.default_rng(seed)
    return Batch(drawings, draw.integers(0, len(drawings), size), draw.integers(0, 8, size))


def patches(tiles: torch.Tensor) -> torch.Tensor:
    """(B · 256, 384) normalised patches of bytes (B, 128, 128, 3), in the image processor's order.

    Rows of one patch are (channel, frame, height, width); patches of one 2 × 2 merge follow each other.
    """
    mean, std = torch.tensor(PIXEL_MEAN), torch.tensor(PIXEL_STD)
    values = (tiles.float() / 255 - mean) / std
    side = CELLS // MERGE
    grid = values.reshape(-1, side, MERGE, PATCH_PIXELS, side, MERGE, PATCH_PIXELS, 3)
    ordered = grid.permute(0, 1, 4, 2, 5, 7, 3, 6)  # B, row, column, row in merge, column in merge, channel, y, x
    frames = ordered.unsqueeze(6).expand(-1, -1, -1, -1, -1, -1, 2, -1, -1)
    return frames.reshape(len(tiles) * CELLS * CELLS, -1)


def merged_cells(cells: torch.Tensor) -> torch.Tensor:
    """(B, 64, 4 · K) targets of each image token, from (B, 16, 16, K)."""
    side = CELLS // MERGE
    grid = cells.reshape(-1, side, MERGE, side, MERGE, cells.shape[-1]).permute(0, 1, 3, 2, 4, 5)
    return grid.reshape(len(cells), IMAGE_TOKENS, -1)


def grid_of(count: int) -> torch.Tensor:
    """(count, 3): one frame of 16 × 16 patches per tile."""
    return torch.tensor([[1, CELLS, CELLS]] * count)


class DrawnHeads(nn.Module):
    """Heads that exist in pre-training only."""

    def __init__(self, width: int, drawings: Drawings) -> None:
        super().__init__()
        cells = np.asarray(drawings.cells[:_SCALE_SAMPLE], np.float32).reshape(-1, len(CHANNELS))
        traits = np.asarray(drawings.traits[:_SCALE_SAMPLE])
        self.cells = nn.Linear(width, MERGE * MERGE * len(CHANNELS))
        self.pool_in = nn.Linear(width, _POOL_WIDTH)
        self.pool_out = nn.Sequential(nn.Linear(_POOL_WIDTH, _POOL_WIDTH), nn.GELU())
        self.traits = nn.Linear(_POOL_WIDTH, len(TRAITS))
        self.levels = nn.Linear(_POOL_WIDTH, len(ATTRIBUTES) * LEVELS)
        self.cell_mean, self.cell_std = _scale(cells, repeat=MERGE * MERGE)
        self.trait_mean, self.trait_std = _scale(traits)

    def forward(self, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Standardised cells (B, 64, 4K), standardised traits (B, T) and level logits (B, 16, LEVELS)."""
        pooled = self.pool_out(functional.gelu(self.pool_in(tokens)).mean(dim=1))
        return self.cells(tokens), self.traits(pooled), self.levels(pooled).reshape(-1, len(ATTRIBUTES), LEVELS)

    def loss(self, tokens: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
        """Loss of image tokens (B, 64, width) against what was drawn, and its parts."""
        cells, traits, levels = self(tokens)
        wanted = (batch.cells - self.cell_mean) / self.cell_std
        dense = functional.smooth_l1_loss(cells.float(), wanted)
        scaled = (batch.traits - self.trait_mean) / self.trait_std
        known = ~scaled.isnan()
        trait = functional.smooth_l1_loss(traits.float()[known], scaled[known])
        level = functional.cross_entropy(
            levels.float().flatten(0, 1), batch.levels.flatten(), ignore_index=MISSING_LEVEL
        )
        total = dense + _TRAIT_WEIGHT * trait + _LEVEL_WEIGHT * level
        return total, {"dense": float(dense.detach()), "traits": float(trait.detach()), "words": float(level.detach())}


def _scale(values: NDArray[np.float32], repeat: int = 1) -> tuple[nn.Parameter, nn.Parameter]:
    """Mean and deviation of columns, kept with the heads."""
    mean, std = np.nanmean(values, axis=0), np.nanstd(values, axis=0) + 1e-4
    return tuple(  # type: ignore[return-value]
        nn.Parameter(torch.tensor(np.tile(v, repeat), dtype=torch.float32), requires_grad=False) for v in (mean, std)
    )


class VisionStage:
    """Loss of the vision tower on one batch."""

    name = "vision"

    def __init__(self, model: Any, drawings: Drawings) -> None:
        self.model, self.drawings = model, drawings
        self.heads = DrawnHeads(model.config.text_config.hidden_size, drawings)

    def named_parameters(self) -> list[tuple[str, nn.Parameter]]:
        tower = self.model.model.visual.named_parameters(prefix="visual")
        return [*tower, *self.heads.named_parameters(prefix="heads")]

    def loss(self, size: int, seed: tuple[int, ...]) -> tuple[torch.Tensor, dict[str, float]]:
        batch = random_batch(self.drawings, size, seed)
        with torch.autocast("cpu", torch.bfloat16):
            merged = self.model.model.visual(batch.pixels, grid_thw=grid_of(len(batch))).pooler_output
            return self.heads.loss(merged.reshape(len(batch), IMAGE_TOKENS, -1), batch)
