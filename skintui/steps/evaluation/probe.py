"""The malignancy probe: how much of what makes a lesion malignant can be read off an image vector by a straight cut.

L2-regularised logistic regression on standardised vectors. Every lesion's score comes from a regression that has seen
no lesion of its patient (five folds by patient, with about as many malignant lesions in each); the strength of the
regularisation is chosen inside each training side by three folds of the same kind. A probe measures the vectors. It is
not a diagnosis, and is never shown beside a lesion.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.audit.bootstrap import REPLICATES, Estimate, PatientBootstrap
from skintui.audit.roc import auroc, with_draws
from skintui.progress import SILENT, Progress, stop_if_cancelled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from skintui.steps.evaluation.cohort import Part

    Floats = NDArray[np.float64]
    Vectors = NDArray[np.float32]
    Bools = NDArray[np.bool_]
    Rows = NDArray[np.int64]

TARGET = "target"
"""Column of the metadata: 1 malignant, 0 benign, empty unknown."""
FOLDS, INNER_FOLDS = 5, 3
FEWEST = 5
"""Patients with a malignant lesion (and with a benign one) below which nothing is measured."""
STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""scikit-learn's C, strongest regularisation first; of equals the first is taken."""
MOST_BENIGN = 20_000
"""Benign lesions a regression learns from, drawn where there are more: fewer of one kind move its constant alone."""
_ITERATIONS = 300


@dataclass(frozen=True, slots=True)
class Probe:
    """What one kind of image vector gives; NaN, with the reason in ``note``, where nothing could be measured."""

    auroc: Estimate
    """Area under the ROC, chance 0.5, with its 95 % patient-bootstrap interval (the scores held fixed)."""
    pauc: Estimate
    """Area above 80 % sensitivity as in the ISIC 2024 challenge, 0–0.2, chance 0.02."""
    malignant: int
    lesions: int
    patients: int
    malignant_patients: int
    """Patients with a malignant lesion."""
    strengths: tuple[float, ...]
    """The C chosen in each fold."""
    scores: Floats
    """(m,) log-odds of each lesion out of its fold; NaN where it has no vector."""
    note: str = ""

    def as_object(self) -> dict[str, Any]:
        figures = {"auroc": self.auroc, "pauc": self.pauc}
        return {
            **{f"{name}{end}": value for name, figure in figures.items() for end, value in _ends(figure)},
            "malignant": self.malignant,
            "lesions": self.lesions,
            "patients": self.patients,
            "malignant_patients": self.malignant_patients,
            "strengths": list(self.strengths),
            "note": self.note,
        }


def probes(
    seed: int = 0, replicates: int = REPLICATES
) -> Callable[[Mapping[str, Vectors], Part, Progress], dict[str, dict[str, Any]]]:
    """The probe of every kind of image vector (m, d) of a part's lesions, by method, as ``evaluate`` asks for it.

    Lesions without a ``target`` are left out; where the metadata has no such column, there is no method.
    """

    def measure(images: Mapping[str, Vectors], part: Part, progress: Progress) -> dict[str, dict[str, Any]]:
        if TARGET not in part.lesions.table.columns:
            progress.note(f"the malignancy probe is left out: the metadata has no column {TARGET}")
            return {}
        given = part.lesions.table.get_column(TARGET).gather(part.rows)
        known = np.flatnonzero(given.is_not_null().to_numpy())
        target, patients = given.fill_null(0).to_numpy() > 0, part.patients
        whole = known.size == given.len()
        progress.start("probing for malignancy", FOLDS * len(images))
        found = {}
        for method, vectors in images.items():
            chosen = vectors if whole else vectors[known]
            one = probe(chosen, target[known], patients[known], seed, replicates=replicates, progress=progress)
            found[method] = one.as_object()
        return found

    return measure


def probe(
    vectors: Vectors,
    target: ArrayLike,
    patients: ArrayLike,
    seed: int = 0,
    *,
    replicates: int = REPLICATES,
    progress: Progress = SILENT,
) -> Probe:
    """Probe (m, d) image vectors for the malignant lesions among ``target`` (m,), by ``patients`` (m,).

    Lesions whose vector is 0 (unreadable tiles) are left out. Needs ``FEWEST`` patients with a malignant lesion and as
    many with a benign one; with fewer the result says so. Raises Cancelled between two regressions.
    """
    malignant, names = np.asarray(target, np.bool_), np.asarray(patients, np.str_)
    known = np.flatnonzero(vectors.any(axis=1))
    scores = np.full(len(malignant), np.nan)
    note = _too_few(malignant[known], names[known])
    strengths: list[float] = []
    if not note:
        for train, test in _folds(malignant[known], names[known], FOLDS, seed):
            train, test = known[train], known[test]
            chosen = _strength(vectors, malignant, names, train, seed, progress)
            scores[test] = next(_along((chosen,), vectors, malignant, train, test, seed))
            strengths.append(chosen)
            progress.advance()
    whole, partial = measured(scores, malignant, names, seed, replicates)
    return Probe(
        whole,
        partial,
        malignant=int(malignant[known].sum()),
        lesions=known.size,
        patients=len(np.unique(names[known])),
        malignant_patients=len(np.unique(names[known][malignant[known]])),
        strengths=tuple(strengths),
        scores=scores,
        note=note,
    )


def told(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What ``probes`` measured, a line a method."""
    for method, one in found.items():
        if one["note"]:
            yield f"malignancy probe, {method}: not measured ({one['note']})"
            continue
        figures = (
            f"{name} {one[key]:.3f} ({one[f'{key}_low']:.3f} to {one[f'{key}_high']:.3f})"
            for key, name in (("auroc", "AUROC"), ("pauc", "pAUC above 80 % sensitivity"))
        )
        yield (
            f"malignancy probe, {method}: {', '.join(figures)};"
            f" {one['malignant']} of {one['lesions']} lesions malignant, {one['patients']} patients"
        )


def measured(
    scores: ArrayLike, target: ArrayLike, patients: ArrayLike, seed: int = 0, replicates: int = REPLICATES
) -> tuple[Estimate, Estimate]:
    """AUROC and partial AUROC of the known ones among (m,) scores, with 95 % patient-bootstrap intervals."""
    values = np.asarray(scores, np.float64)
    known = np.isfinite(values)
    bootstrap = PatientBootstrap(np.asarray(patients, np.str_)[known], replicates=replicates, seed=seed)
    whole, partial = with_draws(bootstrap, np.asarray(target, np.bool_)[known], values[known])
    return whole.estimate(), partial.estimate()


def _ends(figure: Estimate) -> Iterator[tuple[str, float]]:
    rounded = figure.as_object()
    return ((end, rounded[name]) for end, name in (("", "value"), ("_low", "low"), ("_high", "high")))


def _too_few(malignant: Bools, patients: NDArray[np.str_]) -> str:
    """Why nothing can be measured; empty where it can."""
    for kind, chosen in (("malignant", malignant), ("benign", ~malignant)):
        count = len(np.unique(patients[chosen]))
        if count < FEWEST:
            whose = f"{count or 'no'} {'patient has' if count < 2 else 'patients have'} a {kind} lesion"
            return f"{whose}, and the probe needs {FEWEST}"
    return ""


def _folds(
    malignant: Bools, patients: NDArray[np.str_], folds: int, seed: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Positions (train, test), patients whole; folds that leave one kind alone in training are passed over."""
    from sklearn.model_selection import StratifiedGroupKFold

    split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a rare kind may have fewer members than there are folds
        for train, test in split.split(malignant, malignant, patients):
            if malignant[train].any() and not malignant[train].all():
                yield train, test


def _strength(
    vectors: Vectors, malignant: Bools, patients: NDArray[np.str_], rows: Rows, seed: int, progress: Progress
) -> float:
    """The C whose scores of ``rows`` out of the inner folds have the greatest AUROC."""
    scores = np.full((len(STRENGTHS), rows.size), np.nan)
    for train, test in _folds(malignant[rows], patients[rows], INNER_FOLDS, seed):
        for i, found in enumerate(_along(STRENGTHS, vectors, malignant, rows[train], rows[test], seed)):
            stop_if_cancelled(progress)
            scores[i, test] = found
    known = np.isfinite(scores).all(axis=0)
    areas = [auroc(malignant[rows[known]], row[known]) for row in scores]
    return STRENGTHS[int(np.nanargmax(areas))] if np.isfinite(areas).any() else STRENGTHS[0]


def _along(
    strengths: tuple[float, ...], vectors: Vectors, malignant: Bools, train: Rows, test: Rows, seed: int
) -> Iterator[Floats]:
    """Log-odds (k,) of the rows ``test`` after learning from ``train``, for each C, each fit begun at the last one.

    Only the rows at hand are copied: the vectors of all lesions may be gigabytes.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    kept = train[_drawn(malignant[train], seed)]
    learned, asked = vectors[kept], vectors[test]
    scaler = StandardScaler(copy=False).fit(learned)
    learned, asked = scaler.transform(learned), scaler.transform(asked)
    model = LogisticRegression(solver="lbfgs", max_iter=_ITERATIONS, warm_start=True)
    for strength in strengths:
        model.set_params(C=strength)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is one more regularisation
            model.fit(learned, malignant[kept])
        yield np.asarray(model.decision_function(asked), np.float64)


def _drawn(malignant: Bools, seed: int) -> NDArray[np.int64]:
    """Positions of every malignant lesion and of at most ``MOST_BENIGN`` others."""
    benign = np.flatnonzero(~malignant)
    if benign.size > MOST_BENIGN:
        benign = np.random.default_rng(seed).choice(benign, MOST_BENIGN, replace=False)
    return np.sort(np.concatenate([np.flatnonzero(malignant), benign]))
