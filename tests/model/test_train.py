from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file

from skintui.errors import Cancelled, ModelError, TileError, UsageError
from skintui.model.checkpoint import CHECKPOINT
from skintui.model.reader import LesionReader
from skintui.model.train import train
from skintui.model.train_settings import TrainSettings
from skintui.progress import Silent
from tests.model.conftest import Coloured


class StopAfter(Silent):
    """Cancels once so many steps are done."""

    def __init__(self, steps: int = 10**9) -> None:
        self.left = steps
        self.notes: list[str] = []
        self.figures: list[dict[str, float]] = []
        self.started: list[tuple[str, int | None, int]] = []

    def start(self, stage: str, total: int | None = None, done: int = 0) -> None:
        self.started.append((stage, total, done))

    def advance(self, count: int = 1, **figures: float) -> None:
        self.left -= count
        self.figures.append(figures)

    def note(self, message: str) -> None:
        self.notes.append(message)

    @property
    def cancelled(self) -> bool:
        return self.left <= 0


@pytest.fixture
def settings(tiny_base: Path) -> TrainSettings:
    return TrainSettings(str(tiny_base), batch_size=6, learning_rate=1e-2, epochs=2, device="cpu")


def weights(folder: Path) -> dict[str, bytes]:
    return {name: value.numpy().tobytes() for name, value in load_file(folder / "adapter_model.safetensors").items()}


def metrics(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_the_papers_recipe_is_the_default() -> None:
    recipe = TrainSettings("base")
    assert (recipe.attributes_per_image, recipe.rank, recipe.alpha) == (5, 8, 16)
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (1, 16, 1e-4)


def test_four_steps_lower_the_loss(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    done = train(settings, samples, tmp_path / "out")
    losses = [line["loss"] for line in metrics(tmp_path / "out")]
    assert done.steps == len(losses) == 4
    assert losses[-1] < losses[0] - 0.2


def test_the_adapter_loads_and_knows_its_labels_better(
    settings: TrainSettings, samples: Coloured, tiny_base: Path, tiny_reader: LesionReader, tmp_path: Path
) -> None:
    train(settings, samples, tmp_path / "out")
    images = [samples.image(i) for i in range(4)]
    labels = np.stack([samples.labels(i) for i in range(4)])
    before = tiny_reader.read(images, labels=labels, decode=False).label_logprob
    tuned = LesionReader.load(tiny_base, tmp_path / "out", device="cpu")
    after = tuned.read(images, labels=labels, decode=False).label_logprob
    assert np.nanmean(after) > np.nanmean(before) + 1


def test_metrics_have_a_line_per_step(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(settings, samples, tmp_path)
    lines = metrics(tmp_path)
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    assert all(set(line) == {"step", "loss", "lr", "seconds", "tiles"} for line in lines)
    assert [line["tiles"] for line in lines] == [6, 6, 6, 6]


def test_the_rate_is_a_cosine(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(settings, samples, tmp_path)
    # one step of warm-up, then cos over three steps: 0, 1/3, 2/3 of the way
    expected = [1.0, 1.0, 0.5 * (1 + math.cos(math.pi / 3)), 0.5 * (1 + math.cos(2 * math.pi / 3))]
    np.testing.assert_allclose([line["lr"] for line in metrics(tmp_path)], 1e-2 * np.array(expected))


def test_the_same_seed_gives_the_same_weights(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(settings, samples, tmp_path / "a")
    train(settings, samples, tmp_path / "b")
    assert weights(tmp_path / "a") == weights(tmp_path / "b")


def test_another_seed_gives_other_weights(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(settings, samples, tmp_path / "a")
    train(replace(settings, seed=1), samples, tmp_path / "b")
    assert weights(tmp_path / "a") != weights(tmp_path / "b")


@pytest.mark.parametrize("stop", [1, 3])
def test_an_interrupted_run_resumes_to_the_same_weights(
    settings: TrainSettings, samples: Coloured, tmp_path: Path, stop: int
) -> None:
    train(settings, samples, tmp_path / "whole")
    with pytest.raises(Cancelled):
        train(settings, samples, tmp_path / "parts", StopAfter(stop))
    assert (tmp_path / "parts" / CHECKPOINT).is_file()
    watch = StopAfter()
    train(settings, samples, tmp_path / "parts", watch, resume=True)
    assert watch.started[-1] == ("training", 4, stop)
    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")


def test_a_killed_run_resumes_from_its_last_checkpoint(
    settings: TrainSettings, samples: Coloured, tmp_path: Path
) -> None:
    class Killed(StopAfter):
        def advance(self, count: int = 1, **figures: float) -> None:
            super().advance(count)
            if self.left == 10**9 - 3:
                raise KeyboardInterrupt

    often = replace(settings, checkpoint_every=2)
    train(often, samples, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(often, samples, tmp_path / "parts", Killed())
    assert len(metrics(tmp_path / "parts")) == 3  # the third step is lost with the kill
    train(often, samples, tmp_path / "parts", resume=True)
    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")
    assert [line["step"] for line in metrics(tmp_path / "parts")] == [1, 2, 3, 4]


def test_a_finished_run_has_nothing_to_resume(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(settings, samples, tmp_path)
    before = (tmp_path / "adapter_model.safetensors").stat().st_mtime_ns
    train(settings, samples, tmp_path, resume=True)
    assert (tmp_path / "adapter_model.safetensors").stat().st_mtime_ns == before
    assert not (tmp_path / CHECKPOINT).exists()


def test_resuming_with_another_recipe_is_refused(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        train(settings, samples, tmp_path, StopAfter(1))
    with pytest.raises(ModelError, match="another learning rate"):
        train(replace(settings, learning_rate=2e-2), samples, tmp_path, resume=True)


def test_resuming_on_other_labels_is_refused(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        train(settings, samples, tmp_path, StopAfter(1))
    samples.levels[0] += 1
    with pytest.raises(ModelError, match="another data set"):
        train(settings, samples, tmp_path, resume=True)


def test_a_damaged_checkpoint_is_one_clear_line(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"torn")
    with pytest.raises(ModelError, match="checkpoint is damaged"):
        train(settings, samples, tmp_path, resume=True)


def test_a_damaged_tile_is_named_and_passed_over(settings: TrainSettings, tmp_path: Path) -> None:
    class OneDamaged(Coloured):
        def image(self, i: int) -> Image.Image:
            if i == 2:
                raise TileError("truncated", where="ISIC_2")
            return super().image(i)

    watch = StopAfter()
    train(replace(settings, epochs=1), OneDamaged(), tmp_path, watch)
    assert watch.notes == ["left out of training: ISIC_2: truncated"]
    assert sum(line["tiles"] for line in metrics(tmp_path)) == 11


def test_progress_shows_loss_and_rate(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    watch = StopAfter()
    train(settings, samples, tmp_path, watch)
    assert all(set(figures) == {"loss", "tiles_per_second"} for figures in watch.figures)


def test_smaller_passes_give_the_same_gradient(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(replace(settings, steps=1), samples, tmp_path / "whole")
    train(replace(settings, steps=1, micro_batch_size=2), samples, tmp_path / "parts")
    whole, parts = metrics(tmp_path / "whole")[0], metrics(tmp_path / "parts")[0]
    assert parts["loss"] == pytest.approx(whole["loss"], rel=1e-5)


def test_gradient_checkpointing_gives_the_same_loss(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(replace(settings, steps=2), samples, tmp_path / "plain")
    train(replace(settings, steps=2, gradient_checkpointing=True), samples, tmp_path / "checkpointed")
    assert metrics(tmp_path / "checkpointed")[1]["loss"] == pytest.approx(
        metrics(tmp_path / "plain")[1]["loss"], rel=1e-4
    )


def test_the_recipe_is_written_down(
    settings: TrainSettings, samples: Coloured, tiny_base: Path, tmp_path: Path
) -> None:
    train(settings, samples, tmp_path)
    recipe = json.loads((tmp_path / "skintui.json").read_text())
    assert recipe["base_id"] == tiny_base.name
    assert (recipe["rank"], recipe["seed"], recipe["tile_px"], recipe["finished_steps"]) == (8, 0, 32, 4)
    assert str(tiny_base.parent) not in (tmp_path / "skintui.json").read_text()
    assert str(tiny_base.parent) not in (tmp_path / "adapter_config.json").read_text()


@pytest.mark.parametrize("wrong", [{"attributes_per_image": 17}, {"rank": 0}, {"learning_rate": 0.0}, {"epochs": 0}])
def test_settings_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="out of range"):
        TrainSettings("base", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"compile": True}, "--compile goes with --bf16-autocast"),
        ({"bf16_autocast": True, "quantize": "4bit"}, "whole weights"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        TrainSettings("base", **wrong)  # type: ignore[arg-type]


def test_nothing_to_train_on_is_one_clear_line(settings: TrainSettings, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no tile to learn from"):
        train(settings, Coloured(0), tmp_path)


def test_an_output_that_is_a_file_is_one_clear_line(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ModelError):
        train(settings, samples, tmp_path / "out")


def test_bfloat16_on_a_cpu_learns_the_same(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(replace(settings, steps=2), samples, tmp_path / "plain")
    train(replace(settings, steps=2, bf16_autocast=True), samples, tmp_path / "half")
    assert metrics(tmp_path / "half")[1]["loss"] == pytest.approx(metrics(tmp_path / "plain")[1]["loss"], rel=0.02)


def test_training_goes_on_from_an_adapter(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(replace(settings, epochs=4), samples, tmp_path / "first")
    last = metrics(tmp_path / "first")[-1]["loss"]
    train(replace(settings, steps=1, init_adapter=str(tmp_path / "first")), samples, tmp_path / "on")
    assert metrics(tmp_path / "on")[0]["loss"] < metrics(tmp_path / "first")[0]["loss"] - 0.2
    assert metrics(tmp_path / "on")[0]["loss"] == pytest.approx(last, abs=0.3)


def test_an_adapter_of_another_rank_is_refused(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(replace(settings, steps=1, rank=2), samples, tmp_path / "first")
    with pytest.raises(ModelError, match="of another base or rank"):
        train(replace(settings, init_adapter=str(tmp_path / "first")), samples, tmp_path / "on")


def test_resuming_from_another_start_is_refused(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(replace(settings, steps=1), samples, tmp_path / "first")
    with pytest.raises(Cancelled):
        train(settings, samples, tmp_path / "on", StopAfter(1))
    with pytest.raises(ModelError, match="init adapter"):
        train(replace(settings, init_adapter=str(tmp_path / "first")), samples, tmp_path / "on", resume=True)


def test_tiles_are_shown_turned_when_asked(
    settings: TrainSettings, samples: Coloured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, ...]] = []

    def note(image: Image.Image, seed: tuple[int, ...]) -> Image.Image:
        seen.append(seed)
        return image

    monkeypatch.setattr("skintui.model.train.turned", note)
    train(replace(settings, steps=1, turns=True), samples, tmp_path)
    assert len(set(seen)) == 6  # each tile of the batch by a seed of its own


def test_doubt_lowers_the_loss_of_an_untaught_model(settings: TrainSettings, samples: Coloured, tmp_path: Path) -> None:
    train(replace(settings, steps=1), samples, tmp_path / "a")
    train(replace(settings, steps=1, label_noise=0.1), samples, tmp_path / "b")
    assert metrics(tmp_path / "b")[0]["loss"] < metrics(tmp_path / "a")[0]["loss"]
