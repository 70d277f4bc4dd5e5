from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit import AuditInput, audit
from skintui.audit.measure import measure_audit
from skintui.audit.metrics import average_precision
from skintui.audit.scale import to_scale
from skintui.errors import UsageError
from tests.audit.planted import Planted, planted


@pytest.fixture(scope="module")
def case() -> Planted:
    return planted()


def test_columns_are_those_of_the_contract(case: Planted) -> None:
    assert ",".join(audit(case.given).frame.columns) == (
        "rank,isic_id,patient_id,attribute,label,predicted,spread,residual,score,p_value,q_value,neighbour_median,"
        "neighbour_mad,identity_violation,flagged,reason,expected"
    )


def test_every_label_has_a_row_and_a_rank(case: Planted) -> None:
    labels = case.given.labels.copy()
    labels[0, :4] = np.nan
    frame = audit(replace(case.given, labels=labels)).frame
    assert frame.height == labels.size - 4
    assert frame["rank"].to_list() == list(range(1, frame.height + 1))


def test_flagged_come_first_and_scores_fall(case: Planted) -> None:
    frame = audit(case.given).frame
    assert frame["flagged"].to_list() == sorted(frame["flagged"].to_list(), reverse=True)
    for _, part in frame.group_by("flagged"):
        assert part["score"].is_sorted(descending=True)


def test_local_spread_ranks_better_than_the_raw_residual(case: Planted) -> None:
    frame = audit(case.given).frame
    local = measure_audit(frame, case.truth).average_precision
    by_residual = frame.with_columns(
        (pl.col("residual").abs() / pl.col("residual").abs().median().over("attribute")).alias("score")
    ).sort("score", descending=True)
    raw = measure_audit(by_residual, case.truth).average_precision
    assert local["all"] > raw["all"] + 0.2
    assert all(local[kind] > raw[kind] for kind in ("swap", "shift", "scale"))


def test_even_noise_costs_nothing() -> None:
    even = planted(uneven=0.0)
    signed = np.abs((even.given.labels - even.given.predicted)[:, 8:])
    raw = average_precision(even.wrong[:, 8:].ravel(), (signed / np.median(signed, axis=0)).ravel())
    part = replace(
        even.given,
        labels=even.given.labels[:, 8:],
        predicted=even.given.predicted[:, 8:],
        attributes=ATTRIBUTES[8:],
    )
    names = [a.column for a in ATTRIBUTES[8:]]
    found = measure_audit(audit(part), even.truth.filter(pl.col("column").is_in(names))).average_precision["all"]
    assert found > raw - 0.01


def test_the_estimate_keeps_about_its_rate(case: Planted) -> None:
    found = audit(case.given, fdr=0.1)
    measured = measure_audit(found, case.truth)
    assert found.q_kind == "estimate"
    assert measured.fdr["0.1"] <= 0.13
    assert measured.power["0.1"] > 0.5


def test_clean_labels_are_left_alone() -> None:
    found = audit(planted(share=0.0).given)
    assert found.flagged.height < 0.001 * found.frame.height


def test_without_neighbours_it_works_too(case: Planted) -> None:
    bare = audit(replace(case.given, neighbours=None, patients=None))
    assert measure_audit(bare, case.truth).precision_flagged > 0.8
    assert bare.frame["neighbour_median"].null_count() == bare.frame.height
    assert bare.frame["patient_id"].null_count() == bare.frame.height


def test_a_missing_prediction_ranks_last_and_is_not_flagged(case: Planted) -> None:
    predicted = case.given.predicted.copy()
    predicted[3, 2] = np.nan
    frame = audit(replace(case.given, predicted=predicted)).frame
    last = frame.row(-1, named=True)
    assert (last["isic_id"], last["attribute"]) == ("ISIC_0000003", "perimeterMM")
    assert (last["score"], last["q_value"], last["spread"], last["flagged"]) == (None, None, None, False)


def test_no_number_is_nan(case: Planted) -> None:
    predicted = case.given.predicted.copy()
    predicted[:50] = np.nan
    frame = audit(replace(case.given, predicted=predicted)).frame
    assert sum(frame[c].is_nan().sum() for c in frame.columns if frame[c].dtype == pl.Float64) == 0


def test_a_broken_identity_is_flagged_whatever_the_model_says(case: Planted) -> None:
    calm = audit(case.given).frame.row(-1, named=True)
    identities = pl.DataFrame({"isic_id": [calm["isic_id"]], "column": [calm["attribute"]], "rule": ["C = √(A² + B²)"]})
    frame = audit(replace(case.given, identities=identities)).frame
    row = frame.filter(pl.col("identity_violation").is_not_null())
    assert row["flagged"].to_list() == [True]
    assert "C = √(A² + B²) broken" in row["reason"][0]


def test_an_identity_needs_no_prediction(case: Planted) -> None:
    identities = pl.DataFrame({"isic_id": ["ISIC_0000001"], "column": ["tbp_lv_A"], "rule": ["r"]})
    nothing = np.full(case.given.labels.shape, np.nan)
    found = audit(replace(case.given, predicted=nothing, identities=identities))
    assert found.flagged.select("isic_id", "attribute").rows() == [("ISIC_0000001", "A")]


def test_the_model_does_not_see_sibling_labels(case: Planted) -> None:
    labels = case.given.labels.copy()
    labels[10, 1:] *= 50
    before = audit(case.given).frame.filter(isic_id="ISIC_0000010", attribute="areaMM2")
    after = audit(replace(case.given, labels=labels)).frame.filter(isic_id="ISIC_0000010", attribute="areaMM2")
    assert before["score"].item() == pytest.approx(after["score"].item())


def test_score_is_the_residual_over_the_spread(case: Planted) -> None:
    row = audit(case.given).frame.filter(attribute="deltaL").row(0, named=True)
    assert row["residual"] == row["label"] - row["predicted"]
    assert row["score"] == pytest.approx(abs(row["residual"]) / row["spread"])


def test_a_size_is_scored_by_its_logarithm(case: Planted) -> None:
    row = audit(case.given).frame.filter(attribute="areaMM2").row(0, named=True)
    sigma = row["spread"] / row["predicted"]
    assert row["score"] == pytest.approx(abs(np.log(row["label"] / row["predicted"])) / sigma)


def test_enough_confirmed_labels_give_conformal_q_values() -> None:
    case = planted(2500, seed=4, near=0)
    r = np.random.default_rng(0)
    right = np.argwhere(~case.wrong)
    picked = right[r.choice(len(right), 4000, replace=False)]
    confirmed = [(case.given.ids[i], ATTRIBUTES[j].name) for i, j in picked.tolist()]
    found = audit(replace(case.given, confirmed=confirmed))
    assert found.q_kind == "conformal"
    assert "4,000 confirmed" in found.why
    measured = measure_audit(found, case.truth)
    assert measured.fdr["0.1"] < 0.2
    assert measured.flagged > 100


def test_too_few_confirmed_labels_stay_an_estimate_and_say_how_many_are_needed(case: Planted) -> None:
    found = audit(replace(case.given, confirmed=[("ISIC_0000001", "A"), ("ISIC_none", "A")]))
    assert found.q_kind == "estimate"
    assert "1 labels of random lesions are confirmed" in found.why


def test_the_same_input_gives_the_same_frame(case: Planted) -> None:
    assert audit(case.given).frame.equals(audit(case.given).frame)


def test_equal_scores_rank_in_the_order_of_the_table() -> None:
    labels = np.tile(np.arange(1.0, 101.0)[:, None], (1, 2))
    given = AuditInput([f"I{i:03d}" for i in range(100)], labels, labels.copy(), attributes=ATTRIBUTES[12:14])
    frame = audit(given).frame
    assert frame.select("isic_id").to_series().to_list() == [f"I{i:03d}" for i in range(100) for _ in range(2)]


def test_one_lesion_is_no_failure() -> None:
    found = audit(AuditInput(["I"], np.ones((1, 16)), np.ones((1, 16))))
    assert found.frame.height == 16
    assert not found.frame["flagged"].any()


def test_no_lesion_is_no_failure() -> None:
    assert audit(AuditInput([], np.empty((0, 16)), np.empty((0, 16)))).frame.height == 0


@pytest.mark.parametrize("fdr", [0.0, 1.0, -1.0, float("nan")])
def test_a_rate_lies_between_zero_and_one(case: Planted, fdr: float) -> None:
    with pytest.raises(UsageError):
        audit(case.given, fdr=fdr)


def test_attributes_that_were_not_indexed_have_rows_without_a_score(case: Planted) -> None:
    predicted = case.given.predicted.copy()
    predicted[:, 2:] = np.nan
    frame = audit(replace(case.given, predicted=predicted, neighbours=None)).frame
    scored = frame.filter(pl.col("score").is_not_null())
    assert set(scored["attribute"]) == {"areaMM2", "minorAxisMM"}
    assert frame.height == case.given.labels.size


def _score_by_hand(frame: pl.DataFrame) -> pl.Series:
    parts = []
    for a in ATTRIBUTES:
        rows = frame.filter(attribute=a.name)
        label, expected, predicted = (rows[name].to_numpy() for name in ("label", "expected", "predicted"))
        sigma = rows["spread"].to_numpy() / (np.abs(predicted) if a.log_scale else 1.0)
        parts.append(pl.Series(np.abs(to_scale(label, a) - to_scale(expected, a)) / sigma))
    return pl.concat(parts)


def test_the_score_follows_from_what_is_told_beside_it(case: Planted) -> None:
    frame = audit(replace(case.given, predicted=case.given.predicted * 1.3)).frame
    assert (frame["expected"] != frame["predicted"]).all()
    scores = pl.concat([frame.filter(attribute=a.name)["score"] for a in ATTRIBUTES])
    np.testing.assert_allclose(_score_by_hand(frame), scores, rtol=1e-6, atol=1e-9)


def test_where_nothing_else_is_known_the_prediction_is_expected() -> None:
    case = planted(100, near=0)
    frame = audit(case.given).frame
    assert (frame["expected"] == frame["predicted"]).all()


def test_no_label_takes_part_in_what_is_expected_of_it(case: Planted) -> None:
    labels = case.given.labels.copy()
    labels[7, 13] += 4.0
    before, after = (
        audit(replace(case.given, labels=each)).frame.filter(isic_id="ISIC_0000007", attribute="deltaL")
        for each in (case.given.labels, labels)
    )
    # others' fits and widths feel it by a 1500th
    assert after["expected"].item() == pytest.approx(before["expected"].item(), abs=0.01)
    assert after["spread"].item() == pytest.approx(before["spread"].item(), rel=0.01)


def test_a_label_that_is_missing_everywhere_has_no_rows(case: Planted) -> None:
    labels = case.given.labels.copy()
    labels[:, 13] = np.nan
    frame = audit(replace(case.given, labels=labels)).frame
    assert frame.filter(attribute="deltaL").is_empty()
    assert frame.filter(pl.col("score").is_null()).is_empty()


def test_columns_that_never_vary_are_no_failure() -> None:
    case = planted(300)
    labels, predicted = case.given.labels.copy(), case.given.predicted.copy()
    labels[:, 13], predicted[:, 14], predicted[:, 0] = 2.0, 3.0, 0.0
    frame = audit(replace(case.given, labels=labels, predicted=predicted)).frame
    assert frame.filter(pl.col("score").is_null() & (pl.col("attribute") != "areaMM2")).is_empty()


def test_one_patient_alone_can_be_audited() -> None:
    case = planted(300)
    frame = audit(replace(case.given, patients=["IP_0000001"] * 300)).frame
    assert frame["score"].is_not_null().all()


def test_exact_predictions_flag_nothing() -> None:
    case = planted(200, near=0)
    found = audit(replace(case.given, predicted=case.given.labels.copy()))
    assert not found.frame["flagged"].any()
