"""What is kept on the desk."""

from __future__ import annotations

from pathlib import Path

from skintui.session.desk import Desk


def test_a_value_survives_the_application(tmp_path: Path) -> None:
    Desk(tmp_path / "desk.sqlite").put("place/ada", {"isic_id": "ISIC_1", "attribute": 3})
    assert Desk(tmp_path / "desk.sqlite").get("place/ada") == {"isic_id": "ISIC_1", "attribute": 3}


def test_what_was_never_kept_is_the_default(tmp_path: Path) -> None:
    assert Desk(tmp_path / "desk.sqlite").get("view/none", []) == []


def test_names_are_told_without_their_prefix(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.sqlite")
    for name in ("view/b", "view/a", "place/ada"):
        desk.put(name, 1)
    assert desk.names("view/") == ["a", "b"]


def test_a_dropped_value_is_gone(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk.sqlite")
    desk.put("view/a", 1)
    desk.drop("view/a")
    assert desk.names("view/") == []


def test_a_damaged_file_is_kept_beside_and_a_new_one_begun(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").write_bytes(b"no database" * 100)
    desk = Desk(tmp_path / "desk.sqlite")
    assert desk.get("place/ada", "default") == "default"
    assert (tmp_path / "desk.sqlite.damaged-1").read_bytes() == b"no database" * 100
    assert "desk.sqlite.damaged-1" in desk.problem
    assert desk.put("place/ada", 1)
    assert desk.get("place/ada") == 1


def test_a_file_that_cannot_be_opened_costs_the_desk_only(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").mkdir()
    desk = Desk(tmp_path / "desk.sqlite")
    assert desk.get("place/ada", "default") == "default"
    assert not desk.put("place/ada", 1)
    assert "desk.sqlite" in desk.problem


def test_a_changed_letter_is_no_other_view(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    desk = Desk(path)
    desk.put("view/large", "areaMM2 > 5")
    path.write_bytes(path.read_bytes().replace(b"> 5", b"> 7"))
    assert desk.get("view/large") is None
    assert "view/large" in desk.problem
