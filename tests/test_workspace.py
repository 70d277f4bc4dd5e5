from pathlib import Path

import pytest

from skintui.errors import WorkspaceError
from skintui.workspace import default_workspace, open_workspace


def test_each_data_set_has_a_folder_of_its_own(tmp_path: Path) -> None:
    one, two = tmp_path / "a" / "set", tmp_path / "b" / "set"
    assert default_workspace(one) != default_workspace(two)
    assert default_workspace(one).name.startswith("set-")


def test_the_same_data_set_finds_its_folder_again(tmp_path: Path) -> None:
    assert default_workspace(tmp_path / "x" / ".." / "set") == default_workspace(tmp_path / "set")


def test_a_named_folder_is_made(tmp_path: Path) -> None:
    assert open_workspace(tmp_path, tmp_path / "w" / "deep").root.is_dir()


def test_a_file_in_its_place_is_explained(tmp_path: Path) -> None:
    (tmp_path / "w").write_text("")
    with pytest.raises(WorkspaceError, match="w: "):
        open_workspace(tmp_path, tmp_path / "w")
