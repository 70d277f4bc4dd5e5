"""``skintui evaluate``: the paper's tables on held-out patients."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(weights=True, results=True)
@click.option("--untuned", is_flag=True, help="Also retrieve by the base model without its adapter.")
@click.option("--monet", metavar="DIR_OR_HUB_ID", help="Also retrieve by MONET.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N queries; default: 2,000.")
@click.option("--no-scale", is_flag=True, help="The tiles have no common size: mark what is in mm as ill-posed.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Draws queries and intervals.")
@click.option(
    "--replicates", type=click.IntRange(2), default=1000, show_default=True, help="Draws of patients for intervals."
)
def evaluate(
    call: Call, untuned: bool, monet: str | None, limit: int | None, no_scale: bool, seed: int, replicates: int
) -> None:
    """Measure R², error and rank correlation per attribute and the attribute difference percentile of retrieval.

    On patients the model has not trained on, with 95 % intervals by resampling patients, the paper's figures beside.
    Lower percentiles are better; chance is about 50. JSON holds everything, CSV the table of attributes.
    """
    from skintui.cli.output import write_object
    from skintui.errors import UsageError
    from skintui.steps.evaluate import Plan, evaluate
    from skintui.steps.evaluation import images

    if monet is not None:
        raise UsageError("--monet is not available in this version", do="leave it out")
    settings = call.settings()
    place = call.place(settings)
    weights = call.weights(settings, place)
    methods = [images.untuned(weights)] if untuned else []
    plan = Plan(limit=limit, seed=seed, replicates=replicates, images=methods, has_scale=not no_scale)
    with call.reporting() as progress:
        found = evaluate(place, weights, progress, plan)
    if call.form == "json":
        write_object(found.as_object())
    else:
        call.write(found.rows(), found.columns)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(found.summary(), err=True)
