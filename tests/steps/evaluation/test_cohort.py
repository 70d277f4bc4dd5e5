from __future__ import annotations

import pytest

from skintui.errors import VectorsError
from skintui.steps.evaluation.cohort import HeldOut, draw_queries, held_out
from skintui.steps.place import Place
from skintui.steps.predictions import read_about, read_predictions
from tests.small_fixtures import store_near_labels


def split(place: Place, train_patients: tuple[str, ...] | None) -> HeldOut:
    store_near_labels(place, train_patients=train_patients)
    lesions = place.lesions()
    return held_out(lesions, read_predictions(place.workspace.predictions, lesions), 24)


def test_held_out_are_the_patients_the_adapter_has_not_trained_on(predicted: Place) -> None:
    found = split(predicted, ("IP_0000000", "IP_0000001", "elsewhere"))
    assert (found.test.size, found.train.size, found.trained, found.by) == (16, 8, 3, "record")
    assert not {"IP_0000000", "IP_0000001"} & set(predicted.lesions().patients[found.test].tolist())


def test_without_a_record_the_default_split_holds_out_and_a_note_says_so(predicted: Place) -> None:
    found = split(predicted, None)
    assert (found.test.size, found.trained, found.by) == (4, 5, "default split")
    assert "left no record" in found.notes(read_about(predicted.workspace.predictions))[0]


def test_a_record_of_other_patients_is_told_apart(predicted: Place) -> None:
    found = split(predicted, ("elsewhere",))
    note = found.notes(read_about(predicted.workspace.predictions))[0]
    assert "names 1 patients trained on, none of them among the indexed lesions" in note


def test_nothing_held_out_is_an_error_that_says_so(predicted: Place) -> None:
    with pytest.raises(VectorsError, match="only 0 indexed lesions"):
        split(predicted, tuple(f"IP_{p:07d}" for p in range(6)))


def test_queries_are_all_or_a_seeded_draw() -> None:
    assert draw_queries(4, 2000, 0).tolist() == [0, 1, 2, 3]
    assert draw_queries(100, 5, 1).tolist() == draw_queries(100, 5, 1).tolist() != draw_queries(100, 5, 2).tolist()


def test_the_default_split_is_that_of_the_whole_data_set(predicted: Place) -> None:
    store_near_labels(predicted, train_patients=None)
    lesions = predicted.lesions()
    stored = read_predictions(predicted.workspace.predictions, lesions)
    whole, part = (held_out(lesions, stored, n) for n in (24, 20))
    assert part.test.tolist() == [row for row in whole.test.tolist() if row < 20]
