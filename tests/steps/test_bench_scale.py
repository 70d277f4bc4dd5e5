from pathlib import Path

import pytest

from skintui.errors import UsageError
from skintui.progress import SILENT
from skintui.steps.bench_scale import Plan, bench_scale, slope
from skintui.steps.measures import Measure
from skintui.steps.place import Place
from skintui.steps.weights import Weights

PLAN = Plan(("search",), (12,), dimensions=16, peer_rows=0)


def figures(unit: str, *pairs: tuple[int, float]) -> list[Measure]:
    return [Measure("it", value, unit, rows=rows) for rows, value in pairs]


def test_slope_of_a_square() -> None:
    assert slope(figures("s", (10, 1.0), (100, 100.0), (1000, 10_000.0))) == pytest.approx(2)


def test_a_constant_rate_grows_like_the_lesions() -> None:
    assert slope(figures("tiles/s", (10, 14.0), (100, 14.0), (1000, 14.0))) == pytest.approx(1)


def test_two_sizes_tell_no_growth() -> None:
    assert slope(figures("s", (10, 1.0), (100, 2.0))) is None


def test_a_share_has_no_growth() -> None:
    assert slope(figures("", (10, 1.0), (100, 1.0), (1000, 1.0))) is None


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(UsageError, match="no stage 'coffee'"):
        Plan(("coffee",)).checked()


@pytest.fixture
def weights(tiny: Path) -> Weights:
    return Weights(str(tiny), None, "cpu")


def test_every_size_and_all_lesions_are_measured(predicted: Place, weights: Weights, tmp_path: Path) -> None:
    scaled = bench_scale(predicted, weights, tmp_path / "keep", PLAN, SILENT)
    recalls = [m.rows for m in scaled.measures.measures if m.what == "k = 10, recall" and m.value == 1]
    assert recalls == [12, 24]


def test_what_is_kept_is_not_measured_again(
    predicted: Place, weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bench_scale(predicted, weights, tmp_path / "keep", PLAN, SILENT)
    monkeypatch.setattr("skintui.steps.bench_scale.measure_search", None)
    assert bench_scale(predicted, weights, tmp_path / "keep", PLAN, SILENT).measures == first.measures


def test_opening_and_audit_of_a_part(predicted: Place, weights: Weights, tmp_path: Path) -> None:
    plan = Plan(("opening", "audit"), (12,), peer_rows=0)
    scaled = bench_scale(predicted, weights, tmp_path / "keep", plan, SILENT)
    counted = {(m.what, m.rows) for m in scaled.measures.measures}
    assert {
        ("first scan", 12),
        ("first tile of a cold HDF5, scanned", 24),
        ("audit", 12),
        ("audit with 30 neighbours", 12),
    } <= counted
