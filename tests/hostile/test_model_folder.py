"""Model folders are data: no code of theirs runs, no pickle is opened, and what does not fit is refused by name."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skintui.errors import ModelError
from skintui.model.load import load_model

Change = Callable[[dict[str, Any]], None]


class _Acts:
    """A pickle that writes a file when it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


@pytest.fixture
def base(tiny: Path, tmp_path: Path) -> Path:
    """A model of one's own, to be made hostile."""
    return Path(shutil.copytree(tiny, tmp_path / "base"))


def _change(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "preprocessor_config.json"])
def test_code_that_comes_with_a_model_is_refused_and_not_run(base: Path, tmp_path: Path, name: str) -> None:
    ran = tmp_path / "ran"
    (base / "hostile.py").write_text(f"open({str(ran)!r}, 'w')\n")
    auto = {"AutoConfig": "hostile.X", "AutoTokenizer": ["hostile.X", "hostile.X"], "AutoImageProcessor": "hostile.X"}
    _change(base / name, auto_map=auto)
    with pytest.raises(ModelError, match="auto_map"):
        load_model(base, device="cpu")
    assert not ran.exists()


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "optimizer.pkl"])
def test_a_pickle_in_place_of_weights_is_refused_by_name(base: Path, tmp_path: Path, name: str) -> None:
    for file in base.glob("model*.safetensors*"):
        file.unlink()
    (base / name).write_bytes(pickle.dumps(_Acts(tmp_path / "ran")))
    with pytest.raises(ModelError, match=name):
        load_model(base, device="cpu")
    assert not (tmp_path / "ran").exists()


def test_a_pickled_adapter_is_refused_by_name(base: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    (adapter / "adapter_model.bin").write_bytes(pickle.dumps(_Acts(tmp_path / "ran")))
    with pytest.raises(ModelError, match=r"adapter_model\.bin"):
        load_model(base, adapter, device="cpu")
    assert not (tmp_path / "ran").exists()


def test_weights_outside_of_the_folder_are_refused(base: Path) -> None:
    index = base / "model.safetensors.index.json"
    content = json.loads(index.read_text())
    content["weight_map"] = dict.fromkeys(content["weight_map"], "../../etc/passwd")
    index.write_text(json.dumps(content))
    with pytest.raises(ModelError, match="outside"):
        load_model(base, device="cpu")


@pytest.mark.parametrize(
    "sizes",
    [
        {"hidden_size": 1 << 40},
        {"vocab_size": 1 << 40},
        {"num_hidden_layers": 1_000_000_000},
        {"intermediate_size": 10**30},
        {"hidden_size": -1},
        {"num_hidden_layers": "many"},
    ],
)
def test_absurd_sizes_are_refused_before_anything_is_allocated(base: Path, sizes: dict[str, object]) -> None:
    _change(base / "config.json", **sizes)
    with pytest.raises(ModelError, match=r"config\.json"):
        load_model(base, device="cpu")


def test_a_checkpoint_with_code_is_refused_and_not_run(tmp_path: Path) -> None:
    import torch

    from skintui.model.checkpoint import CHECKPOINT, load_checkpoint

    (tmp_path / CHECKPOINT).write_bytes(pickle.dumps(_Acts(tmp_path / "ran")))
    weights = {"w": torch.nn.Parameter(torch.zeros(1))}
    with pytest.raises(ModelError, match="checkpoint is damaged"):
        load_checkpoint(tmp_path, weights, torch.optim.AdamW(list(weights.values())), {})
    assert not (tmp_path / "ran").exists()
