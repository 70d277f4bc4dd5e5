from skintui.progress import SILENT
from skintui.steps.place import Place
from skintui.steps.scale.indexing import Watch, measure_index
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


def test_rate_leaves_out_the_first_tiles() -> None:
    watch = Watch(80, moments=[(0.0, 16), (8.0, 32), (10.0, 48), (12.0, 64), (14.0, 80)])
    assert watch.tiles_per_second == (80 - 32) / (14.0 - 8.0)  # the clock starts at min(64, 80 / 4) = 20 tiles


def test_a_filled_store_is_continued_and_thrown_away(predicted: Place, tiny) -> None:  # type: ignore[no-untyped-def]
    found = list(measure_index(predicted, Weights(str(tiny), None, "cpu"), SILENT, tiles=16, fills=(0.0,)))
    assert [m.what for m in found][-1] == "index, until work starts, 0% there, libraries loaded"
    assert not predicted.workspace.vectors.exists()
