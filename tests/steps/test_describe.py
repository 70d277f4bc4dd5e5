from dataclasses import replace

import pytest

from skintui.attributes import attribute
from skintui.errors import SkintuiError
from skintui.steps.describe import Readout, check_sentence, write_sentence

NAN = float("nan")
AREA = Readout(attribute("areaMM2"), 8.904, 1.1, 71, 7.5)
CONTRAST = Readout(attribute("deltaL"), -9.25, NAN, 40, NAN)


def test_the_sentence_says_value_spread_rank_and_neighbours() -> None:
    sentence = write_sentence("ISIC_1", [AREA, CONTRAST], 600, 10)
    assert sentence == (
        "On ISIC_1 the model reads, among 600 lesions and of its 10 nearest by image: "
        "area 8.90 ± 1.10 mm² (above 71 %, nearest 7.50); L* contrast -9.25 LAB (above 40 %)."
    )


def test_a_true_sentence_passes_its_check() -> None:
    check_sentence(write_sentence("ISIC_1", [AREA, CONTRAST], 600, 10), [AREA, CONTRAST])


def test_another_prediction_makes_another_sentence() -> None:
    other = replace(AREA, predicted=8.95)
    assert write_sentence("ISIC_1", [other], 600, 0) != write_sentence("ISIC_1", [AREA], 600, 0)


@pytest.mark.parametrize(
    "other",
    [replace(AREA, predicted=8.95), replace(AREA, spread=1.2), replace(AREA, below=72), replace(AREA, neighbours=8)],
)
def test_a_number_that_is_not_the_models_fails_the_check(other: Readout) -> None:
    sentence = write_sentence("ISIC_1", [other], 600, 10)
    with pytest.raises(SkintuiError, match="does not say what the model read for area"):
        check_sentence(sentence, [AREA])


def test_a_missing_reading_fails_the_check() -> None:
    with pytest.raises(SkintuiError, match="1 readings, the model gave 2"):
        check_sentence(write_sentence("ISIC_1", [AREA], 600, 10), [AREA, CONTRAST])
