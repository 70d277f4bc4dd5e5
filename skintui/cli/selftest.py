"""``skintui selftest``: plant errors in a copy of the labels, measure the audit."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(results=True)
@click.option(
    "--inject", default="swap,shift,scale,digits,sign", show_default=True, metavar="KINDS", help="Kinds of error."
)
@click.option("--fdr", type=float, metavar="Q", help="False-discovery rate at which annotations are flagged. [0.1]")
@click.option("--fraction", default=0.02, show_default=True, type=float, help="Of all annotations.")
@click.option("--seed", default=0, show_default=True, type=int, help="Which annotations and how.")
def selftest(call: Call, inject: str, fraction: float, seed: int) -> None:
    """Plant errors in a copy of DATASET's labels and measure how well the audit finds them. Nothing is changed."""
    from skintui.cli.output import write_object
    from skintui.steps.selftest import selftest

    settings = call.settings()
    place = call.place(settings)
    with call.reporting() as progress:
        measured = selftest(place, progress, kinds=inject, fraction=fraction, seed=seed, fdr=settings.fdr)
    if call.form == "json":
        write_object(measured.as_object())
    else:
        call.write(measured.rows(), measured.columns)
    click.echo(measured.summary(), err=True)
