"""The audit card as Markdown. Nothing that comes from data can act: it is escaped wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from skintui.attributes import BY_NAME
from skintui.nouns import counted
from skintui.texts import printable

if TYPE_CHECKING:
    from skintui.audit.stopping import Estimate
    from skintui.steps.card import AuditCard, Share

_ACTING = re.compile(r"([\\`*_{}\[\]<>()|~#&@!$]|:(?=//)|(?<=[wW])\.|^[-+=]|(?<=^\d)\.|(?<=\d)\.(?=\s))")
_LONGEST = 200


def escaped(text: str) -> str:
    """Text from data as Markdown that shows it and does nothing: no link, no markup, no HTML, no new cell."""
    return _ACTING.sub(r"\\\1", printable(text, _LONGEST).strip())


def card_text(card: AuditCard) -> str:
    """The card, the same for the same facts."""
    sections = (_head, _model, _audit, _review, _stopping, _agreement, _corrections, _means)
    return "\n".join(line for section in sections for line in section(card)).rstrip() + "\n"


def _head(card: AuditCard) -> Iterator[str]:
    data = card.dataset
    yield f"# Audit card: {escaped(data.name)}"
    yield ""
    if card.first:
        yield f"Verdicts from {escaped(card.first)} to {escaped(card.last)}. Written by skintui {card.version}."
    else:
        yield f"Nobody has decided anything yet. Written by skintui {card.version}."
    yield from _section("Data set")
    yield f"- Metadata: {escaped(data.metadata)}, SHA-256 {_code(data.sha256)}"
    of = f"{counted(data.lesions, 'lesion')} of {counted(data.patients, 'patient')}"
    yield f"- {of}, {counted(data.annotations, 'label')} of 16 attributes"
    if data.licences:
        told = ", ".join(f"{escaped(word)} ({counted(count, 'tile')})" for word, count in data.licences.items())
        yield f"- Licences of the tiles, as the table has them: {told}"
    if data.origin is not None:
        yield f"- Source: {data.origin.name}, doi {data.origin.doi}. {data.origin.citation}"


def _model(card: AuditCard) -> Iterator[str]:
    yield from _section("Model")
    about = card.model
    if about is None:
        yield "There are no predictions."
        return
    kind = f"{about.kind} predictions"
    if about.folds:
        kind += f" of {len(about.folds)} fold adapters, parted by patient"
    elif about.kind == "in-sample":
        kind += ": the model may have trained on these labels, and then agrees with them, errors included"
    yield f"- {escaped(about.model_id)}, {kind}"
    yield f"- {about.rows:,} lesions predicted, {len(about.attributes)} attributes"
    for word, digest in (("Base", about.model_sha256), ("Adapter", about.adapter_sha256)):
        if digest:
            yield f"- {word}: SHA-256 {_code(digest)}"
    for number, digest in enumerate(about.folds, start=1):
        yield f"- Fold adapter {number}: SHA-256 {_code(digest)}"
    yield f"- Prompts: SHA-256 {_code(about.prompt_sha256)}"


def _audit(card: AuditCard) -> Iterator[str]:
    yield from _section("Audit")
    audit = card.audit
    if audit is None:
        yield "There was no audit."
        return
    yield f"- {audit.flagged:,} of {audit.ranked:,} annotations flagged at a false-discovery rate of {audit.fdr:g}"
    why = audit.why.removeprefix(f"{audit.q_kind}: ")
    yield f"- q-values ({audit.q_kind}): {escaped(why)}" if why else f"- q-values: {audit.q_kind}"
    yield f"- Ranked by {audit.predictions_kind} predictions"


def _review(card: AuditCard) -> Iterator[str]:
    yield from _section("Review")
    yield f"- Verdicts on {counted(card.reviewed, 'annotation')}, {card.reviewed_flagged:,} of them flagged"
    yield f"- Wrong among the flagged ones judged: {_share(card.among_flagged)}"
    yield f"- Wrong among randomly drawn ones judged: {_share(card.among_random)}"
    if card.contested:
        yield f"- Found wrong by one reviewer and not by another, counted as not wrong: {card.contested:,}"
    if card.outdated:
        yield f"- On another label than today's, left out of the shares: {counted(card.outdated, 'verdict')}"
    if card.reviewers:
        yield ""
        people = ((escaped(r.name), f"{r.verdicts:,}", escaped(r.first), escaped(r.last)) for r in card.reviewers)
        yield from _table(("Reviewer", "Verdicts", "First", "Last"), people, numbers=(1,))
    if card.attributes:
        from skintui.review.verdicts import VERDICTS

        words = [kind.replace("_", " ").capitalize() for kind in VERDICTS]
        head = ("Attribute", "Flagged", *words, "With a value", "Wrong among flagged")
        rows = (
            (
                escaped(a.title),
                str(a.flagged),
                *(str(a.verdicts[kind]) for kind in VERDICTS),
                str(a.proposed),
                _brief(a.among_flagged),
            )
            for a in card.attributes
        )
        yield ""
        yield from _table(head, rows, numbers=range(1, len(head) - 1))


def _stopping(card: AuditCard) -> Iterator[str]:
    yield from _section("Stopping rule")
    goals = [f"{100 * share:g} % wrong labels from {goal} on" for share, goal in card.goals.items()]
    yield "A run of verdicts down the queue that finds nothing wrong speaks, at a level of 95 %, against more than"
    yield f"{', '.join(goals)}."
    if card.reviewers:
        yield ""
    for reviewer in card.reviewers:
        met = [f"{100 * share:g} %" for share, goal in card.goals.items() if reviewer.clean_run >= goal]
        told = f"speaks against more than {met[-1]} wrong" if met else "not yet long enough"
        yield f"- {escaped(reviewer.name)}: {reviewer.clean_run:,} in a row, {told}"


def _agreement(card: AuditCard) -> Iterator[str]:
    if not card.agreements:
        return
    yield from _section("Agreement")
    for found in card.agreements:
        *names, last = map(escaped, found.reviewers)
        kappa = "undefined" if found.kappa is None else f"{found.kappa:.2f}"
        whose = "Cohen's" if len(found.reviewers) == 2 else "Fleiss'"
        yield f"- {', '.join(names)} and {last}: {found.agreed:,} of {found.shared:,} alike, {whose} κ {kappa}"
        for of in found.attributes:
            if of.icc is not None:
                title = escaped(BY_NAME[of.attribute].title if of.attribute in BY_NAME else of.attribute)
                yield f"  - right values of {title}: ICC(2,1) {of.icc:.2f} over {of.valued:,}"


def _corrections(card: AuditCard) -> Iterator[str]:
    yield from _section("Corrections")
    yield f"- {counted(card.corrections, 'proposed value')} that nobody contradicts"
    if card.held_back:
        yield f"- {card.held_back:,} held back: reviewers differ, or the label has changed since"


def _means(_card: AuditCard) -> Iterator[str]:
    yield from _section("How to read this")
    yield "A label counts as wrong where a reviewer found it wrong and none who judged it says otherwise; who is unsure"
    yield "or finds the image unusable judges nothing. Intervals are Wilson's, 95 %. The share among the flagged"
    yield "labels is no share of all: they were chosen for looking wrong. Only randomly drawn ones speak for all."


def _section(title: str) -> Iterator[str]:
    yield from ("", f"## {title}", "")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int]) -> Iterator[str]:
    right = set(numbers)
    yield f"| {' | '.join(escaped(cell) for cell in head)} |"
    yield f"| {' | '.join('---:' if i in right else '---' for i in range(len(head)))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _share(share: Share) -> str:
    if share.estimate is None:
        return "none judged yet"
    return f"{share.wrong:,} of {share.judged:,}, {_percent(share.estimate)}"


def _brief(share: Share) -> str:
    return f"{share.wrong}/{share.judged}, {_percent(share.estimate)}" if share.estimate is not None else ""


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.1f} % ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def _code(digest: str) -> str:
    """A fingerprint in code letters; anything else as the text it is."""
    return f"`{digest}`" if re.fullmatch(r"[0-9a-f]{8,}", digest) else escaped(digest)
