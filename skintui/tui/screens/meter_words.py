"""The meter in words a curator can act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skintui.attributes import ATTRIBUTES
from skintui.nouns import counted
from skintui.tui import theme
from skintui.tui.widgets.ink import Part, fit, wrapped

if TYPE_CHECKING:
    from skintui.audit.stopping import Estimate
    from skintui.session.meter import AttributeMeter, Meter
    from skintui.tui.commands.keymap import Keymap

UNKNOWN = "unknown"
NAME, FIGURE, BAR = 14, 14, 12
BESIDE = NAME + FIGURE + BAR + 1
"""Cells of a line before its words."""
NARROWEST = 30
"""Words narrower than this go below the figure."""


def figures(meter: Meter, keymap: Keymap, width: int) -> list[list[Part]]:
    """What was reviewed and found, what is left, and what it rests on: a figure, a bar and a sentence each."""
    lines: list[list[Part]] = []
    for name, figure, share, words in (
        _reviewed(meter), _flagged(meter), _precision(meter), _run(meter), _left(meter),
        _overall(meter, keymap), _calibration(meter, keymap),
    ):  # fmt: skip
        lines += _line(name, figure, share, words, width)
    return lines


def _line(name: str, figure: str, share: float, words: str, width: int) -> list[list[Part]]:
    head: list[Part] = [
        (fit(f" {name}", NAME), "muted"),
        (f"{figure:>{FIGURE}} ", "faint" if figure == UNKNOWN else "strong"),
    ]
    bar: Part = (theme.bar(share, BAR - 1) + " ", "bar")
    if width - BESIDE < NARROWEST:
        return [[*head, bar]] + [[(f"   {line}", "muted")] for line in wrapped(words, width - 4, 3)]
    first, *rest = wrapped(words, width - BESIDE - 1, 3) or [""]
    return [[*head, bar, (first, "muted")]] + [[(" " * BESIDE + line, "muted")] for line in rest]


Figure = tuple[str, str, float, str]
"""Name, figure, share of the bar (NaN for none), and the sentence."""
NONE = float("nan")


def _reviewed(meter: Meter) -> Figure:
    others = meter.reviewed - meter.own
    by = f"{meter.own:,} by you, {others:,} by others" if others else "all by you" if meter.own else "nobody yet"
    share = meter.reviewed / meter.annotations if meter.annotations else NONE
    return "reviewed", f"{meter.reviewed:,}", share, f"of {meter.annotations:,} annotations; {by}"


def _flagged(meter: Meter) -> Figure:
    share = meter.flagged_judged / meter.flagged if meter.flagged else NONE
    words = f"of {meter.flagged:,} flagged are judged, {meter.flagged_wrong:,} of them wrong"
    return "flagged", f"{meter.flagged_judged:,}", share, words if meter.flagged else "nothing is flagged yet"


def _precision(meter: Meter) -> Figure:
    if meter.precision is None:
        return "precision", UNKNOWN, NONE, "until a flagged label has been judged right or wrong"
    words = f"({interval(meter.precision.times(100), 0)} %) of the flagged labels judged were wrong"
    return "precision", f"{100 * meter.precision.value:.0f} %", meter.precision.value, words


def _run(meter: Meter) -> Figure:
    words = (
        f"found right in a row down the queue; {meter.goal} in a row: at most {100 * meter.share:g} % of the rest "
        "wrong (95 % sure)"
    )
    return "clean run", f"{meter.clean_run:,} / {meter.goal}", meter.clean_run / meter.goal, words


def _left(meter: Meter) -> Figure:
    if meter.left is None:
        return "left, flagged", UNKNOWN, NONE, "until there is a precision to go by"
    words = (
        f"({interval(meter.left, 0)}) wrong among the {meter.flagged_left:,} flagged without a verdict, at this "
        "precision; rather fewer, as it falls further down"
    )
    share = meter.left.value / meter.flagged if meter.flagged else NONE
    return "left, flagged", f"~{meter.left.value:,.0f}", share, words


def _overall(meter: Meter, keymap: Keymap) -> Figure:
    if meter.left_overall is None:
        words = f"until annotations drawn at random have been judged ({keymap.first('queue_order')}, random)"
        return "left, overall", UNKNOWN, NONE, words
    words = (
        f"({interval(meter.left_overall, 0)}) wrong among all without a verdict: {meter.sample_wrong:,} of "
        f"{meter.sample:,} drawn at random were"
    )
    return "left, overall", f"~{meter.left_overall.value:,.0f}", NONE, words


def _calibration(meter: Meter, keymap: Keymap) -> Figure:
    found = meter.calibration
    if found is None:
        return "calibration", UNKNOWN, NONE, "until there is an audit"
    if found.conformal:
        words = f"labels found right on random lesions now; the audit is {found.why}"
        return "calibration", f"{found.confirmed:,}", 1.0, words
    begin = "q-values are an estimate" if meter.flagged else f"nothing can be flagged at a rate of {found.fdr:g}"
    if found.missing:
        key = keymap.first("queue_order")
        are = "is" if found.missing == 1 else "are"
        words = f"{begin} until {counted(found.missing, 'more random label')} {are} found right ({key}, random)"
    else:
        words = f"labels found right on random lesions are enough: make the audit again ({keymap.first('index')})"
    return "calibration", f"{found.confirmed:,} / {found.needed:,}", found.confirmed / found.needed, words


def interval(estimate: Estimate, decimals: int) -> str:
    return f"{estimate.low:,.{decimals}f}–{estimate.high:,.{decimals}f}"


def todo(meter: Meter, keymap: Keymap) -> str:
    """What to do next, in one sentence."""
    queue, order, index = (keymap.first(name) for name in ("queue", "queue_order", "index"))
    random = meter.calibration.missing if meter.calibration is not None else 0
    match meter.todo:
        case "audit":
            return f"Make the index and the audit: {index}."
        case "calibrate":
            return f"Find {counted(random, 'more label')} of random lesions right: {order}, then random."
        case "audit again":
            return f"Enough random labels are confirmed: {index} makes the audit again, calibrated on them."
        case "queue":
            more = meter.goal - meter.clean_run
            return f"Go on down the queue ({queue}): after {more:,} more right in a row you may stop."
        case "passed over":
            back = keymap.first("previous_unreviewed")
            return (
                "The run is long enough, but above it there is still no verdict on "
                f"{counted(meter.passed_over, 'more suspicious one')}: {back} goes back."
            )
        case "stop":
            export = keymap.first("export")
            later = f" Random verdicts ({order}, random) tell what is left overall." if not meter.sample else ""
            return f"You may stop here and export ({export}).{later}"


def short(meter: Meter) -> list[str]:
    """The meter in a few words, the shorter the less room there is; empty where nothing was judged yet."""
    run = f"{meter.clean_run:,}/{meter.goal} clean"
    if meter.precision is None:
        return [run] if meter.clean_run else []
    percent = f"{100 * meter.precision.value:.0f} %"
    interval = f" ({100 * meter.precision.low:.0f}–{100 * meter.precision.high:.0f})"
    left = f" · ~{meter.left.value:,.0f} left" if meter.left is not None and meter.flagged_left else ""
    return [
        f"precision {percent}{interval} · {run}{left}",
        f"precision {percent} · {run}{left}",
        f"{percent} · {run}{left}",
        f"{percent} · {run}",
        run,
    ]


class AttributeRows:
    """The attributes with a verdict, in the order of the table."""

    def __init__(self, attributes: Sequence[AttributeMeter]) -> None:
        self._attributes = attributes

    def __len__(self) -> int:
        return len(self._attributes)

    def head(self, width: int) -> Sequence[Part]:
        return [(fit(f"  {'attribute':<19}{'reviewed':>9}{'judged':>8}{'wrong':>7}   precision", width), "head")]

    def row(self, index: int, width: int) -> Sequence[Part]:  # noqa: ARG002 -- the table cuts it
        a = self._attributes[index]
        parts: list[Part] = [
            (fit(f" {ATTRIBUTES[a.attribute].title}", 20), "plain"),
            (f"{a.reviewed:>9,}{a.judged:>8,}", "muted"),
            (f"{a.wrong:>7,}", "plain"),
        ]
        if a.precision is None:
            return [*parts, (f"{'·':>6}", "faint")]
        percent = a.precision.times(100)
        return [
            *parts,
            (f"{percent.value:>6.0f} % ", "plain"),
            (theme.bar(a.precision.value, 8), "bar"),
            (f" {interval(percent, 0)}", "faint"),
        ]
