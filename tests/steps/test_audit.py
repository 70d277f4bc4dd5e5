from pathlib import Path

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.errors import WorkspaceError
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.audit import StoredRows, audit_input
from skintui.steps.place import Place
from skintui.steps.predictions import read_predictions


@pytest.mark.parametrize(("seen", "counts"), [(0.0, True), (1.0, False)])
def test_only_a_verdict_on_the_present_label_calibrates(predicted: Place, seen: float, counts: bool) -> None:
    lesions = predicted.lesions()
    row = int(np.flatnonzero(np.isfinite(lesions.labels()[:, 0]))[0])
    name, label = ATTRIBUTES[0].name, float(lesions.labels()[row, 0]) + seen
    verdict = Verdict(lesions.ids[row], name, "label_ok", "ann", random_sample=True, label=label)
    with ReviewRecord(predicted.workspace.review) as record:
        record.record(verdict)
    stored = read_predictions(predicted.workspace.predictions, lesions)
    given = audit_input(predicted, lesions, stored, None)
    assert list(given.confirmed or []) == ([(lesions.ids[row], name)] if counts else [])


def test_stored_neighbours_are_read_when_asked_for_and_end_with_none(tmp_path: Path) -> None:
    np.save(tmp_path / "A.npy", np.array([[1], [0]], np.int32))
    stored = StoredRows({"A": tmp_path / "A.npy"}, 3)
    assert list(stored) == ["A"]
    assert stored["A"].tolist() == [[1], [0], [-1]]
    assert stored.get("B") is None


def test_neighbours_gone_during_the_audit_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="taken away"):
        StoredRows({"A": tmp_path / "A.npy"}, 3)["A"]
