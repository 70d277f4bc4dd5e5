"""The application's side of the model child: starts it when needed, asks it, ends it. Loads no torch."""

from __future__ import annotations

import base64
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from skintui.attributes import Attribute
from skintui.errors import ModelError
from skintui.settings import DECODE
from skintui.texts import printable

_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


class ModelChild:
    """One model in a process of its own. All methods may be called from any thread; calls are answered in order."""

    def __init__(
        self,
        base: str | Path,
        adapter: Path | None = None,
        *,
        device: str = "auto",
        dtype: str = "auto",
        decode: str = DECODE,
        quantize: str = "",
    ) -> None:
        self._command = [sys.executable, "-P", "-m", "skintui.model.child", "--base", str(base)]
        self._command += ["--device", device, "--dtype", dtype, "--decode", decode, "--quantize", quantize]
        if adapter is not None:
            self._command += ["--adapter", str(adapter)]
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[bytes] | None = None
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._number = 0
        self._closed = False

    def __enter__(self) -> ModelChild:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def running(self) -> bool:
        process = self._process
        return process is not None and process.poll() is None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self.running else None

    def read(
        self, tile: bytes, labels: Sequence[float] | NDArray[np.float64] | None = None, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Read one tile (the bytes of its JPEG or PNG).

        Returns ``predicted``, ``spread``, ``label_logprob``, ``label_tail`` ((16,) float64, NaN where missing),
        ``texts`` (16 answers as written), ``image_vector`` (d,) and ``attribute_vectors`` (16, d) float32.
        Raises ModelError.
        """
        known = None if labels is None else [float(x) if math.isfinite(x) else None for x in labels]
        result = self._ask("read", timeout, tile=base64.b64encode(tile).decode("ascii"), labels=known)
        image = _vector(result["image_vector"])
        numbers = {
            name: np.array([np.nan if x is None else x for x in result[name]], dtype=np.float64)
            for name in ("predicted", "spread", "label_logprob", "label_tail")
        }
        return {
            **numbers,
            "texts": [printable(str(text), 80) for text in result["texts"]],
            "image_vector": image,
            "attribute_vectors": _vector(result["attribute_vectors"]).reshape(-1, len(image)),
        }

    def joint(
        self, tile: bytes, attributes: Sequence[Attribute], *, timeout: float | None = None
    ) -> NDArray[np.float32]:
        """(d,) vector of one prompt that asks for several attributes at once. Raises ModelError."""
        names = [a.name for a in attributes]
        result = self._ask("joint", timeout, tile=base64.b64encode(tile).decode("ascii"), attributes=names)
        return _vector(result["vector"])

    def fingerprint(self, *, timeout: float | None = None) -> dict[str, str]:
        """Checksums of model, adapter and prompt; also a way to have the model loaded ahead."""
        return {name: str(value) for name, value in self._ask("fingerprint", timeout).items()}

    def close(self) -> None:
        """End the process; calls still waiting raise ModelError. Closing twice does nothing."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            with suppress(OSError):  # it has ended already
                process.stdin.close()  # the child ends itself when its input does
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ask(self, call: str, timeout: float | None, **fields: Any) -> dict[str, Any]:
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            process = self._started()
            waiting = self._waiting
            self._number += 1
            number = self._number
            waiting[number] = future
            line = json.dumps({"id": number, "call": call, **fields}) + "\n"
            assert process.stdin is not None  # noqa: S101 -- opened as a pipe
            try:
                process.stdin.write(line)
                process.stdin.flush()
            except OSError as error:
                waiting.pop(number, None)
                raise ModelError(self._epitaph(process), do="see 'skintui doctor'") from error
        try:
            reply = future.result(timeout)
        except FutureTimeout as error:
            waiting.pop(number, None)
            raise ModelError(f"the model did not answer within {timeout:g} s") from error
        if "error" in reply:
            raise ModelError(printable(str(reply["error"]), 400))
        result = reply["result"]
        assert isinstance(result, dict)  # noqa: S101 -- the child's own format
        return result

    def _started(self) -> subprocess.Popen[str]:
        """The running process, started if need be; the lock is held."""
        if self._closed:
            raise ModelError("the model has been closed")
        if self._process is not None and self._process.poll() is None:
            return self._process
        path = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the process
        try:
            process = subprocess.Popen(  # noqa: S603 -- this interpreter, our own module
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env=os.environ | {"PYTHONPATH": path},
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is the application's to handle
            )
        except OSError as error:
            raise ModelError(f"the model process cannot be started ({error})") from error
        self._process, self._waiting = process, {}
        arguments = (process, self._waiting)
        threading.Thread(target=self._listen, args=arguments, name="model replies", daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen[str], waiting: dict[int, Future[dict[str, Any]]]) -> None:
        """Hand each reply to its call; when the process ends, every waiting call fails with the reason."""
        assert process.stdout is not None  # noqa: S101 -- opened as a pipe
        with process.stdout:
            for line in process.stdout:
                reply = json.loads(line)
                future = waiting.pop(reply.get("id"), None)
                if future is not None:
                    future.set_result(reply)
        process.wait()
        reason = self._epitaph(process)
        with self._lock:  # a call that is being written has registered before
            left = [waiting.pop(number) for number in list(waiting)]
        for future in left:
            future.set_result({"error": reason})

    def _epitaph(self, process: subprocess.Popen[str]) -> str:
        """Why the process ended, with the last line it wrote."""
        if self._closed:
            return "the model has been closed"
        last = ""
        if self._log is not None and not self._log.closed:
            self._log.seek(0)
            lines = self._log.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
            last = f": {printable(lines[-1], 200)}" if lines else ""
        return f"the model process ended (code {process.poll()}){last}"


def _vector(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), dtype="<f4").astype(np.float32)
