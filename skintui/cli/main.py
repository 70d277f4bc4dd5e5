"""The entry point: a table of verbs, each loaded when it is called, and the exit codes.

0 done; 1 a failure explained in one line on stderr; 2 wrong usage; 130 stopped by the user.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import click

import skintui
from skintui.errors import Cancelled, SkintuiError, UsageError

VERBS: dict[str, str] = {
    "scan": "Validate metadata and tiles; report every problem.",
    "train": "Fine-tune LoRA adapters on the attribute questions.",
    "index": "Embed every lesion, predict its attributes, build the indexes.",
    "neighbours": "Find the nearest lesions of one lesion.",
    "audit": "Rank suspicious annotations.",
    "evaluate": "Measure R² and retrieval on held-out patients.",
    "review": "Record a verdict on one annotation.",
    "export": "Write flagged and reviewed annotations to CSV.",
    "describe": "Say in one checked sentence what the model reads.",
    "import": "Read reviewed rows of a sheet back.",
    "merge": "Join two reviewers' verdicts.",
    "apply": "Write corrections into a copy of the metadata.",
    "doctor": "Check versions, device, terminal and workspace.",
    "selftest": "Plant errors in a copy of the labels and measure the audit.",
    "bench": "Measure speed, or draw a data set.",
    "pretrain": "Make a small base model from drawn lesions.",
}
"""Every verb and its line in the help; the verb ``x`` is the command ``x`` in ``skintui.cli.x``."""

HIDDEN = ("open",)
_SPELLED = {"import": "import_"}
"""Verbs that are no names in Python."""


@dataclass(slots=True)
class State:
    """What survives the call: whether the user wants to see tracebacks."""

    debug: bool = False


class Verbs(click.Group):
    """A group that imports a verb only when it is called, and opens the application on a bare ``[DATASET]``."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        if cmd_name not in VERBS and cmd_name not in HIDDEN:
            return None
        name = _SPELLED.get(cmd_name, cmd_name)
        command = getattr(importlib.import_module(f"skintui.cli.{name}"), name)
        assert isinstance(command, click.Command)  # noqa: S101 -- the table above names commands only
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's signature
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or _opens(args[0]):
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], VERBS, n=1, cutoff=0.5)
            hint = f"did you mean '{near[0]}'?" if near else f"verbs are {', '.join(VERBS)}"
            raise UsageError(f"'{_shown(args[0])}' is neither a verb nor a folder", do=hint)
        return super().resolve_command(ctx, args)


def _opens(word: str) -> bool:
    """Whether the first word begins a call of the application rather than of a verb."""
    if word in VERBS or word in HIDDEN or word in ("--help", "-h", "--version"):
        return False
    return word.startswith(("-", ".", "~")) or os.sep in word or os.path.isdir(word)  # noqa: PTH112 -- pathlib costs


def _shown(text: str) -> str:
    from skintui.texts import printable

    return printable(" ".join(text.split()), 1000)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="'skintui [DATASET]' opens the application; without DATASET, the bundled demo.",
)
@click.version_option(skintui.__version__, prog_name="skintui", message="%(prog)s %(version)s")
def program() -> None:
    """Audit the annotations of skin-lesion tiles."""


def run(arguments: Sequence[str]) -> int:
    """Run one call and return its exit code; only ``--debug`` lets a traceback through."""
    state = State()
    try:
        with program.make_context("skintui", list(arguments), obj=state) as context:
            code = program.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except BaseException as error:
        if state.debug and not isinstance(error, (KeyboardInterrupt, click.Abort, Cancelled, BrokenPipeError)):
            raise
        return _explain(error)
    return code if isinstance(code, int) else 0


def _explain(error: BaseException) -> int:
    """Say in one line what went wrong; the exit code that belongs to it."""
    match error:
        case BrokenPipeError():
            _abandon_stdout()
            return 0
        case Cancelled():
            return _say(str(error), 130)
        case KeyboardInterrupt() | click.Abort():
            return _say("stopped", 130)
        case UsageError():
            return _say(str(error), 2)
        case SkintuiError():
            return _say(str(error), 1)
        case click.UsageError():
            verb = error.ctx.command_path if error.ctx is not None else "skintui"
            return _say(f"{error.format_message()} (see '{verb} --help')", 2)
        case click.ClickException():
            return _say(error.format_message(), error.exit_code)
        case OSError():
            from skintui.files import explained

            return _say(str(explained(error, error.filename or "operating system")), 1)
        case MemoryError():
            return _say("out of memory; try a smaller --batch-size", 1)
        case Exception():
            return _say(f"unexpected {type(error).__name__}: {error}; run again with --debug for the traceback", 1)
    raise error


def _say(line: str, code: int) -> int:
    with suppress(OSError, ValueError):  # stderr may be closed
        sys.stderr.write(f"skintui: {_shown(line)}\n")
        sys.stderr.flush()
    return code


def _abandon_stdout() -> None:
    """The reader went away: nothing more can be written, and the interpreter must not try at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the ``skintui`` command."""
    if "_SKINTUI_COMPLETE" in os.environ:
        program.main(prog_name="skintui")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show '²' shows '?', and the run goes on
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))
