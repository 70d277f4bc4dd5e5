"""``skintui selftest``: plant errors in a copy of the labels, measure the audit."""

from __future__ import annotations

from pathlib import Path

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(results=True)
@click.option(
    "--inject", default="swap,shift,scale,digits,sign", show_default=True, metavar="KINDS", help="Kinds of error."
)
@click.option("--fdr", type=float, metavar="Q", help="False-discovery rate at which annotations are flagged. [0.1]")
@click.option("--fraction", default=0.02, show_default=True, type=float, help="Of all annotations.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Which annotations and how.")
@click.option(
    "--truth",
    metavar="FILE",
    help="CSV isic_id,column of errors DATASET is known to have: to find one is no false alarm. For measuring only.",
)
@click.option(
    "--confirmed",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="Random lesions pretended to be judged by a person: they calibrate the q-values.",
)
@click.option("--peers/--no-peers", default=True, show_default=True, help="Measure other rankings beside the audit's.")
@click.option(
    "--replicates", default=200, show_default=True, type=click.IntRange(2), help="Draws of the patients for intervals."
)
def selftest(
    call: Call,
    inject: str,
    fraction: float,
    seed: int,
    truth: str | None,
    confirmed: int,
    peers: bool,
    replicates: int,
) -> None:
    """Plant errors in a copy of DATASET's labels and measure how well the audit finds them. Nothing is changed."""
    from skintui.cli.output import write_object
    from skintui.steps.selftest import selftest

    settings = call.settings()
    place = call.place(settings)
    with call.reporting() as progress:
        measured = selftest(
            place,
            progress,
            kinds=inject,
            fraction=fraction,
            seed=seed,
            fdr=settings.fdr,
            truth=None if truth is None else Path(truth).expanduser(),
            confirmed=confirmed,
            peers=peers,
            replicates=replicates,
        )
    if call.form == "json":
        write_object(measured.as_object())
    else:
        call.write(measured.rows(), measured.columns)
    if call.form == "table":
        click.echo()
        call.write(measured.discovery_rows(), measured.discovery_columns)
        if peers:
            click.echo()
            call.write(measured.lead_rows(), measured.lead_columns)
    for name, why in measured.skipped.items():
        click.echo(f"{name} left out: {why}", err=True)
    click.echo(measured.summary(), err=True)
