from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skintui.dataset.split import PatientSplit, folds, split_patients
from skintui.errors import DatasetError, UsageError

PATIENTS = [f"IP_{k:04d}" for k in range(1042)]
SOME = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4), min_size=2)


def test_the_papers_1042_patients_give_802_and_240() -> None:
    split = split_patients(PATIENTS)
    assert (len(split.train), len(split.test)) == (802, 240)


@given(SOME.filter(lambda names: len(set(names)) > 1), st.floats(0.01, 0.99), st.integers(0, 9))
def test_no_patient_stands_on_both_sides(patients: list[str], fraction: float, seed: int) -> None:
    split = split_patients(patients, fraction, seed)
    assert not set(split.train) & set(split.test)
    assert set(split.train) | set(split.test) == set(patients)
    assert split.train
    assert split.test


@given(SOME.filter(lambda names: len(set(names)) > 1), st.integers(0, 9))
def test_no_lesion_is_on_both_sides(patients: list[str], seed: int) -> None:
    split = split_patients(patients, 0.3, seed)
    assert np.all(split.train_rows(patients) ^ split.test_rows(patients))


def test_order_and_repetition_do_not_change_a_split() -> None:
    assert split_patients(PATIENTS) == split_patients([*reversed(PATIENTS), *PATIENTS[:50]])


def test_a_seed_gives_its_own_split_again() -> None:
    assert split_patients(PATIENTS, seed=3) == split_patients(PATIENTS, seed=3)
    assert split_patients(PATIENTS, seed=3).test != split_patients(PATIENTS, seed=4).test


def test_one_patient_cannot_be_split() -> None:
    with pytest.raises(UsageError, match="at least two patients"):
        split_patients(["a", "a"])


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5, float("nan")])
def test_an_impossible_fraction_is_refused(fraction: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        split_patients(PATIENTS, fraction)


def test_a_split_written_is_the_split_read(tmp_path: Path) -> None:
    split = split_patients(PATIENTS, 0.2, 5)
    split.save(tmp_path / "split.json")
    assert PatientSplit.load(tmp_path / "split.json") == split


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"train": "ab", "test": ["c"], "seed": 0, "test_fraction": 0.2}', "\xff", "[" * 9000],
)
def test_a_damaged_split_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "split.json").write_text(content, encoding="latin-1")
    with pytest.raises(DatasetError, match=r"split\.json: not a patient split"):
        PatientSplit.load(tmp_path / "split.json")


def test_a_missing_split_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no patient split"):
        PatientSplit.load(tmp_path / "split.json")


def test_a_split_that_overlaps_is_refused(tmp_path: Path) -> None:
    stored = {"train": ["a", "b"], "test": ["b"], "seed": 0, "test_fraction": 0.5}
    (tmp_path / "split.json").write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(DatasetError, match="patient 'b' stands on both sides"):
        PatientSplit.load(tmp_path / "split.json")


@given(SOME, st.integers(2, 6), st.integers(0, 9))
def test_a_patients_lesions_are_in_one_fold(patients: list[str], k: int, seed: int) -> None:
    if k > len(set(patients)):
        with pytest.raises(UsageError, match="are impossible"):
            folds(patients, k, seed)
        return
    fold = folds(patients, k, seed)
    assert set(fold.tolist()) == set(range(k))
    for patient in set(patients):
        assert len({int(f) for f, p in zip(fold, patients, strict=True) if p == patient}) == 1


def test_folds_are_balanced_by_lesions() -> None:
    # Largest first: 6 → fold 0, 5 → fold 1, then 3 → fold 1 (8), 2 → fold 0 (8).
    patients = ["a"] * 6 + ["b"] * 5 + ["c"] * 3 + ["d"] * 2
    assert folds(patients, 2).tolist() == [0] * 6 + [1] * 5 + [1] * 3 + [0] * 2


def test_folds_of_a_seed_repeat_and_seeds_differ() -> None:
    assert folds(PATIENTS, 5, 1).tolist() == folds(PATIENTS, 5, 1).tolist()
    assert folds(PATIENTS, 5, 1).tolist() != folds(PATIENTS, 5, 2).tolist()
