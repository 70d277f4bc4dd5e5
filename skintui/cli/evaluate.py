"""``skintui evaluate``: R² and the retrieval table on held-out patients."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(weights=True, results=True)
@click.option("--untuned", is_flag=True, help="Also retrieve by the base model without its adapter.")
@click.option("--monet", metavar="DIR_OR_HUB_ID", help="Also retrieve by MONET.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N queries.")
def evaluate(call: Call, untuned: bool, monet: str | None, limit: int | None) -> None:
    """Measure R² per attribute and the attribute difference percentile of retrieval, on held-out patients.

    Lower percentiles are better; chance is about 50.
    """
    from skintui.cli.output import write_object
    from skintui.errors import UsageError
    from skintui.steps.evaluate import evaluate

    if monet is not None:
        raise UsageError("--monet is not available in this version", do="leave it out")
    settings = call.settings()
    place = call.place(settings)
    weights = call.weights(settings, place)
    with call.reporting() as progress:
        measured = evaluate(place, weights, progress, untuned=untuned, limit=limit)
    if call.form == "json":
        write_object(measured.as_object())
    else:
        call.write(measured.rows(), measured.columns)
    click.echo(measured.summary(), err=True)
