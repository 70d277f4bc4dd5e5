from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from skintui.audit.roc import auroc, partial_auroc
from skintui.dataset.table import Table
from skintui.errors import Cancelled
from skintui.progress import SILENT, Silent
from skintui.steps.evaluation import probe as probing
from skintui.steps.evaluation.cohort import Part
from skintui.steps.evaluation.probe import Probe, probe, probes, told


def cohort(
    shift: float, *, patients: int = 20, each: int = 12, d: int = 6, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors whose first entry is moved by ``shift`` where malignant (every sixth lesion), targets and patients."""
    draw = np.random.default_rng(seed)
    target = np.arange(patients * each) % 6 == 0
    vectors = draw.standard_normal((target.size, d)).astype(np.float32)
    vectors[:, 0] += shift * target
    return vectors, target, np.repeat([f"IP_{i:03d}" for i in range(patients)], each)


def part_of(patients: np.ndarray, rows: np.ndarray, **columns: Any) -> Part:
    """Some rows of a data set that has these columns and nothing else."""
    lesions: Any = SimpleNamespace(table=Table.of(pl.DataFrame(columns)), patients=patients)
    store: Any = None
    return Part(lesions, store, rows)


@pytest.fixture(scope="module")
def shifted() -> Probe:
    return probe(*cohort(3.0), seed=0)


def test_vectors_that_tell_are_found_to(shifted: Probe) -> None:
    # Two normal distributions 3 apart: Φ(3 / √2) = .983.
    assert shifted.auroc.value == pytest.approx(0.983, abs=0.02)
    assert shifted.auroc.low < shifted.auroc.value < shifted.auroc.high <= 1
    assert 0.02 < shifted.pauc.low < shifted.pauc.value < shifted.pauc.high <= 0.2


def test_the_figures_are_those_of_the_scores(shifted: Probe) -> None:
    _, target, _ = cohort(3.0)
    assert shifted.auroc.value == pytest.approx(auroc(target, shifted.scores))
    assert shifted.pauc.value == pytest.approx(partial_auroc(target, shifted.scores))


def test_every_lesion_is_scored_and_counted(shifted: Probe) -> None:
    assert np.isfinite(shifted.scores).all()
    assert (shifted.malignant, shifted.lesions, shifted.patients, shifted.malignant_patients) == (40, 240, 20, 20)
    assert len(shifted.strengths) == 5
    assert set(shifted.strengths) <= set(probing.STRENGTHS)
    assert shifted.note == ""


def test_vectors_that_tell_nothing_are_at_chance() -> None:
    found = probe(*cohort(0.0, patients=30), seed=0)
    assert found.auroc.value == pytest.approx(0.5, abs=0.12)
    assert found.auroc.low < 0.55


def test_what_only_names_the_patient_is_no_help() -> None:
    # Each patient has a direction of their own and is malignant throughout or never: a regression that saw the patient
    # would know, one that did not cannot.
    patients = np.repeat([f"IP_{i:03d}" for i in range(24)], 10)
    target = np.repeat(np.arange(24) % 3 == 0, 10)
    vectors = np.repeat(np.eye(24, dtype=np.float32), 10, axis=0)
    assert probe(vectors, target, patients).auroc.value < 0.7


def test_the_unit_of_the_vectors_does_not_matter(shifted: Probe) -> None:
    vectors, target, patients = cohort(3.0)
    assert probe(vectors * 1000 + 5, target, patients).auroc.value == pytest.approx(shifted.auroc.value, abs=0.005)


def test_the_same_seed_gives_the_same(shifted: Probe) -> None:
    assert probe(*cohort(3.0), seed=0).as_object() == shifted.as_object()


def test_too_few_malignant_patients_is_said_and_measured_as_missing() -> None:
    vectors, target, patients = cohort(3.0)
    few = probe(vectors, target & (patients < "IP_004"), patients)
    assert np.isnan([few.auroc.value, few.auroc.low, few.pauc.value, few.pauc.high]).all()
    assert few.note == "4 patients have a malignant lesion, and the probe needs 5"
    assert few.malignant == 8


@pytest.mark.parametrize(
    ("all_of", "said"), [(False, "no patient has a malignant lesion"), (True, "no patient has a benign lesion")]
)
def test_one_kind_alone_is_said(all_of: bool, said: str) -> None:
    vectors, _, patients = cohort(3.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert probe(vectors, np.full(len(vectors), all_of), patients).note.startswith(said)


def test_nothing_at_all_is_no_crash() -> None:
    nothing = probe(np.zeros((0, 4), np.float32), np.zeros(0, bool), np.zeros(0, str))
    assert (nothing.lesions, nothing.patients) == (0, 0)
    assert nothing.note


def test_five_malignant_lesions_of_five_patients_are_enough() -> None:
    vectors, target, patients = cohort(3.0)
    rare = np.zeros_like(target)
    rare[np.flatnonzero(target)[:10:2]] = True
    assert np.isfinite(probe(vectors, rare, patients).auroc.value)


def test_tiles_without_a_vector_are_left_out() -> None:
    vectors, target, patients = cohort(3.0)
    vectors[:7] = 0
    found = probe(vectors, target, patients)
    assert (found.lesions, found.malignant) == (233, 38)
    assert np.isnan(found.scores[:7]).all()
    assert np.isfinite(found.auroc.value)


def test_every_malignant_lesion_is_learned_from_and_the_benign_ones_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probing, "MOST_BENIGN", 30)
    target = cohort(0.0)[1]
    drawn = probing._drawn(target, 0)
    assert (target[drawn].sum(), (~target[drawn]).sum()) == (40, 30)


def test_stopping_stops() -> None:
    class Stopped(Silent):
        @property
        def cancelled(self) -> bool:
            return True

    with pytest.raises(Cancelled):
        probe(*cohort(3.0), progress=Stopped())


def test_as_json_it_has_the_contracts_keys(shifted: Probe) -> None:
    keys = ["auroc", "auroc_low", "auroc_high", "pauc", "pauc_low", "pauc_high", "malignant", "lesions", "patients"]
    assert list(shifted.as_object())[:9] == keys


def test_every_kind_of_vector_is_probed_on_the_lesions_whose_target_is_known(shifted: Probe) -> None:
    vectors, target, patients = cohort(3.0)
    unknown = np.arange(len(target)) >= 200
    given = [None if lost else int(one) for one, lost in zip(target, unknown, strict=True)]
    part = part_of(patients, np.arange(len(target)), target=given)
    found = probes()({"image": vectors, "monet": vectors[:, 1:]}, part, SILENT)
    assert list(found) == ["image", "monet"]
    assert (found["image"]["lesions"], found["image"]["malignant"]) == (200, 34)
    assert found["image"]["auroc"] > 0.9 > 0.65 > found["monet"]["auroc"]


def test_the_rows_of_the_part_are_asked_not_those_of_the_data_set(shifted: Probe) -> None:
    vectors, target, patients = cohort(3.0)
    rows = np.arange(len(target))[::-1]
    part = part_of(patients[::-1], rows, target=target[::-1].astype(int))
    assert probes()({"image": vectors}, part, SILENT)["image"] == shifted.as_object()


def test_a_data_set_without_targets_has_no_probe() -> None:
    vectors, _, patients = cohort(3.0)
    assert probes()({"image": vectors}, part_of(patients, np.arange(len(vectors)), sex=[""] * 240), SILENT) == {}


def test_a_line_tells_what_was_measured_or_why_not(shifted: Probe) -> None:
    few = {"image": shifted.as_object() | {"note": "no patient has a malignant lesion, and the probe needs 5"}}
    assert next(told(few)).endswith("not measured (no patient has a malignant lesion, and the probe needs 5)")
    made = shifted.as_object() | {"auroc": 0.9, "auroc_low": 0.85, "auroc_high": 0.95}
    line = next(told({"image": made}))
    assert "AUROC 0.900 (0.850 to 0.950), pAUC above 80 % sensitivity 0." in line
    assert line.endswith("; 40 of 240 lesions malignant, 20 patients")
