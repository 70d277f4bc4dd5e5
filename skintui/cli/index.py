"""``skintui index``: vectors, predictions and indexes in one resumable pass."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb
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
@click.option(
    "--engine", type=click.Choice(("local", "ray")), default="local", show_default=True, help="What computes."
)
def index(call: Call, attributes: str | None, batch_size: int, limit: int | None, engine: str) -> None:
    """Embed every lesion of DATASET and predict its attributes, then build the neighbour indexes.

    A run that was stopped or killed goes on where it was.
    """
    from skintui.attributes import ATTRIBUTES
    from skintui.attributes import attributes as named
    from skintui.errors import UsageError
    from skintui.steps.index import index

    if engine == "ray":
        raise UsageError("--engine ray is not available in this version", do="leave it out")
    settings = call.settings()
    chosen = named(attributes) if attributes is not None else ATTRIBUTES
    place, weights = call.place(settings), call.weights(settings)
    with call.reporting() as progress:
        done = index(place, weights, progress, attributes=chosen, batch_size=batch_size, limit=limit)
    click.echo(done.summary(), err=True)
