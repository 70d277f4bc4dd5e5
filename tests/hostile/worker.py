"""A process of its own that reads hostile inputs one after the other and tells what came of each.

A request is a line ``reader folder file bytes`` in JSON and then the bytes; the answer is a line of JSON on the
descriptor that was standard output. It may die of an input: whoever asks sees that it is gone.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path

from skintui.errors import SkintuiError
from skintui.steps.measures import peak_memory, restart_peak_memory
from tests.hostile.readers import READERS

SPACE = 24 << 30
"""Address space: libraries reserve far more than they use, so memory itself is measured, not limited, below this."""


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (SPACE, SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        data = sys.stdin.buffer.read(asked["bytes"])
        print(json.dumps(_read(asked, data)), file=answers, flush=True)


def _read(asked: dict[str, str], data: bytes) -> dict[str, object]:
    restart_peak_memory()
    begun = time.perf_counter()
    outcome, said = "accepted", ""
    try:
        READERS[asked["reader"]].read(Path(asked["folder"]), asked["file"], data)
    except SkintuiError as error:
        outcome, said = "refused", str(error)
        if not said.isprintable() or len(said) > 2000:
            outcome, said = "traceback", f"not one printable line: {said[:300]!r}"
    except BaseException:  # noqa: BLE001 -- the finding
        outcome, said = "traceback", traceback.format_exc()[-3000:]
    seconds = time.perf_counter() - begun
    return {"outcome": outcome, "said": said, "seconds": seconds, "peak": peak_memory() or 0}


if __name__ == "__main__":
    main()
