"""``skintui selftest``: plant errors in a copy of the labels, measure the audit."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(results=True)
@click.option(
    "--inject", default="swap,shift,scale,digits,sign", show_default=True, metavar="KINDS", help="Kinds of error."
)
@click.option("--fraction", default=0.02, show_default=True, type=float, help="Of all annotations.")
@click.option("--seed", default=0, show_default=True, type=int, help="Which annotations and how.")
def selftest(call: Call, inject: str, fraction: float, seed: int) -> None:
    """Plant errors in a copy of DATASET's labels and measure how well the audit finds them. Nothing is changed."""
    from skintui.cli.output import write_object
    from skintui.steps.selftest import COLUMNS, selftest

    place = call.place()
    with call.reporting() as progress:
        measured = selftest(place, progress, kinds=inject, fraction=fraction, seed=seed)
    if call.form == "json":
        write_object(measured.as_object())
    else:
        call.write(measured.rows(), COLUMNS)
