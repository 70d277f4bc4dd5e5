"""``train``: LoRA adapters from a data set's labels, by patient; one main adapter and, on demand, K fold adapters.

The main adapter learns from the training side of the patient split. Fold adapter k learns from every patient outside
fold k, so that each lesion of the data set has an adapter that never saw its patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui import bundled
from skintui.errors import ModelError, UsageError
from skintui.progress import Progress
from skintui.steps.adapters import Adapter, AdapterTraining
from skintui.steps.engine import Engine, Local
from skintui.steps.folds import SPLIT_FILE, training_record, write_training_record
from skintui.steps.place import Place
from skintui.steps.weights import Weights
from skintui.texts import parsed_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions
    from skintui.model.train_settings import TrainSettings

ADAPTER, CHECKPOINT = "adapter_model.safetensors", "checkpoint.pt"
BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a person may choose about a training; the defaults are the paper's where it gives them."""

    attributes_per_image: int = 5
    rank: int | None = None
    """LoRA rank; None: that of the adapter to start from, else 8."""
    alpha: int | None = None
    """LoRA alpha; None: that of the adapter to start from, else 16."""
    epochs: int = 1
    batch_size: int = 16
    learning_rate: float = 1e-4
    seed: int = 0
    steps: int | None = None
    """Stop after so many steps instead of after ``epochs``."""
    tile_px: int | None = None
    threads: int | None = None
    processes: int = 1
    """Single-threaded processes that share each batch, on a CPU."""
    micro_batch_size: int | None = None
    gradient_checkpointing: bool = False
    bf16_autocast: bool = False
    compile: bool = False
    init_adapter: str | None = None
    """Adapter folder to start from, on the same base and of the same rank; ``bundled`` for the bundled one."""
    turns: bool = False
    """Show each tile turned and mirrored, drawn anew every time."""
    label_noise: float = 0.0
    """Share of the labels taken to be wrong; they lose their say as the model comes to doubt them."""
    share: float | None = None
    """Share of the data set's own tiles where others are mixed in, reached by repeating them; None: as they come."""
    folds: int = 0
    """Fold adapters to train besides the main one."""
    limit: int | None = None
    """At most so many training tiles, drawn by ``seed``."""

    def settings(self, weights: Weights) -> TrainSettings:
        from skintui.model.train_settings import TrainSettings

        chosen = {name: value for name, value in asdict(self).items() if name not in ("folds", "limit", "share")}
        chosen |= _size(self)
        chosen |= {"device": weights.device, "dtype": weights.dtype, "quantize": weights.quantize}
        return TrainSettings(base=weights.base, **chosen)


@dataclass(frozen=True, slots=True)
class Trained:
    """The adapters made."""

    out: Path
    adapters: tuple[Path, ...]
    tiles: int
    """Training tiles of the main adapter."""
    train_patients: int
    test_patients: int
    seconds: float
    loss: float
    """Mean loss of the main adapter's last steps, nats per answer token; NaN where nothing was left to do."""

    def summary(self) -> str:
        folds = f" and {len(self.adapters) - 1} fold adapters" if len(self.adapters) > 1 else ""
        loss = f", loss {self.loss:.3f}" if np.isfinite(self.loss) else ""
        return (
            f"adapter{folds} written to {self.out} in {self.seconds:.0f} s{loss}: {self.tiles} tiles of "
            f"{self.train_patients} patients, {self.test_patients} patients held out"
        )


def train(
    place: Place,
    weights: Weights,
    out: Path,
    recipe: Recipe,
    progress: Progress,
    *,
    mixed: Sequence[Place] = (),
    resume: bool = False,
    engine: Engine | None = None,
) -> Trained:
    """Split the patients, write the split down, train the main adapter into ``out`` and folds into ``out/fold-k``.

    ``weights`` names the base; its adapter is not used. The training patients of the data sets ``mixed`` in are learned
    from by every adapter; each data set is split by itself. ``engine`` trains, adapter by adapter. Raises
    ModelError where ``out`` holds another training.
    """
    from skintui.dataset.split import split_patients

    if recipe.share is not None and not mixed:
        raise UsageError("a share needs a data set that is mixed in", do="name one with --mix, or leave out --share")
    lesions = place.lesions(progress)
    others = [other.lesions(progress) for other in mixed]
    _refuse_overwriting(out, resume)
    split = split_patients(lesions.patients, seed=recipe.seed)
    fold_of = _fold_of(lesions, recipe)
    seen = _seen_before(recipe)
    if fold_of and (known := seen & set(fold_of)):
        what = f"the adapter to start from has seen {len(known)} of these patients: no fold would be out-of-fold"
        raise UsageError(what, where=recipe.init_adapter, do="start from one that has not, or leave out --folds")
    added = [(other, np.flatnonzero(split_patients(other.patients, seed=recipe.seed).train_rows(other.patients)))
             for other in others]  # fmt: skip
    seen |= {str(patient) for other, rows in added for patient in np.unique(other.patients[rows])}
    held = tuple(sorted(set(split.test) - seen))
    record = replace(split, train=tuple(sorted(set(split.train) | seen)), test=held)
    if resume:
        _same_split(out, record.train, fold_of)
    settings = recipe.settings(weights.absolute())
    rows = _drawn(np.flatnonzero(split.train_rows(lesions.patients)), recipe)
    jobs = [(out, rows), *_fold_jobs(lesions, fold_of, recipe, out)]
    engine = engine or Local()
    out.mkdir(parents=True, exist_ok=True)
    write_training_record(out, record, fold_of, lesions.dataset_sha256)
    if len(jobs) > 1:
        progress.note(f"training {len(jobs)} adapters on {' + '.join(str(chosen.size) for _, chosen in jobs)} tiles")
    if engine.retries and not resume:
        for folder, _ in jobs:
            (folder / CHECKPOINT).unlink(missing_ok=True)  # a unit that is done again goes on from its own
    units = [Adapter(folder.absolute(), _repeated(chosen, added, recipe)) for folder, chosen in jobs]
    elsewhere = tuple((other.absolute(), more) for other, (_, more) in zip(mixed, added, strict=True))
    work = AdapterTraining(settings, place.absolute(), elsewhere, resume or engine.retries)
    progress.start("training adapters", len(units))
    outcomes = {unit.folder: outcome for unit, outcome in engine.run(work, units, progress)}
    return Trained(
        out=out,
        adapters=tuple(folder for folder, _ in jobs),
        tiles=int(rows.size) + sum(int(more.size) for _, more in added),
        train_patients=len(record.train),
        test_patients=len(held),
        seconds=sum(outcome.seconds for outcome in outcomes.values()),
        loss=outcomes[units[0].folder].loss,
    )


def _size(recipe: Recipe) -> dict[str, int]:
    """Rank and alpha as chosen, or of the adapter to start from, or the paper's."""
    from skintui.model.train_settings import TrainSettings

    found = {"rank": TrainSettings.rank, "alpha": TrainSettings.alpha}
    if recipe.init_adapter is not None:
        path = Path(recipe.init_adapter) / "adapter_config.json"
        try:
            stored = parsed_json(path.read_text(encoding="utf-8"))
            found = {"rank": int(stored["r"]), "alpha": int(stored["lora_alpha"])}
        except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
            raise ModelError("this is no adapter to start from", where=path, do="name another folder") from error
    chosen = {"rank": recipe.rank, "alpha": recipe.alpha}
    return found | {name: value for name, value in chosen.items() if value is not None}


def _seen_before(recipe: Recipe) -> set[str]:
    """Patients that the adapter to start from was trained on."""
    if recipe.init_adapter is None:
        return set()
    record = training_record(Weights("", Path(recipe.init_adapter)))
    if record is None:
        what = "it is not known on whom the adapter to start from was trained"
        raise ModelError(what, where=recipe.init_adapter, do=f"start from one with a {SPLIT_FILE}")
    return set(record.train)


def _repeated(
    rows: NDArray[np.int64], added: Sequence[tuple[Lesions, NDArray[np.int64]]], recipe: Recipe
) -> NDArray[np.int64]:
    """The rows as often as brings them to their ``share`` of all tiles, at least once."""
    more = sum(int(others.size) for _, others in added)
    if recipe.share is None or not more or not rows.size:
        return rows
    wanted = recipe.share / (1 - recipe.share) * more
    return np.tile(rows, max(1, round(wanted / rows.size)))


def _refuse_overwriting(out: Path, resume: bool) -> None:
    if not resume and (out / ADAPTER).is_file():
        raise UsageError("there is an adapter here already", where=out, do="name another --out, or give --resume")


def _same_split(out: Path, train: tuple[str, ...], fold_of: dict[str, int]) -> None:
    """A resumed training must go on with the patients it began with."""
    if not (out / SPLIT_FILE).is_file():
        return
    record = training_record(Weights("", out))
    if record is not None and (record.train != frozenset(train) or record.fold_of != fold_of):
        what = "the training here was begun with other patients or folds"
        raise ModelError(what, where=out / SPLIT_FILE, do="use the same data set, --seed and --folds")


def _fold_of(lesions: Lesions, recipe: Recipe) -> dict[str, int]:
    """Patient → fold, empty without folds."""
    if not recipe.folds:
        return {}
    from skintui.dataset.split import folds

    rows = folds(lesions.patients, recipe.folds, recipe.seed)
    return {patient: int(fold) for patient, fold in zip(lesions.patients.tolist(), rows.tolist(), strict=True)}


def _fold_jobs(
    lesions: Lesions, fold_of: dict[str, int], recipe: Recipe, out: Path
) -> Iterator[tuple[Path, NDArray[np.int64]]]:
    of_rows = np.array([fold_of.get(patient, -1) for patient in lesions.patients.tolist()])
    for k in range(recipe.folds):
        yield out / f"fold-{k}", _drawn(np.flatnonzero(of_rows != k), recipe)


def _drawn(rows: NDArray[np.int64], recipe: Recipe) -> NDArray[np.int64]:
    """All ``rows``, or a seeded draw of ``limit`` of them, in their order."""
    if recipe.limit is None or recipe.limit >= rows.size:
        return rows
    return np.sort(np.random.default_rng(recipe.seed).choice(rows, recipe.limit, replace=False))


def recipe_of(options: dict[str, Any]) -> Recipe:
    """A recipe from options by name; those that are None keep their defaults."""
    if options.get("init_adapter") == BUNDLED:
        options = {**options, "init_adapter": str(bundled.adapter())}
    return Recipe(**{name: value for name, value in options.items() if value is not None})
