"""The application measured from outside, on a few drawn lesions."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from skintui.progress import SILENT
from skintui.steps.bench_tui import Scene, bench_neighbours, bench_silent, bench_tiles, bench_tui
from skintui.steps.measures import Measure
from skintui.steps.place import Place
from skintui.steps.screen_run import Answer, ScreenRun
from tests.made_results import copied, drawn_lesions, flag, prepared

__all__ = ["drawn_lesions", "prepared"]


class Scripted(ScreenRun):
    """Answers keys with what was written down for them."""

    def __init__(self, answers: dict[bytes, list[Answer]]) -> None:
        self.answers = answers
        self.pressed: list[bytes] = []

    def press(self, keys: bytes) -> Answer:
        self.pressed.append(keys)
        return self.answers[keys].pop(0) if self.answers.get(keys) else Answer(0, 0, 0, 0)


@pytest.fixture(scope="module")
def found(prepared: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Measure]:
    """What was measured without pictures, by name and unit."""
    place = flag(copied(prepared, tmp_path_factory.mktemp("bench") / "workspace"))
    measures = bench_tui(place, SILENT, size="100x30", image="none", keys=2).measures
    return {(measure.what.removesuffix(", none"), measure.unit): measure for measure in measures}


def test_a_scene_tells_medians_of_its_keys() -> None:
    run = Scripted({b"j": [Answer(0.010, 100, 0.2, 900), Answer(0.012, 300, 0.4, 500), Answer(0.030, 200, 0.3, 700)]})
    told = list(Scene("row down", b"j", times=20, first="<= 15").play(run, 3, pictures=True))
    assert [(what, round(value, 9), unit) for what, value, unit, _ in told] == [
        ("row down: first frame", 12, "ms"),
        ("row down: first frame", 200, "bytes"),
        ("row down: settled", 300, "ms"),
        ("row down: settled", 700, "bytes"),
    ]
    assert [goal for *_, goal in told] == ["<= 15", "", "", ""]


def test_what_leads_to_a_scene_is_not_measured() -> None:
    run = Scripted({b"f": [Answer(9, 9, 9, 9)], b"\r": [Answer(0.050, 40, 0.060, 50)]})
    (first, *_) = Scene("filtered", b"\r", before=[b"f", b"area > 5"]).play(run, 20, pictures=False)
    assert run.pressed == [b"f", b"area > 5", b"\r"]
    assert first[1] == 50


@pytest.mark.parametrize(("pictures", "goal"), [(False, "<= 100"), (True, "")])
def test_where_pictures_fill_in_the_settled_screen_has_no_goal(pictures: bool, goal: str) -> None:
    run = Scripted({b"\r": [Answer(0.050, 40, 0.060, 50)]})
    told = {(what, unit): of for what, _, unit, of in Scene("s", b"\r", settled="<= 100").play(run, 1, pictures)}
    assert told["s: settled", "ms"] == goal


def test_at_the_end_of_the_list_a_scene_is_over() -> None:
    run = Scripted({b"j": [Answer(0.020, 10, 0.020, 10)]})
    assert [value for _, value, *_ in Scene("row down", b"j", times=9).play(run, 20, pictures=True)] == [20, 10, 20, 10]
    assert run.pressed == [b"j", b"j"]


def test_a_key_that_changes_nothing_has_no_measure() -> None:
    assert not list(Scene("next flagged", b"}", times=9).play(Scripted({}), 20, pictures=True))


def test_the_start_is_measured_until_the_paint_and_until_the_rows(found: dict[tuple[str, str], Measure]) -> None:
    assert 0 < found["first paint at 100x30", "s"].value <= found["first rows", "s"].value


@pytest.mark.parametrize("what", ["row down", "page down", "next flagged", "help opened", "sorted"])
def test_each_scene_is_measured_in_time_and_bytes(found: dict[tuple[str, str], Measure], what: str) -> None:
    for name in (f"{what}: first frame", f"{what}: settled"):
        assert found[name, "ms"].value > 0
        assert found[name, "bytes"].value > 0


def test_the_goals_stand_beside_the_measures(found: dict[tuple[str, str], Measure]) -> None:
    assert found["row down: first frame", "bytes"].goal == "<= 1000"
    assert found["memory", "MB"].goal == "<= 400"
    assert {measure.rows for measure in found.values()} == {24}


def test_neighbours_are_measured_where_there_is_an_index(prepared: Place) -> None:
    (measure,) = bench_neighbours(prepared, SILENT, size="100x30", keys=3).measures
    assert (measure.unit, measure.goal) == ("ms", "<= 150")
    assert measure.value > 0


def test_without_an_index_no_neighbours_are_measured(drawn_lesions: Path, tmp_path: Path) -> None:
    from skintui.steps.place import open_place

    assert not bench_neighbours(open_place(drawn_lesions, workspace=tmp_path), SILENT).measures


def test_the_largest_tile_counts_and_a_mode_that_draws_nothing_is_left_out(prepared: Place) -> None:
    asked: list[tuple[str, int, int]] = []

    def cost(picture: Image.Image, mode: str, columns: int, lines: int, cell: tuple[int, int]) -> int:
        assert picture.width
        assert cell == (10, 20)
        asked.append((mode, columns, lines))
        return 0 if mode == "none" else 100 + len(asked)

    (measure,) = bench_tiles(prepared, SILENT, ["half", "none"], cost).measures
    assert (measure.value, measure.unit, measure.goal) == (124, "bytes", "<= 4000")
    assert set(asked) == {("half", 26, 13), ("none", 26, 13)}


def test_a_silent_terminal_is_timed_against_one_that_is_not_asked(prepared: Place) -> None:
    (measure,) = bench_silent(prepared, SILENT, size="100x30").measures
    assert (measure.unit, measure.goal) == ("s", "<= 0.3")
    assert measure.value < 2
