"""The small form of ``python -m tests.bench.fuzz``, and every input that was a finding once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.fuzz import Watched, corpus, fuzz
from tests.hostile.readers import READERS

FEW = {"adapter": 4, "metadata": 10, "hdf5": 10}
"""Inputs of the readers that take longest; of the others 30."""


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    process = Watched()
    yield process
    process.close()


@pytest.mark.parametrize("name", READERS)
def test_hostile_inputs_are_read_or_refused_in_one_line(name: str, watched: Watched, tmp_path: Path) -> None:
    tally = fuzz(READERS[name], FEW.get(name, 30), 0, tmp_path, watched)
    assert tally.traceback == tally.large == 0, "\n".join(tally.findings)
    assert tally.accepted + tally.refused == tally.inputs > 0
    for reader, file, data in corpus():
        if reader == name:
            answer = watched.ask(reader, tmp_path, file, data)
            assert answer["outcome"] in ("accepted", "refused"), answer["said"]
