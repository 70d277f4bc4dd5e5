from __future__ import annotations

from pathlib import Path

from skintui.attributes import ATTRIBUTES
from skintui.dataset.schema import BY_NAME, REQUIRED, SCHEMA, nearest


def test_schema_has_kaggles_55_columns_and_the_test_table_44() -> None:
    assert len(SCHEMA) == 55
    assert sum(not column.train_only for column in SCHEMA) == 44


def test_schema_has_35_float_2_integer_18_text_columns() -> None:
    kinds = [column.kind for column in SCHEMA]
    assert (kinds.count("float"), kinds.count("int"), kinds.count("text")) == (35, 2, 18)


def test_schema_is_that_of_the_published_table(slice3d: Path) -> None:
    header = (slice3d / "vendor-metadata.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",") == [column.name for column in SCHEMA]


def test_required_are_keys_and_attributes() -> None:
    assert ("isic_id", "patient_id", *(a.column for a in ATTRIBUTES)) == REQUIRED
    assert all(name in BY_NAME for name in REQUIRED)


def test_nearest_ignores_letter_case() -> None:
    assert nearest("tbp_lv_areaMM2", ["TBP_LV_AREAMM", "sex"]) == "TBP_LV_AREAMM"


def test_nearest_of_nothing_similar_is_none() -> None:
    assert nearest("isic_id", ["zzz"]) is None
