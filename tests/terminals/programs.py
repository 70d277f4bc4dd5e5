"""Which programs of the operating system a test needs, and what to say where they are missing."""

from __future__ import annotations

import os
import shutil

import pytest

PACKAGES = {
    "Xvfb": "xvfb",
    "xterm": "xterm",
    "kitty": "kitty",
    "xdotool": "xdotool",
    "tmux": "tmux",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
"""Debian package of each program."""


def found(program: str) -> str | None:
    """Path of a program; servers are often outside a user's PATH."""
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/bin"]))


def path_of(program: str) -> str:
    """Path of a program that is there."""
    path = found(program)
    assert path is not None, f"{program} is not installed"
    return path


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip where one of these is missing, and say which package has it."""
    missing = [program for program in programs if found(program) is None]
    packages = " ".join(PACKAGES[program] for program in missing)
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)} (apt install {packages})")
