from __future__ import annotations

from dataclasses import replace

import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit.stopping import Estimate
from skintui.session.blind import Blind, hide
from skintui.session.meter import Calibration, Meter
from skintui.steps.place import Place
from skintui.tui.commands.keymap import Keymap
from skintui.tui.screens.meter import MeterScreen
from skintui.tui.screens.meter_words import figures, short, todo
from tests.tui.opened import Opener, opener

METER = Meter(
    reviewed=50, own=47, flagged=320, flagged_judged=47, flagged_wrong=39, flagged_left=168,
    precision=Estimate(0.83, 0.61, 0.94), left=Estimate(140.2, 102.0, 158.0), share=0.05, clean_run=5, goal=58,
    passed_over=0, sample=0, sample_wrong=0, annotations=9_560, left_overall=None,
    calibration=Calibration(conformal=False, confirmed=12, needed=589, fdr=0.1, why="estimate"), attributes=(),
)  # fmt: skip


def changed(**values: object) -> Meter:
    return replace(METER, **values)  # type: ignore[arg-type]


def told(meter: Meter, width: int = 120) -> str:
    return "\n".join("".join(text for text, _ in line) for line in figures(meter, Keymap(), width))


def test_the_short_form_tells_precision_run_and_what_is_left() -> None:
    assert short(METER)[0] == "precision 83 % (61–94) · 5/58 clean · ~140 left"


def test_the_short_forms_get_shorter() -> None:
    lengths = [len(form) for form in short(METER)]
    assert lengths == sorted(lengths, reverse=True)
    assert short(METER)[-1] == "5/58 clean"


def test_the_short_form_is_empty_before_the_first_verdict() -> None:
    assert short(changed(precision=None, clean_run=0)) == []


def test_what_cannot_be_estimated_is_said_to_be_unknown() -> None:
    assert told(changed(precision=None, left=None)).count("unknown") == 3


def test_the_meter_says_how_many_random_verdicts_are_missing_and_where() -> None:
    assert "until 577 more random labels are found right (Q, random)" in " ".join(told(METER).split())


def test_a_calibrated_audit_repeats_its_own_line() -> None:
    found = Calibration(conformal=True, confirmed=600, needed=589, fdr=0.1, why="calibrated on 600 confirmed labels")
    assert "calibrated on 600 confirmed labels" in " ".join(told(changed(calibration=found)).split())


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    assert max(len(line) for line in told(METER, width).splitlines()) <= width


@pytest.mark.parametrize(
    ("meter", "words"),
    [
        (changed(calibration=None), "Make the index and the audit: I."),
        (changed(flagged=0), "Find 577 more labels of random lesions right: Q"),
        (METER, "Go on down the queue (w): after 53 more right in a row you may stop."),
        (changed(clean_run=60), "You may stop here and export (e)."),
        (changed(clean_run=60, passed_over=7), "no verdict on 7 more suspicious ones"),
    ],
)
def test_the_last_line_says_what_to_do(meter: Meter, words: str) -> None:
    assert words in todo(meter, Keymap())


async def test_the_meter_opens_and_closes(opened: Opener) -> None:
    async with opened() as app:
        await app.press("M")
        assert isinstance(app.app.screen, MeterScreen)
        assert "nobody yet" in app.text
        assert "Next:" in app.text
        await app.press("escape")
        assert app.app.screen_stack[-1] is app.screen


async def test_a_verdict_shows_in_the_title_at_once(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "v")
        assert "1/58 clean" in app.line(0)


async def test_undo_takes_it_out_of_the_title(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "v", "u")
        assert "clean" not in app.line(0)


async def test_the_stopping_rule_is_chosen_and_kept(opened: Opener, place: Place) -> None:
    async with opened() as app:
        await app.press("w", "v", "M", "s")
        assert "1 / 148" in app.text
        await app.press("escape")
        assert "1/148 clean" in app.line(0)
    async with opener(place)() as app:
        assert app.session.tolerated == 0.02


async def test_attributes_are_listed_with_their_counts(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "x", "M")
        attribute = ATTRIBUTES[app.session.findings.codes[0] % len(ATTRIBUTES)].title
        line = next(line for line in app.text.splitlines() if line[1:].strip().startswith(attribute))
        assert line[1:].removeprefix(f" {attribute}").split()[:3] == ["1", "1", "1"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_next_step_is_in_sight(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as app:
        await app.press("w", "x", "v", "M")
        assert "Next: " in app.text


async def test_while_the_prediction_is_hidden_the_meter_tells_nothing_of_it(opened: Opener) -> None:
    async with opened() as app:
        await app.press("w", "x")
        hide(app.session, Blind(prediction=True))
        assert app.screen.display_of is not None
        app.screen.display_of.listing()
        assert "clean" not in app.line(0)
        await app.press("M")
        assert "The prediction is hidden" in app.text
