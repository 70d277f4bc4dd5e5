"""Undoing alterations group by group: what is tried, what it explains, and what is taken for found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import polars as pl

from skintui.audit.alterations import FACTOR, SWAP, TESTS, Alteration, fitted, fixed
from skintui.audit.grounds import Given, Grounds, Part, Reference, Rows
from skintui.audit.levels import FEWEST, PATIENT, WHOLE, Level, Standing, levels_of
from skintui.audit.likelihood import DEGREES
from skintui.audit.spread import Floats

WORSE, MENDED, FITS = 1.2, 0.6, 2.0
"""Median |residual| in σ: at least so much before, at most this share of it and this much after."""
OFF = 1.5
"""A free factor or offset has to move the labels by so many σ: less is a model's bias as easily."""
AGREE, AGREE_FREE = 0.75, 0.85
"""Share of lesions, and of patients, that have to come nearer to the prediction."""
FREE_COST = 2.0
"""Log likelihood that a free amount costs beside ½ log m (Schwarz, 1978)."""
UNUSUAL = 3.0
"""More for an offset of a size, or a factor of anything else; so much likelier than a known factor it has to be."""
ROUNDS = 12


@dataclass(frozen=True)
class Trial:
    """One alteration undone in one group."""

    level: Level
    group: int
    columns: tuple[int, ...]
    alteration: Alteration
    lesions: int
    gain: float
    """Log likelihood gained, of at most ``EVIDENCE`` lesions."""
    total: float
    """What the lesions gain one by one, summed over all: by this, groups and alterations compete."""
    before: float
    after: float
    explained: float

    @property
    def p_value(self) -> float:
        return float(np.exp(-min(self.gain, 700.0)))


class Trials:
    """All that is tried on one set of labels."""

    def __init__(self, given: Given, groups: Mapping[str, pl.Series], fdr: float) -> None:
        self.given, self.fdr = given, fdr
        self.levels = levels_of(len(given.labels), groups)
        self.A = len(given.attributes)
        self._patients = next((level for level in self.levels if level.kind == PATIENT), None)
        self._grounds = Grounds(given)
        self._apart: dict[tuple[str, int], float] = {}
        self._odd: dict[tuple[str, int], list[int]] = {}

    def run(self) -> list[Trial]:
        """Wide groups first, then patients; what is found is undone in ``given.labels``."""
        wide = [level for level in self.levels if level.kind != PATIENT]
        narrow = [level for level in self.levels if level.kind == PATIENT]
        return [trial for levels in (wide, narrow) for trial in self._stage(levels)]

    def corrected(self, trial: Trial) -> float:
        """The p-value times the number of tests, of which each level has an equal part."""
        per_group = TESTS * self.A + self.A * (self.A - 1) // 2
        return min(1.0, trial.p_value * trial.level.tested * per_group * len(self.levels))

    # Stages

    def _stage(self, levels: list[Level]) -> Iterator[Trial]:
        dirty = set(range(self.A))
        open_trials: list[Trial] = []
        for _ in range(ROUNDS):
            if not dirty:
                return
            open_trials = [trial for trial in open_trials if not dirty & {*trial.columns}]
            open_trials += self._tried(levels, dirty)
            dirty = set()
            for trial in self._accepted(open_trials):
                rows = trial.level.members[trial.group]
                yield replace(trial, lesions=self._grounds.count(rows, trial.columns))
                self._undo(trial)
                dirty |= {*trial.columns}

    def _accepted(self, trials: list[Trial]) -> Iterator[Trial]:
        """Likeliest first; of wide groups one a column, since a wide error moves what others are held against."""
        touched = np.zeros(self.given.labels.shape, np.bool_)
        for trial in sorted(trials, key=lambda each: (-each.total, each.lesions)):
            rows, columns = trial.level.members[trial.group], np.array(trial.columns)
            if touched[np.ix_(rows, columns)].any():
                continue
            if trial.level.kind == PATIENT:
                touched[np.ix_(rows, columns)] = True
            else:
                touched[:, columns] = True
            yield trial

    def _undo(self, trial: Trial) -> None:
        rows, labels = trial.level.members[trial.group], self.given.labels
        if trial.alteration.kind == SWAP:
            j, k = trial.columns
            labels[rows, j], labels[rows, k] = labels[rows, k], labels[rows, j]
        else:
            (j,) = trial.columns
            labels[rows, j] = trial.alteration.undone(labels[rows, j])

    # What is tried

    def _tried(self, levels: list[Level], dirty: set[int]) -> Iterator[Trial]:
        for j in dirty:
            self._grounds.renew(j)
            for level in levels:
                self._screen(level, j)
        for level in levels:
            suspects: dict[int, list[int]] = {}
            for j in range(self.A):
                for group in self._odd[level.kind, j]:
                    suspects.setdefault(group, []).append(j)
            for group, columns in suspects.items():
                if not dirty.isdisjoint(columns) and self._is_wide_enough(level, group):
                    yield from self._in_group(level, group, columns, dirty)

    def _screen(self, level: Level, j: int) -> None:
        """Note the groups that are worth a closer look, and how far groups are apart."""
        around = self._grounds.references[j]
        if level.kind == WHOLE:
            self._apart[WHOLE, j], self._odd[WHOLE, j] = self._grounds.limits[j] / self._grounds.narrowest(j), [0]
            return
        standing = Standing.of(level, (self._grounds.z[:, j] - around.middle) / around.width)
        self._apart[level.kind, j], self._odd[level.kind, j] = standing.apart(), standing.odd().tolist()

    def _is_wide_enough(self, level: Level, group: int) -> bool:
        """Whether a wide group has several patients: of one alone the patient is accused."""
        if level.kind == PATIENT or self._patients is None:
            return True
        codes = self._patients.codes[level.members[group]]
        return bool((codes != codes[0]).any())

    def _in_group(self, level: Level, group: int, columns: list[int], dirty: set[int]) -> Iterator[Trial]:
        rows = level.members[group]
        around = {j: self._grounds.around(level, group, j) for j in columns}
        for j in (j for j in columns if j in dirty):
            yield from self._one_column(level, group, rows, j, around[j])
        for j, k in combinations(columns, 2):
            if j in dirty or k in dirty:
                yield from self._exchanged(level, group, rows, (j, k), (around[j], around[k]))

    def _one_column(self, level: Level, group: int, rows: Rows, j: int, around: Reference) -> Iterator[Trial]:
        seen, count = self._grounds.seen(rows, (j,))
        if count < FEWEST:
            return
        apart = self._apart[level.kind, j]
        near = self._grounds.part(seen, j, around, apart, level)
        tried = [self._best(near, fixed(self.given.attributes[j]))]
        if level.kind != WHOLE and self._grounds.is_further_off(rows, j, around):
            free = self._grounds.part(seen, j, around, apart, None)
            tried.append(self._best(free, fitted(free.labels, self._grounds.in_units(free.expected.centre, j))))
        found = [
            trial
            for alteration, part, gained in (each for each in tried if each is not None)
            if (trial := self._trial(level, group, (j,), alteration, count, gained, [_undone(part, alteration)]))
            and self._is_agreed(trial, seen, [_undone(part, alteration)])
        ]
        if found:  # a known factor is believed before one that was fitted, unless that is clearly likelier
            yield found[-1] if found[-1].gain > found[0].gain + UNUSUAL else found[0]

    def _best(self, part: Part, alterations: list[Alteration]) -> tuple[Alteration, Part, float] | None:
        """The likeliest alteration, if any brings the labels much nearer, with the log likelihood it gains."""
        before = np.median(np.abs(part.expected.residuals(part.labels)))
        near = []
        for alteration in alterations:
            undone = alteration.undone(part.labels)
            if np.median(np.abs(part.expected.residuals(undone))) <= MENDED * before:
                cost = FREE_COST + 0.5 * np.log(undone.size) if alteration.is_free else 0.0
                if alteration.is_free and (alteration.kind == FACTOR) != part.expected.attribute.log_scale:
                    cost += UNUSUAL
                stretch = undone.size * alteration.log_stretch
                near.append((alteration, part.density(undone) + stretch - cost))
        if not near:
            return None
        alteration, density = max(near, key=lambda each: each[1])
        return alteration, part, density - part.density(part.labels)

    def _exchanged(
        self, level: Level, group: int, rows: Rows, columns: tuple[int, int], around: tuple[Reference, Reference]
    ) -> Iterator[Trial]:
        seen, count = self._grounds.seen(rows, columns)
        if count < FEWEST:
            return
        first, second = (
            self._grounds.part(seen, j, about, self._apart[level.kind, j], level)
            for j, about in zip(columns, around, strict=True)
        )
        pairs = [(first, first.expected.residuals(second.labels)), (second, second.expected.residuals(first.labels))]
        if any(
            np.median(np.abs(undone)) > np.median(np.abs(part.expected.residuals(part.labels)))
            for part, undone in pairs
        ):
            return
        gained = first.density(second.labels) + second.density(first.labels)
        gained -= first.density(first.labels) + second.density(second.labels)
        trial = self._trial(level, group, columns, Alteration(SWAP), count, gained, pairs)
        if trial is not None and self._is_agreed(trial, seen, pairs):
            yield trial

    def _trial(
        self, level: Level, group: int, columns: tuple[int, ...], alteration: Alteration, count: int, gained: float,
        pairs: list[tuple[Part, Floats]],
    ) -> Trial | None:  # fmt: skip
        """The trial with its evidence; None where that is too little."""
        before = float(np.mean([np.median(np.abs(part.expected.residuals(part.labels))) for part, _ in pairs]))
        after = float(np.mean([np.median(np.abs(undone)) for _, undone in pairs]))
        nearer = _nearer(pairs)
        trial = Trial(
            level, group, columns, alteration, count, gained, float(nearer.sum()) * count / nearer.size,
            before, after, float((nearer > 0).mean()),
        )  # fmt: skip
        needed = OFF if alteration.is_free else WORSE
        enough = before >= needed and after <= min(FITS, MENDED * before)
        agreed = trial.explained >= (AGREE_FREE if alteration.is_free else AGREE)
        return trial if enough and agreed and self.corrected(trial) <= self.fdr else None

    def _is_agreed(self, trial: Trial, seen: Rows, pairs: list[tuple[Part, Floats]]) -> bool:
        """Whether most patients of a wide group bear the error out, each by the sum of its lesions.

        A patient of k lesions counts √k times: few lesions prove little, and one large patient is no majority.
        """
        if trial.level.kind == PATIENT or self._patients is None:
            return True
        codes = self._patients.codes[seen]
        known = codes >= 0
        if not known.any():
            return True
        patients, place = np.unique(codes[known], return_inverse=True)
        sums = np.bincount(place, _nearer(pairs)[known], patients.size)
        weight = np.sqrt(np.bincount(place, minlength=patients.size))
        return float(weight[sums > 0].sum() / weight.sum()) >= AGREE


def _undone(part: Part, alteration: Alteration) -> tuple[Part, Floats]:
    return part, part.expected.residuals(alteration.undone(part.labels))


def _nearer(pairs: list[tuple[Part, Floats]]) -> Floats:
    """(m,) log likelihood that each lesion gains, by the t at its centre."""
    gains = [
        np.log1p(part.expected.residuals(part.labels) ** 2 / DEGREES) - np.log1p(undone**2 / DEGREES)
        for part, undone in pairs
    ]
    return np.asarray(np.sum(gains, axis=0) * (DEGREES + 1) / 2, np.float64)
