"""Several processes of one thread each that train one model together, on a machine without a GPU.

On small models two single-threaded processes with averaged gradients are faster than one process with two threads,
whose many short pieces of work keep waiting for each other.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist

_PATIENCE_SECONDS = 30.0


class Team:
    """This process's place among ``size``; rank 0 reports and writes."""

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank, self.size = rank, size

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def average(
        self, parameters: Sequence[torch.nn.Parameter], numbers: Sequence[float], weight: float = 1.0
    ) -> list[float]:
        """Average gradients in place and return the averages of ``numbers``, each process counting ``weight``.

        A gradient that is missing counts as zero; every process takes the same step afterwards.
        """
        if self.size == 1:
            return list(numbers)
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([torch.tensor([1.0, *numbers]), *(gradient.flatten() for gradient in gradients)]) * weight
        dist.all_reduce(flat)
        flat /= flat[0].clone()
        start = 1 + len(numbers)
        for p in parameters:
            p.grad = flat[start : start + p.numel()].view_as(p)
            start += p.numel()
        return [float(value) for value in flat[1 : 1 + len(numbers)]]

    def any(self, wish: bool) -> bool:
        """Whether any process wishes it (to stop): all hear the same answer."""
        return self.average([], [float(wish)])[0] > 0


@contextmanager
def gathered(size: int, follow: Callable[[Team], object]) -> Iterator[Team]:
    """Yield this process's place while ``size - 1`` forked ones run ``follow`` with theirs."""
    if size == 1:
        yield Team()
        return
    torch.set_num_threads(1)  # before forking: a child cannot use the threads of its parent
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(prefix="skintui-team-") as folder:
        meeting = Path(folder) / "meeting"
        others = [
            context.Process(target=_member, args=(follow, rank, size, meeting), daemon=True) for rank in range(1, size)
        ]
        for process in others:
            process.start()
        try:
            _join(0, size, meeting)
            yield Team(0, size)
        finally:
            if dist.is_initialized():
                dist.destroy_process_group()
            for process in others:
                process.join(_PATIENCE_SECONDS)
                if process.is_alive():
                    process.terminate()


def _member(follow: Callable[[Team], object], rank: int, size: int, meeting: Path) -> None:
    from skintui.errors import SkintuiError

    _join(rank, size, meeting)
    try:
        follow(Team(rank, size))
    except (SkintuiError, RuntimeError):  # the leading process says what went wrong, or is gone
        os._exit(1)
    finally:
        dist.destroy_process_group()


def _join(rank: int, size: int, meeting: Path) -> None:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    dist.init_process_group("gloo", init_method=meeting.as_uri(), rank=rank, world_size=size)
