from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from skintui.audit import AuditInput, audit
from skintui.audit.systematic import SCHEMA, SystematicError, as_frame, systematic_errors
from tests.audit.cohort import Cohort, cohort


@pytest.fixture(scope="module")
def clean() -> Cohort:
    return cohort(1200, 40)


@pytest.fixture(scope="module")
def small(clean: Cohort) -> str:
    """The smallest patient with eight lesions or more."""
    sizes = clean.groups["patient"].rename("p").value_counts().filter(pl.col("count") >= 8).sort("count", "p")
    return str(sizes["p"][0])


def audited(cohort: Cohort) -> Cohort:
    """With the audit's own spreads."""
    given = AuditInput(
        [f"I{i}" for i in range(len(cohort.labels))], cohort.labels, cohort.predicted,
        patients=cohort.groups["patient"].to_list(), spread=cohort.spread,
    )  # fmt: skip
    findings = audit(given)
    spread = np.full(cohort.labels.size, np.nan)
    spread[findings.codes(given.ids)] = findings.frame["spread"].to_numpy()
    return replace(cohort, spread=spread.reshape(cohort.labels.shape))


@pytest.mark.parametrize(
    ("kind", "name", "amount"),
    [("unit factor", "areaMM2", 1000.0), ("unit factor", "areaMM2", 0.1), ("sign", "deltaL", 1.0)],
)
def test_what_the_audit_puts_right_in_its_expectation_is_still_found(
    clean: Cohort, kind: str, name: str, amount: float
) -> None:
    error = only(audited(clean.planted(np.arange(len(clean.labels)), kind, (name,), amount)))
    assert (error.kind, error.attributes, error.by) == (kind, (name,), "data set")


def found(cohort: Cohort) -> list[SystematicError]:
    return systematic_errors(cohort.labels, cohort.predicted, cohort.spread, cohort.groups)


def only(cohort: Cohort) -> SystematicError:
    errors = found(cohort)
    assert len(errors) == 1, [error.sentence for error in errors]
    return errors[0]


def test_a_clean_cohort_has_none(clean: Cohort) -> None:
    assert found(clean) == []


@pytest.mark.parametrize(
    ("kind", "names", "amount"),
    [
        ("unit factor", ("areaMM2",), 10.0),
        ("unit factor", ("clin_size_long_diam_mm",), 1 / 25.4),
        ("unit factor", ("norm_color",), 0.1),
        ("sign", ("deltaL",), 1.0),
        ("swap", ("A", "Aext"), 1.0),
    ],
)
def test_an_error_of_a_patient_of_a_few_lesions(
    clean: Cohort, small: str, kind: str, names: tuple[str, ...], amount: float
) -> None:
    error = only(clean.planted(clean.of("patient", small), kind, names, amount))
    assert (error.kind, error.attributes, error.by, error.group) == (kind, names, "patient", small)


@pytest.mark.parametrize(
    ("kind", "names", "amount"), [("unit factor", ("minorAxisMM",), 0.1), ("swap", ("areaMM2", "perimeterMM"), 1.0)]
)
def test_an_error_of_a_source_is_reported_once(clean: Cohort, kind: str, names: tuple[str, ...], amount: float) -> None:
    error = only(clean.planted(clean.of("source", "S1"), kind, names, amount))
    assert (error.kind, error.by, error.group) == (kind, "source", "S1")


def test_an_error_of_a_tile_type_is_not_its_sources(clean: Cohort) -> None:
    error = only(clean.planted(clean.of("tile type", "3D: XP"), "sign", ("deltaB",)))
    assert (error.kind, error.by, error.group) == ("sign", "tile type", "3D: XP")


@pytest.mark.parametrize(("names", "amount"), [(("perimeterMM",), 25.4), (("A",), 10.0), (("areaMM2",), 0.01)])
def test_a_whole_column_in_another_unit(clean: Cohort, names: tuple[str, ...], amount: float) -> None:
    error = only(clean.planted(clean.of("data set", ""), "unit factor", names, amount))
    assert (error.kind, error.by, error.amount) == ("unit factor", "data set", amount)


def test_an_offset_of_a_source(clean: Cohort) -> None:
    error = only(clean.planted(clean.of("source", "S1"), "offset", ("A",), 9.0))
    assert error.kind == "offset"
    assert error.amount == pytest.approx(9.0, abs=0.5)


def test_a_factor_of_a_source(clean: Cohort) -> None:
    error = only(clean.planted(clean.of("source", "S1"), "factor", ("areaMM2",), 2.0))
    assert error.kind == "factor"
    assert error.amount == pytest.approx(2.0, rel=0.05)


def test_two_errors_are_two_findings(clean: Cohort, small: str) -> None:
    both = clean.planted(clean.of("source", "S2"), "unit factor", ("areaMM2",), 100.0)
    both = both.planted(both.of("patient", small), "sign", ("deltaL",))
    assert [(error.attributes, error.by) for error in found(both)] == [
        (("areaMM2",), "source"),
        (("deltaL",), "patient"),
    ]


def test_a_bias_that_all_groups_share_is_nobodys(clean: Cohort) -> None:
    assert found(clean.planted(clean.of("data set", ""), "factor", ("areaMM2",), 1.4)) == []


def test_scattered_slips_are_not_systematic(clean: Cohort) -> None:
    scattered = np.random.default_rng(0).choice(1200, 60, replace=False)
    assert found(clean.planted(scattered, "unit factor", ("areaMM2",), 10.0)) == []


def test_labels_given_are_left_as_they_are(clean: Cohort) -> None:
    before = clean.planted(clean.of("source", "S1"), "sign", ("deltaL",))
    kept = before.labels.copy()
    found(before)
    np.testing.assert_array_equal(before.labels, kept)


def test_missing_labels_and_predictions_are_passed_over(clean: Cohort, small: str) -> None:
    planted = clean.planted(clean.of("patient", small), "unit factor", ("areaMM2",), 10.0)
    planted.labels[::7, 3] = np.nan
    planted.predicted[:, 5] = np.nan
    assert only(planted).group == small


def test_the_sentence_says_what_where_and_how_sure() -> None:
    error = SystematicError(
        "unit factor", ("areaMM2",), "patient", "IP_1", 12, 0.01, 40.0, 9.26, 0.5, 1.0, 1e-17, 1e-12
    )
    assert error.sentence == (
        "area of patient IP_1 is ÷100 what it should be (square centimetres given for square millimetres?): undone, "
        "the median distance from the model falls from 9.3 to 0.5 σ and 100% of 12 labels come nearer"
    )


def test_findings_are_a_table() -> None:
    error = SystematicError("swap", ("A", "Aext"), "source", "S", 9, None, 30.0, 3.0, 0.5, 1.0, 1e-13, 1e-8)
    row = as_frame([error]).row(0, named=True)
    assert list(row) == list(SCHEMA)
    assert (row["attribute"], row["with_attribute"], row["amount"]) == ("A", "Aext", None)


def test_no_findings_are_an_empty_table() -> None:
    assert dict(as_frame([]).schema) == SCHEMA
