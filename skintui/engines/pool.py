"""The driver's side: keeps every worker busy, gives the units of one that died to the others, gives up in one line.

Per unit the driver handles a number and a record of some hundred bytes: vectors go from the worker to the shared
folder, tiles from a decoding process to the worker beside it.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import skintui
from skintui.engines.cluster import Slots, slots
from skintui.engines.worker import Site, Worker, decoded
from skintui.errors import Cancelled, EngineError, SkintuiError
from skintui.progress import Progress, stop_if_cancelled
from skintui.steps.engine import Facts, Model, Result, Unit, Work
from skintui.texts import printable

AHEAD = 2
"""Units given to a worker at once: the one it is at, and the next, whose tiles are decoded meanwhile."""
TRIES = 3
"""Times a unit may fail or take its worker down before the run ends."""
LOOK_SECONDS = 0.5
"""How often the driver looks up while nothing is finished: whether to stop."""
COUNT_SECONDS = 5.0
"""How often the nodes are counted: some may have come or gone."""
GRACE_SECONDS = 30.0
"""How long a worker may take to put its unit down when the user stops."""


@dataclass(eq=False)
class Hired:
    """One worker on the cluster, as the driver sees it."""

    actor: Any
    starting: Any
    """Reference of its first call; None once it has taken up the work."""
    site: Site | None = None
    calls: dict[Any, int] = field(default_factory=dict)
    """Number of the unit by the reference of its call, oldest first."""


class Pool:
    """Workers on the cluster, as many as there are slots (and at most ``limit``)."""

    def __init__(self, ray: Any, device: str, *, cpus: int, limit: int | None, apart: bool | None) -> None:
        self.ray, self.device, self.cpus, self.limit = ray, device, cpus, limit
        self.slots: Slots = slots(ray, device, cpus)
        if self.slots.kind == "GPU" and not self.slots.count:
            raise EngineError("no node of the cluster has a GPU", do="leave out --device, or start nodes with GPUs")
        self.apart = self.slots.kind == "GPU" if apart is None else apart
        """Whether tiles are decoded by processes of their own: a GPU must not wait for them, a CPU core is one."""
        self.workers: list[Hired] = []
        self._room: int | None = None
        """Workers at most after some could not begin the work at hand."""
        self._counted = 0.0
        self._stillborn = 0
        """Workers in a row that died before they had taken anything up."""
        self._decode: Any = ray.remote(**{"num_cpus": 0, "max_retries": TRIES})(decoded)

    def facts(self, model: Model, progress: Progress) -> Facts:
        """What the first worker that has loaded the model says of it; the others go on loading."""

        def ask(actor: Any) -> Any:
            return actor.facts.remote(model)

        for worker in self.workers:
            worker.starting = ask(worker.actor)
        while True:
            self._staff(ask)
            for worker, answer in self._started(progress):
                worker.site, found = answer
                assert isinstance(found, Facts)  # noqa: S101 -- what the call above returns
                return found

    def run(self, work: Work[Unit, Result], units: Sequence[Unit], progress: Progress) -> Iterator[tuple[Unit, Result]]:
        """Every unit once, as they come. Raises what the last of :data:`TRIES` attempts said."""
        key, reference = uuid4().hex, [self.ray.put(work)]
        self._room, self._stillborn = None, 0

        def begin(actor: Any) -> Any:
            return actor.take_up.remote(key, reference)

        for worker in self.workers:
            worker.starting = begin(worker.actor)
        left, failed = deque(range(len(units))), Counter[int]()
        try:
            while left or any(worker.calls for worker in self.workers):
                stop_if_cancelled(progress)
                self._staff(begin)
                self._hand_out(work, key, reference, left, units)
                for worker, answer in self._started(progress):
                    worker.site, worker.starting = answer, None
                for worker, call in self._ended():
                    number = worker.calls.get(call)
                    if number is None:
                        continue  # taken back with a worker that died
                    try:
                        result = self.ray.get(call)
                    except self.ray.exceptions.RayError as error:
                        failed[number] += 1
                        self._mend(worker, call, error, left)
                        if failed[number] >= TRIES:
                            raise self._given_up(work, worker, error) from error
                        progress.note(f"{work.noun} is tried again: {_line(error)}")
                        continue
                    del worker.calls[call]
                    yield units[number], result
                    progress.advance(work.size(units[number]))  # what the caller has kept by now
        except Cancelled:
            self._put_down()
            raise
        finally:
            if left or any(worker.calls for worker in self.workers):
                self.dismiss()

    def dismiss(self) -> None:
        """End all workers, whatever they are at."""
        for worker in self.workers:
            with suppress(Exception):
                self.ray.kill(worker.actor)
        self.workers = []

    def _staff(self, begin: Callable[[Any], Any]) -> None:
        """As many workers as there are slots."""
        now = time.monotonic()
        if now - self._counted > COUNT_SECONDS:
            self._counted, self.slots = now, slots(self.ray, self.device, self.cpus)
        wanted = min(limit for limit in (self.slots.count, self.limit, self._room) if limit is not None)
        gpus = 1 if self.slots.kind == "GPU" else 0
        for _ in range(wanted - len(self.workers)):
            kind = self.ray.remote(concurrency_groups={"beside": 1})(Worker)
            actor = kind.options(num_cpus=self.cpus, num_gpus=gpus, max_restarts=0).remote(skintui.__version__)
            self.workers.append(Hired(actor, begin(actor)))

    def _started(self, progress: Progress) -> Iterator[tuple[Hired, Any]]:
        """Workers whose first call has ended well; those that cannot work are told of and let go."""
        stop_if_cancelled(progress)
        waiting = {worker.starting: worker for worker in self.workers if worker.starting is not None}
        if not waiting:
            return
        idle = all(worker.starting is not None for worker in self.workers)
        ready, _ = self.ray.wait(list(waiting), num_returns=len(waiting), timeout=0)
        if not ready and idle:
            ready, _ = self.ray.wait(list(waiting), num_returns=1, timeout=LOOK_SECONDS)
        for reference in ready:
            worker = waiting[reference]
            try:
                answer = self.ray.get(reference)
            except self.ray.exceptions.RayError as error:
                self._let_go(worker, error, progress)
            else:
                self._stillborn = 0
                yield worker, answer

    def _let_go(self, worker: Hired, error: Any, progress: Progress) -> None:
        """Work on without a worker that could not begin. Raises what it said where it was the last."""
        self.workers.remove(worker)
        with suppress(Exception):
            self.ray.kill(worker.actor)
        self._counted = 0.0
        if isinstance(error, self.ray.exceptions.RayTaskError):
            self._room = len(self.workers)  # its node will not do better with a new worker
            if not self.workers:
                raise _explained(error) from error
            progress.note(f"working without one worker: {_line(error)}")
            return
        self._stillborn += 1
        if self._stillborn >= TRIES:
            what = f"{TRIES} workers in a row died before they could begin"
            raise EngineError(what, do="memory may be too small for the model; Ray's logs say more") from error

    def _hand_out(
        self, work: Work[Unit, Result], key: str, reference: list[Any], left: deque[int], units: Sequence[Unit]
    ) -> None:
        """Give units to whoever has fewest, so that at the end nobody waits behind another's queue."""
        free = [worker for worker in self.workers if worker.starting is None and len(worker.calls) < AHEAD]
        for depth in range(AHEAD):
            for worker in free:
                if left and len(worker.calls) == depth:
                    number = left.popleft()
                    unit = units[number]
                    ahead = self.apart and work.model is not None
                    tiles = self._tiles(worker, key, reference, unit) if ahead else None
                    worker.calls[worker.actor.do.remote(key, reference, unit, tiles)] = number

    def _tiles(self, worker: Hired, key: str, reference: list[Any], unit: Any) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        assert worker.site is not None  # noqa: S101 -- it has taken up the work
        beside = NodeAffinitySchedulingStrategy(worker.site.node, soft=True)
        return self._decode.options(scheduling_strategy=beside).remote(key, reference, unit)

    def _ended(self) -> list[tuple[Hired, Any]]:
        """Calls that have ended, waiting a moment for the first."""
        calls = {call: worker for worker in self.workers for call in worker.calls}
        if not calls:
            return []
        ready, rest = self.ray.wait(list(calls), num_returns=1, timeout=LOOK_SECONDS, fetch_local=False)
        if ready and rest:
            ready += self.ray.wait(rest, num_returns=len(rest), timeout=0, fetch_local=False)[0]
        return [(calls[call], call) for call in ready]

    def _mend(self, worker: Hired, call: Any, error: Exception, left: deque[int]) -> None:
        """Take back the unit, and all units of a worker that is gone."""
        number = worker.calls.pop(call)
        if isinstance(error, self.ray.exceptions.RayActorError):
            left.extendleft(reversed(worker.calls.values()))
            worker.calls = {}
            if worker in self.workers:
                self.workers.remove(worker)
            with suppress(Exception):
                self.ray.kill(worker.actor)
            self._counted = 0.0
        left.appendleft(number)

    def _given_up(self, work: Work[Any, Any], worker: Hired, error: Exception) -> SkintuiError:
        if isinstance(error, self.ray.exceptions.RayTaskError):
            return _explained(error)
        where = "" if worker.site is None else f", last on node {worker.site.name}"
        what = f"a {work.noun} took its worker down {TRIES} times{where}"
        return EngineError(what, do="memory may be too small: lower --batch-size; Ray's logs say more")

    def _put_down(self) -> None:
        """Let the units at work end at their next batch, for a while."""
        calls = [call for worker in self.workers for call in worker.calls]
        for worker in self.workers:
            worker.actor.stop.options(concurrency_group="beside").remote()
        with suppress(Exception):
            self.ray.wait(calls, num_returns=len(calls), timeout=GRACE_SECONDS, fetch_local=False)


def _explained(error: Any) -> SkintuiError:
    """What a worker raised, as a person is told it."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, SkintuiError):
        return cause
    return EngineError(f"a worker failed: {_line(error)}", do="Ray's logs say more")


def _line(error: Any) -> str:
    cause = getattr(error, "cause", None)
    if isinstance(cause, SkintuiError):
        return str(cause)
    if cause is not None:
        return printable(f"{type(cause).__name__}: {cause}", 200)
    return f"its worker died ({type(error).__name__})"
