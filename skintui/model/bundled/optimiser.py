"""Muon for the matrices of the blocks, AdamW for the rest, one schedule for both.

Muon (Jordan et al. 2024) orthogonalises each matrix's momentum; on this model and in these few minutes it learned
texture and spreads that AdamW did not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

MUON_RATE = 3e-3
ADAMW_RATE = 1.5e-3
_WARM_UP_STEPS = 40
_FINAL = 0.02
_CLIP = 1.0


class TwoOptimisers:
    """Steps Muon and AdamW together.

    Args:
        named: parameters with their names; matrices inside blocks or layers go to Muon.
        slow: parts of names whose rate is multiplied with ``slowness``.
        slowness: the factor.
    """

    def __init__(
        self, named: Iterable[tuple[str, nn.Parameter]], slow: tuple[str, ...] = (), slowness: float = 1.0
    ) -> None:
        groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
        for name, parameter in named:
            if parameter.requires_grad:
                is_matrix = parameter.ndim == 2 and (".blocks." in name or ".layers." in name)
                groups.setdefault((is_matrix, any(part in name for part in slow)), []).append(parameter)
        self._parameters = [p for group in groups.values() for p in group]
        self._optimisers: list[tuple[torch.optim.Optimizer, float]] = []
        for (is_matrix, is_slow), parameters in groups.items():
            rate = (MUON_RATE if is_matrix else ADAMW_RATE) * (slowness if is_slow else 1.0)
            optimiser: torch.optim.Optimizer
            if is_matrix:
                optimiser = torch.optim.Muon(parameters, lr=rate, weight_decay=0.02, adjust_lr_fn="match_rms_adamw")
            else:
                optimiser = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
            self._optimisers.append((optimiser, rate))

    @property
    def parameters(self) -> list[nn.Parameter]:
        return self._parameters

    def step(self, number: int, fraction: float) -> None:
        """Clip, update and forget the gradients; ``fraction`` of the stage is done."""
        nn.utils.clip_grad_norm_(self._parameters, _CLIP)
        factor = schedule(number, fraction)
        for optimiser, rate in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate * factor
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state(self) -> list[dict[str, Any]]:
        return [optimiser.state_dict() for optimiser, _ in self._optimisers]

    def load(self, states: list[dict[str, Any]]) -> None:
        for (optimiser, _), state in zip(self._optimisers, states, strict=True):
            optimiser.load_state_dict(state)


def schedule(number: int, fraction: float) -> float:
    """Factor of the learning rate: linear over the first steps, flat for 40 %, then a cosine down to 2 %."""
    warm = min(1.0, (number + 1) / _WARM_UP_STEPS)
    falling = min(max((fraction - 0.4) / 0.6, 0.0), 1.0)
    return warm * (_FINAL + (1 - _FINAL) * 0.5 * (1 + math.cos(math.pi * falling)))
