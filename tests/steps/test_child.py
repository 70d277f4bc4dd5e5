from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skintui.attributes import attributes
from skintui.errors import ModelError
from skintui.steps.child import ModelChild
from tests.tiny import write_tiny_model


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def child(base: Path) -> Iterator[ModelChild]:
    with ModelChild(base, device="cpu") as started:
        yield started


@pytest.fixture(scope="module")
def tile() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (99, 99, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until_gone(pid: int) -> bool:
    waiting = threading.Event()
    return any(gone(pid) or waiting.wait(0.05) for _ in range(200))


def test_the_child_reads_what_the_reader_reads(child: ModelChild, base: Path, tile: bytes) -> None:
    from skintui.model.reader import LesionReader

    labels = np.full(16, 3.0)
    labels[2] = np.nan
    got = child.read(tile, labels)
    expected = LesionReader.load(base, device="cpu").read([Image.open(io.BytesIO(tile))], labels=labels[None])
    np.testing.assert_allclose(got["image_vector"], expected.image_vectors[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(got["attribute_vectors"], expected.attribute_vectors[0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(got["label_logprob"], expected.label_logprob[0], rtol=1e-4)
    assert got["predicted"].shape == got["spread"].shape == (16,)
    assert len(got["texts"]) == 16


def test_what_the_model_writes_cannot_act_on_a_terminal(child: ModelChild, tile: bytes) -> None:
    assert all(text.isprintable() for text in child.read(tile)["texts"])


def test_the_child_answers_joint_prompts(child: ModelChild, tile: bytes) -> None:
    assert child.joint(tile, attributes("areaMM2,deltaL")).shape == (32,)


def test_the_child_names_its_model(child: ModelChild) -> None:
    assert set(child.fingerprint()) == {"model_id", "model_sha256", "adapter_sha256", "prompt_sha256"}


def test_a_damaged_tile_is_an_error_and_the_child_goes_on(child: ModelChild, tile: bytes) -> None:
    with pytest.raises(ModelError):
        child.read(tile[:300])
    assert child.read(tile)["image_vector"].shape == (32,)


def test_calls_from_many_threads_each_get_their_own_answer(child: ModelChild, tile: bytes) -> None:
    labels = [np.full(16, float(i + 1)) for i in range(6)]
    expected = [child.read(tile, row)["label_logprob"] for row in labels]
    got: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None] = [None] * 6

    def ask(i: int) -> None:
        got[i] = child.read(tile, labels[i])["label_logprob"]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine is not None and np.array_equal(mine, theirs) for mine, theirs in zip(got, expected, strict=True))


def test_nothing_starts_before_it_is_asked(base: Path) -> None:
    idle = ModelChild(base)
    assert not idle.running
    assert idle.pid is None
    idle.close()


def test_a_missing_model_is_an_error_of_one_line(tmp_path: Path, tile: bytes) -> None:
    with ModelChild(tmp_path / "none") as lost, pytest.raises(ModelError, match="no such base model"):
        lost.read(tile)


def test_closing_ends_the_process_and_later_calls(base: Path) -> None:
    child = ModelChild(base, device="cpu")
    child.fingerprint()
    pid = child.pid
    assert pid is not None
    child.close()
    assert gone(pid)
    with pytest.raises(ModelError, match="closed"):
        child.fingerprint()


def test_a_child_that_dies_is_an_error_and_is_started_again(base: Path) -> None:
    with ModelChild(base, device="cpu") as child:
        before = child.fingerprint()
        assert child.pid is not None
        os.kill(child.pid, signal.SIGSTOP)  # so that the call is surely waiting when the process ends
        failed: list[ModelError] = []

        def ask() -> None:
            try:
                child.fingerprint()
            except ModelError as error:
                failed.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        patience = threading.Event()
        assert any(child._waiting or patience.wait(0.05) for _ in range(200))
        os.kill(child.pid, signal.SIGKILL)
        thread.join(20)
        assert [str(error).partition(")")[0] for error in failed] == ["the model process ended (code -9"]
        assert child.fingerprint() == before


def test_the_child_dies_with_a_killed_application(base: Path) -> None:
    code = (
        "import sys, time; from skintui.steps.child import ModelChild;"
        f"child = ModelChild({str(base)!r}, device='cpu'); child.fingerprint();"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as application:
        assert application.stdout is not None
        pid = int(application.stdout.readline())
        assert not gone(pid)
        application.kill()
    assert wait_until_gone(pid)


def test_the_client_loads_no_torch() -> None:
    code = "import sys, skintui.steps.child; sys.exit(any(m in sys.modules for m in ('torch', 'transformers', 'peft')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_prints_of_libraries_do_not_disturb_the_replies(base: Path) -> None:
    code = (
        "import os, sys; from skintui.model import child; replies = child._private_stdout();"
        "print('noise'); os.write(1, b'more noise'); sys.stdout.flush(); replies.write('reply'); replies.flush()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "reply"
    assert "noise" in done.stderr
