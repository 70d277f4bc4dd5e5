"""``skintui train``: LoRA fine-tuning."""

from __future__ import annotations

from typing import Any

import click

from skintui.cli.options import Call, computing, engines, verb


@click.command()
@verb(weights="base")
@click.option("--out", required=True, metavar="DIR", help="Adapter folder to write (fold adapters inside it).")
@click.option(
    "--attributes-per-image", default=5, show_default=True, type=click.IntRange(1, 16), help="Questions per tile."
)
@click.option("--rank", metavar="N", type=click.IntRange(1), help="LoRA rank. [default: 8, or that of --init-adapter]")
@click.option(
    "--alpha", metavar="N", type=click.IntRange(1), help="LoRA alpha. [default: 16, or that of --init-adapter]"
)
@click.option("--epochs", default=1, show_default=True, type=click.IntRange(1), help="Passes over the tiles.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="Stop after N steps instead.")
@click.option("--batch-size", default=16, show_default=True, type=click.IntRange(1), help="Tiles per step.")
@click.option("--micro-batch-size", type=click.IntRange(1), metavar="N", help="Tiles per pass, where memory is short.")
@click.option("--learning-rate", default=1e-4, show_default=True, type=float, help="Peak of the cosine schedule.")
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the split, the order and the questions."
)
@click.option(
    "--folds", default=0, show_default=True, metavar="K", type=click.IntRange(0), help="Also K fold adapters."
)
@click.option("--mix", multiple=True, metavar="DATASET", help="Also learn from the training patients of this data set.")
@click.option(
    "--share", type=click.FloatRange(0, 1, True, True), metavar="F", help="With --mix: DATASET's share of all tiles."
)
@click.option("--init-adapter", metavar="DIR", help="Adapter to start from in place of fresh weights, or 'bundled'.")
@click.option("--turns", is_flag=True, help="Show tiles in their eight turned and mirrored views.")
@click.option(
    "--label-noise",
    default=0.0,
    show_default=True,
    type=float,
    metavar="F",
    help="Share of labels taken to be wrong: they lose their say.",
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N training tiles.")
@click.option("--tile-px", type=click.IntRange(8), metavar="N", help="Side to which tiles are resized.")
@click.option("--threads", metavar="N", type=click.IntRange(1), help="CPU threads.")
@click.option(
    "--processes",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="On a CPU: processes that share each batch.",
)
@click.option("--gradient-checkpointing", is_flag=True, help="Trade time for memory.")
@click.option("--bf16-autocast", is_flag=True, help="On a CPU with AVX-512 BF16: compute in bfloat16.")
@click.option(
    "--compile", is_flag=True, help="With --bf16-autocast: compile first (a minute), then half as fast again."
)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --out.")
@engines
def train(
    call: Call,
    out: str,
    resume: bool,
    mix: tuple[str, ...],
    engine: str,
    address: str | None,
    workers: int | None,
    **recipe: Any,
) -> None:
    """Fine-tune LoRA adapters on DATASET's attribute labels, by the paper's recipe.

    Writes a PEFT adapter folder, metrics.jsonl and the patient split. Patients are split 77/23 into train and test.
    The data sets mixed in are split likewise, and keep their scan in workspaces of their own. On a Ray cluster the main
    adapter and the K fold adapters are trained at the same time.
    """
    from pathlib import Path

    from skintui.errors import UsageError
    from skintui.steps.place import open_place
    from skintui.steps.train import recipe_of, train

    settings = call.settings()
    weights = call.base_weights(settings)
    place = call.place(settings)
    mixed = [open_place(folder) for folder in mix]
    if engine == "ray" and recipe["processes"] > 1:
        raise UsageError("--processes goes with --engine local", do="with ray, use --threads N: cores per adapter")
    cpus = recipe["threads"] or 1
    with call.reporting() as progress, computing(settings, engine, address, workers, cpus=cpus) as where:
        trained = train(
            place,
            weights,
            Path(out).expanduser(),
            recipe_of(recipe),
            progress,
            mixed=mixed,
            resume=resume,
            engine=where,
        )
    click.echo(trained.summary(), err=True)
