from __future__ import annotations

import io
import json
import os
import signal

import pytest

from skintui.cli.bar import Bar, Json, Lines, Quiet, reporter, reporting
from skintui.errors import Cancelled
from skintui.progress import Progress, stop_if_cancelled


def work(progress: Progress) -> None:
    progress.start("reading \x1b[2Jtiles", 4, done=1)
    for loss in (3.0, 2.0, 1.0):
        progress.advance(1, loss=loss)
    progress.note("one tile\x1b[31m left out [bold]")


def test_json_lines_say_what_was_resumed_and_finished() -> None:
    out = io.StringIO()
    work(Json(out))
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    assert events[0] == {"event": "start", "stage": "reading \x1b[2Jtiles", "total": 4, "done": 1}
    assert events[-2]["done"] == 4
    assert events[-2]["loss"] == 1.0
    assert events[-1] == {"event": "note", "message": "one tile\x1b[31m left out [bold]"}


@pytest.mark.parametrize("kind", [Lines, Bar])
def test_text_for_people_cannot_act_on_the_terminal(kind: type[Quiet]) -> None:
    out = io.StringIO()
    progress = kind(out)
    work(progress)
    progress.close()
    assert "\x1b[2J" not in out.getvalue()
    assert "one tile�[31m left out [bold]" in out.getvalue()


def test_rate_and_time_left_do_not_count_what_was_resumed() -> None:
    progress = Quiet(io.StringIO())
    progress.start("x", 30, done=10)
    progress.began -= 2.0
    progress.advance(10)
    assert progress.rate == pytest.approx(5.0, rel=0.01)
    assert progress.seconds_left == pytest.approx(2.0, rel=0.01)


def test_nothing_is_written_for_none() -> None:
    out = io.StringIO()
    work(reporter("none", out))
    assert out.getvalue() == ""


def test_a_bar_becomes_lines_where_stderr_is_no_terminal() -> None:
    assert type(reporter("bar", io.StringIO())) is Lines


def test_the_first_interrupt_asks_and_the_second_insists() -> None:
    with reporting("none") as progress:
        os.kill(os.getpid(), signal.SIGINT)
        assert progress.cancelled
        with pytest.raises(Cancelled):
            stop_if_cancelled(progress)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_afterwards_an_interrupt_is_what_it_was() -> None:
    before = signal.getsignal(signal.SIGINT)
    with reporting("none"):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
