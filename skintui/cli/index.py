"""``skintui index``: vectors, predictions and indexes in one resumable pass."""

from __future__ import annotations

import click

from skintui.cli.options import Call, computing, engines, verb
from skintui.settings import DECODE, DECODE_MODES


@click.command()
@verb(weights=True)
@click.option("--attributes", metavar="A,B", help="Only these attributes; default: all sixteen.")
@click.option("--batch-size", default=16, show_default=True, type=click.IntRange(1), help="Tiles per forward pass.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N lesions.")
@click.option(
    "--decode",
    type=click.Choice(DECODE_MODES),
    help="How an answer becomes a number: greedy (the paper's), mean or median of its distribution. "
    f"[default: {DECODE}]",
)
@engines
def index(
    call: Call,
    attributes: str | None,
    batch_size: int,
    limit: int | None,
    engine: str,
    address: str | None,
    workers: int | None,
) -> None:
    """Embed every lesion of DATASET and predict its attributes, then build the neighbour indexes.

    A run that was stopped or killed goes on where it was, whichever engine it was begun with.
    """
    from skintui.attributes import ATTRIBUTES
    from skintui.attributes import attributes as named
    from skintui.steps.index import index

    settings = call.settings()
    chosen = named(attributes) if attributes is not None else ATTRIBUTES
    place, weights = call.place(settings), call.weights(settings)
    with call.reporting() as progress, computing(settings, engine, address, workers) as where:
        done = index(place, weights, progress, attributes=chosen, batch_size=batch_size, limit=limit, engine=where)
    click.echo(done.summary(), err=True)
