from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from skintui.attributes import attribute
from skintui.dataset.seal import read_sealed_json, write_sealed_json
from skintui.errors import SkintuiError, StaleError, UsageError
from skintui.steps.describe import Described, Readout, check_sentence, describe, write_sentence
from skintui.steps.place import Place
from skintui.steps.predictions import About, read_about, write_predictions
from tests.small_fixtures import store_near_labels

NAN = float("nan")
AREA = Readout(attribute("areaMM2"), 8.904, 1.1, 81, 7.5, "attribute", 0.5)
BORDER = Readout(attribute("norm_border"), 2.25, 0.3, 12, 2.5, "image", 0.3)
CONTRAST = Readout(attribute("deltaL"), -9.25, NAN, 40, NAN)
LESION = Described("ISIC_1", (AREA, BORDER, CONTRAST), 600, 10)


def test_the_paragraph_says_values_spreads_ranks_and_neighbours() -> None:
    assert write_sentence(LESION) == (
        "The model has read ISIC_1 and ranks it among 600 lesions; brackets hold the median reading of its 10 nearest "
        "lesions by the same attribute (marked *: by image). "
        "The lesion is large: area 8.90 ± 1.10 mm², above 81 % (7.50). "
        "Its border is regular: border irregularity 2.25 ± 0.30, above 12 % (2.50*). "
        "Against the skin around it stands out moderately: L* contrast -9.25 LAB, above 40 %. "
        "The model is unsure of the area: its spread there is more than twice the usual. "
        "These are readings of a tile, not a diagnosis."
    )


def test_without_an_index_there_are_no_brackets() -> None:
    bare = replace(LESION, readouts=(CONTRAST,), nearest=0)
    assert write_sentence(bare).startswith("The model has read ISIC_1 and ranks it among 600 lesions. Against")


@pytest.mark.parametrize("readouts", [(AREA,), (BORDER, CONTRAST), (AREA, BORDER, CONTRAST)])
def test_a_true_paragraph_passes_its_check(readouts: tuple[Readout, ...]) -> None:
    lesion = replace(LESION, readouts=readouts)
    check_sentence(write_sentence(lesion), lesion)


@pytest.mark.parametrize("isic_id", ["ISIC 1", "a and ranks it among 5 lesions. b", "[x] 5 % (", "x\ny", "0"])
def test_an_id_may_be_any_text(isic_id: str) -> None:
    lesion = replace(LESION, isic_id=isic_id)
    check_sentence(write_sentence(lesion), lesion)


@pytest.mark.parametrize(
    "other",
    [
        replace(AREA, predicted=8.95), replace(AREA, spread=1.2), replace(AREA, spread=NAN), replace(AREA, below=82),
        replace(AREA, neighbours=8), replace(AREA, neighbours=NAN, nearest_by=""), replace(AREA, nearest_by="image"),
        replace(AREA, below=50), replace(AREA, usual_spread=1.0),
    ],
)  # fmt: skip
def test_what_is_not_the_models_fails_the_check(other: Readout) -> None:
    written = write_sentence(replace(LESION, readouts=(other, BORDER, CONTRAST)))
    with pytest.raises(SkintuiError, match="the sentence does not"):
        check_sentence(written, LESION)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("among 600", "among 601"), ("10 nearest", "9 nearest"), ("ISIC_1", "ISIC_2"), ("large", "small"),
        ("mm²", "mm"), ("not a diagnosis", "a diagnosis"), ("L* contrast -9.25", "L* contrast 9.25"),
        ("(7.50)", "(7.50) 3"), (" The model is unsure", " It is 3 mm deep. The model is unsure"),
    ],
)  # fmt: skip
def test_a_paragraph_that_was_changed_fails_the_check(old: str, new: str) -> None:
    written = write_sentence(LESION)
    assert old in written
    with pytest.raises(SkintuiError):
        check_sentence(written.replace(old, new), LESION)


def test_a_missing_reading_fails_the_check() -> None:
    with pytest.raises(SkintuiError):
        check_sentence(write_sentence(replace(LESION, readouts=(AREA, BORDER))), LESION)


def test_a_number_that_rounds_to_zero_has_no_sign() -> None:
    lesion = replace(LESION, readouts=(replace(CONTRAST, predicted=-0.001),))
    assert "L* contrast 0.00 LAB" in write_sentence(lesion)
    check_sentence(write_sentence(lesion), lesion)


def sentence(place: Place, isic_id: str) -> str:
    return next(describe(place, [isic_id])).sentence


def perturb(place: Place, isic_id: str, name: str, factor: float) -> None:
    """Another prediction of one annotation in the workspace."""
    path = place.workspace.predictions
    about: About = read_about(path)
    here = (pl.col("isic_id") == isic_id) & (pl.col("attribute") == name)
    changed = pl.when(here).then(pl.col("predicted") * factor).otherwise(pl.col("predicted"))
    write_predictions(path, pl.read_parquet(path).with_columns(changed.alias("predicted")), about)


@pytest.mark.parametrize("name", ["areaMM2", "norm_color", "deltaLB"])
def test_a_perturbed_prediction_changes_the_paragraph(predicted: Place, name: str) -> None:
    before = sentence(predicted, "ISIC_0000004")
    perturb(predicted, "ISIC_0000004", name, 1.05)
    assert sentence(predicted, "ISIC_0000004") != before


def test_the_numbers_are_the_stored_predictions(predicted: Place) -> None:
    told = next(describe(predicted, ["ISIC_0000004"])).row()
    stored = pl.read_parquet(predicted.workspace.predictions).filter(pl.col("isic_id") == "ISIC_0000004")
    assert [r["predicted"] for r in told["readings"]] == stored["predicted"].to_list()
    assert f"area {stored['predicted'][0]:.2f} ±" in told["sentence"]


def test_neighbours_are_by_the_attribute_where_it_is_indexed(indexed: Place) -> None:
    store_near_labels(indexed)  # the tiny model reads hardly a number
    told = next(describe(indexed, ["ISIC_0000004"])).described
    assert {readout.nearest_by for readout in told.readouts} == {"attribute"}
    assert told.nearest == 10


def test_an_index_of_an_older_form_is_refused(indexed: Place) -> None:
    store_near_labels(indexed)
    manifest = indexed.workspace.vectors / "manifest.json"
    write_sealed_json(manifest, read_sealed_json(manifest.read_bytes()) | {"schema": 1})
    with pytest.raises(StaleError, match="run 'skintui index'"):
        next(describe(indexed, ["ISIC_0000004"]))


def test_several_lesions_come_in_the_order_asked_for(predicted: Place) -> None:
    ids = ["ISIC_0000009", "ISIC_0000002"]
    assert [description.isic_id for description in describe(predicted, ids)] == ids


def test_an_unknown_lesion_among_several_is_an_error_before_the_first(predicted: Place) -> None:
    with pytest.raises(UsageError):
        next(describe(predicted, ["ISIC_0000002", "ISIC_9999999"]))


def test_readings_are_plain_values() -> None:
    told = AREA.plain()
    assert (told["attribute"], told["unsure"], told["neighbours_by"]) == ("areaMM2", True, "attribute")
