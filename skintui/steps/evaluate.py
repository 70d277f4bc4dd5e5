"""``evaluate``: the paper's tables on patients the model has not trained on, and what the paper leaves open.

The percentile is that of arXiv 2508.20188: the squared attribute difference between a query and each of its five
nearest results, ranked among the squared differences between that query and every other lesion of the database. The
database is the held-out lesions without the query itself, so that no vector of a training tile flatters the model; an
external cohort searches all lesions of the other data set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from skintui.audit.bootstrap import LEVEL, REPLICATES, PatientBootstrap
from skintui.errors import UsageError, VectorsError
from skintui.nouns import counted
from skintui.progress import Progress
from skintui.steps.engine import Engine, Local
from skintui.steps.evaluation.cohort import Arena, HeldOut, Part, draw_queries, held_out
from skintui.steps.evaluation.fit import FitDraws, measured
from skintui.steps.evaluation.generalise import by_group, leave_one_source_out, topped_up
from skintui.steps.evaluation.groups import describe_left_out, measurable
from skintui.steps.evaluation.images import ImageMethod
from skintui.steps.evaluation.joint import Set, joint_tables
from skintui.steps.evaluation.result import Evaluation, Group, LeftOut, Setup
from skintui.steps.evaluation.retrieval import BREADTH, K, add_image_method, retrieved
from skintui.steps.evaluation.scale import count_without_scale
from skintui.steps.model_record import fingerprint_of
from skintui.steps.place import Place, known_errors
from skintui.steps.predictions import Predictions, read_predictions
from skintui.steps.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.dataset.lesions import Lesions
    from skintui.vectors.store import VectorStore

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]
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
    joint: Sequence[Set] = ()
    """Sets of attributes asked for at once."""
    by: Sequence[str] = ()
    """What lesions are grouped by; with ``source`` every source also searches all the others."""
    has_scale: bool = True
    """False where the caller knows that the tiles have no common size."""
    probes: Mapping[str, Callable[[ImageVectors, Part, Progress], Any]] = field(default_factory=dict)
    """Further measurements on image vectors, by the key of the JSON object that their result goes under."""


@dataclass(slots=True)
class _Run:
    """One evaluation on its way."""

    arena: Arena
    stored: Predictions
    split: HeldOut
    plan: Plan
    weights: Weights
    model: Mapping[str, str]
    progress: Progress
    engine: Engine
    notes: list[str] = field(default_factory=list)

    @property
    def draws(self) -> dict[str, int]:
        return {"replicates": self.plan.replicates, "seed": self.plan.seed}

    @property
    def predicted(self) -> Floats:
        """(m, 16) of the lesions that ask."""
        return self.stored.predicted[self.arena.queries.rows]


def evaluate(
    place: Place, weights: Weights, progress: Progress, plan: Plan | None = None, engine: Engine | None = None
) -> Evaluation:
    """Hold stored predictions and vectors of held-out patients against their labels.

    Held out are the data set's patients that the adapter's record does not name as trained on; without a record, the
    test side of the default split. ``engine`` reads tiles where stored vectors do not do. Raises VectorsError without
    an index, StaleError where it is of other inputs.
    """
    plan = plan or Plan()
    with ExitStack() as opened:
        lesions, store, stored = _opened(place, weights, progress, opened)
        split = held_out(lesions, stored, store.n)
        part = Part(lesions, store, split.test)
        arena = Arena(part, part, draw_queries(split.test.size, plan.limit or QUERIES, plan.seed))
        model = fingerprint_of(place.workspace, weights)
        notes = [*_left_out_labels(place), *split.notes(stored.about)]
        return _evaluated(_Run(arena, stored, split, plan, weights, model, progress, engine or Local(), notes))


def evaluate_external(
    database: Place,
    queries: Place,
    weights: Weights,
    progress: Progress,
    plan: Plan | None = None,
    engine: Engine | None = None,
) -> Evaluation:
    """The same, with held-out lesions of ``queries`` searching all indexed lesions of ``database``.

    Patients of both data sets do not ask. Raises VectorsError where nobody is left, or as :func:`evaluate` does.
    """
    plan = plan or Plan()
    if database.workspace.root.resolve() == queries.workspace.root.resolve():
        raise UsageError("both data sets use one workspace", do="name another with --queries-workspace")
    with ExitStack() as opened:
        inside, store_inside, stored_inside = _opened(database, weights, progress, opened)
        searched = Part(inside, store_inside, np.arange(store_inside.n))
        outside, store, stored = _opened(queries, weights, progress, opened)
        split = held_out(outside, stored, store.n)
        asking = Part(outside, store, split.test)
        notes = [*_left_out_labels(database), *split.notes(stored.about)]
        known = np.isin(asking.patients, searched.patients)
        if known.any():
            notes.append(f"{counted(int(known.sum()), 'lesion')} of patients who are in the database do not ask")
        if trained := set(stored_inside.about.train_patients or ()) & set(searched.patients.tolist()):
            notes.append(f"the database holds {counted(len(trained), 'patient')} whom the model trained on")
        rows = asking.rows[~known]
        if rows.size < 2:
            raise VectorsError(
                f"only {rows.size} held-out lesions are not in the database", do="evaluate on other patients"
            )
        arena = Arena(
            searched,
            Part(asking.lesions, asking.store, rows),
            draw_queries(rows.size, plan.limit or QUERIES, plan.seed),
        )
        model = fingerprint_of(queries.workspace, weights)
        return _evaluated(_Run(arena, stored, split, plan, weights, model, progress, engine or Local(), notes))


def _left_out_labels(place: Place) -> list[str]:
    """A note on labels known to be wrong, where a table of them was given."""
    from skintui.attributes import COLUMNS
    from skintui.texts import printable

    if place.truth is None:
        return []
    columns = known_errors(place.truth).unique().get_column("column")
    count = int(columns.is_in(COLUMNS).sum())
    return [f"{counted(count, 'label')} known to be wrong left out ({printable(place.truth.name, 80)})"]


def _opened(
    place: Place, weights: Weights, progress: Progress, opened: ExitStack
) -> tuple[Lesions, VectorStore, Predictions]:
    """The lesions of a place, their vectors by this model, and their predictions."""
    from skintui.vectors.store import VectorStore

    lesions = place.lesions(progress)
    stored = read_predictions(place.workspace.predictions, lesions, ["predicted"])
    made_from = {"dataset_sha256": lesions.dataset_sha256, **fingerprint_of(place.workspace, weights)}
    store = opened.enter_context(VectorStore.open(place.workspace.vectors, made_from))
    return lesions, store, stored


def _evaluated(run: _Run) -> Evaluation:
    arena, plan, progress = run.arena, run.plan, run.progress
    has_scale = _has_scale(run)
    test, train = _fits(run)
    groups, dropped = measurable(arena.queries, plan.by)
    asked = arena.asked
    arena = run.arena = Arena(arena.database, arena.queries, topped_up(asked, groups, plan.seed))
    drawn = np.flatnonzero(np.isin(arena.asked, asked))
    table = retrieved(arena, progress)
    images: dict[str, Vectors] = {}
    for method in plan.images:
        vectors = add_image_method(table, method, progress, run.engine)
        if plan.probes:  # of the whole of SLICE-3D they take gigabytes
            images[method.name] = vectors
        del vectors
    progress.start("intervals of retrieval")
    intervals = table.estimates(drawn, replicates=plan.replicates, seed=plan.seed, progress=progress)
    joint = joint_tables(
        Arena(arena.database, arena.queries, asked), plan.joint, run.weights, progress, run.engine, **run.draws
    )
    run.engine.rest()
    grouped = by_group(table, run.predicted, groups, progress, **run.draws)
    sources, lonely = _across_sources(run)
    told = {(one.by, one.group) for one in dropped}
    dropped += [one for one in lonely if (one.by, one.group) not in told]
    if dropped:
        run.notes.append(describe_left_out(dropped))
    return Evaluation(
        setup=_setup(run, has_scale),
        fit={name: one.fit() for name, one in test.items()},
        retrieval_intervals=intervals,
        queries=asked.size,
        train_fit={name: one.fit() for name, one in train.items()},
        gap={name: one.gap_to(test[name]) for name, one in train.items()},
        joint=joint,
        groups=grouped,
        leave_one_source_out=sources,
        groups_left_out=tuple(dropped),
        notes=tuple(run.notes),
        extras=_probed(run, images),
    )


def _fits(run: _Run) -> tuple[dict[str, FitDraws], dict[str, FitDraws]]:
    """Figures on held-out patients, and on those trained on."""
    arena, lesions = run.arena, run.arena.queries.lesions
    found: list[dict[str, FitDraws]] = []
    for stage, rows in (("measuring predictions", arena.queries.rows), ("on training patients", run.split.train)):
        if not rows.size:
            found.append({})
            continue
        run.progress.start(stage, len(arena.names))
        seed = run.plan.seed + len(found)  # other draws: the two sides are independent
        bootstrap = PatientBootstrap(lesions.patients[rows], replicates=run.plan.replicates, seed=seed)
        found.append(measured(bootstrap, lesions.labels()[rows], run.stored.predicted[rows], arena.names, run.progress))
    return found[0], found[1]


def _across_sources(run: _Run) -> tuple[tuple[Group, ...], list[LeftOut]]:
    """Every source in a database of the others, where sources were asked for."""
    if "source" not in run.plan.by:
        return (), []
    if run.arena.external:
        run.notes.append("leave-one-source-out is measured within one data set: left out")
        return (), []
    return leave_one_source_out(run.arena, run.predicted, _trained_sources(run), run.progress, **run.draws)


def _trained_sources(run: _Run) -> set[str] | None:
    """Sources of the patients trained on; None where none of them is among the indexed lesions."""
    from skintui.texts import printable

    seen = run.split.train
    if not seen.size or run.split.by != "record":
        return None
    texts = Part(run.arena.queries.lesions, run.arena.queries.store, seen).texts("attribution") or []
    return {printable(text, 80) for text in texts if text is not None}


def _probed(run: _Run, images: Mapping[str, Vectors]) -> dict[str, Any]:
    """What further measurements on image vectors found, by key."""
    if not run.plan.probes:
        return {}
    part = run.arena.queries
    vectors = {"image": part.store.rows("image", part.rows), **images}
    return {key: probe(vectors, part, run.progress) for key, probe in run.plan.probes.items()}


def _setup(run: _Run, has_scale: bool) -> Setup:
    return Setup(
        database=run.arena.database.side(),
        queries=run.arena.queries.side(),
        train_patients=run.split.trained,
        held_out_by=run.split.by,
        predictions=run.stored.about.kind,
        model=run.model,
        seed=run.plan.seed,
        replicates=run.plan.replicates,
        level=LEVEL,
        k=K,
        breadth=BREADTH,
        external=run.arena.external,
        has_scale=has_scale,
    )


def _has_scale(run: _Run) -> bool:
    """Whether millimetres can be read from the tiles; a note where not."""
    from skintui.texts import printable

    part = run.arena.queries
    if not run.plan.has_scale:
        run.notes.append("tiles without a scale (--no-scale): attributes in mm and mm² are ill-posed")
        return False
    count, kind = count_without_scale(part)
    if count:
        run.notes.append(
            f"{count:,} of {part.rows.size:,} lesions are no 15 mm tiles of total body photography"
            f" ('{printable(kind, 40)}'): attributes in mm and mm² are ill-posed"
        )
    return not count
