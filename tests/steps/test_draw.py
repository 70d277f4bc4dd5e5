from __future__ import annotations

from pathlib import Path

import pytest

from skintui.errors import UsageError
from skintui.progress import SILENT
from skintui.steps.draw import draw
from skintui.steps.place import open_place
from skintui.steps.scan import scan


def test_a_drawn_data_set_scans_without_a_broken_tile_and_is_not_overwritten(tmp_path: Path) -> None:
    drawn = draw(tmp_path / "drawn", SILENT, rows=12, patients=3, seed=5)
    assert (drawn.lesions, drawn.patients, drawn.faults) == (12, 3, 0)
    report = scan(open_place(drawn.out, workspace=tmp_path / "w"), SILENT)
    assert (report.lesions, report.tiles_checked) == (12, 12)
    assert not [p for p in report.problems if p.kind in ("undecodable_tile", "row_without_tile", "broken_identity")]
    with pytest.raises(UsageError, match="there is a data set here already"):
        draw(drawn.out, SILENT, rows=3, patients=1)
