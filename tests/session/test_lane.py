from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from skintui.audit.findings import load_findings
from skintui.dataset.table import Table
from skintui.session import Cell, Session, patient_lane
from skintui.session.lane import by_label
from skintui.steps.place import Place
from tests.made_results import WRONG


def rows_of_patient(session: Session, row: int) -> list[int]:
    patients = session.lesions.frame["patient_id"].to_list()
    return [other for other, patient in enumerate(patients) if patient == patients[row]]


def test_the_lane_holds_the_other_lesions_of_the_patient(session: Session) -> None:
    lane = patient_lane(session, Cell(3, 0), "attribute", 24)
    expected = rows_of_patient(session, 3)
    assert sorted(n.row for n in lane.found) == [row for row in expected if row != 3]
    assert lane.lesions == len(expected)


def test_it_counts_the_lesions_that_are_flagged(session: Session) -> None:
    assert session.findings is not None
    lane = patient_lane(session, Cell(WRONG[0][0], 0), "attribute", 24)
    flagged = load_findings(session.place.workspace.findings).flagged["isic_id"].to_list()
    assert lane.flagged == sum(session.ids[row] in flagged for row in rows_of_patient(session, WRONG[0][0]))


def test_similarity_is_the_cosine_of_the_stored_vectors(session: Session) -> None:
    lane = patient_lane(session, Cell(3, 0), "attribute", 24)
    known = {n.row: n.similarity for n in session.neighbours(Cell(3, 0), "attribute", 23).found}
    for n in lane.found:
        assert n.similarity == pytest.approx(known[n.row], abs=1e-3)


def test_without_an_index_there_is_a_lane_all_the_same(place: Place) -> None:
    session = Session(place, reviewer="ada")
    lane = patient_lane(session, Cell(3, 0), "attribute", 24)
    assert lane.found
    assert all(math.isnan(n.similarity) for n in lane.found)


def test_lesions_of_unknown_patients_are_not_one_persons(session: Session) -> None:
    unknown = pl.lit("unknown").alias("patient_id")
    session.lesions.table = Table.of(session.lesions.frame.with_columns(unknown))
    lane = patient_lane(session, Cell(3, 0), "attribute", 24)
    assert (lane.patient, lane.found) == ("", ())


def test_a_measure_that_varies_by_factors_is_compared_by_ratio() -> None:
    labels = np.array([10.0, 5.0, 18.0, np.nan, 12.0])
    # 10 : 5 is a factor of 2, 18 : 10 of 1.8, 12 : 10 of 1.2; as differences 5, 8, 2
    assert by_label(labels, np.array([1, 2, 3, 4]), Cell(0, 0)).tolist() == [4, 2, 1, 3]


def test_another_measure_is_compared_by_difference() -> None:
    labels = np.array([10.0, 5.0, 18.0, np.nan, 12.0])
    assert by_label(labels, np.array([1, 2, 3, 4]), Cell(0, 8)).tolist() == [4, 1, 2, 3]


def test_a_lesion_without_a_label_leaves_the_order_of_the_data_set() -> None:
    labels = np.array([np.nan, 5.0, 18.0, 12.0])
    assert by_label(labels, np.array([1, 2, 3]), Cell(0, 0)).tolist() == [1, 2, 3]
