from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from skintui.dataset.drawn.cohort import LARGE, Cohort, CohortLesion, draw_cohort, patient_sizes, usual_patients
from skintui.dataset.schema import SCHEMA
from skintui.errors import UsageError


@pytest.fixture(scope="module")
def cohort() -> list[CohortLesion]:
    return list(draw_cohort(60, 9, seed=5))


def test_columns_stand_in_the_table_s_order(cohort: list[CohortLesion]) -> None:
    assert [list(lesion.row) for lesion in cohort[:2]] == [[column.name for column in SCHEMA]] * 2
    assert len(cohort[0].row) == 55


def test_columns_are_those_of_the_real_file(cohort: list[CohortLesion], slice3d: Path) -> None:
    with (slice3d / "train-metadata.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == list(cohort[0].row)


def test_identifiers_have_the_table_s_form_and_are_unique(cohort: list[CohortLesion]) -> None:
    assert all(re.fullmatch(r"ISIC_\d{7}", lesion.isic_id) for lesion in cohort)
    assert all(re.fullmatch(r"IP_\d{7}", lesion.patient_id) for lesion in cohort)
    assert len({lesion.isic_id for lesion in cohort}) == 60
    assert len({lesion.patient_id for lesion in cohort}) == 9


def test_identifiers_of_the_full_size_are_unique() -> None:
    plan = Cohort(401_059, 1042, 0)
    assert len({plan.isic_id(number) for number in range(len(plan))}) == 401_059


def test_a_part_drawn_alone_is_the_same(cohort: list[CohortLesion]) -> None:
    alone = list(draw_cohort(60, 9, seed=5, start=41, stop=43))
    assert [lesion.row for lesion in alone] == [lesion.row for lesion in cohort[41:43]]
    assert np.array_equal(alone[0].drawn.tile, cohort[41].drawn.tile)


def test_another_seed_draws_others(cohort: list[CohortLesion]) -> None:
    other = Cohort(60, 9, 6).draw(0)
    assert other.row != cohort[0].row
    assert other.isic_id != cohort[0].isic_id


def test_lesions_of_a_patient_share_person_and_source(cohort: list[CohortLesion]) -> None:
    for name in ("age_approx", "sex", "attribution", "copyright_license", "tbp_tile_type"):
        shared: dict[str, set[object]] = {}
        for lesion in cohort:
            shared.setdefault(lesion.patient_id, set()).add(lesion.row[name])
        assert all(len(values) == 1 for values in shared.values()), name


def test_patient_sizes_sum_and_are_skewed_like_the_real_ones() -> None:
    sizes = patient_sizes(401_059, 1042, 0)
    assert sizes.sum() == 401_059
    assert sizes.min() >= 1
    assert 200 < np.median(sizes) < 290
    assert sizes.max() == pytest.approx(9184, abs=1)
    assert sizes.min() == 1


@pytest.mark.parametrize(
    ("lesions", "patients"),
    [(7, 1), (1000, 50), (20_840, 1042), (100_000, 1042), (401_059, 1042), (4_010_590, 10_420)],
)
def test_patients_where_none_are_named(lesions: int, patients: int) -> None:
    assert usual_patients(lesions) == patients


def test_lesions_of_a_large_cohort_miss_age_and_sex_at_the_full_table_s_rates() -> None:
    plan = Cohort(401_059, 1042, 3)
    sizes = np.diff(plan._ends, prepend=0)
    people = [plan._draw_person(n) for n in range(1042)]
    without_age = sizes[[person.age is None for person in people]].sum()
    without_sex = sizes[[person.sex is None for person in people]].sum()
    assert without_age == pytest.approx(0.007 * 401_059, rel=0.01)
    assert without_sex == pytest.approx(0.029 * 401_059, rel=0.01)


def test_a_cohort_is_small_until_patients_get_more_lesions() -> None:
    assert (Cohort(LARGE - 1, 1042, 0)._gaps, Cohort(LARGE, 1042, 0)._gaps is None) == (None, False)


def test_every_patient_has_a_lesion_even_when_there_are_as_many() -> None:
    assert patient_sizes(7, 7, 0).tolist() == [1] * 7


def test_persons_miss_age_and_sex_as_in_the_real_table() -> None:
    plan = Cohort(3000, 3000, 1)
    people = [plan._draw_person(n) for n in range(3000)]
    assert 0.018 < np.mean([person.sex is None for person in people]) < 0.042
    assert 0.002 < np.mean([person.age is None for person in people]) < 0.014
    assert len({person.attribution for person in people}) == 7
    assert {person.licence for person in people} == {"CC-BY", "CC-BY-NC", "CC-0"}


@pytest.mark.parametrize(
    ("lesions", "patients", "seed"), [(0, 0, 0), (3, 4, 0), (10_000_001, 5, 0), (3, 0, 0), (3, 2, -1)]
)
def test_an_impossible_cohort_is_refused(lesions: int, patients: int, seed: int) -> None:
    with pytest.raises(UsageError):
        Cohort(lesions, patients, seed)


def test_a_lesion_outside_the_cohort_is_refused() -> None:
    with pytest.raises(UsageError, match="no lesion 3"):
        Cohort(3, 2, 0).draw(3)
