"""The cluster a run computes on: a running one by its address, or one started here for this run alone."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from skintui.errors import EngineError, UsageError
from skintui.texts import printable

OBJECT_STORE = 1 << 30
"""Bytes of shared memory of a cluster started here: a few shards of decoded tiles per worker."""


def ray_module() -> Any:
    """Ray itself. Raises EngineError where the extra is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")  # workers of our own are what the user waits for
    try:
        import ray
    except ImportError as error:
        raise EngineError("--engine ray needs Ray", do="pip install 'skintui[ray]'") from error
    return ray


@dataclass(frozen=True, slots=True)
class Slots:
    """Where a worker fits."""

    kind: str
    """``GPU`` or ``CPU``."""
    count: int
    """In the whole cluster now, busy or not."""

    @property
    def noun(self) -> str:
        return "GPU" if self.kind == "GPU" else "CPU core"


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Ray, connected to the cluster at ``address``, or to one of this machine's cores that ends with the run.

    Raises EngineError where there is no cluster at the address.
    """
    if "://" in address:
        raise UsageError(
            f"'{printable(address, 80)}' is a client's address", do="run this on a node of the cluster; --address auto"
        )
    ray = ray_module()
    common: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False, "namespace": "skintui"}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    own = {"num_cpus": cores, "include_dashboard": False, "object_store_memory": OBJECT_STORE}
    try:
        ray.init(address=address, **common) if address else ray.init(address="local", **own, **common)
    except Exception as error:  # Ray has no common class for what can go wrong here
        with suppress(Exception):
            ray.shutdown()
        reason = printable(next(iter(str(error).splitlines()), type(error).__name__), 160)
        what = f"no Ray cluster can be reached ({reason})" if address else f"Ray cannot be started ({reason})"
        raise EngineError(what, where=address or None, do="check --address and 'ray status'") from error
    _keep_stdout(ray)
    try:
        yield ray
    finally:
        ray.shutdown()


def _keep_stdout(ray: Any) -> None:
    """Ray prints to stdout, where results go, that a worker died; the pool says it in its own words."""
    printer: Any = getattr(getattr(ray, "_private", None), "worker", None)
    if printer is not None and hasattr(printer, "print_to_stdstream"):
        printer.print_to_stdstream = lambda *_, **__: None


def slots(ray: Any, device: str, cpus: int) -> Slots:
    """How many workers the living nodes hold: one per GPU, or one per ``cpus`` cores where there is none.

    Raises UsageError for a device that a cluster hands out itself.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise UsageError(f"--device {device} names a card", do="the cluster hands out its GPUs: use auto, cuda or cpu")
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    gpus = sum(int(resources.get("GPU", 0)) for resources in nodes)
    if device == "cuda" or (device == "auto" and gpus):
        return Slots("GPU", gpus)
    return Slots("CPU", sum(int(resources.get("CPU", 0)) // cpus for resources in nodes))
