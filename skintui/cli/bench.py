"""``skintui bench``: measures, never asserts; and draws data sets."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb
from skintui.errors import UsageError


@click.group()
def bench() -> None:
    """Measure speed on this machine, or draw a data set."""


@bench.command()
@verb(dataset=False, weights=True, results=True)
@click.option("--tiles", default=8, show_default=True, type=click.IntRange(1), help="Tiles per pass.")
@click.option("--shape", type=click.Choice(("7b", "2b")), help="Random weights of this width, two layers, instead.")
def forward(call: Call, tiles: int, shape: str | None) -> None:
    """Tiles per second: the packed pass over 16 questions against one pass per question."""
    from skintui.steps.bench_forward import bench_forward

    settings = call.settings()
    weights = call.base_weights(settings) if shape is not None else call.weights(settings)
    with call.reporting() as progress:
        _write(call, bench_forward(weights, progress, tiles=tiles, shape=shape))


@bench.command()
@verb(dataset=False, results=True)
@click.option(
    "--rows", default=100_000, show_default=True, type=click.IntRange(1000), help="Structured random vectors."
)
@click.option("--dimensions", default=256, show_default=True, type=click.IntRange(8), help="Of each vector.")
@click.option("--queries", default=200, show_default=True, type=click.IntRange(1), help="How many are timed.")
def search(call: Call, rows: int, dimensions: int, queries: int) -> None:
    """Milliseconds and recall of the neighbour search against exact search."""
    from skintui.steps.bench_search import bench_search

    with call.reporting() as progress:
        _write(call, bench_search(progress, rows=rows, dimensions=dimensions, queries=queries))


@bench.command()
@verb(results=True)
@click.option("--size", default="120x40", show_default=True, metavar="COLSxROWS", help="Of the terminal.")
@click.option(
    "--image",
    "drawn",
    default="half",
    show_default=True,
    metavar="MODES",
    help="Ways of drawing, e.g. half,sixel,kitty,none.",
)
@click.option("--rows", type=click.IntRange(1), help="Repeat DATASET to this length first, with its findings.")
@click.option("--keep", metavar="DIR", help="With --rows: where the long data set is kept for the next time.")
def tui(call: Call, size: str, drawn: str, rows: int | None, keep: str | None) -> None:
    """Time to the first paint, and time and bytes of each key, in a terminal of its own."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from skintui.settings import IMAGE_MODES
    from skintui.steps.bench_tui import bench_neighbours, bench_silent, bench_tiles, bench_tui
    from skintui.steps.measures import Measures
    from skintui.steps.repeat import repeat
    from skintui.tui.widgets.painting.cost import tile_bytes

    modes = [mode.strip() for mode in drawn.split(",")]
    if unknown := [mode for mode in modes if mode not in IMAGE_MODES]:
        raise UsageError(f"'{unknown[0][:20]}' is no way of drawing", do=f"choose from {', '.join(IMAGE_MODES)}")
    place = call.place()
    with call.reporting() as progress, TemporaryDirectory() as temporary:
        if rows is not None:
            place = repeat(place, Path(keep).expanduser() if keep else Path(temporary), rows, progress)
        found = [bench_tui(place, progress, size=size, image=mode) for mode in modes]
        found.append(bench_neighbours(place, progress, size=size))
        found.append(bench_tiles(place, progress, [mode for mode in modes if mode != "auto"], tile_bytes))
        found.append(bench_silent(place, progress, size=size))
    _write(call, Measures(tuple(measure for one in found for measure in one.measures)))


@bench.command()
@verb(results=True)
def audit(call: Call) -> None:
    """Seconds the audit takes on an indexed DATASET."""
    from skintui.steps.bench_audit import bench_audit

    place = call.place()
    with call.reporting() as progress:
        _write(call, bench_audit(place, progress))


@bench.command()
@verb(dataset=False, results=True)
@click.option("--shape", type=click.Choice(("7b", "2b")), help="Only this one; default: both.")
@click.option("--timed/--not-timed", default=True, show_default=True, help="Whether one layer is timed here.")
def cost(call: Call, shape: str | None, timed: bool) -> None:
    """Memory and tiles per second of training and indexing with the full models: counted, timed here, and computed.

    Rows named "computed" were not measured. Column rows: tokens of the pass.
    """
    from skintui.steps.bench_cost import bench_cost

    with call.reporting() as progress:
        _write(call, bench_cost(progress, (shape,) if shape else ("7b", "2b"), timed=timed))


@bench.command()
@verb(weights=True, results=True)
@click.option("--keep", metavar="DIR", help="Where everything made for it is kept; default: in the workspace.")
@click.option("--only", default="", metavar="STAGES", help="Some of opening,audit,application,search,index.")
@click.option("--sizes", default="", metavar="N,N,…", help="Lesions, besides all; default: 10000,50000,100000.")
@click.option("--dimensions", default=3584, show_default=True, type=click.IntRange(8), help="Of the vectors searched.")
@click.option("--tiles", default=512, show_default=True, type=click.IntRange(64), help="Read per part of the index.")
@click.option(
    "--peer-rows", default=50_000, show_default=True, type=click.IntRange(0), help="Most lesions for other libraries."
)
def scale(call: Call, keep: str | None, only: str, sizes: str, dimensions: int, tiles: int, peer_rows: int) -> None:
    """Time, memory and disk of everything at full size, beside other libraries, and how they grow.

    Takes an hour or more for 401,059 lesions; an interrupted run goes on where it was.
    """
    from pathlib import Path

    from skintui.cli.scale_table import scale_columns, scale_rows
    from skintui.steps.bench_scale import SIZES, STAGES, Plan, bench_scale
    from skintui.steps.measures import COLUMNS, machine

    wanted = [part.strip() for part in sizes.split(",") if part.strip()]
    if wrong := [part for part in wanted if not part.isdecimal()]:
        raise UsageError(f"'{wrong[0][:20]}' is no number of lesions", do="write --sizes 10000,50000")
    stages = tuple(part.strip() for part in only.split(",") if part.strip()) or STAGES
    plan = Plan(stages, tuple(map(int, wanted)) or SIZES, dimensions, tiles, peer_rows)
    settings = call.settings()
    place, weights = call.place(settings), call.weights(settings)
    folder = Path(keep).expanduser() if keep else place.workspace.root / "scale"
    with call.reporting() as progress:
        scaled = bench_scale(place, weights, folder, plan, progress)
    if call.form == "table":
        click.echo(machine(), err=True)
        call.write(scale_rows(scaled), scale_columns(scaled))
    else:
        call.write(scaled.rows(), (*COLUMNS, "growth"))


@bench.command()
@verb(weights=True, results=True)
@click.option("--rows", default=640, show_default=True, type=click.IntRange(64), help="Lesions read each time.")
@click.option("--timed/--not-timed", default=True, show_default=True, help="Whether anything is run here.")
def engine(call: Call, rows: int, timed: bool) -> None:
    """Index DATASET here and on Ray workers of this machine; what 1, 8 and 64 GPUs cost, computed.

    Rows named "computed" were not measured.
    """
    from skintui.engines.bench import bench_engine

    settings = call.settings()
    place, weights = call.place(settings), call.weights(settings)
    with call.reporting() as progress:
        _write(call, bench_engine(place, weights, progress, rows=rows, timed=timed))


@bench.command()
@verb(dataset=False)
@click.argument("out")
@click.option("--rows", default=1000, show_default=True, type=click.IntRange(1), help="Lesions drawn.")
@click.option(
    "--patients",
    type=click.IntRange(1),
    metavar="P",
    help="Patients; default: one per 20 lesions, at most 1,042 for 401,059 lesions.",
)
@click.option(
    "--faults", default=0.0, show_default=True, type=click.FloatRange(0, 0.5), help="Fraction of labels spoilt."
)
@click.option("--seed", default=0, show_default=True, type=int, help="Same seed, same data set.")
@click.option("--processes", type=click.IntRange(1), help="Processes that draw; default: one per usable core.")
@click.option("--force", is_flag=True, help="Replace a data set in OUT.")
def dataset(
    call: Call, out: str, rows: int, patients: int | None, faults: float, seed: int, processes: int | None, force: bool
) -> None:
    """Draw a data set of lesions with known attributes into the folder OUT, in Kaggle's layout."""
    from pathlib import Path

    from skintui.steps.draw import draw

    with call.reporting() as progress:
        drawn = draw(
            Path(out).expanduser(),
            progress,
            rows=rows,
            patients=patients,
            faults=faults,
            seed=seed,
            processes=processes,
            force=force,
        )
    click.echo(drawn.summary(), err=True)


def _write(call: Call, measured: object) -> None:
    from skintui.steps.measures import COLUMNS, Measures

    assert isinstance(measured, Measures)  # noqa: S101 -- every bench returns them
    call.write(measured.rows(), COLUMNS)
