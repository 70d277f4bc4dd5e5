from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui.dataset.table import Table
from skintui.session import Cell, Curator, Session
from skintui.session.facets import Facet, Facets
from skintui.session.rules import Where
from skintui.steps.place import Place
from tests.made_results import copied, flag


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    """The drawn lesions with the three planted errors flagged."""
    return flag(copied(prepared, tmp_path / "workspace"))


def facet(session: Session, title: str) -> Facet:
    return next(each for each in Facets(session).count() if each.title == title)


def told(session: Session, title: str) -> dict[str, int]:
    found = facet(session, title)
    return dict(zip(found.words, found.counts.tolist(), strict=True))


def test_patients_are_counted_the_most_lesions_first(session: Session) -> None:
    assert list(told(session, "patient").values()) == [10, 8, 3, 3]


def test_a_missing_value_is_a_value(session: Session) -> None:
    assert told(session, "sex") == {"male": 10, "missing": 8, "female": 6}


def test_ages_are_counted_in_bands(session: Session) -> None:
    assert told(session, "age") == {"60–69": 10, "40–49": 8, "50–59": 3, "80–89": 3}  # 65, 45, 50, 80 years


def test_bands_are_only_made_of_ages_that_occur(session: Session) -> None:
    import polars as pl

    ages = pl.Series("age_approx", [45.0, None, float("nan"), 0.0, 9e15, 1e30] + [49.9] * 18)
    session.lesions.table = Table.of(session.lesions.frame.with_columns(ages))
    assert told(session, "age") == {"40–49": 19, "missing": 3, "0–9": 1, "9000000000000000–9000000000000009": 1}


def test_counts_are_of_what_is_listed(session: Session) -> None:
    session.filter("sex = 'female'")
    assert told(session, "patient").keys() == {"IP_0027497", "IP_1858671"}
    assert told(session, "sex") == {"female": 6}


@pytest.mark.parametrize(
    "title", ["patient", "sex", "age", "site", "source", "flagged", "flagged attribute", "verdict"]
)
def test_a_values_rule_leaves_as_many_as_it_counts(session: Session, title: str) -> None:
    session.selected = Cell(4, 2)
    Curator(session).decide("unsure")
    found = facet(session, title)
    for count, rule in zip(found.counts, found.kept, strict=True):
        assert session.count(rule)[0] == count


@pytest.mark.parametrize("title", ["patient", "sex", "age", "flagged", "verdict"])
def test_leaving_a_value_out_leaves_the_rest(session: Session, title: str) -> None:
    session.selected = Cell(4, 2)
    Curator(session).decide("unsure")
    found = facet(session, title)
    for count, rule in zip(found.counts, found.left_out, strict=True):
        assert session.count(rule)[0] == 24 - count


def test_flagged_annotations_stand_beside_the_counts(session: Session) -> None:
    assert facet(session, "patient").flagged.tolist() == [2, 0, 1, 0]  # of lesions 2 and 7, and of 11


def test_flagged_annotations_are_counted_by_attribute(session: Session) -> None:
    assert told(session, "flagged attribute") == {"area": 1, "long diameter": 1, "L* contrast": 1}


def test_lesions_with_a_flag_are_counted(session: Session) -> None:
    assert told(session, "flagged") == {"not flagged": 21, "flagged": 3}


def test_lesions_without_a_verdict_are_counted(session: Session) -> None:
    for attribute in (0, 1):
        session.selected = Cell(4, attribute)
        Curator(session).decide("unsure")
    assert told(session, "verdict") == {"none yet": 23, "unsure": 1}


def test_in_the_queue_annotations_are_counted(session: Session) -> None:
    session.show_queue(True)
    total = len(session.listing)
    Curator(session).decide("label_ok")
    assert told(session, "verdict") == {"none yet": total - 1, "label ok": 1}
    assert sum(told(session, "patient").values()) == total


@pytest.mark.parametrize("title", ["patient", "flagged", "flagged attribute", "verdict"])
def test_in_the_queue_a_values_rule_leaves_as_many_annotations(session: Session, title: str) -> None:
    session.show_queue(True)
    Curator(session).decide("label_ok")
    found = facet(session, title)
    for count, rule in zip(found.counts, found.kept, strict=True):
        assert session.count(rule)[0] == count


def test_without_an_audit_nothing_is_said_of_flags(place: Place) -> None:
    session = Session(place, reviewer="ada")
    titles = [each.title for each in Facets(session).count()]
    assert "flagged" not in titles
    assert "patient" in titles
    session.close()


def test_a_column_the_data_lacks_is_no_facet(session: Session) -> None:
    session.lesions.table = Table.of(session.lesions.frame.drop("anatom_site_general"))
    assert "site" not in [each.title for each in Facets(session).count()]


def test_a_quote_in_a_value_is_part_of_it(session: Session) -> None:
    import polars as pl

    session.lesions.table = Table.of(session.lesions.frame.with_columns(pl.lit("O'Neill's").alias("attribution")))
    session.clear()
    found = facet(session, "source")
    assert found.kept[0] == Where("attribution = 'O''Neill''s'")
    assert session.count(found.kept[0]) == (24, 24)


def test_values_that_do_not_occur_are_left_out(session: Session) -> None:
    session.filter("sex = 'male'")
    assert np.all(facet(session, "patient").counts > 0)
