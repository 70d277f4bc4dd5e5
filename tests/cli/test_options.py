from __future__ import annotations

from pathlib import Path

import pytest

from skintui.cli.options import Call, split_words
from skintui.errors import ModelError, UsageError
from skintui.steps.model_record import remember_model
from skintui.steps.place import open_place
from skintui.steps.weights import Weights


def test_without_data_set_the_words_are_the_others() -> None:
    assert split_words(["ISIC_1"], ["ISIC_ID"]) == [None, "ISIC_1"]
    assert split_words(["lesions", "ISIC_1"], ["ISIC_ID"]) == ["lesions", "ISIC_1"]


@pytest.mark.parametrize("words", [[], ["a", "b", "c"]])
def test_too_few_or_many_words_are_wrong_usage(words: list[str]) -> None:
    with pytest.raises(UsageError, match=r"expected \[DATASET\] ISIC_ID"):
        split_words(words, ["ISIC_ID"])


def test_an_option_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKINTUI_DEVICE", "cuda")
    monkeypatch.setenv("SKINTUI_FDR", "0.3")
    settings = Call(overrides={"device": "cpu", "dtype": None}).settings()
    assert (settings.device, settings.dtype, settings.fdr) == ("cpu", "auto", 0.3)


def test_a_base_without_adapter_is_taken_untuned_whatever_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKINTUI_BASE", "other")
    monkeypatch.setenv("SKINTUI_ADAPTER", str(tmp_path))
    call = Call(base="this")
    assert call.weights(call.settings()) == Weights("this", None)
    assert Call().weights(call.settings()) == Weights("other", tmp_path)


def test_the_workspaces_model_is_taken_where_none_is_named(small: Path, tiny: Path, tmp_path: Path) -> None:
    place = open_place(small, workspace=tmp_path / "w")
    remember_model(place.workspace, Weights(str(tiny), None), {"model_id": "tiny"})
    assert Call().weights(Call().settings(), place) == Weights(str(tiny), None)


def test_a_missing_adapter_is_named(tmp_path: Path) -> None:
    call = Call(base="this", adapter=str(tmp_path / "none"))
    with pytest.raises(ModelError, match="there is no adapter folder here"):
        call.weights(call.settings())
