from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.widgets import Input

from skintui.errors import UsageError
from skintui.session.completion import Completion
from skintui.tui import theme
from skintui.tui.messages import Remarked
from skintui.tui.widgets.heading import Heading
from skintui.tui.widgets.prompt_bar import PromptBar, Question
from tests.tui.opened import wait_until


class Host(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield PromptBar()


def names(text: str, cursor: int) -> Completion:
    """Completions of the last word among three names."""
    start = text[:cursor].rfind(" ") + 1
    word = text[start:cursor]
    return Completion(start, cursor, tuple(n for n in ("alpha", "alter", "beta") if n.startswith(word) and n != word))


def bar(pilot: Pilot[None]) -> PromptBar:
    return pilot.app.query_one(PromptBar)


def typed(pilot: Pilot[None]) -> str:
    return pilot.app.query_one(Input).value


def aside(pilot: Pilot[None]) -> str:
    return pilot.app.query_one(PromptBar).query_one(Heading).text


async def test_tab_completes_and_goes_on_to_the_next() -> None:
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, complete=names))
        await pilot.press("x", "space", "a", "l", "tab")
        assert typed(pilot) == "x alpha"
        await pilot.press("tab")
        assert typed(pilot) == "x alter"
        await pilot.press("tab")
        assert typed(pilot) == "x alpha"
        await pilot.press("shift+tab")
        assert typed(pilot) == "x alter"


async def test_typing_after_a_completion_begins_anew() -> None:
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, complete=names))
        await pilot.press("a", "tab", "space", "b", "tab")
        assert typed(pilot) == "alpha beta"


async def test_right_at_the_end_takes_the_first_and_elsewhere_moves() -> None:
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, complete=names))
        await pilot.press("b", "left", "right")
        assert typed(pilot) == "b"
        await pilot.press("right")
        assert typed(pilot) == "beta"


async def test_what_could_be_typed_is_shown() -> None:
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, complete=names))
        await pilot.press("a", "l")
        assert aside(pilot).split() == ["alpha", "alter"]


async def test_the_arrows_recall_earlier_answers() -> None:
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, recall=["last", "first"]))
        await pilot.press("up")
        assert typed(pilot) == "last"
        await pilot.press("up", "up")
        assert typed(pilot) == "first"
        await pilot.press("down")
        assert typed(pilot) == "last"


async def test_the_text_is_checked_once_when_the_keys_are_calm() -> None:
    checked: list[str] = []
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, check=checked.append))
        await pilot.press("a", "b", "c")
        await wait_until(pilot, lambda: bool(checked))
        assert checked == ["abc"]


async def test_a_remark_is_shown_while_it_belongs_to_the_text() -> None:
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, check=lambda _: None))
        await pilot.press("a")
        bar(pilot).post_message(Remarked("a", "3 of 9 lesions"))
        await pilot.pause()
        assert aside(pilot) == "3 of 9 lesions"
        await pilot.press("b")
        assert aside(pilot) == ""
        bar(pilot).post_message(Remarked("a", "3 of 9 lesions"))
        await pilot.pause()
        assert aside(pilot) == ""


async def test_what_is_wrong_gives_way_to_what_could_be_typed() -> None:
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, complete=names, check=lambda _: None))
        await pilot.press("a", "l")
        bar(pilot).post_message(Remarked("al", "no column 'al'", good=False))
        await pilot.pause()
        assert "no column" not in aside(pilot)
        assert "alpha" in aside(pilot)


async def test_a_remark_cannot_act_on_the_terminal() -> None:
    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", lambda _: None, check=lambda _: None))
        await pilot.press("a")
        bar(pilot).post_message(Remarked("a", "\x1b[2J [red]"))
        await pilot.pause()
        assert "\x1b" not in aside(pilot)
        assert "[red]" in aside(pilot)


async def test_an_answer_that_is_refused_keeps_the_line() -> None:
    def answer(_: str) -> None:
        raise UsageError("no such name")

    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("name", "", answer))
        await pilot.press("a", "enter")
        assert bar(pilot).problem == "no such name"
        assert bar(pilot).display
        await pilot.press("b")
        assert bar(pilot).problem == ""


async def test_a_message_may_take_the_room_it_needs() -> None:
    refusal = "A* inside lies between -30 and 70 LAB; Esc leaves"

    def answer(_: str) -> None:
        raise UsageError(refusal)

    async with Host().run_test(size=(80, 3)) as pilot:
        bar(pilot).ask(Question("right A*", "", answer))
        await pilot.press("9", "9", "9", "enter")
        await pilot.pause()
        shown = "".join(segment.text for segment in pilot.app.screen._compositor.render_strips()[0])
        assert refusal in shown
        assert "999" in shown
