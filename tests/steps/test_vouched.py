import hashlib
from pathlib import Path

import pytest

from skintui.steps import vouched
from skintui.steps.vouched import NOTE, forget, holds, remember


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "findings.parquet"
    path.write_bytes(b"content")
    return path


SHA = hashlib.sha256(b"content").hexdigest()


def test_other_bytes_are_not_vouched_for(file: Path) -> None:
    assert not holds(file, "0" * 64)


def test_a_file_is_hashed_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert holds(file, SHA)
    monkeypatch.setattr(vouched, "sha256_of", None)
    assert holds(file, SHA)


def test_a_file_that_was_touched_is_hashed_again(file: Path) -> None:
    remember((file, SHA))
    file.write_bytes(b"CONTENT")
    assert not holds(file, SHA)


def test_a_damaged_note_is_no_note(file: Path) -> None:
    (file.parent / NOTE).write_bytes(b"[1")
    assert holds(file, SHA)


def test_a_file_in_whose_place_is_none_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        holds(tmp_path / "none", SHA)


def test_what_is_forgotten_is_hashed_again(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember((file, SHA))
    forget(file.parent)
    monkeypatch.setattr(vouched, "sha256_of", lambda _: "other")
    assert not holds(file, SHA)
