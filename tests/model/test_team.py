from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import torch
from skintui.model.team import gathered

def work(team):
    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.tensor([1.0, 2.0]) if team.leads else torch.tensor([5.0, 6.0])
    idle = torch.nn.Parameter(torch.zeros(1))
    if team.leads:
        idle.grad = torch.ones(1)
    told = team.average([weight, idle], [10.0 * team.rank], weight=3.0 if team.leads else 1.0)
    stop = team.any(team.rank == 1)
    return weight.grad.tolist(), idle.grad.tolist(), told, stop

with gathered(2, work) as team:
    print(work(team))
"""


def test_two_processes_average_gradients_by_their_weight_and_hear_of_a_wish_to_stop() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=True)
    # (3 · 1 + 5) / 4, (3 · 2 + 6) / 4; a missing gradient is zero: 3 / 4; numbers 0 and 10: 10 / 4.
    assert done.stdout.strip() == "([2.0, 3.0], [0.75], [2.5], True)"


ADAPTERS = """
import sys
from pathlib import Path
import numpy as np
from safetensors.torch import load_file
from skintui.model.train import train
from skintui.model.train_settings import TrainSettings
from tests.model.conftest import Coloured
from tests.tiny import write_tiny_model

folder = Path(sys.argv[1])
base = write_tiny_model(folder / "tiny")
found = []
for processes in (1, 2):
    settings = TrainSettings(str(base), batch_size=5, steps=3, learning_rate=1e-3, device="cpu", processes=processes)
    train(settings, Coloured(), folder / str(processes))
    found.append(load_file(folder / str(processes) / "adapter_model.safetensors"))
one, two = found
print(max(float((one[name] - two[name]).abs().max()) for name in one))
"""


def test_two_processes_train_the_adapter_of_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ADAPTERS, str(tmp_path)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    # Three steps of rate 1e-3; a tile's share of the batch's answer tokens is not quite 1/5, hence the room.
    assert float(done.stdout) < 2e-3
