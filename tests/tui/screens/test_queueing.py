"""Orders of the queue and blind review on the screen."""

from __future__ import annotations

import pytest

from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.steps.place import Place
from tests.made_results import WRONG
from tests.tui.opened import Opened, Opener
from tests.tui.screens.test_deciding import recorded


def of_ben(place: Place, *rows: int, verdict: str = "label_wrong", note: str = "by ben") -> None:
    """Ben has decided on the area of these lesions, in another process."""
    ids = place.lesions().ids
    with ReviewRecord(place.workspace.review) as record:
        record.record_many([Verdict(ids[row], "areaMM2", verdict, "ben", note=note) for row in rows])


async def _choose(app: Opened, key: str, words: str) -> None:
    await app.press(key)
    await app.type(words)


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("most suspicious", "Suspicious "),
        ("patient", "Suspicious by patient"),
        ("then the others", "Suspicious, area first"),
        ("random", "Random sample"),
    ],
)
async def test_an_order_is_chosen_from_a_list(opened: Opener, words: str, heading: str) -> None:
    async with opened(size=(160, 45)) as app:
        await _choose(app, "Q", words)
        assert app.session.in_queue
        assert heading in app.line(1)
        assert "to decide" in app.message


async def test_a_verdict_on_the_random_sample_is_recorded_as_one(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await _choose(app, "Q", "random")
        await app.press("v")
        assert [v.random_sample for v in recorded(place)] == [True]


async def test_an_empty_order_says_why_and_changes_nothing(opened: Opener) -> None:
    async with opened() as app:
        await _choose(app, "Q", "differ")
        assert "nobody disagrees" in app.message
        assert not app.session.in_queue
        assert app.session.queue.order == "suspicion"


async def test_a_filtered_sample_says_that_it_calibrates_nothing(opened: Opener) -> None:
    async with opened() as app:
        await app.press("f")
        await app.type(f"isic_id != '{app.session.ids[0]}'")
        await _choose(app, "Q", "random")
        assert "calibrate nothing" in app.message


async def test_a_disagreement_shows_what_both_said(opened: Opener, place: Place) -> None:
    of_ben(place, 0)
    async with opened() as app:
        await app.press("v")
        await _choose(app, "Q", "differ")
        assert "label right · ada" in app.text
        assert "label wrong · ben" in app.text


async def test_a_blind_review_shows_nothing_of_the_first(opened: Opener, place: Place) -> None:
    of_ben(place, 0, 3)
    async with opened() as app:
        assert "✗" in app.text
        await _choose(app, "R", "first verdict hidden")
        assert "blind: first verdict hidden" in app.line(0)
        assert "✗" not in app.text
        assert "ben" not in app.text


async def test_a_blind_verdict_goes_on_to_the_next_of_the_second_review(opened: Opener, place: Place) -> None:
    of_ben(place, 0, 3)
    async with opened() as app:
        await _choose(app, "R", "first verdict hidden")
        await app.press("v")
        assert app.session.selected == (3, 0)
        await app.press("v")
        assert "the queue is done" in app.message


async def test_showing_again_shows_it(opened: Opener, place: Place) -> None:
    of_ben(place, 0)
    async with opened() as app:
        await _choose(app, "R", "first verdict hidden")
        await _choose(app, "R", "nothing hidden")
        assert "blind" not in app.line(0)
        assert "label wrong · ben" in app.text


async def test_a_hidden_prediction_is_on_no_pane(opened: Opener) -> None:
    row, attribute = WRONG[0]
    async with opened(size=(160, 45)) as app:
        await app.press("j", "j")
        assert app.session.selected == (row, attribute)
        shown = f"{app.session.predictions.predicted[row, attribute]:.2f}"
        await app.until(lambda: shown in app.text, "the prediction")
        await _choose(app, "R", "prediction hidden")
        assert shown not in app.text
        assert "σ off" not in app.text
        assert "flagged" not in app.text
        await app.press("c")
        assert "the model says" not in app.text


async def test_no_queue_by_suspicion_while_the_prediction_is_hidden(opened: Opener) -> None:
    async with opened() as app:
        await _choose(app, "R", "prediction hidden")
        await _choose(app, "Q", "most suspicious")
        assert "the prediction is hidden" in app.message


@pytest.mark.parametrize("key", ["E", "right_curly_bracket"])
async def test_a_hidden_audit_is_not_said_to_be_missing(opened: Opener, key: str) -> None:
    async with opened() as app:
        await _choose(app, "R", "prediction hidden")
        await app.press(key)
        assert app.message == "the prediction is hidden: R shows it again"


@pytest.mark.parametrize("key", ["P", "E", "M", "o", "}"])
async def test_no_other_screen_betrays_a_hidden_prediction(opened: Opener, key: str) -> None:
    row, attribute = WRONG[0]
    async with opened(size=(160, 45)) as app:
        await app.press("j", "j")
        assert app.session.selected == (row, attribute)
        shown = f"{app.session.predictions.predicted[row, attribute]:.2f}"
        await _choose(app, "R", "prediction hidden")
        await app.press(key)
        await app.app.workers.wait_for_complete()
        await app.pilot.pause()
        assert shown not in app.text
        assert "σ off" not in app.text
        assert app.app.is_running


async def test_a_queues_heading_leaves_the_order_of_the_lesions_out(opened: Opener) -> None:
    async with opened(size=(160, 45)) as app:
        app.session.sort("sex", descending=True)
        await _choose(app, "Q", "random")
        assert "Random sample" in app.line(1)
        assert "sorted" not in app.line(1)
