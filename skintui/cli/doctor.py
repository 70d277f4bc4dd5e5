"""``skintui doctor``: is everything here that is needed?"""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(weights=True, results=True)
@click.option("--model", "load", is_flag=True, help="Also load the model and read one tile (loads torch).")
def doctor(call: Call, load: bool) -> int:
    """Check versions, device, terminal image support and the health of DATASET's workspace."""
    from skintui.steps.doctor import COLUMNS, doctor

    settings = call.settings()
    weights = call.weights(settings) if load else None
    report = doctor(call.dataset, call.metadata, call.images, settings.workspace, weights)
    call.write(report.rows(), COLUMNS)
    if report.failed:
        click.echo(f"skintui: {report.summary()}", err=True)
    return 1 if report.failed else 0
