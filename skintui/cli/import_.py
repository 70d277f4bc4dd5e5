"""``skintui import``: reviewed rows of an exported sheet read back."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command(name="import")
@click.argument("sheet", metavar="flags.csv")
@verb(results=True)
def import_(call: Call, sheet: str) -> None:
    """Record the verdicts of flags.csv in the workspace of DATASET.

    Doing it again adds nothing. Where the same reviewer decided otherwise here, the verdict here stays and the row is
    listed.
    """
    from pathlib import Path

    from skintui.steps.exchange import CONFLICT_COLUMNS, import_sheet

    taken = import_sheet(call.place(), Path(sheet))
    click.echo(taken.summary(), err=True)
    call.write(taken.rows(), CONFLICT_COLUMNS)
