from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.errors import StaleError
from skintui.progress import SILENT
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.session import Session
from skintui.session.meter import Gauge
from skintui.steps.audit import audit, kept_findings
from skintui.steps.card import audit_card
from skintui.steps.card_text import card_text, escaped
from skintui.steps.place import Place, open_place
from tests.made_results import copied
from tests.small import read_rows, write_rows, write_small
from tests.small_fixtures import store_near_labels

WRONG = ("ISIC_0000007", "ISIC_0000017", "ISIC_0000027")


@pytest.fixture(scope="session")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """60 lesions of 6 patients, three colours of them spoilt, audited; shared, so never changed."""
    folder = write_small(tmp_path_factory.mktemp("spoilt") / "lesions", lesions=60, seed=3)
    place = open_place(folder, workspace=folder.parent / "workspace")
    rows = read_rows(folder / "train-metadata.csv")
    truth = np.array([[float(row[a.column]) for a in ATTRIBUTES] for row in rows])
    for row in rows:
        if row["isic_id"] in WRONG:
            row["tbp_lv_norm_color"] = str(float(row["tbp_lv_norm_color"]) * 0.2)
    write_rows(folder / "train-metadata.csv", rows)
    store_near_labels(place, truth=truth)
    audit(place, SILENT)
    return place


@pytest.fixture
def place(spoilt: Place, tmp_path: Path) -> Place:
    """The spoilt data set in a workspace of the test's own."""
    return copied(spoilt, tmp_path / "workspace")


def flagged(place: Place) -> list[tuple[str, str]]:
    kept = kept_findings(place, place.lesions().dataset_sha256)
    assert kept is not None
    return kept.findings.flagged.select("isic_id", "attribute").rows()


def say(place: Place, annotation: tuple[str, str], verdict: str, reviewer: str = "ada", **more: Any) -> None:
    with ReviewRecord(place.workspace.review) as record:
        record.record(Verdict(*annotation, verdict, reviewer, **more))


def at(day: int) -> dict[str, str]:
    return {"reviewed_at": f"2026-01-{day:02}T00:00:00Z"}


def test_the_data_set_is_told(place: Place) -> None:
    data = audit_card(place, SILENT).dataset
    assert (data.lesions, data.patients, data.sha256) == (60, 6, place.lesions().dataset_sha256)


def test_what_is_flagged_is_told(place: Place) -> None:
    card = audit_card(place, SILENT)
    assert card.audit is not None
    assert card.audit.flagged == len(flagged(place)) >= len(WRONG)
    assert (card.audit.predictions_kind, card.audit.q_kind, card.audit.fdr) == ("out-of-fold", "estimate", 0.1)


def test_precision_is_the_share_found_wrong_among_the_flagged_judged(place: Place) -> None:
    first, second, third = flagged(place)[:3]
    say(place, first, "label_wrong")
    say(place, second, "label_ok")
    say(place, third, "unsure")
    share = audit_card(place, SILENT).among_flagged
    assert (share.wrong, share.judged) == (1, 2)
    assert share.estimate is not None
    assert (round(share.estimate.low, 3), round(share.estimate.high, 3)) == (0.095, 0.905)  # by hand: .5 ± .405


def test_verdicts_on_another_label_are_counted_apart(place: Place) -> None:
    say(place, flagged(place)[0], "label_wrong", label=-1.0)
    card = audit_card(place, SILENT)
    assert (card.outdated, card.among_flagged.judged) == (1, 0)


def test_who_decided_and_when(place: Place) -> None:
    say(place, flagged(place)[0], "label_wrong", "ben", **at(3))
    say(place, flagged(place)[1], "label_ok", "ada", **at(1))
    card = audit_card(place, SILENT)
    assert [(r.name, r.verdicts) for r in card.reviewers] == [("ada", 1), ("ben", 1)]
    assert (card.first, card.last) == (at(1)["reviewed_at"], at(3)["reviewed_at"])


def test_the_clean_run_is_that_of_the_meter(place: Place) -> None:
    for day, (annotation, verdict) in enumerate(zip(flagged(place), ("label_wrong", "label_ok"), strict=False), 1):
        say(place, annotation, verdict, **at(day))
    session = Session(place, reviewer="ada")
    session.load_results()
    metered = Gauge(session.decisions, session.lesions, session.findings).read(0.05).clean_run
    session.close()
    assert [r.clean_run for r in audit_card(place, SILENT).reviewers] == [metered] == [1]


def test_a_contested_correction_is_held_back(place: Place) -> None:
    annotation = flagged(place)[0]
    say(place, annotation, "label_wrong", proposed_value=1.5)
    assert audit_card(place, SILENT).corrections == 1
    say(place, annotation, "label_ok", "ben")
    card = audit_card(place, SILENT)
    assert (card.corrections, card.held_back, card.contested) == (0, 1, 1)


def test_predictions_of_other_data_are_stale(place: Place, tmp_path: Path) -> None:
    text = place.files.metadata.read_text()
    place.workspace.findings.unlink()
    other = tmp_path / "train-metadata.csv"
    other.write_text(text.replace("male", "female", 1))
    with pytest.raises(StaleError, match="predictions are stale"):
        audit_card(Place(replace(place.files, metadata=other), place.workspace), SILENT)


def test_the_same_facts_give_the_same_text(place: Place) -> None:
    say(place, flagged(place)[0], "label_wrong", **at(1))
    assert card_text(audit_card(place, SILENT)) == card_text(audit_card(place, SILENT))


def test_the_text_tells_the_precision_with_its_interval(place: Place) -> None:
    say(place, flagged(place)[0], "label_wrong", **at(1))
    assert "- Wrong among the flagged ones judged: 1 of 1, 100.0 % (20.7 to 100.0)" in card_text(
        audit_card(place, SILENT)
    )


def test_the_text_tells_the_stopping_rule(place: Place) -> None:
    say(place, flagged(place)[0], "label_ok", **at(1))
    text = card_text(audit_card(place, SILENT))
    assert "5 % wrong labels from 58 on, 2 % wrong labels from 148 on, 1 % wrong labels from 298 on." in text
    assert "- ada: 1 in a row, not yet long enough" in text


def test_the_text_tells_agreement_of_two_and_of_three(place: Place) -> None:
    for reviewer in ("ada", "ben", "eve"):
        say(place, flagged(place)[0], "label_wrong", reviewer)
    text = card_text(audit_card(place, SILENT))
    assert "- ada and ben: 1 of 1 alike, Cohen's κ undefined" in text
    assert "- ada, ben and eve: 1 of 1 alike, Fleiss' κ undefined" in text


def test_without_audit_and_verdicts_there_is_still_a_card(place: Place) -> None:
    place.workspace.findings.unlink()
    place.workspace.predictions.unlink()
    text = card_text(audit_card(place, SILENT))
    assert "There are no predictions." in text
    assert "There was no audit." in text
    assert "Nobody has decided anything yet." in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("[a](http://x)", r"\[a\]\(http\://x\)"),
        ("<img src=x>", r"\<img src=x\>"),
        ("a|b", r"a\|b"),
        ("a\n# b", r"a \# b"),
        ("www.x.org", r"www\.x.org"),
        ("\x1b[31mred", "�\\[31mred"),
        ("`*_~", r"\`\*\_\~"),
    ],
)
def test_text_from_data_does_nothing(given: str, shown: str) -> None:
    assert escaped(given) == shown


def test_a_reviewers_name_cannot_break_the_table(place: Place) -> None:
    say(place, flagged(place)[0], "label_ok", "eve | <b>", **at(1))
    assert r"| eve \| \<b\> | 1 |" in card_text(audit_card(place, SILENT))
