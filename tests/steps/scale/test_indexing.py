from __future__ import annotations

import pytest

from skintui.progress import SILENT, Progress
from skintui.steps.place import Place
from skintui.steps.scale import indexing
from skintui.steps.scale.apart import Apart
from skintui.steps.scale.indexing import Watch, measure_index
from skintui.steps.scale.turns import Course, Window
from skintui.steps.weights import Weights


def test_watch_stops_after_the_tiles_asked_for() -> None:
    watch = Watch(10)
    watch.start("reading tiles", 100)
    watch.advance(9)
    before = watch.cancelled
    watch.advance(1)
    assert (before, watch.cancelled) == (False, True)


def test_watch_counts_tiles_of_the_reading_alone() -> None:
    watch = Watch(10)
    watch.start("loading the model")
    watch.advance(10)
    assert not watch.cancelled


def measured(place: Place, tiny: object, monkeypatch: pytest.MonkeyPatch, *fills: float) -> dict[str, float]:
    """In this process, with runs by turns that are made up: those have tests of their own."""

    def made_up(places: list[Place], weights: Weights, tiles: int, progress: Progress) -> list[Course]:
        assert (weights.device, tiles) == ("cpu", 16)
        assert not places[0].workspace.vectors.exists()
        assert places[-1].workspace.vectors.exists() == (len(places) > 1)
        progress.start("by turns")
        return [Course((Window(10, 2.0 + k, 1.0, 100.0),)) for k in range(len(places))]

    monkeypatch.setattr(indexing, "by_turns", made_up)
    monkeypatch.setattr(indexing, "apart", lambda action, *arguments: Apart(action(*arguments), 1.0))
    found = measure_index(place, Weights(str(tiny), None, "cpu"), SILENT, tiles=16, fills=fills)
    return {m.what: m.value for m in found}


def test_an_empty_store_is_measured_and_thrown_away(predicted: Place, tiny, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found = measured(predicted, tiny, monkeypatch, 0.0)
    assert (found["index"], found["index, memory"]) == (5.0, 100.0)
    assert found["index, until work starts, 0% there"] > 0
    assert not predicted.workspace.vectors.exists()


def test_first_and_last_part_are_compared(predicted: Place, tiny, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    found = measured(predicted, tiny, monkeypatch, 0.0, 0.95)
    assert found["index, rate of the last part over the first"] == pytest.approx(2 / 3)
    assert found["index, pace in processor time of the last part"] == 1.0
    assert found["index, memory of the last part over the first"] == 1.0
    assert not list(predicted.workspace.root.glob("skintui-scale-*"))
