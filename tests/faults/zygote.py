"""A process with the product loaded that forks one call after the other: start-up costs nothing, each call is real.

Started as ``python -m tests.faults.zygote [ROOM…]`` where ROOM is a module to load beforehand. Reads one JSON object a
line: ``{"args", "cwd", "env", "limits", "stdout", "stderr", "uid"}``; answers ``{"pid"}`` and, when the call has ended,
``{"code"}`` (negative for a signal). Or ``{"run": [...]}``: a command run here, in this mount namespace. With
``"function": "module:name"`` the fork calls that with the arguments instead of the product.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from typing import Any, NoReturn


def main() -> None:
    for name in sys.argv[1:]:
        importlib.import_module(name)
    _say({"ready": os.getpid()})
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        if "run" in asked:
            done = subprocess.run(asked["run"], capture_output=True, text=True, check=False)
            _say({"code": done.returncode, "stderr": done.stderr})
            continue
        pid = os.fork()
        if pid == 0:
            _call(asked)
        _say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        _say({"code": os.waitstatus_to_exitcode(status)})


def _say(answer: dict[str, Any]) -> None:
    os.write(1, (json.dumps(answer) + "\n").encode())


def _call(asked: dict[str, Any]) -> NoReturn:
    """Become ``python -m skintui ARGS``."""
    import resource

    code = 70
    try:
        os.setsid()
        for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
            path = (os.devnull, asked["stdout"], asked["stderr"])[number]
            os.dup2(os.open(path, mode | (os.O_CREAT | os.O_TRUNC if number else 0), 0o666), number)
        for name, value in asked.get("limits", {}).items():
            resource.setrlimit(getattr(resource, name), (value, value))
        if asked.get("uid"):
            os.setgid(asked["uid"])
            os.setuid(asked["uid"])
        os.chdir(asked.get("cwd") or "/")
        os.environ.update(asked.get("env", {}))
        if asked.get("function"):
            module, _, name = asked["function"].partition(":")
            getattr(importlib.import_module(module), name)(*asked["args"])
            code = 0
        else:
            from skintui.cli.main import main as program

            program(asked["args"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- what the interpreter would print
        import traceback

        traceback.print_exc()
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                code = code or 120
        os._exit(code)


if __name__ == "__main__":
    main()
