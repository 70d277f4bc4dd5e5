from skintui.cli.scale_table import is_met, scale_columns, scale_rows
from skintui.steps.bench_scale import Scaled
from skintui.steps.measures import Measure, Measures

SCALED = Scaled(
    Measures(
        (
            Measure("audit", 1.0, "s", "<= 10", "other 3 s", 10),
            Measure("audit", 100.0, "s", "<= 10", "", 100),
            Measure("audit", 10_000.0, "s", "<= 10", "", 1000),
            Measure("key", 3.0, "ms", "", "", 10),
            Measure("key", 200.0, "bytes", "", "", 10),
        )
    )
)


def test_a_goal_from_above_is_met_at_its_limit() -> None:
    assert is_met(Measure("it", 5.0, "s", "<= 5"))


def test_a_goal_from_below_can_be_missed() -> None:
    assert is_met(Measure("it", 0.9, "", ">= 0.95")) is False


def test_a_figure_without_goal_is_neither() -> None:
    assert is_met(Measure("it", 0.9, "s")) is None


def test_a_column_per_size() -> None:
    assert scale_columns(SCALED)[3:6] == ("10", "100", "1,000")


def test_a_line_shows_the_largest_size_against_the_goal_and_names_a_steep_growth() -> None:
    line = next(scale_rows(SCALED))
    assert (line["1,000"], line["met"], line["growth"], line["peer"]) == (10_000.0, "no", "2.00 steep", "other 3 s")


def test_time_and_bytes_of_a_key_are_two_lines() -> None:
    assert [line["unit"] for line in scale_rows(SCALED)] == ["s", "ms", "bytes"]
