"""``skintui import``: reviewed rows of an exported sheet read back."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command(name="import")
@click.argument("sheet", metavar="flags.csv")
@verb(results=True)
@click.option(
    "--on-conflict",
    "conflict",
    type=click.Choice(("keep", "take")),
    default="keep",
    show_default=True,
    help="Where the same reviewer decided otherwise here: keep what is here, or take the sheet's.",
)
def import_(call: Call, sheet: str, conflict: str) -> None:
    """Record the verdicts of flags.csv in the workspace of DATASET.

    flags.csv is an export, edited or not: columns in any order and further ones do no harm, rows without a verdict are
    passed over, and one row that cannot be read refuses the sheet. Doing it again adds nothing. Verdicts that
    contradict those of the same reviewer here are listed; either way what stood here stays in the history.
    """
    from pathlib import Path

    from skintui.steps.exchange import CONFLICT_COLUMNS, import_sheet

    taken = import_sheet(call.place(), Path(sheet), replace=conflict == "take")
    click.echo(taken.summary(), err=True)
    call.write(taken.rows(), CONFLICT_COLUMNS)
