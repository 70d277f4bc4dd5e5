from pathlib import Path

import pytest

from skintui.errors import UsageError
from skintui.settings import load_settings


def test_environment_overrides_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('image = "half"\ntheme = "textual-light"\n')
    settings = load_settings({"SKINTUI_CONFIG": str(file), "SKINTUI_IMAGE": "sixel"})
    assert (settings.image, settings.theme) == ("sixel", "textual-light")


def test_a_typing_mistake_is_named_with_the_nearest_setting(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('imagge = "half"\n')
    with pytest.raises(UsageError, match=r"unknown setting 'imagge'.*did you mean 'image'"):
        load_settings({"SKINTUI_CONFIG": str(file)})


def test_broken_toml_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("image = \n")
    with pytest.raises(UsageError, match=r"settings\.toml"):
        load_settings({"SKINTUI_CONFIG": str(file)})


@pytest.mark.parametrize("rate", ["0", "1", "-0.1", "nan", "often"])
def test_an_impossible_rate_is_refused(tmp_path: Path, rate: str) -> None:
    with pytest.raises(UsageError, match="fdr must lie between 0 and 1"):
        load_settings({"SKINTUI_CONFIG": str(tmp_path / "none"), "SKINTUI_FDR": rate})


def test_an_unknown_picture_mode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="image must be one of"):
        load_settings({"SKINTUI_CONFIG": str(tmp_path / "none"), "SKINTUI_IMAGE": "ascii"})


def test_own_keys_are_a_table_of_text(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[keys]\nundo = "z"\n')
    assert load_settings({"SKINTUI_CONFIG": str(file)}).keys == {"undo": "z"}
