"""``skintui pretrain``: a small base model from drawn lesions."""

from __future__ import annotations

import click

from skintui.cli.options import Call, verb


@click.command()
@verb(dataset=False)
@click.argument("out", metavar="OUT")
@click.option("--stage", default="all", show_default=True, metavar="NAMES", help="draw, vision, describe, or all.")
@click.option("--tiles", default=30_000, show_default=True, type=click.IntRange(1), help="Drawn lesions in OUT/drawn.")
@click.option("--patients", default=1_500, show_default=True, type=click.IntRange(1), help="Patients they belong to.")
@click.option("--minutes", default=30.0, show_default=True, type=float, help="Per trained stage; 0: --steps decides.")
@click.option("--steps", default=0, show_default=True, type=click.IntRange(0), help="Per trained stage (reproducible).")
@click.option("--batch-size", default=24, show_default=True, type=click.IntRange(1), help="Tiles per step and process.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1), help="Trainers, one thread each.")
@click.option("--seed", default=0, show_default=True, type=int)
@click.option("--compile", is_flag=True, help="Compile first: a minute for half as much speed again.")
@click.option("--init", metavar="DIR", help="Base folder to start from instead of random weights.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in OUT.")
def pretrain(
    call: Call,
    out: str,
    stage: str,
    tiles: int,
    patients: int,
    minutes: float,
    steps: int,
    batch_size: int,
    processes: int,
    seed: int,
    compile: bool,
    init: str | None,
    resume: bool,
) -> None:
    """Make a small Qwen2-VL in OUT/base: it learns to see and to describe drawn lesions, never the sixteen numbers."""
    from pathlib import Path

    from skintui.errors import UsageError
    from skintui.steps.pretrain import STAGES, PretrainSettings, pretrain

    stages = STAGES if stage == "all" else tuple(part.strip() for part in stage.split(","))
    if unknown := [name for name in stages if name not in STAGES]:
        raise UsageError(f"unknown stage '{unknown[0]}'", do=f"choose from {', '.join(STAGES)} or all")
    settings = PretrainSettings(
        stages=stages,
        tiles=tiles,
        patients=patients,
        minutes=minutes,
        steps=steps,
        batch=batch_size,
        processes=processes,
        seed=seed,
        compile=compile,
        init=Path(init).expanduser() if init else None,
        resume=resume,
    )
    with call.reporting() as progress:
        made = pretrain(Path(out).expanduser(), settings, progress)
    for name, value in made.rows():
        click.echo(f"{name}: {value}", err=True)
