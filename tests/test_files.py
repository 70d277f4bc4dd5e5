import errno
import os
from pathlib import Path

import pytest

from skintui.errors import WorkspaceError
from skintui.files import check_target, explained, sha256_of, write_json, written_beside
from skintui.texts import printable


def test_a_finished_file_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with written_beside(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"


def test_a_failure_leaves_the_old_file_and_no_remains(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), written_beside(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.name != "home"] == ["a.txt"]


def test_a_full_disk_is_explained(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="disk is full"), written_beside(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_where_a_folder_is_needed_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError), written_beside(tmp_path / "file" / "a.txt") as temporary:
        temporary.write_text("x")


def test_unknown_system_errors_keep_their_words() -> None:
    assert "Broken pipe" in str(explained(OSError(errno.EPIPE, "Broken pipe"), "out"))


def test_json_reads_back(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"é": [1, 2.5]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "é": [\n    1,\n    2.5\n  ]\n}\n'


def test_sha256_of_the_known_text(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mred", "�[31mred"),
        ("a\x9bb", "a�b"),
        ("right\u202eleft", "right�left"),
        ("two\nlines\t.", "two lines ."),
        ("mm² ± µ é 皮", "mm² ± µ é 皮"),
    ],
)
def test_nothing_that_acts_on_a_terminal_is_printed(text: str, clean: str) -> None:
    assert printable(text) == clean


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert printable("abcdef", 4) == "abc…"


def test_a_result_makes_no_folder_of_a_mistyped_name(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no folder"):
        check_target(tmp_path / "nope" / "flags.csv")
    assert not (tmp_path / "nope").exists()


def test_what_a_killed_writer_left_is_swept_and_what_another_writes_is_not(tmp_path: Path) -> None:
    """Own process: alive; a number beyond every process: gone; another machine's: a day to go on."""
    with written_beside(tmp_path / "first") as mine:
        mine.write_text("x", encoding="utf-8")
    head, pid = mine.name.removesuffix(f"-{os.getpid()}.part"), 2**31 - 1
    left = tmp_path / f"{head}-{pid}.part"
    elsewhere, old = tmp_path / f".a.00000000-{pid}.part", tmp_path / f".b.00000000-{pid}.part"
    folder = tmp_path / "moved"  # a folder this process has not written in yet
    for path in (left, elsewhere, old):
        path.touch()
    os.utime(old, (0, 0))
    tmp_path.joinpath("first").unlink()
    folder.mkdir()
    for path in (left, elsewhere, old):
        path.rename(folder / path.name)
    with written_beside(folder / "second") as temporary:
        temporary.write_text("x", encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == [elsewhere.name, "second"]
