"""Opens the installed wheel as a newcomer would: help, the demo's scan, and the application on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import skintui

assert "site-packages" in skintui.__file__, f"not the installed wheel: {skintui.__file__}"
program = str(Path(sys.executable).with_name("skintui"))

assert "neighbours" in subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
print(subprocess.run([program, "doctor"], check=True, capture_output=True, text=True).stdout)
subprocess.run([program, "scan", "--progress", "none"], check=True, stdout=subprocess.DEVNULL)

process, terminal = pty.fork()
if process == 0:
    os.environ.update(TERM="xterm-256color", COLUMNS="120", LINES="40", SKINTUI_IMAGE="half")
    os.execv(program, [program])
seen = b""
deadline = time.monotonic() + 60
while time.monotonic() < deadline and b"ISIC_" not in seen:
    if select.select([terminal], [], [], 1)[0]:
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            break
assert b"ISIC_" in seen, f"the application did not show a lesion: {seen[-2000:]!r}"
os.write(terminal, b"q")
print("the application opened on the bundled demo")
deadline = time.monotonic() + 20
while time.monotonic() < deadline:
    done, status = os.waitpid(process, os.WNOHANG)
    if done:
        assert os.waitstatus_to_exitcode(status) == 0, status
        break
    if select.select([terminal], [], [], 0.2)[0]:
        try:
            os.read(terminal, 65536)
        except OSError:
            time.sleep(0.1)
else:
    os.kill(process, 9)
    raise SystemExit("the application did not quit on q")
