"""``skintui scan``: every problem of a data set."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(results=True)
@click.option("--tiles/--no-tiles", default=True, show_default=True, help="Whether every tile is decoded.")
def scan(call: Call, tiles: bool) -> None:
    """Validate the metadata and tiles of DATASET, build the cache, and report every problem found."""
    from skintui.steps.scan import COLUMNS, scan

    place = call.place()
    with call.reporting() as progress:
        report = scan(place, progress, check_tiles=tiles)
    call.write(report.rows(), COLUMNS)
    click.echo(report.summary(), err=True)
