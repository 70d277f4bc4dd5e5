import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.audit import audit_input
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
