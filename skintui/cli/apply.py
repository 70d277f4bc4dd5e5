"""``skintui apply``: corrected cells written into a copy of the metadata."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb
from skintui.nouns import counted


@click.command()
@verb(dataset=False, place=False)
@click.argument("patch", metavar="PATCH.csv")
@click.argument("table", metavar="metadata.csv")
@click.option("-o", "--out", required=True, metavar="fixed.csv", help="Where the corrected table goes.")
@click.option("--force", is_flag=True, help="Replace fixed.csv where it exists.")
def apply(_call: Call, patch: str, table: str, out: str, force: bool) -> None:
    """Write metadata.csv with the changes of PATCH.csv (isic_id, column, old, new).

    All or nothing: a cell that no longer holds its old value refuses the whole patch.
    """
    from pathlib import Path

    from skintui.steps.exchange import apply_corrections

    changed = apply_corrections(Path(patch), Path(table), Path(out), force=force)
    click.echo(f"{counted(changed, 'cell')} changed", err=True)
