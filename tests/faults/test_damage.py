"""Some of all damages, drawn by chance; long: ``python -m tests.bench.faults --only damage --times 1000``."""

from __future__ import annotations

from pathlib import Path

from tests.faults.damage import KINDS, Damage, made
from tests.faults.harness import assert_survived


def test_no_answer_comes_from_a_damaged_file(tmp_path: Path) -> None:
    for number, kind in enumerate(KINDS):
        assert_survived(lambda kind=kind: Damage(kind), tmp_path / str(number))  # type: ignore[misc]


def test_every_file_that_the_product_writes_is_tried() -> None:
    """A new file of the workspace is damaged without anybody thinking of it; these are the ones there are today."""
    files = set(made().files)
    assert {"lesions.parquet", "predictions.parquet", "findings.parquet", "review.sqlite", "desk.sqlite"} <= files
    assert {"vectors/manifest.json", "vectors/image.f16", "vectors/image.usearch", "vectors/image.bits.npz"} <= files
    assert "vectors/image.axes" in files
