from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from skintui import bundled
from skintui.steps.place import Place, open_place
from skintui.tui.jobs.model_reading import ModelReading
from tests.made_results import write_results
from tests.tui.opened import Opened, opener


@pytest.fixture
def partly(drawn_lesions: Path, tmp_path: Path) -> Place:
    """Results for the first 20 of 24 lesions."""
    place = open_place(drawn_lesions, workspace=tmp_path / "partly")
    write_results(place, n=20)
    return place


def child_of(app: Opened) -> object:
    model = app.screen.model
    assert isinstance(model, ModelReading)
    return model._child


async def test_no_child_is_started_while_predictions_are_stored(partly: Place) -> None:
    async with opener(partly)() as app:
        await app.press("j", "j")
        assert child_of(app) is None


async def test_a_lesion_without_prediction_is_read_by_the_child(partly: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from skintui.steps import child

    class Answering(child.ModelChild):
        """Answers without a model, as the child does."""

        def read(self, tile: bytes, labels: object = None, *, timeout: float | None = None) -> dict[str, object]:
            assert tile[:2] == b"\xff\xd8"
            return {"predicted": np.arange(1.0, 17.0), "spread": np.full(16, 0.5)}

    monkeypatch.setattr(child, "ModelChild", Answering)
    async with opener(partly)() as app:
        await app.press("G")
        await app.until(lambda: app.session.predictions.has(23))
        assert app.session.predictions.predicted[23].tolist() == list(range(1, 17))
        await app.until(lambda: app.screen.attributes.attributes[2].predicted == 3.0)


async def test_a_model_that_fails_is_a_text_and_the_screen_goes_on(partly: Place) -> None:
    async with opener(partly)() as app:
        app.screen.model._request = app.screen.request.__class__(  # type: ignore[union-attr]
            app.screen.request.dataset, app.screen.request.workspace, app.screen.request.settings, base="/no/model"
        )
        await app.press("G")
        await app.until(lambda: "/no/model" in app.text, patience=120)
        await app.press("k")
        assert app.session.selected.row == 22


@pytest.mark.skipif(not bundled.adapter().is_dir(), reason="the bundled model is not in this checkout")
async def test_the_bundled_model_reads_in_a_process_that_ends_with_the_application(partly: Place) -> None:
    async with opener(partly)() as app:
        app.screen.model._request = app.screen.request.__class__(  # type: ignore[union-attr]
            app.screen.request.dataset,
            app.screen.request.workspace,
            app.screen.request.settings,
            base=str(bundled.base_model()),
            adapter=str(bundled.adapter()),
        )
        await app.press("G")
        await app.until(lambda: "the model is reading" in app.text)
        await app.until(lambda: app.session.predictions.has(23), patience=120)
        await app.until(lambda: "the model is reading" not in app.text)
        assert np.isfinite(app.session.predictions.predicted[23]).sum() == sum(
            line.predicted == line.predicted for line in app.screen.attributes.attributes
        )
        process = child_of(app)._process  # type: ignore[attr-defined]
        assert process.poll() is None
    assert process.poll() is not None
