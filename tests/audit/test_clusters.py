from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit.clusters import SCHEMA, ByLesion, clusters

AREA, DELTA_L = ATTRIBUTES[0], ATTRIBUTES[13]


def two_attributes() -> tuple[ByLesion, pl.Series]:
    """20 lesions, patient p with 5 of them; of area 3 of p's and 1 other flagged, of deltaL 1 other."""
    flagged = np.zeros((20, 2), bool)
    flagged[[0, 1, 2, 10], 0] = True
    flagged[15, 1] = True
    signed = np.full((20, 2), 0.5)
    signed[:5, 0] = [9.0, 8.0, 7.0, 6.0, -1.0]
    predicted = np.full((20, 2), 4.0)
    labels = predicted.copy()
    labels[:5, 0] = [40.0, 44.0, 40.0, 36.0, 4.0]
    patients = pl.Series(["p"] * 5 + ["q"] * 15)
    return ByLesion(flagged, signed, labels, predicted, (AREA, DELTA_L)), patients


@pytest.fixture(scope="module")
def found() -> pl.DataFrame:
    by_lesion, patients = two_attributes()
    return clusters(by_lesion, {"patient": patients})


def row(found: pl.DataFrame, attribute: str | None) -> dict[str, object]:
    return found.filter(pl.col("attribute").eq_missing(attribute)).row(0, named=True)


def test_the_columns_are_the_schemas(found: pl.DataFrame) -> None:
    assert dict(found.schema) == SCHEMA


def test_only_groups_with_more_flags_than_expected_are_told(found: pl.DataFrame) -> None:
    assert found.select("group", "attribute").rows() == [("p", "areaMM2"), ("p", None)]


def test_the_expectation_is_the_groups_size_at_the_attributes_rate(found: pl.DataFrame) -> None:
    # 4 of 20 areas are flagged: p's 5 lesions lead to expect 1, and 3 are flagged
    told = row(found, "areaMM2")
    assert (told["flagged"], told["annotations"], told["expected"], told["ratio"]) == (3, 5, pytest.approx(1.0), 3.0)


def test_the_chance_of_one_attribute_is_binomial(found: pl.DataFrame) -> None:
    # P(X ≥ 3), X ~ Bin(5, .2): 10·.2³·.8² + 5·.2⁴·.8 + .2⁵ = .0512 + .0064 + .00032
    assert row(found, "areaMM2")["p_value"] == pytest.approx(0.05792)


def test_the_chance_of_all_attributes_is_poissons(found: pl.DataFrame) -> None:
    # expected 5·.2 + 5·.05 = 1.25; P(X ≥ 3) = 1 − e^−1.25 (1 + 1.25 + .78125) = 1 − .286505·3.03125
    assert row(found, None)["p_value"] == pytest.approx(0.131532, abs=1e-6)


def test_q_values_count_every_group_tested(found: pl.DataFrame) -> None:
    # six tests (two patients × two attributes, and both together); the smallest p is areaMM2's: .05792 · 6
    assert row(found, "areaMM2")["q_value"] == pytest.approx(0.05792 * 6)


def test_the_shift_is_the_median_of_the_whole_group(found: pl.DataFrame) -> None:
    assert row(found, "areaMM2")["shift"] == 7.0


def test_the_factor_tells_a_slipped_decimal_point(found: pl.DataFrame) -> None:
    assert row(found, "areaMM2")["factor"] == pytest.approx(10.0)


def test_all_attributes_together_have_no_shift(found: pl.DataFrame) -> None:
    assert row(found, None)["shift"] is None


def test_an_attribute_without_logarithm_has_no_factor() -> None:
    by_lesion, patients = two_attributes()
    found = clusters(replace(by_lesion, attributes=(DELTA_L, AREA)), {"patient": patients})
    assert row(found, "deltaL")["factor"] is None


def test_an_annotation_that_could_not_be_tested_is_not_expected_to_be_flagged() -> None:
    by_lesion, patients = two_attributes()
    signed = by_lesion.signed.copy()
    signed[4, 0] = np.nan  # p's fifth area: now 4 of 19 are flagged, 4 of them p's chance
    told = row(clusters(replace(by_lesion, signed=signed), {"patient": patients}), "areaMM2")
    assert (told["annotations"], told["expected"]) == (4, pytest.approx(16 / 19))


def test_a_large_group_is_no_cluster_for_its_size() -> None:
    flagged = np.zeros((100, 1), bool)
    flagged[::10] = True
    by_lesion = ByLesion(flagged, np.ones((100, 1)), np.ones((100, 1)), np.ones((100, 1)), (AREA,))
    assert clusters(by_lesion, {"patient": pl.Series(["big"] * 90 + ["small"] * 10)}).is_empty()


def test_a_lesion_without_a_group_belongs_to_none() -> None:
    by_lesion, patients = two_attributes()
    found = clusters(by_lesion, {"patient": patients.set(patients == "q", None).scatter(19, "r")})
    assert set(found["group"]) == {"p"}


def test_one_group_alone_says_nothing() -> None:
    by_lesion, _ = two_attributes()
    assert clusters(by_lesion, {"source": pl.Series(["s"] * 20)}).is_empty()


def test_findings_are_laid_out_by_lesion() -> None:
    findings = pl.DataFrame({"flagged": [True, False], "score": [5.0, 1.0], "predicted": [3.0, 0.5]})
    laid = ByLesion.of_findings(findings, np.array([17, 3]), np.ones((2, 16)))
    assert (laid.flagged[1, 1], laid.signed[1, 1], laid.predicted[1, 1]) == (True, -5.0, 3.0)


def test_findings_of_other_lesions_are_passed_over() -> None:
    findings = pl.DataFrame({"flagged": [True], "score": [5.0], "predicted": [3.0]})
    assert not ByLesion.of_findings(findings, np.array([-1]), np.ones((2, 16))).flagged.any()
