"""Splits by patient: nobody's lesions stand on both sides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skintui.errors import DatasetError, UsageError
from skintui.files import write_json
from skintui.texts import parsed_json, printable

TEST_FRACTION = 240 / 1042
"""Of the 1,042 patients the method's paper tests on 240 and trains on 802."""


@dataclass(frozen=True, slots=True)
class PatientSplit:
    """Patients to train on and patients to test on, without overlap."""

    train: tuple[str, ...]
    """Sorted."""
    test: tuple[str, ...]
    """Sorted."""
    seed: int = 0
    test_fraction: float = TEST_FRACTION

    def __post_init__(self) -> None:
        both = set(self.train) & set(self.test)
        if both:
            raise DatasetError(f"patient '{printable(min(both), 60)}' stands on both sides of the split")

    def train_rows(self, patients: Iterable[str]) -> NDArray[np.bool_]:
        """Whether each lesion's patient is one to train on, shape (n,)."""
        return np.isin(_array(patients), _array(self.train))

    def test_rows(self, patients: Iterable[str]) -> NDArray[np.bool_]:
        """Whether each lesion's patient is one to test on, shape (n,)."""
        return np.isin(_array(patients), _array(self.test))

    def save(self, path: Path) -> None:
        """Write as JSON, whole or not at all. Raises WorkspaceError."""
        write_json(
            path,
            {
                "seed": self.seed,
                "test_fraction": self.test_fraction,
                "train": list(self.train),
                "test": list(self.test),
            },
        )

    @staticmethod
    def load(path: Path) -> PatientSplit:
        """Read what :meth:`save` wrote. Raises DatasetError where the file is missing, damaged, or overlaps."""
        where = printable(str(path))
        try:
            stored = parsed_json(path.read_text(encoding="utf-8"))
            sides = tuple(_names(stored[side]) for side in ("train", "test"))
            split = PatientSplit(sides[0], sides[1], int(stored["seed"]), float(stored["test_fraction"]))
        except OSError as error:
            raise DatasetError(f"no patient split ({error.strerror or error})", where=where) from error
        except DatasetError as error:
            raise DatasetError(error.what, where=where, do="make the split again") from error
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise DatasetError("not a patient split", where=where, do="make the split again") from error
        return split


def split_patients(patients: Iterable[str], test_fraction: float = TEST_FRACTION, seed: int = 0) -> PatientSplit:
    """Shuffle the distinct patients by ``seed`` and set ``test_fraction`` of them aside, at least one on each side.

    Args:
        patients: one per lesion or each once, in any order; neither changes the split.
        test_fraction: part of the patients (not of the lesions), between 0 and 1.
        seed: of the shuffle.

    Raises:
        UsageError: fewer than two patients, or a fraction outside (0, 1).
    """
    if not 0 < test_fraction < 1:
        raise UsageError(f"the test fraction must lie between 0 and 1, not {test_fraction:g}")
    names = _distinct(patients)
    if len(names) < 2:
        raise UsageError("a split by patient needs at least two patients")
    count = min(max(round(len(names) * test_fraction), 1), len(names) - 1)
    shuffled = [names[k] for k in np.random.default_rng(seed).permutation(len(names))]
    return PatientSplit(tuple(sorted(shuffled[count:])), tuple(sorted(shuffled[:count])), seed, test_fraction)


def folds(patients: Iterable[str], k: int, seed: int = 0) -> NDArray[np.int64]:
    """Fold (0 to k − 1) of every lesion, shape (n,): all lesions of a patient in one, folds of similar size.

    The largest patients are dealt first, each to the fold with the fewest lesions so far; ``seed`` orders equals.

    Raises:
        UsageError: k below 2 or above the number of patients.
    """
    rows = _array(patients)
    names, index, sizes = np.unique(rows, return_inverse=True, return_counts=True)
    if not 2 <= k <= len(names):
        raise UsageError(f"{k} folds of {len(names)} patients are impossible", do="choose 2 to the number of patients")
    shuffled = np.random.default_rng(seed).permutation(len(names))
    dealt = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    fold_of, load = np.zeros(len(names), dtype=np.int64), np.zeros(k, dtype=np.int64)
    filled = np.zeros(k, dtype=np.int64)
    for patient in dealt:
        lightest = min(range(k), key=lambda fold: (load[fold], filled[fold], fold))
        fold_of[patient] = lightest
        load[lightest] += sizes[patient]
        filled[lightest] += 1
    return fold_of[index.reshape(-1)]


def _array(names: Iterable[str]) -> NDArray[np.str_]:
    return np.asarray(names if isinstance(names, np.ndarray) else list(names), dtype=np.str_)


def _distinct(patients: Iterable[str]) -> list[str]:
    return [str(name) for name in np.unique(_array(patients))]


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError("names of patients")
    return tuple(value)
