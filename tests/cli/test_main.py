from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import click
import pytest

from skintui import __version__
from skintui.cli.main import VERBS, run
from skintui.errors import Cancelled, SkintuiError


def failing_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the verb ``doctor`` end in ``error``."""

    @click.command()
    @click.option("--debug", is_flag=True)
    def doctor(debug: bool) -> None:
        if debug:
            click.get_current_context().obj.debug = True
        raise error

    monkeypatch.setattr("skintui.cli.doctor.doctor", doctor)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_loads_and_helps(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, "--help"]) == 0
    assert "Usage: skintui" in capsys.readouterr().out


def test_the_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {verb} " in out for verb in VERBS)


def test_a_mistyped_verb_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["neighbors"]) == 2
    assert (
        capsys.readouterr().err == "skintui: 'neighbors' is neither a verb nor a folder; did you mean 'neighbours'?\n"
    )


def test_an_unknown_option_is_wrong_usage_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scan", "--fromat", "json"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "--fromat" in err


@pytest.mark.parametrize("word", ["./lesions", "~/lesions", "/tmp/lesions"])  # noqa: S108 -- only its spelling matters
def test_a_path_opens_the_application(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str | None] = []

    @click.command()
    @click.argument("dataset", required=False)
    def opener(dataset: str | None) -> None:
        opened.append(dataset)

    monkeypatch.setattr("skintui.cli.open.open", opener)
    assert run([word]) == 0
    assert run([]) == 0
    assert opened == [word, None]


def test_a_folder_without_data_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([str(tmp_path)]) == 1
    assert "no metadata found" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (SkintuiError("it broke", where="here", do="mend it"), 1, "skintui: here: it broke; mend it\n"),
        (Cancelled("stopped"), 130, "skintui: stopped\n"),
        (KeyboardInterrupt(), 130, "skintui: stopped\n"),
        (OSError(errno.ENOSPC, "No space left on device", "a.csv"), 1, "skintui: a.csv: the disk is full; free some "),
        (MemoryError(), 1, "skintui: out of memory"),
        (
            ZeroDivisionError("by\x1b[31m zero"),
            1,
            "skintui: unexpected ZeroDivisionError: by�[31m zero; run again with",
        ),
    ],
)
def test_each_failure_is_one_line_and_its_exit_code(
    error: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing_with(error, monkeypatch)
    assert run(["doctor"]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(line)
    assert shown.err.count("\n") == 1


def test_debug_lets_the_traceback_through(monkeypatch: pytest.MonkeyPatch) -> None:
    failing_with(ZeroDivisionError("by zero"), monkeypatch)
    with pytest.raises(ZeroDivisionError):
        run(["doctor", "--debug"])


def scanning(small: Path, tmp_path: Path) -> list[str]:
    command = [sys.executable, "-m", "skintui", "scan", str(small), "--workspace", str(tmp_path / "w")]
    return [*command, "--progress", "none", "--format", "json"]


def test_a_reader_that_goes_away_is_no_failure(small: Path, tmp_path: Path) -> None:
    child = subprocess.Popen(scanning(small, tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()
    assert child.wait() == 0
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said


def test_a_full_disk_behind_stdout_is_explained(small: Path, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(scanning(small, tmp_path), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "skintui: " in done.stderr
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"skintui {__version__}\n"
