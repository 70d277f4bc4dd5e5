"""The audit card: what was audited with which model, who decided what, how far one can trust it. Facts only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import skintui
from skintui.attributes import ATTRIBUTES
from skintui.audit.stopping import SHARES, Estimate, clean_goal, wilson
from skintui.errors import StaleError
from skintui.files import check_target, is_there, result_stream
from skintui.review.verdicts import VERDICTS, Verdict
from skintui.review.votes import Annotation, clean_runs, judged, wrong_of
from skintui.steps.audit import kept_findings
from skintui.steps.chosen import label_of, latest_verdicts
from skintui.steps.predictions import About, read_about

if TYPE_CHECKING:
    from skintui.audit.findings import Findings
    from skintui.dataset.lesions import Lesions
    from skintui.dataset.origin import Published
    from skintui.progress import Progress
    from skintui.review.agreement import Agreement
    from skintui.review.record import Key
    from skintui.steps.place import Place


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the judged labels are wrong."""

    wrong: int
    judged: int

    @property
    def estimate(self) -> Estimate | None:
        """The share with its Wilson interval; None where nothing was judged."""
        return wilson(self.wrong, self.judged)


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """The data set as it is now."""

    name: str
    metadata: str
    lesions: int
    patients: int
    annotations: int
    """Labels of the sixteen attributes that are there."""
    sha256: str
    licences: Mapping[str, int]
    origin: Published | None


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """The audit's settings and what it flags."""

    fdr: float
    q_kind: str
    predictions_kind: str
    why: str
    flagged: int
    ranked: int


@dataclass(frozen=True, slots=True)
class AttributeFacts:
    """One attribute's flags and verdicts."""

    title: str
    flagged: int
    verdicts: Mapping[str, int]
    """How many verdicts of each kind, every reviewer's."""
    proposed: int
    """Verdicts with a proposed value."""
    among_flagged: Share


@dataclass(frozen=True, slots=True)
class ReviewerFacts:
    """One person's verdicts."""

    name: str
    verdicts: int
    first: str
    last: str
    clean_run: int
    """Verdicts in a row, newest backwards, that found nothing wrong on the way down the queue."""


@dataclass(frozen=True, slots=True)
class AuditCard:
    """Everything the card tells."""

    version: str
    dataset: DatasetFacts
    model: About | None
    """None where there are no predictions."""
    audit: AuditFacts | None
    """None where there was no audit."""
    attributes: tuple[AttributeFacts, ...]
    """Those flagged or reviewed."""
    reviewers: tuple[ReviewerFacts, ...]
    reviewed: int
    """Annotations with a verdict."""
    reviewed_flagged: int
    contested: int
    """Annotations that one reviewer found wrong and another did not."""
    outdated: int
    """Verdicts on another label than today's."""
    among_flagged: Share
    among_random: Share
    """Of the annotations that were drawn at random."""
    corrections: int
    """Proposed values that nobody contradicts."""
    held_back: int
    """Proposed values that are not to be written, for reviewers differ or the label has changed."""
    agreements: tuple[Agreement, ...]

    @property
    def goals(self) -> dict[float, int]:
        """Length of the clean run at which one may stop, by the share of wrong labels it speaks against."""
        return {share: clean_goal(share) for share in SHARES}

    @property
    def first(self) -> str:
        """Time of the first verdict that counts; empty for none."""
        return min((r.first for r in self.reviewers), default="")

    @property
    def last(self) -> str:
        return max((r.last for r in self.reviewers), default="")


def audit_card(place: Place, progress: Progress) -> AuditCard:
    """The card of a workspace. Raises StaleError where predictions or audit are of another data set."""
    from skintui.review.agreement import agreements
    from skintui.review.corrections import corrections

    lesions = place.lesions(progress)
    kept = kept_findings(place, lesions.dataset_sha256)
    latest = latest_verdicts(place, lesions)
    label_now = label_of(lesions)
    present = [v for v in latest.values() if v.label is None or v.label == label_now(v.isic_id, v.attribute)]
    findings = kept.findings if kept is not None else None
    places = _places(findings, latest)
    flagged = _flagged(findings)
    said = judged(present)
    contested = sum(len(votes) > 1 for votes in said.values())
    proposed = corrections(latest.values(), label_now)
    seen = {key[:2] for key in latest}
    return AuditCard(
        version=skintui.__version__,
        dataset=_dataset_facts(place, lesions),
        model=_model(place, lesions.dataset_sha256),
        audit=_audit_facts(findings),
        attributes=tuple(_attribute_facts(latest.values(), said, flagged)),
        reviewers=tuple(_reviewer_facts(latest, present, places)),
        reviewed=len(seen),
        reviewed_flagged=len(seen & flagged),
        contested=contested,
        outdated=len(latest) - len(present),
        among_flagged=_share(said, flagged),
        among_random=_share(said, {(v.isic_id, v.attribute) for v in present if v.random_sample}),
        corrections=len(proposed.made),
        held_back=len(proposed.left_out),
        agreements=tuple(agreements(latest)),
    )


def write_card(place: Place, out: str, progress: Progress, *, force: bool = False) -> None:
    """Write the card as Markdown to a file or ``-``. Raises as :func:`audit_card` and :func:`result_stream` do."""
    from skintui.steps.card_text import card_text

    check_target(out, force=force)
    text = card_text(audit_card(place, progress))
    with result_stream(out, force=force) as file:
        file.write(text.encode("utf-8"))


def _dataset_facts(place: Place, lesions: Lesions) -> DatasetFacts:
    from skintui.dataset.origin import licences, published_origin

    return DatasetFacts(
        name=place.files.root.resolve().name,
        metadata=place.files.metadata.name,
        lesions=len(lesions),
        patients=int(lesions.frame.get_column("patient_id").n_unique()),
        annotations=int(np.isfinite(lesions.labels()).sum()),
        sha256=lesions.dataset_sha256,
        licences=licences(lesions.frame),
        origin=published_origin(lesions.frame),
    )


def _model(place: Place, dataset_sha256: str) -> About | None:
    path = place.workspace.predictions
    if not is_there(path):
        return None
    about = read_about(path)
    if about.dataset_sha256 != dataset_sha256:
        what = "the predictions are stale: the data set has changed since"
        raise StaleError(what, where=path, do="run 'skintui index' again")
    return about


def _audit_facts(findings: Findings | None) -> AuditFacts | None:
    if findings is None:
        return None
    flagged, ranked = findings.flagged.height, findings.frame.height - findings.frame["score"].null_count()
    return AuditFacts(findings.fdr, findings.q_kind, findings.predictions_kind, findings.why, flagged, ranked)


def _flagged(findings: Findings | None) -> set[Annotation]:
    if findings is None:
        return set()
    pairs = findings.flagged.select("isic_id", "attribute")
    return {(str(isic_id), str(name)) for isic_id, name in pairs.iter_rows()}


def _share(said: Mapping[Annotation, set[bool]], among: Set[Annotation]) -> Share:
    return Share(*wrong_of(said, among))


def _attribute_facts(
    latest: Iterable[Verdict], said: Mapping[Annotation, set[bool]], flagged: Set[Annotation]
) -> Iterable[AttributeFacts]:
    flags = Counter(name for _, name in flagged)
    verdicts: dict[str, list[Verdict]] = {}
    for v in latest:
        verdicts.setdefault(v.attribute, []).append(v)
    for a in ATTRIBUTES:
        cast = verdicts.get(a.name, [])
        if not cast and not flags[a.name]:
            continue
        kinds = Counter(v.verdict for v in cast)
        yield AttributeFacts(
            title=a.title,
            flagged=flags[a.name],
            verdicts={kind: kinds[kind] for kind in VERDICTS},
            proposed=sum(v.proposed_value is not None for v in cast),
            among_flagged=_share(said, {each for each in flagged if each[1] == a.name}),
        )


def _places(findings: Findings | None, latest: Mapping[Key, Verdict]) -> dict[Annotation, int]:
    """Place among the findings of every annotation with a verdict."""
    import polars as pl

    if findings is None or not latest:
        return {}
    ids = pl.Series(sorted({isic_id for isic_id, _, _ in latest}))
    found = findings.frame.select("isic_id", "attribute").with_row_index("place")
    rows = found.filter(pl.col("isic_id").is_in(ids.implode())).iter_rows()
    return {(str(isic_id), str(name)): int(place) for place, isic_id, name in rows}


def _reviewer_facts(
    latest: Mapping[Key, Verdict], present: Iterable[Verdict], places: Mapping[Annotation, int]
) -> Iterable[ReviewerFacts]:
    cast: dict[str, list[Verdict]] = {}
    for v in latest.values():
        cast.setdefault(v.reviewer, []).append(v)
    runs = clean_runs(present, places)
    for name in sorted(cast):
        times = [v.reviewed_at for v in cast[name]]
        yield ReviewerFacts(name, len(cast[name]), min(times), max(times), runs.get(name, 0))
