"""Runs inside a terminal: writes down what this terminal is, then becomes the program named.

``python within.py REPORT PROGRAM ARGUMENT …``
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import sys
import termios
from pathlib import Path


def main(report: str, *command: str) -> None:
    rows, columns, width, height = struct.unpack("HHHH", fcntl.ioctl(1, termios.TIOCGWINSZ, bytes(8)))
    told = {"pid": os.getpid(), "window": os.environ.get("WINDOWID", "")}
    told |= {"columns": columns, "rows": rows, "width": width, "height": height}
    Path(f"{report}.part").write_text(json.dumps(told), encoding="utf-8")
    Path(f"{report}.part").rename(report)
    os.execvp(command[0], command)  # noqa: S606 -- no shell in between


if __name__ == "__main__":
    main(*sys.argv[1:])
