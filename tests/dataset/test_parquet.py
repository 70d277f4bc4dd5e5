from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from skintui.dataset.parquet import write_parquet
from skintui.errors import WorkspaceError

FULL = """
import resource, signal, sys
from pathlib import Path
import polars as pl
from skintui.dataset.parquet import write_parquet
from skintui.errors import WorkspaceError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    write_parquet(pl.DataFrame({"a": list(range(100_000))}), Path(sys.argv[1]))
except WorkspaceError as error:
    print(error)
"""


def test_frame_and_notes_are_in_one_file(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    write_parquet(frame, tmp_path / "t.parquet", {"key": "value"})
    assert pl.read_parquet(tmp_path / "t.parquet").equals(frame)
    assert pl.read_parquet_metadata(tmp_path / "t.parquet")["key"] == "value"


def test_a_disk_that_takes_no_more_is_one_line_and_keeps_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [7]}).write_parquet(path)
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], check=True, capture_output=True, text=True)
    assert done.stdout.startswith(f"{path}: a file may not grow so large here")
    assert pl.read_parquet(path)["a"].to_list() == [7]
    assert [p.name for p in tmp_path.glob("*") if p.is_file()] == ["t.parquet"]
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_a_place_that_is_no_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorkspaceError):
        write_parquet(pl.DataFrame({"a": [1]}), tmp_path / "file" / "t.parquet")
