from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from skintui.attributes import ATTRIBUTES
from skintui.audit import load_findings
from skintui.audit.clusters import SCHEMA
from skintui.audit.systematic import SystematicError
from skintui.session.reading import RankedFindings
from skintui.steps.systematic import Systematic
from skintui.tui.screens.clusters import ClusterScreen, explanation
from tests.tui.opened import Opened, Opener

ROW: dict[str, Any] = dict(zip(SCHEMA, ("patient", "IP_1", "areaMM2", 12, 16, 0.24, 50.0, 1e-9, 1e-7, 9.1, 10.0),
                               strict=True))  # fmt: skip


def test_a_shifted_group_is_explained_by_one_cause() -> None:
    assert explanation(ROW, 0.1) == (
        "patient IP_1: 12 of 16 annotations of area are flagged where 0.2 are expected. Half of its labels lie 9.1 σ "
        "or more above the model, ×10: one cause for all?"
    )


def test_a_group_that_is_not_shifted_has_single_slips() -> None:
    assert explanation(ROW | {"shift": 0.1}, 0.1).endswith(
        "not shifted against the model: single slips, or a part of the group."
    )


def test_chance_is_named_where_it_explains_the_count() -> None:
    assert "Chance alone gives as much too often (q 0.800)" in explanation(ROW | {"q_value": 0.8}, 0.1)


def test_a_name_from_the_data_cannot_act_on_the_terminal() -> None:
    assert "\x1b" not in explanation(ROW | {"group": "\x1b[2J"}, 0.1)


def flag_a_patient(app: Opened, patient: str) -> int:
    """Have the audit flag every area of a patient; how many."""
    session = app.session
    found = load_findings(session.place.workspace.findings)
    ours = ((pl.col("patient_id") == patient) & (pl.col("attribute") == "areaMM2")).alias("flagged")
    frame = found.frame.with_columns(ours).sort("flagged", descending=True, maintain_order=True)
    session._findings = RankedFindings(replace(found, frame=frame), session.ids)
    return int(np.sum(session.lesions.patients == patient))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_patient_with_many_flags_comes_first(opened: Opener, size: tuple[int, int]) -> None:
    async with opened(size=size) as app:
        patient = str(app.session.lesions.patients[0])
        count = flag_a_patient(app, patient)
        await app.press("E")
        await app.until(lambda: f"{count} of {count}" in app.text)
        first = app.line(2)
        assert patient in first
        assert "area" in first


async def test_enter_lists_the_groups_flagged_annotations(opened: Opener) -> None:
    async with opened() as app:
        patient = str(app.session.lesions.patients[0])
        count = flag_a_patient(app, patient)
        await app.press("E")
        await app.until(lambda: f"{count} of {count}" in app.text)
        await app.press("enter")
        session = app.session
        cells = [session.listing.cell(i, 0) for i in range(len(session.listing))]
        assert session.in_queue
        assert {str(session.lesions.patients[cell.row]) for cell in cells} == {patient}
        assert {cell.attribute for cell in cells} == {0}
        assert len(cells) == count


async def test_the_screen_comes_back_to_the_row_it_was_left_at(opened: Opener) -> None:
    async with opened() as app:
        flag_a_patient(app, str(app.session.lesions.patients[0]))
        await app.press("E")
        await app.until(lambda: "stand out" in app.text)
        await app.press("j", "enter", "E")
        await app.until(lambda: "stand out" in app.text)
        assert isinstance(app.app.screen, ClusterScreen)
        assert app.app.screen.table.cursor == 1


async def test_escape_changes_nothing(opened: Opener) -> None:
    async with opened() as app:
        await app.press("E")
        await app.until(lambda: "counting" not in app.text)
        await app.press("escape")
        assert len(app.session.listing) == 24


async def test_without_flags_the_screen_says_so(opened: Opener) -> None:
    async with opened() as app:
        flag_a_patient(app, "nobody")
        await app.press("E")
        await app.until(lambda: "more flags than expected" in app.text)


async def test_without_an_audit_the_key_says_what_to_do(opened: Opener) -> None:
    async with opened() as app:
        app.session._findings = None
        await app.press("E")
        assert app.message == "no audit yet: press I"


@pytest.fixture
def one_error(monkeypatch: pytest.MonkeyPatch) -> SystematicError:
    """The first patient's contrasts are found to be of the opposite sign."""
    patient = "IP_1"
    error = SystematicError("sign", ("deltaL",), "patient", patient, 4, None, 40.0, 9.3, 0.5, 1.0, 1e-17, 1e-12)

    def find(lesions: Any, *_: object) -> Systematic:
        return Systematic((replace(error, group=str(lesions.patients[0])),), 0.1)

    monkeypatch.setattr("skintui.steps.systematic.find_systematic", find)
    return error


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_systematic_errors_come_first_with_their_sentence(
    opened: Opener, one_error: SystematicError, size: tuple[int, int]
) -> None:
    async with opened(size=size) as app:
        patient = str(app.session.lesions.patients[0])
        await app.press("E")
        await app.until(lambda: "1 systematic error" in app.text)
        assert patient in app.line(2)
        assert "opposite sign" in app.line(2)
        assert "Systematic error: L* contrast of patient" in app.text


async def test_enter_lists_every_lesion_of_a_systematic_error(opened: Opener, one_error: SystematicError) -> None:
    async with opened() as app:
        patient = str(app.session.lesions.patients[0])
        count = int(np.sum(app.session.lesions.patients == patient))
        await app.press("E")
        await app.until(lambda: "1 systematic error" in app.text)
        await app.press("enter")
        session = app.session
        cells = [session.listing.cell(i, session.attribute) for i in range(len(session.listing))]
        assert not session.in_queue
        assert [str(session.lesions.patients[cell.row]) for cell in cells] == [patient] * count
        assert ATTRIBUTES[session.attribute].name == "deltaL"
