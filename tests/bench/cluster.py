"""Workers, nodes and drivers killed at random moments of an index on a cluster of three nodes.

    python -m tests.bench.cluster [--rounds 20] [--lesions 96] [--seed 0]

Every round indexes a small data set on Ray nodes of this machine, kills one thing while it runs (the driver: this
program's child, after which a local run goes on) and compares all bytes with a local run's. Printed: tried, survived,
lost.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from skintui.progress import SILENT
from skintui.steps import index as index_step
from skintui.steps.index import index
from tests.engines.cluster import Cluster, end
from tests.engines.test_cluster import CHOSEN, DRIVER, SHARD_ROWS, at, content, model
from tests.small import write_small
from tests.tiny import write_tiny_model

WHAT = ("worker", "node", "driver")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--lesions", type=int, default=96)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    index_step.SHARD_ROWS = SHARD_ROWS
    tally = {what: [0, 0] for what in WHAT}
    with tempfile.TemporaryDirectory(prefix="skintui-cluster-") as temporary, Cluster() as cluster:
        shared = Path(temporary)
        write_small(shared / "lesions", lesions=asked.lesions)
        write_tiny_model(shared / "tiny")
        index(at(shared, "local"), model(shared), SILENT, attributes=CHOSEN, batch_size=3)
        expected = content(at(shared, "local"))
        cluster.join()
        for number in range(asked.rounds):
            what = WHAT[number % len(WHAT)]
            try:
                _disturbed(cluster, shared, f"round-{number}", what, draw)
            except RuntimeError as error:  # a node that does not come up on a busy machine; what was tried counts
                print(f"round {number + 1} was not tried: {str(error).splitlines()[-1]}", file=sys.stderr, flush=True)
                break
            tally[what][0] += 1
            tally[what][1] += content(at(shared, f"round-{number}")) == expected
            print(f"{number + 1} of {asked.rounds}: {what}", file=sys.stderr, flush=True)
    print(f"{'killed':10}{'tried':>8}{'survived':>10}{'lost':>8}")
    for what, (tried, survived) in tally.items():
        print(f"{what:10}{tried:8}{survived:10}{tried - survived:8}")


def _disturbed(cluster: Cluster, shared: Path, name: str, what: str, draw: random.Random) -> None:
    third = cluster.join()
    place = at(shared, name)
    command = [sys.executable, "-c", DRIVER, str(SHARD_ROWS), "index", str(shared / "lesions")]
    command += ["--workspace", str(shared / name), "--base", str(shared / "tiny"), "--device", "cpu"]
    command += ["--attributes", "areaMM2,deltaL", "--batch-size", "3", "--progress", "none"]
    command += ["--engine", "ray", "--address", cluster.address]
    environment = {**os.environ, **cluster.environment, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as driver:
        journal, wanted = place.workspace.vectors / "journal.jsonl", draw.randint(0, 12)
        while driver.poll() is None and (len(journal.read_bytes().splitlines()) if journal.exists() else 0) < wanted:
            time.sleep(0.01)
        if what == "driver":
            driver.kill()
        elif what == "node":
            cluster.kill_node(third)
        else:
            for pid in draw.sample(workers, 1) if (workers := cluster.workers()) else []:
                end(pid)
        driver.wait()
    if what != "node":
        cluster.kill_node(third)
    if what == "driver" or driver.returncode:
        index(place, model(shared), SILENT, attributes=CHOSEN, batch_size=3)


if __name__ == "__main__":
    main()
