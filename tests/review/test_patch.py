from pathlib import Path

import pytest

from skintui.errors import ReviewError
from skintui.review.patch import Change, apply_patch, can_travel, cells_of, read_patch, write_patch

TABLE = 'isic_id,tbp_lv_areaMM2,note\nISIC_1,3.10,"a, ""b"""\nISIC_2,,x\n'


@pytest.fixture
def metadata(tmp_path: Path) -> Path:
    path = tmp_path / "metadata.csv"
    path.write_text(TABLE)
    return path


def patch(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "patch.csv"
    path.write_text(text)
    return path


def test_only_the_named_cell_changes(metadata: Path, tmp_path: Path) -> None:
    out = tmp_path / "fixed.csv"
    assert apply_patch([Change("ISIC_1", "tbp_lv_areaMM2", "3.1", "31.0")], metadata, out) == 1
    assert out.read_text() == TABLE.replace("3.10", "31.0")


def test_a_missing_value_is_an_empty_old(metadata: Path, tmp_path: Path) -> None:
    out = tmp_path / "fixed.csv"
    apply_patch([Change("ISIC_2", "tbp_lv_areaMM2", "", "5.5")], metadata, out)
    assert "ISIC_2,5.5,x" in out.read_text()


def test_another_old_value_refuses_the_whole_patch(metadata: Path, tmp_path: Path) -> None:
    out = tmp_path / "fixed.csv"
    changes = [Change("ISIC_1", "note", 'a, "b"', "c"), Change("ISIC_2", "note", "y", "z")]
    with pytest.raises(ReviewError, match="ISIC_2 note holds 'x', the patch expects 'y'"):
        apply_patch(changes, metadata, out)
    assert not out.exists()


def test_an_unknown_lesion_refuses_the_whole_patch(metadata: Path, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="first ISIC_9"):
        apply_patch([Change("ISIC_9", "note", "", "z")], metadata, tmp_path / "fixed.csv")
    assert not (tmp_path / "fixed.csv").exists()


def test_an_unknown_column_is_named(metadata: Path, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="no column 'nothing'"):
        apply_patch([Change("ISIC_1", "nothing", "", "z")], metadata, tmp_path / "fixed.csv")


def test_an_existing_file_is_kept(metadata: Path, tmp_path: Path) -> None:
    out = tmp_path / "fixed.csv"
    out.write_text("mine")
    with pytest.raises(ReviewError, match="exists already"):
        apply_patch([], metadata, out)
    assert out.read_text() == "mine"


def test_a_patch_reads_in_any_column_order(tmp_path: Path) -> None:
    path = patch(tmp_path, "new,old,column,isic_id\n2,1,note,ISIC_1\n")
    assert read_patch(path) == [Change("ISIC_1", "note", "1", "2")]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="no column 'old'"):
        read_patch(patch(tmp_path, "isic_id,column,new\n"))


def test_the_same_cell_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="row 3 changes ISIC_1 note a second time"):
        read_patch(patch(tmp_path, "isic_id,column,old,new\nISIC_1,note,1,2\nISIC_1,note,2,3\n"))


def test_torn_quotes_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="not a readable CSV"):
        read_patch(patch(tmp_path, 'isic_id,column,old,new\nISIC_1,"note,1,2\n'))


@pytest.mark.parametrize("text", ["-9.5", "+3", "", "NA", "1e-05", "=1+1", 'a, "b"', "'quoted", "-cmd"])
def test_what_is_written_reads_back(tmp_path: Path, text: str) -> None:
    assert can_travel(text)
    change = Change("ISIC_1", "note", text, "4.5")
    write_patch([change], tmp_path / "patch.csv")
    assert read_patch(tmp_path / "patch.csv") == [change]


def test_a_negative_number_stands_as_it_is_and_a_formula_does_not(tmp_path: Path) -> None:
    write_patch([Change("ISIC_1", "tbp_lv_deltaL", "-9.50", "-8.0"), Change("I", "note", "=1", "-x")], tmp_path / "p")
    assert (tmp_path / "p").read_text() == ("isic_id,column,old,new\nISIC_1,tbp_lv_deltaL,-9.50,-8.0\nI,note,'=1,'-x\n")


def test_no_changes_are_a_header(tmp_path: Path) -> None:
    assert write_patch([], tmp_path / "p") == 0
    assert (tmp_path / "p").read_text() == "isic_id,column,old,new\n"


def test_a_control_character_cannot_travel() -> None:
    assert not can_travel("n/a\x07")


def test_cells_are_told_as_they_stand(metadata: Path) -> None:
    found = cells_of(metadata, {"ISIC_1": ["tbp_lv_areaMM2"], "ISIC_2": ["tbp_lv_areaMM2", "note"]})
    assert {key: change.old for key, change in found.items()} == {
        ("ISIC_1", "tbp_lv_areaMM2"): "3.10",
        ("ISIC_2", "tbp_lv_areaMM2"): "",
        ("ISIC_2", "note"): "x",
    }


def test_an_id_with_blanks_around_it_is_told_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("isic_id,x\n ISIC_1,2\n")
    found = cells_of(tmp_path / "m.csv", {"ISIC_1": ["x"]})["ISIC_1", "x"]
    assert found.isic_id == " ISIC_1"
    apply_patch([Change(found.isic_id, "x", "2", "3")], tmp_path / "m.csv", tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_text() == "isic_id,x\n ISIC_1,3\n"
