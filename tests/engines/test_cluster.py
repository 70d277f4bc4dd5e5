"""Three nodes on one machine: workers, nodes and the driver are killed, and no byte differs from the local result.

All in one file: they share a cluster, and pytest-xdist gives a file's tests to one process only if they are few.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

from skintui.attributes import attributes
from skintui.engines.on_ray import OnRay, on_ray
from skintui.errors import Cancelled, EngineError, WorkspaceError
from skintui.progress import SILENT, Silent
from skintui.steps import index as index_step
from skintui.steps.evaluate import Plan, evaluate
from skintui.steps.evaluation.images import untuned
from skintui.steps.index import index
from skintui.steps.place import Place, open_place
from skintui.steps.train import Recipe, train
from skintui.steps.weights import Weights
from tests.engines.cluster import Cluster, end
from tests.engines.works import Nothing
from tests.small import write_small
from tests.tiny import write_tiny_model

SHARD_ROWS, LESIONS = 4, 48
CHOSEN = attributes("areaMM2,deltaL")


@dataclass
class Watch(Silent):
    """Does something once so many units are done."""

    deeds: dict[int, Callable[[], None]] = field(default_factory=dict)
    done: int = 0
    notes: list[str] = field(default_factory=list)
    stop: bool = False

    def advance(self, count: int = 1, **figures: float) -> None:
        self.done += count
        for at in [at for at in self.deeds if at <= self.done]:
            self.deeds.pop(at)()

    def note(self, message: str) -> None:
        self.notes.append(message)

    @property
    def cancelled(self) -> bool:
        return self.stop


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two nodes; a test that kills one lets it join first."""
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed")
    with Cluster() as made, pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        made.join()
        yield made


@pytest.fixture(scope="module")
def _engine(cluster: Cluster) -> Iterator[OnRay]:
    with on_ray(cluster.address) as made:
        yield made


@pytest.fixture
def engine(_engine: OnRay) -> Iterator[OnRay]:
    """No worker is left to the next test, nor does it stand in another driver's way."""
    yield _engine
    _engine.rest()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all nodes see: lesions, a model, and the local result."""
    folder = tmp_path_factory.mktemp("shared")
    write_small(folder / "lesions", lesions=LESIONS)
    write_tiny_model(folder / "tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_step, "SHARD_ROWS", SHARD_ROWS)
        index(at(folder, "local"), model(folder), SILENT, attributes=CHOSEN, batch_size=3)
    return folder


def at(shared: Path, name: str) -> Place:
    return open_place(shared / "lesions", workspace=shared / name)


def model(shared: Path) -> Weights:
    return Weights(str(shared / "tiny"), None, "cpu")


def content(place: Place) -> dict[str, str]:
    """Checksums of all that an index leaves, but for the order in which shards were finished."""
    vectors = place.workspace.vectors
    files = [place.workspace.predictions, *vectors.glob("*.f16"), *vectors.glob("shards/*.parquet")]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}
    lines = sorted((vectors / "journal.jsonl").read_text().splitlines())
    return found | {"journal": "\n".join(lines)}


def test_a_killed_worker_and_a_killed_node_change_no_byte(
    cluster: Cluster, engine: OnRay, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_step, "SHARD_ROWS", SHARD_ROWS)
    monkeypatch.setattr(engine.pool, "apart", True)  # tiles decoded in processes of their own, as beside a GPU
    third = cluster.join()
    watch = Watch(
        {
            SHARD_ROWS: lambda: end(cluster.workers(0)[0]),
            3 * SHARD_ROWS: lambda: cluster.kill_node(third),
        }
    )
    place = at(shared, "killed")
    done = index(place, model(shared), watch, attributes=CHOSEN, batch_size=3, engine=engine)
    assert done.read == LESIONS
    assert not watch.deeds
    assert any("its worker died" in note for note in watch.notes)
    assert content(place) == content(at(shared, "local"))


DRIVER = """
import sys
import skintui.steps.index
skintui.steps.index.SHARD_ROWS = int(sys.argv.pop(1))
from skintui.cli.main import main
main()
"""


def test_after_a_killed_driver_this_process_goes_on(
    cluster: Cluster, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-c", DRIVER, str(SHARD_ROWS), "index", str(shared / "lesions")]
    command += ["--workspace", str(shared / "driver"), "--base", str(shared / "tiny"), "--device", "cpu"]
    command += ["--attributes", "areaMM2,deltaL", "--batch-size", "3", "--progress", "json"]
    command += ["--engine", "ray", "--address", cluster.address]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}) as driver:
        assert driver.stderr is not None
        said = b""
        for said in driver.stderr:
            event = json.loads(said) if said.startswith(b"{") else {}
            if event.get("event") == "advance" and event["done"] >= SHARD_ROWS:
                break
        driver.kill()
    assert event.get("event") == "advance", said
    monkeypatch.setattr(index_step, "SHARD_ROWS", SHARD_ROWS)
    place = at(shared, "driver")
    done = index(place, model(shared), SILENT, attributes=CHOSEN, batch_size=3)
    assert 0 < done.read < LESIONS
    assert content(place) == content(at(shared, "local"))


def test_evaluate_and_train_give_the_local_result(engine: OnRay, shared: Path) -> None:
    place, weights = at(shared, "local"), model(shared)
    plan = Plan(replicates=10, images=[untuned(weights)], joint=[CHOSEN])
    found, expected = (
        json.dumps(evaluate(place, weights, SILENT, plan, where).as_object()) for where in (engine, None)
    )
    assert found == expected  # as text: NaN equals itself
    recipe = Recipe(steps=2, batch_size=4, rank=2, folds=2, limit=12)
    for name, where in (("here", None), ("there", engine)):
        train(place, weights, shared / name, recipe, SILENT, engine=where)
    here, there = (
        {str(path.relative_to(shared / name)): path.read_bytes() for path in (shared / name).rglob("*.safetensors")}
        for name in ("here", "there")
    )
    assert len(here) == 3
    assert here == there


def test_workers_that_have_worked_tell_of_a_model(engine: OnRay, shared: Path) -> None:
    list(engine.run(Nothing(), [1, 2], SILENT))
    assert engine.facts(model(shared).absolute(), SILENT).hidden_size > 0


def test_a_folder_that_a_node_does_not_see_is_named(engine: OnRay, tmp_path: Path) -> None:
    with pytest.raises(
        EngineError, match=r"/nowhere: this cannot be seen \(on node .+ \(\d+\.\d+\.\d+\.\d+\)\); put data set"
    ):
        list(engine.run(Nothing((tmp_path / "nowhere",)), [1, 2], SILENT))


def test_a_unit_that_always_fails_ends_the_run_in_its_own_words(engine: OnRay) -> None:
    watch = Watch()
    with pytest.raises(WorkspaceError, match=r"/shared: the disk is full \(on node"):
        list(engine.run(Nothing(fails=3), list(range(6)), watch))
    assert sum("is tried again" in note for note in watch.notes) == 2


def test_a_unit_that_takes_workers_down_ends_the_run(engine: OnRay) -> None:
    with pytest.raises(EngineError, match="a shard took its worker down 3 times"):
        list(engine.run(Nothing(dies=3), list(range(6)), SILENT))


def test_stopping_keeps_what_is_done(engine: OnRay) -> None:
    watch = Watch()
    watch.deeds[2] = lambda: setattr(watch, "stop", True)
    done: list[int] = []
    with pytest.raises(Cancelled):
        done += [unit for unit, _ in engine.run(Nothing(waits=0.05), list(range(500)), watch)]
    assert 2 <= watch.done < 500
