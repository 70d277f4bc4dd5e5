"""``evaluate``: the paper's tables on patients the model has not trained on, and what the paper leaves open.

The percentile is that of arXiv 2508.20188: the squared attribute difference between a query and each of its five
nearest results, ranked among the squared differences between that query and every other lesion of the database. The
database is the held-out lesions without the query itself, so that no vector of a training tile flatters the model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.audit.bootstrap import LEVEL, REPLICATES, PatientBootstrap
from skintui.progress import Progress
from skintui.steps.evaluation.cohort import Arena, HeldOut, Part, draw_queries, held_out
from skintui.steps.evaluation.fit import FitDraws, measured
from skintui.steps.evaluation.images import ImageMethod
from skintui.steps.evaluation.result import Evaluation, Setup
from skintui.steps.evaluation.retrieval import BREADTH, K, add_image_method, retrieved
from skintui.steps.evaluation.scale import count_without_scale
from skintui.steps.model_record import fingerprint_of
from skintui.steps.place import Place
from skintui.steps.predictions import Predictions, read_predictions
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

QUERIES = 2000
"""Queries drawn where more lesions are held out, unless the caller says otherwise."""

ImageVectors = Mapping[str, "Vectors"]
"""Image vectors (m, d) of the lesions that ask, by ``image`` (ours), ``untuned``, ``monet``."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured."""

    limit: int | None = None
    """Queries at most; None: 2,000."""
    seed: int = 0
    replicates: int = REPLICATES
    images: Sequence[ImageMethod] = ()
    """Other models whose image vectors are searched too."""
    has_scale: bool = True
    """False where the caller knows that the tiles have no common size."""
    probes: Mapping[str, Callable[[ImageVectors, Part, Progress], Any]] | None = None
    """Further measurements on image vectors, by the key of the JSON object that their result goes under."""


def evaluate(place: Place, weights: Weights, progress: Progress, plan: Plan = Plan()) -> Evaluation:
    """Hold stored predictions and vectors of held-out patients against their labels.

    Held out are the data set's patients that the adapter's record does not name as trained on; without a record, the
    test side of the default split. Raises VectorsError without an index, StaleError where it is of other inputs.
    """
    with ExitStack() as opened:
        part, stored, split = _opened(place, weights, progress, opened)
        queries = draw_queries(split.test.size, plan.limit or QUERIES, plan.seed)
        arena = Arena(part, part, queries)
        return _evaluated(arena, stored, split, plan, fingerprint_of(place.workspace, weights), progress)


def _opened(place: Place, weights: Weights, progress: Progress, opened: ExitStack) -> tuple[Part, Predictions, HeldOut]:
    """The held-out lesions of a place, its predictions, and the split."""
    from skintui.vectors.store import VectorStore

    lesions = place.lesions(progress)
    stored = read_predictions(place.workspace.predictions, lesions, ["predicted"])
    made_from = {"dataset_sha256": lesions.dataset_sha256, **fingerprint_of(place.workspace, weights)}
    store = opened.enter_context(VectorStore.open(place.workspace.vectors, made_from))
    split = held_out(lesions, stored, store.n)
    return Part(lesions, store, split.test), stored, split


def _evaluated(
    arena: Arena, stored: Predictions, split: HeldOut, plan: Plan, model: Mapping[str, str], progress: Progress
) -> Evaluation:
    notes = split.notes(stored.about)
    has_scale = _has_scale(arena.queries, plan, notes)
    test, train = _fits(arena, stored, split, plan, progress)
    table = retrieved(arena, progress)
    images = {}
    for method in plan.images:
        images[method.name] = add_image_method(table, method, progress)
    progress.start("intervals of retrieval")
    everything = np.arange(arena.asked.size)
    intervals = table.estimates(everything, replicates=plan.replicates, seed=plan.seed, progress=progress)
    extras = {}
    if plan.probes:
        images = {"image": arena.queries.store.rows("image", arena.queries.rows), **images}
        extras = {key: probe(images, arena.queries, progress) for key, probe in plan.probes.items()}
    setup = Setup(
        database=arena.database.side(),
        queries=arena.queries.side(),
        train_patients=split.trained,
        held_out_by=split.by,
        predictions=stored.about.kind,
        model=model,
        seed=plan.seed,
        replicates=plan.replicates,
        level=LEVEL,
        k=K,
        breadth=BREADTH,
        external=arena.external,
        has_scale=has_scale,
    )
    return Evaluation(
        setup=setup,
        fit={name: one.fit() for name, one in test.items()},
        retrieval_intervals=intervals,
        queries=arena.asked.size,
        train_fit={name: one.fit() for name, one in train.items()},
        gap={name: one.gap_to(test[name]) for name, one in train.items()},
        notes=tuple(notes),
        extras=extras,
    )


def _fits(
    arena: Arena, stored: Predictions, split: HeldOut, plan: Plan, progress: Progress
) -> tuple[dict[str, FitDraws], dict[str, FitDraws]]:
    """Figures on held-out patients, and on those trained on."""
    lesions, found = arena.queries.lesions, []
    for stage, rows in (("measuring predictions", arena.queries.rows), ("measuring on training patients", split.train)):
        if not rows.size:
            found.append({})
            continue
        progress.start(stage, len(arena.names))
        seed = plan.seed + len(found)  # other draws: the two sides are independent
        bootstrap = PatientBootstrap(lesions.patients[rows], replicates=plan.replicates, seed=seed)
        found.append(measured(bootstrap, lesions.labels()[rows], stored.predicted[rows], arena.names, progress))
    return found[0], found[1]


def _has_scale(part: Part, plan: Plan, notes: list[str]) -> bool:
    """Whether millimetres can be read from the tiles; a note where not."""
    from skintui.files import printable

    if not plan.has_scale:
        notes.append("tiles without a scale (--no-scale): attributes in mm and mm² are ill-posed")
        return False
    count, kind = count_without_scale(part)
    if count:
        notes.append(
            f"{count:,} of {part.rows.size:,} lesions are no 15 mm tiles of total body photography"
            f" ('{printable(kind, 40)}'): attributes in mm and mm² are ill-posed"
        )
    return not count
