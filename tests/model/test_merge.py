from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file

from skintui.model.load import load_model
from skintui.model.lora import add_lora, save_adapter
from skintui.model.merge import merge_plain


@pytest.fixture(scope="module")
def adapter(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("adapters") / "plain"
    loaded = load_model(tiny_base, device="cpu")
    tuned = add_lora(loaded.model, 2, 6, seed=1)
    generator = torch.Generator().manual_seed(0)
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            weight.data = 0.3 * torch.randn(weight.shape, generator=generator)
    save_adapter(tuned, out, "tiny", {"base_id": "tiny"})
    return out


def test_the_weights_are_pefts_to_the_last_bit(tiny_base: Path, adapter: Path) -> None:
    mine, base = load_model(tiny_base, device="cpu").model, load_model(tiny_base, device="cpu").model
    assert merge_plain(mine, adapter)
    wanted = PeftModel.from_pretrained(base, adapter).merge_and_unload(safe_merge=True).state_dict()
    found = mine.state_dict()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_a_sum_worked_by_hand(tmp_path: Path) -> None:
    """α/r = 6/2 = 3; BA = [[1·5 + 2·7, 1·6 + 2·8]] = [[19, 22]]."""
    layer = torch.nn.Linear(2, 1, bias=False)
    layer.weight.data = torch.tensor([[100.0, 200.0]])
    low, high = torch.tensor([[5.0, 6.0], [7.0, 8.0]]), torch.tensor([[1.0, 2.0]])
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 2, "lora_alpha": 6}', encoding="utf-8")
    names = {"base_model.model.0.lora_A.weight": low, "base_model.model.0.lora_B.weight": high}
    save_file(names, tmp_path / "adapter_model.safetensors")
    assert merge_plain(torch.nn.Sequential(layer), tmp_path)
    assert layer.weight.tolist() == [[157.0, 266.0]]


@pytest.mark.parametrize(
    "more",
    [
        {"use_dora": True},
        {"use_rslora": True},
        {"bias": "all"},
        {"rank_pattern": {"q_proj": 4}},
        {"modules_to_save": ["lm_head"]},
        {"init_lora_weights": "pissa"},
        {"fan_in_fan_out": True},
        {"r": 3},
        {"lora_alpha": 6.5},
        {"peft_type": "LOHA"},
        {"a_part_of_later_versions": {"on": True}},
    ],
    ids=str,
)
def test_whatever_is_not_plain_is_pefts(tiny_base: Path, adapter: Path, tmp_path: Path, more: dict[str, Any]) -> None:
    shutil.copytree(adapter, tmp_path / "other")
    path = tmp_path / "other" / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | more), encoding="utf-8")
    model = load_model(tiny_base, device="cpu").model
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    assert not merge_plain(model, tmp_path / "other")
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())


def changed(adapter: Path, out: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> Path:
    shutil.copytree(adapter, out)
    weights = load_file(out / "adapter_model.safetensors")
    change(weights)
    save_file(weights, out / "adapter_model.safetensors")
    return out


def test_weights_that_do_not_fit_are_pefts(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    def half(weights: dict[str, torch.Tensor]) -> None:
        del weights[next(iter(weights))]

    def wide(weights: dict[str, torch.Tensor]) -> None:
        weights[next(iter(weights))] = torch.zeros(2, 3)

    def other(weights: dict[str, torch.Tensor]) -> None:
        weights["base_model.model.lm_head.weight"] = torch.zeros(2)

    for change in (half, wide, other):
        out = changed(adapter, tmp_path / change.__name__, change)
        assert not merge_plain(load_model(tiny_base, device="cpu").model, out)


def test_a_broken_weight_is_said(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    def broken(weights: dict[str, torch.Tensor]) -> None:
        next(iter(weights.values()))[0, 0] = float("nan")

    out = changed(adapter, tmp_path / "broken", broken)
    with pytest.raises(ValueError, match="not finite"):
        merge_plain(load_model(tiny_base, device="cpu").model, out)


def test_a_plain_adapter_is_read_without_peft(tiny_base: Path, adapter: Path) -> None:
    code = (
        "import sys; from skintui.model.load import load_model\n"
        "from pathlib import Path; load_model(sys.argv[1], Path(sys.argv[2]), device='cpu')\n"
        "assert 'peft' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tiny_base), str(adapter)], check=True)
