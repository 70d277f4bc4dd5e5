"""``skintui evaluate``: the paper's tables on held-out patients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from skintui.cli.options import Call, computing, engines, verb

if TYPE_CHECKING:
    from skintui.steps.evaluation.result import Evaluation


@click.command()
@verb(weights=True, results=True)
@click.option("--untuned", is_flag=True, help="Also retrieve by the base model without its adapter.")
@click.option("--monet", metavar="DIR_OR_HUB_ID", help="Also retrieve by MONET (on the hub: suinleelab/monet).")
@click.option("--probe", is_flag=True, help="Also probe the image vectors for malignancy (column target).")
@click.option("--joint", multiple=True, metavar="A,B", help="Also retrieve by these at once; 'default': four sets.")
@click.option("--by", metavar="A,B", help="Also by sex, age, site, tile_type, source, patient_size.")
@click.option("--generalise", is_flag=True, help="By all of them.")
@click.option("--database", metavar="DIR", help="The data set searched, in place of DATASET.")
@click.option("--queries", metavar="DIR", help="An external cohort whose lesions search DATASET's index.")
@click.option("--queries-workspace", metavar="DIR", help="Workspace of --queries.")
@click.option("--no-scale", is_flag=True, help="The tiles have no common size: mark what is in mm as ill-posed.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N queries; default: 2,000.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Draws queries and intervals.")
@click.option(
    "--replicates", type=click.IntRange(2), default=1000, show_default=True, help="Draws of patients for intervals."
)
@click.option("--truth", metavar="FILE", help="Labels known to be wrong (isic_id, column): they are left out.")
@click.option("--report", metavar="FILE.html", help="Also write one HTML file with tables and plots.")
@click.option("--force", is_flag=True, help="Write over the report.")
@click.option("--cost", is_flag=True, help="Also measure time and memory of every stage on this machine.")
@engines
def evaluate(
    call: Call,
    database: str | None,
    queries: str | None,
    queries_workspace: str | None,
    report: str | None,
    force: bool,
    cost: bool,
    truth: str | None,
    engine: str,
    address: str | None,
    workers: int | None,
    **asked: Any,
) -> None:
    """Measure R², error and rank correlation per attribute and the attribute difference percentile of retrieval.

    On patients the model has not trained on, with 95 % intervals by resampling patients, the paper's figures beside.
    Lower percentiles are better; chance is about 50. JSON holds everything, CSV the table of attributes. The report is
    the same to the byte each time, but for what --cost measures. A Ray cluster reads the tiles that --untuned, --monet
    and --joint need; everything else is computed here.
    """
    from dataclasses import replace
    from pathlib import Path

    from skintui.cli.evaluate_report import refuse_early, refuse_unmeasurable, with_cost, write
    from skintui.cli.output import write_object
    from skintui.errors import UsageError
    from skintui.steps.evaluate import evaluate, evaluate_external
    from skintui.steps.evaluation.probe import told
    from skintui.steps.place import open_place

    if database is not None and call.dataset is not None:
        raise UsageError("DATASET and --database name the same thing", do="leave one out")
    refuse_early(report, force)
    if queries is None and queries_workspace is not None:
        raise UsageError("--queries-workspace goes with --queries")
    settings = call.settings()
    place = call.place(settings, database)
    weights = call.weights(settings, place)
    plan = _plan(weights, **asked)
    if truth is not None:
        place = replace(place, truth=Path(truth).expanduser())
    asking = None if queries is None else open_place(queries, workspace=queries_workspace or "")
    with call.reporting() as progress, computing(settings, engine, address, workers) as where:
        if cost:
            refuse_unmeasurable(place, weights, progress)
        if asking is None:
            found = evaluate(place, weights, progress, plan, where)
        else:
            found = evaluate_external(place, asking, weights, progress, plan, where)
        if cost:
            found = with_cost(found, place, weights, progress)
        if report is not None:
            write(found, report, place, asking, progress, force=force)
    if call.form == "json":
        write_object(found.as_object())
    else:
        _write(call, found)
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    for line in told(found.extras.get("probe", {})):
        click.echo(line, err=True)
    click.echo(found.summary(), err=True)


def _plan(
    weights: Any, *, untuned: bool, monet: str | None, joint: tuple[str, ...], by: str | None, generalise: bool,
    no_scale: bool, probe: bool, limit: int | None, seed: int, replicates: int,
) -> Any:  # fmt: skip
    """What the options ask for. Raises UsageError."""
    from skintui.steps.evaluate import Plan
    from skintui.steps.evaluation import groups, images
    from skintui.steps.evaluation.joint import parse_joint
    from skintui.steps.evaluation.probe import probes

    methods = [images.untuned(weights)] if untuned else []
    if monet is not None:
        methods.append(images.monet(monet, weights))
    chosen = groups.BY if generalise else groups.parse_by(by) if by is not None else ()
    return Plan(
        limit=limit,
        seed=seed,
        replicates=replicates,
        images=methods,
        probes={"probe": probes(seed, replicates)} if probe else {},
        joint=parse_joint(joint),
        by=chosen,
        has_scale=not no_scale,
    )


def _write(call: Call, found: Evaluation) -> None:
    if call.form == "csv":
        call.write(found.rows(), found.columns)
        return
    from skintui.cli.evaluate_tables import write_tables

    write_tables(found)
