from __future__ import annotations

from textual.app import App, ComposeResult
from textual.geometry import Region

from skintui.tui import theme
from skintui.tui.widgets.heading import Heading, Hints, cut
from skintui.tui.widgets.ink import fit, joined, wrapped
from skintui.tui.widgets.paragraph import Paragraph


class Watched(Paragraph):
    """Remembers which regions it asked to be repainted."""

    def __init__(self) -> None:
        super().__init__()
        self.regions: list[Region] = []

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Watched:
        if hasattr(self, "regions"):
            self.regions.extend(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class Themed(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES


class Host(Themed):
    def compose(self) -> ComposeResult:
        yield Watched()


async def test_only_changed_lines_are_repainted() -> None:
    async with Host().run_test(size=(20, 5)) as pilot:
        block = pilot.app.query_one(Watched)
        block.show([[("one", "plain")], [("two", "plain")], [("three", "plain")]])
        await pilot.pause()
        block.regions.clear()
        block.show([[("one", "plain")], [("TWO", "plain")], [("three", "plain")]])
        assert block.regions == [Region(0, 1, 20, 1)]


async def test_the_same_lines_repaint_nothing() -> None:
    async with Host().run_test(size=(20, 5)) as pilot:
        block = pilot.app.query_one(Watched)
        block.show([[("one", "plain")]])
        await pilot.pause()
        block.regions.clear()
        block.show([[("one", "plain")]])
        assert block.regions == []


async def test_a_line_that_goes_is_repainted() -> None:
    async with Host().run_test(size=(20, 5)) as pilot:
        block = pilot.app.query_one(Watched)
        block.show([[("one", "plain")], [("two", "plain")]])
        await pilot.pause()
        block.regions.clear()
        block.show([[("one", "plain")]])
        assert block.regions == [Region(0, 1, 20, 1)]


async def test_markup_in_data_is_shown_as_it_is() -> None:
    async with Host().run_test(size=(20, 5)) as pilot:
        pilot.app.query_one(Watched).show([[("[bold]x[/bold]", "plain")]])
        await pilot.pause()
        strip = pilot.app.screen._compositor.render_strips()[0]
        assert "".join(s.text for s in strip).rstrip() == "[bold]x[/bold]"


def test_text_is_fitted_by_cells() -> None:
    assert fit("lesion", 8) == "lesion  "
    assert fit("lesion", 4) == "les…"
    assert fit("病変の表", 5) == "病変…"
    assert fit("x", 0) == ""


def test_text_is_wrapped_between_words_and_the_rest_cut() -> None:
    assert wrapped("label 41.2, model 8.9 far off", 12, 2) == ["label 41.2,", "model 8.9 f…"]
    assert wrapped("", 10, 2) == []
    assert wrapped("immeasurable", 5, 1) == ["imme…"]


def test_a_heading_drops_what_does_not_fit() -> None:
    assert cut([("abcd", "plain"), ("efghij", "muted"), ("k", "plain")], 8) == [("abcd", "plain"), ("efg…", "muted")]
    assert cut([("abcd", "plain"), ("efghij", "muted")], 6) == [("abcd", "plain")]


async def test_a_heading_puts_its_right_side_to_the_right() -> None:
    class HeadingHost(Themed):
        def compose(self) -> ComposeResult:
            yield Heading()

    async with HeadingHost().run_test(size=(20, 2)) as pilot:
        pilot.app.query_one(Heading).show([("left", "plain")], [("right", "muted")])
        await pilot.pause()
        strip = pilot.app.screen._compositor.render_strips()[0]
        assert "".join(s.text for s in strip) == "left" + " " * 10 + "right "


def test_spaces_and_equal_inks_cost_no_change_of_style() -> None:
    parts = [(" ", "accent"), ("a", "plain"), ("  ", "warn"), ("b", "plain"), ("", "good"), ("c", "muted")]
    assert joined(parts) == [(" a  b", "plain"), ("c", "muted")]


async def shown(widget: Heading | Paragraph, width: int) -> list[str]:
    """The lines of a widget of some width and one line."""

    class Alone(Themed):
        def compose(self) -> ComposeResult:
            widget.styles.height = 1
            yield widget

    async with Alone().run_test(size=(width, 3)) as pilot:
        await pilot.pause()
        return [line.text for line in widget.lines()]


async def test_the_right_of_a_heading_stays_when_the_left_is_too_long() -> None:
    heading = Heading()
    heading.left, heading.right = [("a filter of many words", "plain")], [("12/29", "muted")]
    assert await shown(heading, 20) == ["a filter of … 12/29 "]


async def test_a_key_is_shown_with_what_it_does_or_not_at_all() -> None:
    hints = Hints()
    hints.left = [("done", "plain")]
    hints.right = [("x", "accent"), (" wrong  ", "muted"), ("w", "accent"), (" queue  ", "muted")]
    assert "w" not in (await shown(hints, 20))[0].replace("wrong", "")
    assert "w queue" in (await shown(hints, 40))[0]


async def test_a_paragraph_tells_that_it_goes_on() -> None:
    paragraph = Paragraph()
    paragraph.content = [[("one", "plain")], [("two", "plain")]]
    assert [line.rstrip() for line in await shown(paragraph, 20)] == ["one …"]
    paragraph = Paragraph()
    paragraph.content = [[("one and two", "plain")], [("three", "plain")]]
    assert await shown(paragraph, 11) == ["one and tw…"]
