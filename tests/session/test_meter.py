from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit import load_findings
from skintui.review.verdicts import Verdict
from skintui.session import Cell, Session
from skintui.session.reading import RankedFindings
from skintui.session.tally import Tally

Given = Callable[..., None]


@pytest.fixture
def give(session: Session) -> Given:
    """Record a verdict of ada's on a place of the suspicion queue, a minute after the last."""
    minute = iter(range(60))

    def given(place: int, verdict: str, **changes: Any) -> None:
        assert session.findings is not None
        cell = Cell.of(int(session.findings.codes[place]))
        known: dict[str, Any] = {
            "isic_id": session.ids[cell.row],
            "attribute": ATTRIBUTES[cell.attribute].name,
            "verdict": verdict,
            "reviewer": "ada",
            "label": float(session.labels[cell]),
            "reviewed_at": f"2026-01-01T00:{next(minute):02}:00.000Z",
        }
        session.decisions.record([Verdict(**{**known, **changes})])

    return given


def flag(session: Session, *places: int) -> None:
    """Have the audit flag the first places of the queue."""
    found = load_findings(session.place.workspace.findings)
    flagged = np.zeros(found.frame.height, bool)
    flagged[list(places)] = True
    session._findings = RankedFindings(
        replace(found, frame=found.frame.with_columns(pl.Series("flagged", flagged))), session.ids
    )


def test_nothing_is_known_before_the_first_verdict(session: Session) -> None:
    meter = session.meter()
    assert (meter.precision, meter.left, meter.left_overall, meter.clean_run) == (None, None, None, 0)


def test_the_precision_is_of_the_flagged_and_judged(session: Session, give: Given) -> None:
    flag(session, 0, 1, 2, 3)
    give(0, "label_wrong")
    give(1, "label_ok")
    give(2, "unsure")
    give(9, "label_ok")
    meter = session.meter()
    assert (meter.flagged, meter.flagged_judged, meter.flagged_wrong) == (4, 2, 1)
    assert meter.precision is not None
    assert meter.precision.value == 0.5


def test_errors_left_are_the_flagged_without_verdict_at_the_precision(session: Session, give: Given) -> None:
    flag(session, *range(6))
    give(0, "label_wrong")
    give(1, "label_ok")
    meter = session.meter()
    assert meter.left is not None
    assert (meter.flagged_left, meter.left.value) == (4, 2.0)


def test_errors_overall_come_from_the_random_sample_alone(session: Session, give: Given) -> None:
    give(0, "label_wrong")
    for place in (30, 31, 32):
        give(place, "label_ok", random_sample=True)
    give(33, "label_wrong", random_sample=True)
    meter = session.meter()
    assert (meter.sample, meter.sample_wrong) == (4, 1)
    assert meter.left_overall is not None
    assert meter.left_overall.value == (meter.annotations - 5) / 4


def test_a_clean_run_counts_backwards_to_the_last_wrong_label(session: Session, give: Given) -> None:
    for verdict in ("label_ok", "label_wrong", "label_ok", "both_plausible"):
        give(len(session.decisions), verdict)
    assert session.meter().clean_run == 2


def test_not_being_sure_neither_ends_nor_lengthens_a_run(session: Session, give: Given) -> None:
    for verdict in ("label_ok", "unsure", "image_unusable", "label_ok"):
        give(len(session.decisions), verdict)
    assert session.meter().clean_run == 2


def test_random_verdicts_stand_aside_of_the_run(session: Session, give: Given) -> None:
    give(0, "label_ok")
    give(30, "label_wrong", random_sample=True)
    give(31, "label_ok", random_sample=True)
    assert session.meter().clean_run == 1


def test_another_persons_verdicts_are_no_part_of_ones_run(session: Session, give: Given) -> None:
    give(0, "label_ok")
    give(1, "label_wrong", reviewer="ben")
    assert session.meter().clean_run == 1


def test_undo_restores_the_run(session: Session, give: Given) -> None:
    give(0, "label_ok")
    give(1, "label_wrong")
    session.decisions.undo()
    assert session.meter().clean_run == 1


def test_deciding_again_counts_once(session: Session, give: Given) -> None:
    flag(session, 0)
    give(0, "label_wrong")
    give(0, "label_ok")
    meter = session.meter()
    assert (meter.reviewed, meter.flagged_judged, meter.flagged_wrong) == (1, 1, 0)


def test_what_was_passed_over_is_counted(session: Session, give: Given) -> None:
    give(0, "label_ok")
    give(3, "label_ok")
    assert session.meter().passed_over == 2


def test_a_verdict_on_a_former_label_judges_nothing(session: Session, give: Given) -> None:
    flag(session, 0)
    give(0, "label_wrong", label=-1.0)
    meter = session.meter()
    assert (meter.reviewed, meter.flagged_judged) == (1, 0)


def test_own_and_all_reviews_are_told_apart(session: Session, give: Given) -> None:
    give(0, "label_ok")
    give(1, "label_ok", reviewer="ben")
    meter = session.meter()
    assert (meter.own, meter.reviewed) == (1, 2)


def test_what_others_decided_is_not_counted_while_it_is_withheld(session: Session, give: Given) -> None:
    give(0, "label_ok", reviewer="ben")
    session.meter()
    session.decisions.withhold(True)
    assert session.meter().reviewed == 0


def test_attributes_have_their_own_counts(session: Session, give: Given) -> None:
    give(0, "label_wrong")
    (told,) = session.meter().attributes
    assert (told.attribute, told.reviewed, told.wrong) == (session.findings.codes[0] % 16, 1, 1)  # type: ignore[union-attr]


def test_the_goal_follows_the_share_tolerated(session: Session) -> None:
    session.tolerated = 0.01
    assert session.meter().goal == 298


def test_the_calibration_counts_labels_confirmed_on_random_lesions(session: Session, give: Given) -> None:
    give(30, "label_ok", random_sample=True)
    give(31, "both_plausible", random_sample=True)
    give(32, "label_ok")
    calibration = session.meter().calibration
    assert calibration is not None
    assert (calibration.confirmed, calibration.missing) == (1, calibration.needed - 1)


def test_a_contested_label_does_not_calibrate(session: Session, give: Given) -> None:
    give(30, "label_ok", random_sample=True)
    give(30, "label_wrong", reviewer="ben")
    calibration = session.meter().calibration
    assert calibration is not None
    assert calibration.confirmed == 0


def test_verdicts_of_an_earlier_session_are_counted(session: Session, give: Given) -> None:
    give(0, "label_wrong")
    again = Session(session.place, reviewer="ada")
    again.load_results()
    assert again.meter().reviewed == 1
    again.close()


def test_without_an_audit_one_is_to_be_made(session: Session) -> None:
    session._findings = None
    assert session.meter().todo == "audit"


def test_where_nothing_can_be_flagged_random_labels_are_to_be_confirmed(session: Session) -> None:
    flag(session)
    assert session.meter().todo == "calibrate"


def test_below_the_goal_one_goes_on_down_the_queue(session: Session, give: Given) -> None:
    flag(session, 0, 1)
    give(0, "label_ok")
    assert session.meter().todo == "queue"


def test_at_the_goal_one_may_stop(session: Session, give: Given) -> None:
    flag(session, 0)
    session.tolerated = 0.5  # four in a row
    for place in range(4):
        give(place, "label_ok")
    assert session.meter().todo == "stop"


def test_a_run_with_gaps_above_it_is_no_reason_to_stop(session: Session, give: Given) -> None:
    flag(session, 0)
    session.tolerated = 0.5
    for place in (5, 6, 7, 8):
        give(place, "label_ok")
    assert session.meter().todo == "passed over"


def test_a_verdict_is_all_that_is_counted_again(session: Session, give: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(20):
        give(place, "label_ok")
    session.meter()
    counted: list[str] = []
    vote = Tally._vote

    def counting(tally: Tally, isic_id: str, cell: Cell, label: float, place: int) -> object:
        counted.append(isic_id)
        return vote(tally, isic_id, cell, label, place)

    monkeypatch.setattr(Tally, "_vote", counting)
    give(20, "label_ok")
    assert session.meter().clean_run == 21
    assert len(counted) == 1
