"""A drawn cohort: the table of SLICE-3D, lesion by lesion, with its identifiers, sources and gaps.

Every lesion has its own random generator, seeded by (seed, patient, index), so that a cohort can be drawn in any
order, in parts or in several processes and is always the same.

A large cohort (`LARGE` lesions and more) also has the full table's extremes and rates: one patient with 2.3 % of all
lesions and one with a single one, as many lesions without age or sex as there, and the deeper levels of the diagnosis.
In a smaller one these would be noise, and what was drawn of it once stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from skintui.dataset.drawn.diagnosis import LARGE_SHARE, MALIGNANT_SHARE, draw_detail, draw_diagnosis
from skintui.dataset.drawn.lesion import DrawnLesion, draw_lesion
from skintui.dataset.drawn.patient import PatientStyle, draw_patient
from skintui.dataset.schema import SCHEMA
from skintui.errors import UsageError

Value = str | float | int | None

_IDS: Final = 10_000_000
_LESION_STEP, _PATIENT_STEP = (
    7_368_787,
    5_915_587,
)  # odd and not multiples of 5: a permutation of the seven-digit numbers
_PATIENT, _PLAN, _PERSON, _GAPS, _DETAIL = 1, 2, 3, 4, 5  # streams of random numbers that must not meet
FULL_LESIONS, FULL_PATIENTS = 401_059, 1_042
_LARGEST_PATIENT: Final = 9_184  # lesions, of FULL_LESIONS
LARGE: Final = 20 * (FULL_PATIENTS + 1)
_WITHOUT_AGE, _WITHOUT_SEX = 0.007, 0.029
# Seven drawn sources: share of the patients, licence.
_SOURCES: Final = (
    ("Drawn tiles, source A", 0.29, "CC-BY"),
    ("Drawn tiles, source B", 0.26, "CC-BY-NC"),
    ("Drawn tiles, source C", 0.16, "CC-BY-NC"),
    ("Drawn tiles, source D", 0.12, "CC-BY"),
    ("Drawn tiles, source E", 0.07, "CC-0"),
    ("Drawn tiles, source F", 0.06, "CC-BY-NC"),
    ("Drawn tiles, source G", 0.04, "CC-BY"),
)


@dataclass(frozen=True, slots=True)
class CohortLesion:
    """One lesion of a cohort: its identifiers, the 55 columns in order (None = missing), and the drawing."""

    isic_id: str
    patient_id: str
    row: dict[str, Value]
    drawn: DrawnLesion


@dataclass(frozen=True, slots=True)
class _Person:
    style: PatientStyle
    patient_id: str
    age: float | None
    sex: str | None
    attribution: str
    licence: str


class Cohort:
    """Plan of `n_lesions` lesions of `n_patients` patients; lesions are numbered from 0, patient by patient.

    Raises:
        UsageError: no lesions, more patients than lesions, or more than ten million lesions.
    """

    def __init__(self, n_lesions: int, n_patients: int, seed: int) -> None:
        if not 1 <= n_patients <= n_lesions <= _IDS:
            raise UsageError(
                f"cannot draw {n_lesions} lesions of {n_patients} patients",
                do=f"each patient needs a lesion, and there are {_IDS} identifiers",
            )
        if seed < 0:
            raise UsageError(f"the seed must be 0 or more, not {seed}")
        self.n_lesions, self.n_patients, self.seed = n_lesions, n_patients, seed
        sizes = patient_sizes(n_lesions, n_patients, seed)
        self._ends = np.cumsum(sizes)
        self._gaps = _gaps(sizes, seed) if n_lesions >= LARGE else None
        self._person = lru_cache(maxsize=64)(self._draw_person)

    def __len__(self) -> int:
        return self.n_lesions

    def isic_id(self, number: int) -> str:
        """Identifier of a lesion by its number."""
        return f"ISIC_{(number * _LESION_STEP + 1_234_577 + 104_729 * self.seed) % _IDS:07d}"

    def draw(self, number: int) -> CohortLesion:
        """Lesion by its number, from 0 to n_lesions − 1."""
        if not 0 <= number < self.n_lesions:
            raise UsageError(f"no lesion {number} in a cohort of {self.n_lesions}")
        patient = int(np.searchsorted(self._ends, number, side="right"))
        index = number - (int(self._ends[patient - 1]) if patient else 0)
        person = self._person(patient)
        rng = np.random.default_rng([self.seed, patient, index])
        drawn = draw_lesion(rng, person.style)
        large = self.n_lesions >= LARGE
        row = _row(rng, self.isic_id(number), person, drawn, LARGE_SHARE if large else MALIGNANT_SHARE)
        if large and row["iddx_3"] is not None:
            row |= draw_detail(np.random.default_rng([self.seed, patient, index, _DETAIL]), row)
        return CohortLesion(self.isic_id(number), person.patient_id, row, drawn)

    def _draw_person(self, patient: int) -> _Person:
        style = draw_patient(np.random.default_rng([self.seed, patient, 0, _PATIENT]))
        rng = np.random.default_rng([self.seed, patient, 0, _PERSON])
        age = float(np.clip(5 * np.rint(rng.normal(58.0, 13.6) / 5), 5, 85))
        source = int(rng.choice(len(_SOURCES), p=[share for _name, share, _licence in _SOURCES]))
        sex = "male" if rng.random() < 0.68 else "female"
        gaps = (rng.random() < _WITHOUT_AGE, rng.random() < _WITHOUT_SEX)
        if self._gaps is not None:
            gaps = (patient in self._gaps[0], patient in self._gaps[1])
        number = (patient * _PATIENT_STEP + 7_654_321 + 15_485_863 * self.seed) % _IDS
        return _Person(
            style=style,
            patient_id=f"IP_{number:07d}",
            age=None if gaps[0] else age,
            sex=None if gaps[1] else sex,
            attribution=_SOURCES[source][0],
            licence=_SOURCES[source][2],
        )


def draw_cohort(
    n_lesions: int, n_patients: int, seed: int = 0, *, start: int = 0, stop: int | None = None
) -> Iterator[CohortLesion]:
    """Draw the lesions numbered `start` to `stop` − 1 (all by default) of a cohort, one at a time."""
    cohort = Cohort(n_lesions, n_patients, seed)
    for number in range(start, n_lesions if stop is None else min(stop, n_lesions)):
        yield cohort.draw(number)


def patient_sizes(n_lesions: int, n_patients: int, seed: int) -> NDArray[np.int64]:
    """Lesions of each patient, at least 1, summing to `n_lesions`; skewed like the real ones (median 241, mean 385).

    In a large cohort the largest patient has at least 2.3 % of the lesions (9,184 of 401,059) and the smallest has one.
    """
    rng = np.random.default_rng([seed, 0, 0, _PLAN])
    weight = np.exp(rng.normal(0.0, 0.97, n_patients))
    if n_lesions >= LARGE and n_patients > 1:
        largest, smallest = int(np.argmax(weight)), int(np.argmin(weight))
        weight[smallest] = 0.0
        part = (_LARGEST_PATIENT - 1) / (FULL_LESIONS - FULL_PATIENTS)
        weight[largest] = max(weight[largest], part / (1 - part) * (weight.sum() - weight[largest]))
    share = weight / weight.sum() * (n_lesions - n_patients)
    sizes: NDArray[np.int64] = 1 + np.floor(share).astype(np.int64)
    left = n_lesions - int(sizes.sum())
    sizes[np.argsort(np.floor(share) - share, kind="stable")[:left]] += 1
    return sizes


def usual_patients(n_lesions: int) -> int:
    """Patients of a cohort where none are named.

    One per 20 lesions up to 1,042; those then get more lesions each up to the full table's 401,059; beyond, patients
    grow with the lesions.
    """
    in_proportion = round(n_lesions * FULL_PATIENTS / FULL_LESIONS)
    return max(1, min(n_lesions // 20, max(FULL_PATIENTS, in_proportion)))


def _gaps(sizes: NDArray[np.int64], seed: int) -> tuple[frozenset[int], frozenset[int]]:
    """Patients without age and without sex, whose lesions make up the full table's shares of missing values."""
    rng = np.random.default_rng([seed, 0, 0, _GAPS])
    lacking = []
    for share in (_WITHOUT_AGE, _WITHOUT_SEX):
        left, chosen = share * sizes.sum(), set()
        for patient in rng.permutation(len(sizes)).tolist():
            if sizes[patient] <= left:
                left -= sizes[patient]
                chosen.add(patient)
        lacking.append(frozenset(chosen))
    return lacking[0], lacking[1]


def _row(
    rng: np.random.Generator, isic_id: str, person: _Person, drawn: DrawnLesion, malignant_share: float
) -> dict[str, Value]:
    """The 55 columns in the table's order."""
    known: dict[str, Value] = {name: round(value, 6) for name, value in drawn.attributes.items()}
    known["clin_size_long_diam_mm"] = round(drawn.attributes["clin_size_long_diam_mm"], 2)
    known["tbp_lv_symm_2axis_angle"] = int(drawn.attributes["tbp_lv_symm_2axis_angle"])
    known |= {
        "isic_id": isic_id,
        "patient_id": person.patient_id,
        "age_approx": person.age,
        "sex": person.sex,
        "anatom_site_general": drawn.site.general,
        "image_type": "TBP tile: close-up",
        "tbp_tile_type": person.style.tile_type,
        "tbp_lv_location": drawn.site.location,
        "tbp_lv_location_simple": drawn.site.simple,
        "attribution": person.attribution,
        "copyright_license": person.licence,
    }
    known |= draw_diagnosis(rng, drawn.attributes, malignant_share)
    return {column.name: known.get(column.name) for column in SCHEMA}
