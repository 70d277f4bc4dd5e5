"""``skintui apply``: corrected cells written into a copy of the metadata."""

from __future__ import annotations

import click


@click.command()
@click.argument("patch", metavar="PATCH.csv")
@click.argument("metadata", metavar="metadata.csv")
@click.option("-o", "--out", required=True, metavar="fixed.csv", help="Where the corrected table goes.")
@click.option("--force", is_flag=True, help="Replace fixed.csv where it exists.")
def apply(patch: str, metadata: str, out: str, force: bool) -> None:
    """Write metadata.csv with the changes of PATCH.csv (isic_id, column, old, new).

    All or nothing: a cell that no longer holds its old value refuses the whole patch.
    """
    from pathlib import Path

    from skintui.steps.exchange import apply_corrections

    changed = apply_corrections(Path(patch), Path(metadata), Path(out), force=force)
    click.echo(f"{changed} cells changed", err=True)
