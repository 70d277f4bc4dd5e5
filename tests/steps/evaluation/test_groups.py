from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from skintui.errors import UsageError
from skintui.steps.evaluation.cohort import Part
from skintui.steps.evaluation.generalise import topped_up
from skintui.steps.evaluation.groups import Members, members, parse_by
from skintui.steps.evaluation.scale import count_without_scale
from skintui.steps.place import open_place
from tests.small import read_rows, write_rows, write_small


def part(tmp_path: Path, **columns: list[str]) -> Part:
    """Twelve lesions with some columns as given."""
    folder = write_small(tmp_path / "lesions", lesions=12)
    rows = read_rows(folder / "train-metadata.csv")
    for column, values in columns.items():
        for row, value in zip(rows, values, strict=True):
            row[column] = value
    write_rows(folder / "train-metadata.csv", rows)
    lesions = open_place(folder, workspace=tmp_path / "w").lesions()
    return Part(lesions, cast("Any", None), np.arange(12))


def named(found: list[Members]) -> dict[str, int]:
    return {one.group: one.places.size for one in found}


def test_ages_fall_into_bands_from_the_lowest_with_the_unknown_last(tmp_path: Path) -> None:
    ages = ["75", "80", "29.9", "30", "44", "45", "", "60", "74", "59", "5", ""]
    found = named(members(part(tmp_path, age_approx=ages), "age"))
    assert list(found.items()) == [
        ("under 30 years", 2),
        ("30 to 44 years", 2),
        ("45 to 59 years", 2),
        ("60 to 74 years", 2),
        ("75 years and over", 2),
        ("unknown", 2),
    ]


def test_patients_are_grouped_by_their_lesions(tmp_path: Path) -> None:
    found = named(members(part(tmp_path, patient_id=["IP_1"] * 10 + ["IP_2"] * 2), "patient_size"))
    assert found == {"under 10 lesions": 2, "10 to 49 lesions": 10}


def test_a_source_cannot_send_control_characters(tmp_path: Path) -> None:
    (name,) = named(members(part(tmp_path, attribution=["\x1b[31mred"] * 12), "source"))
    assert "\x1b" not in name


def test_small_groups_say_why() -> None:
    assert Members("sex", "male", np.arange(19), 9).too_small == "fewer than 20 lesions"
    assert Members("sex", "male", np.arange(20), 2).too_small == "fewer than 3 patients"
    assert not Members("sex", "male", np.arange(20), 3).too_small


def test_an_unknown_grouping_is_wrong_usage() -> None:
    assert parse_by("sex, age,sex") == ("sex", "age")
    with pytest.raises(UsageError, match="cannot group by 'hair'"):
        parse_by("hair")


def test_every_group_is_given_queries_where_it_has_lesions() -> None:
    groups = [Members("sex", "male", np.arange(300), 9), Members("sex", "female", np.arange(300, 330), 9)]
    found = topped_up(np.array([3, 310]), groups, seed=0)
    assert ((found < 300).sum(), (found >= 300).sum()) == (200, 30)
    assert {3, 310} <= set(found.tolist())


def test_no_group_adds_no_query() -> None:
    assert topped_up(np.array([3, 310]), [], seed=0).tolist() == [3, 310]


def test_tiles_of_other_kinds_have_no_scale(tmp_path: Path) -> None:
    kinds = ["3D: XP"] * 5 + [""] * 7
    types = ["anything"] * 5 + ["TBP tile: close-up"] * 4 + ["dermoscopic"] * 2 + [""]
    found = part(tmp_path, tbp_tile_type=kinds, image_type=types)
    assert count_without_scale(found) == (2, "dermoscopic")


def test_as_many_sources_as_lesions_are_grouped_in_one_pass() -> None:
    count = 100_000
    names = [f"clinic {i}" for i in range(count)]
    many = cast("Any", SimpleNamespace(texts=lambda _: names, patients=np.arange(count).astype(str)))
    many.rows = np.arange(count)
    found = members(many, "source")
    assert len(found) == count
    assert found[0].places.tolist() == [0]
