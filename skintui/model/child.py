"""The model in a process of its own, for the application: JSON lines on stdin, JSON lines on stdout.

A request is ``{"id", "call", …}``; the reply ``{"id", "result"}`` or ``{"id", "error"}``. The model is loaded at the
first request. When stdin closes, because the application ended in whatever way, the process ends at once.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import os
import queue
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from skintui.attributes import attribute
from skintui.errors import ModelError, SkintuiError
from skintui.settings import DECODE, DECODE_MODES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skintui.model.reader import LesionReader


class Server:
    """Answers requests with one model."""

    def __init__(
        self, base: str, adapter: Path | None, device: str, dtype: str, decode: str, quantize: str = ""
    ) -> None:
        self._wanted = (base, adapter, device, dtype, decode, quantize)
        self._reader: LesionReader | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The reply to one request; every failure becomes an ``error`` of one line."""
        try:
            return {"id": request.get("id"), "result": self._result(request)}
        except SkintuiError as error:
            return {"id": request.get("id"), "error": str(error)}
        except Exception as error:  # noqa: BLE001 -- a fault in one tile must not end the application's model
            return {"id": request.get("id"), "error": f"the model failed ({type(error).__name__}: {error})"[:300]}

    def _result(self, request: dict[str, Any]) -> dict[str, Any]:
        reader = self._loaded()
        call = request.get("call")
        if call == "fingerprint":
            return dict(reader.fingerprint)
        if call == "read":
            return self._read(reader, request)
        if call == "joint":
            asked = [attribute(str(name)) for name in request["attributes"]]
            return {"vector": _packed(reader.embed_joint([_image(request)], asked)[0])}
        raise ModelError(f"unknown call '{str(call)[:40]}'")

    def _loaded(self) -> LesionReader:
        if self._reader is None:
            import torch

            from skintui.model.reader import LesionReader

            torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))  # leave the screen a core
            base, adapter, device, dtype, decode, quantize = self._wanted
            self._reader = LesionReader.load(
                base, adapter, device=device, dtype=dtype, decode=decode, quantize=quantize
            )
        return self._reader

    def _read(self, reader: LesionReader, request: dict[str, Any]) -> dict[str, Any]:
        import numpy as np

        labels = request.get("labels")
        table = None if labels is None else np.array([[np.nan if x is None else x for x in labels]], dtype=np.float64)
        reading = reader.read([_image(request)], labels=table)
        return {
            "predicted": _numbers(reading.predicted[0]),
            "spread": _numbers(reading.spread[0]),
            "label_logprob": _numbers(reading.label_logprob[0]),
            "label_tail": _numbers(reading.label_tail[0]),
            "texts": reading.texts[0],
            "image_vector": _packed(reading.image_vectors[0]),
            "attribute_vectors": _packed(reading.attribute_vectors[0]),
        }


def _image(request: dict[str, Any]) -> Any:
    from skintui.dataset.tiles import decode_tile

    return decode_tile(base64.b64decode(request["tile"]))


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    """NaN has no place in JSON."""
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _packed(values: NDArray[np.float32]) -> str:
    """Little-endian float32 bytes in base64."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def serve(server: Server, requests: IO[str], replies: IO[str]) -> None:
    """Answer until ``requests`` ends; it is watched from a thread so that its end is seen during a pass as well."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()

    def watch() -> None:
        for line in requests:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=watch, name="requests", daemon=True).start()
    while True:
        try:
            request = json.loads(waiting.get())
        except ValueError:
            request = {"call": "not JSON"}
        replies.write(json.dumps(server.answer(request)) + "\n")
        replies.flush()


def _private_stdout() -> IO[str]:
    """The real stdout for replies alone; what libraries print goes to stderr."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return replies


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="skintui.model.child")
    parser.add_argument("--base", required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--decode", choices=DECODE_MODES, default=DECODE)
    parser.add_argument("--quantize", default="")
    chosen = parser.parse_args(arguments)
    replies = _private_stdout()
    server = Server(chosen.base, chosen.adapter, chosen.device, chosen.dtype, chosen.decode, chosen.quantize)
    try:
        serve(server, sys.stdin, replies)
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(0)


if __name__ == "__main__":
    main()
