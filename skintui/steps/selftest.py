"""``selftest``: errors planted in a copy of the labels, and how well the audit finds them.

The stored predictions do not depend on the labels, so nothing is read anew. The audit under test sees neither the
identities (an error planted in one column alone can be caught by algebra) nor the model's probability of the original
label. What is wrong in the data set already counts against the audit when it is found, unless a file tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl

from skintui.attributes import ATTRIBUTES, BY_COLUMN
from skintui.audit.measure import Meter, Ranked, measures_of
from skintui.audit.measure import ranked as laid_over
from skintui.audit.ranking import audit as ranked
from skintui.errors import UsageError
from skintui.progress import Progress
from skintui.steps.audit import audit_input, stored_neighbours
from skintui.steps.measured import SelfTest
from skintui.steps.place import Place, known_errors
from skintui.steps.predictions import read_predictions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skintui.audit.bootstrap import Draws
    from skintui.audit.findings import AuditInput, Findings
    from skintui.audit.peers import Peers
    from skintui.dataset.drawn.faults import Kind
    from skintui.dataset.lesions import Lesions

REPLICATES = 200
IDENTITIES, WITH_IDENTITIES = "identity check", "audit with identities"
"""These two see the sibling columns, so they are to be held against each other, not against the rest."""


def selftest(
    place: Place,
    progress: Progress,
    *,
    kinds: str = "",
    fraction: float = 0.02,
    seed: int = 0,
    fdr: float = 0.1,
    truth: Path | None = None,
    confirmed: int = 0,
    peers: bool = True,
    replicates: int = REPLICATES,
) -> SelfTest:
    """Plant errors of ``kinds`` (comma-separated, empty for all) in ``fraction`` of the labels, audit, measure.

    Args:
        place: an indexed data set.
        progress: where it is told.
        kinds: of error, between commas.
        fraction: of all labels, 0 to 0.5.
        seed: of what is planted, confirmed and drawn.
        fdr: at which annotations are flagged.
        truth: a table ``isic_id, column`` of errors that the data set is known to have; to find one is no
            false discovery, and they are ranked with nothing.
        confirmed: random lesions whose labels a person is pretended to have judged, rightly, before the audit; they
            calibrate it and are left out of what is measured.
        peers: whether simpler rankings are measured beside it.
        replicates: draws of the patients for the intervals.
    """
    chosen = _kinds(kinds)
    before = None if truth is None else known_errors(truth)
    lesions = place.lesions(progress)
    stored = read_predictions(place.workspace.predictions, lesions)
    near = stored_neighbours(place, lesions, stored, 30, progress)
    progress.start("planting errors")
    labels, wrong = planted(lesions, chosen, fraction, seed)
    given = replace(
        audit_input(place, lesions, stored, near), labels=labels, label_logprob=None, identities=None, confirmed=()
    )
    judged = _judged(lesions, confirmed, seed)
    given = replace(given, confirmed=_right(given, judged, wrong, before))
    progress.start("ranking annotations")
    findings = ranked(given, fdr=fdr)
    tested = findings
    if judged:
        tested = replace(findings, frame=findings.frame.filter(~pl.col("isic_id").is_in(judged)))
    order = laid_over(tested, wrong, before)
    meter = Meter(order)
    progress.start("drawing patients again")
    draws = meter.drawn(replicates, seed)
    others = _peers(given, lesions, findings, progress) if peers else None
    return SelfTest(
        measures_of(meter, wrong),
        draws,
        {} if others is None else _measured_peers(others, tested, order, lesions, replicates, seed, progress),
        {} if others is None else others.skipped,
        findings.predictions_kind,
        findings.q_kind,
        len(judged),
    )


def _kinds(text: str) -> tuple[Kind, ...]:
    from skintui.dataset.drawn.faults import KINDS

    chosen = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip())) or KINDS
    if unknown := [kind for kind in chosen if kind not in KINDS]:
        raise UsageError(f"unknown kind of error '{unknown[0][:40]}'", do=f"choose from {', '.join(KINDS)}")
    return cast("tuple[Kind, ...]", chosen)


def planted(
    lesions: Lesions, kinds: Sequence[Kind], fraction: float, seed: int
) -> tuple[NDArray[np.float64], pl.DataFrame]:
    """Labels (n, 16) with errors of ``kinds`` in ``fraction`` of them, and the truth ``isic_id, column, kind, …``.

    Raises UsageError for a fraction outside 0 to 0.5.
    """
    from skintui.dataset.drawn.faults import plant_faults

    if not 0 < fraction <= 0.5:
        raise UsageError(f"the fraction must lie between 0 and 0.5, not {fraction:g}")
    columns = {column: ATTRIBUTES.index(attribute) for column, attribute in BY_COLUMN.items()}
    frame = lesions.frame
    _, truth = plant_faults(frame, fraction, seed, [name for name in columns if name in frame.columns], kinds)
    labels = lesions.labels().copy()
    for isic_id, column, value in truth.select("isic_id", "column", "corrupted").iter_rows():
        labels[lesions.row_of(isic_id), columns[column]] = value
    return labels, truth


def _judged(lesions: Lesions, count: int, seed: int) -> list[str]:
    """Ids of ``count`` random lesions."""
    if not 0 <= count < len(lesions):
        what = f"of {len(lesions)} lesions {count} cannot be confirmed"
        raise UsageError(what, do="leave some of them to be audited")
    rows = np.random.default_rng([seed, 1511]).choice(len(lesions), count, replace=False)
    return [lesions.ids[row] for row in np.sort(rows).tolist()]


def _right(
    given: AuditInput, judged: Sequence[str], wrong: pl.DataFrame, before: pl.DataFrame | None
) -> list[tuple[str, str]]:
    """The annotations of the judged lesions that a person would call right: those not wrong."""
    errors = set(wrong.select("isic_id", "column").iter_rows())
    errors |= set() if before is None else set(before.iter_rows())
    row_of = {isic_id: row for row, isic_id in enumerate(given.ids)} if judged else {}
    return [
        (isic_id, a.name)
        for isic_id in judged
        for j, a in enumerate(given.attributes)
        if np.isfinite(given.labels[row_of[isic_id], j])
        and (isic_id, a.column) not in errors
        and (isic_id, a.name) not in errors
    ]


def _peers(given: AuditInput, lesions: Lesions, findings: Findings, progress: Progress) -> Peers:
    """The other rankings of the same annotations; what sees the sibling columns is made apart."""
    from skintui.audit.peers import Peers, cheap_peers, cleanlab_peers, identity_peer
    from skintui.dataset.identities import broken_identities

    progress.start("other rankings")
    plain = cheap_peers(given.labels, given.predicted, given.neighbours, given.attributes)
    kept = cleanlab_peers(given.labels, given.predicted)
    flat = np.full(given.labels.size, np.nan)
    codes = findings.codes(lesions.ids)
    flat[codes] = findings.frame["score"].fill_null(float("nan")).to_numpy()
    strength = flat.reshape(given.labels.shape)
    spoilt = lesions.frame.with_columns(
        pl.Series(a.column, given.labels[:, j]).fill_nan(None)
        for j, a in enumerate(given.attributes)
        if a.column in lesions.frame.columns
    )
    accused = identity_peer(broken_identities(spoilt), list(lesions.ids), strength, given.attributes)
    top = float(np.nanmax(strength, initial=0.0)) + 1.0
    seeing = {IDENTITIES: accused, WITH_IDENTITIES: np.nan_to_num(strength) + accused * top}
    return Peers(plain.scores | kept.scores | seeing, plain.skipped | kept.skipped)


def _measured_peers(
    others: Peers, tested: Findings, order: Ranked, lesions: Lesions, replicates: int, seed: int, progress: Progress
) -> dict[str, dict[tuple[str, str, str], Draws]]:
    codes = tested.codes(lesions.ids)[order.row]
    found = {}
    progress.start("measuring the other rankings", len(others.scores))
    for name, scores in others.scores.items():
        meter = Meter(order.reordered(scores.ravel()[codes]))
        found[name] = meter.drawn(replicates, seed, only_precision=True)
        progress.advance(1)
    return found
