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


def test_a_damaged_file_costs_the_desk_only(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").write_bytes(b"no database" * 100)
    desk = Desk(tmp_path / "desk.sqlite")
    assert desk.get("place/ada", "default") == "default"
    assert not desk.put("place/ada", 1)
