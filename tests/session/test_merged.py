from __future__ import annotations

from pathlib import Path

from skintui.attributes import ATTRIBUTES
from skintui.review.record import ReviewRecord
from skintui.review.verdicts import Verdict
from skintui.session import Cell, Session
from skintui.session.queue import DISAGREEMENTS
from skintui.steps.exchange import merge_records


def test_after_a_merge_the_disagreements_are_a_queue(session: Session, tmp_path: Path) -> None:
    isic_id = session.ids[5]
    session.decisions.record([Verdict(isic_id, ATTRIBUTES[3].name, "label_ok", "ada")])
    with ReviewRecord(tmp_path / "review.sqlite") as other:
        other.record(Verdict(isic_id, ATTRIBUTES[3].name, "label_wrong", "ben"))
        other.record(Verdict(isic_id, ATTRIBUTES[4].name, "label_wrong", "ben"))
    merge_records(session.place.workspace.root, tmp_path)
    session.decisions.refresh()
    session.queue.order = DISAGREEMENTS
    assert session.show_queue(True)
    assert [session.listing.cell(i, 0) for i in range(len(session.listing))] == [Cell(5, 3)]
