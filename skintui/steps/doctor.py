"""``doctor``: versions, device, terminal and workspace, each checked by itself so that one failure hides no other."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from skintui import __version__, bundled
from skintui.errors import SkintuiError
from skintui.mounts import ON_NETWORK, Mount, locks_hold, mount_of
from skintui.steps.place import Place, open_place
from skintui.steps.weights import Weights
from skintui.texts import printable

COLUMNS = ("check", "state", "detail")
OK, LACKING, FAILED = "ok", "lacking", "failed"
PACKAGES = ("torch", "transformers", "peft", "polars", "numpy", "usearch", "textual", "textual-image", "h5py", "pillow")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    check: str
    state: str
    """``ok``, ``lacking`` (not made yet, or not needed everywhere) or ``failed``."""
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything looked at."""

    checks: tuple[Check, ...]

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.state == FAILED]

    def rows(self) -> Iterator[dict[str, object]]:
        return (asdict(check) for check in self.checks)

    def summary(self) -> str:
        names = ", ".join(check.check for check in self.failed)
        return f"{len(self.failed)} of {len(self.checks)} checks failed: {names}"


def doctor(
    dataset: str | None, metadata: str | None, images: str | None, workspace: str, weights: Weights | None = None
) -> Report:
    """Look at everything; ``weights`` given, also load that model (which loads torch)."""
    checks = [*_versions(), _device(), _terminal(os.environ), *_bundled()]
    try:
        place = open_place(dataset, metadata=metadata, images=images, workspace=workspace)
    except SkintuiError as error:
        checks.append(Check("data set", FAILED, str(error)))
    else:
        checks += [Check("data set", OK, str(place.files.root)), *_workspace(place)]
    if weights is not None:
        checks.append(_model(weights))
    return Report(tuple(checks))


def _versions() -> Iterator[Check]:
    yield Check("skintui", OK, __version__)
    yield Check("python", OK, f"{platform.python_version()} on {platform.platform(terse=True)}")
    for name in PACKAGES:
        try:
            yield Check(name, OK, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Check(name, FAILED, f"not installed; pip install {name}")


def _device() -> Check:
    """Whether a GPU is likely usable, without loading torch (which ``--model`` does)."""
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        return Check("device", OK, "NVIDIA driver present: --device auto takes the GPU if torch was built for it")
    if sys.platform == "darwin":
        return Check("device", OK, "cpu or mps")
    return Check("device", OK, "cpu")


def _terminal(environment: Mapping[str, str]) -> Check:
    mode = terminal_images(environment)
    inside = " (inside tmux)" if environment.get("TMUX") else ""
    return Check("terminal images", OK, f"{mode} expected from the environment{inside}; --image names another")


def terminal_images(environment: Mapping[str, str]) -> str:
    """How tiles can probably be drawn, told from the environment alone: ``kitty``, ``sixel`` or ``half``."""
    term = environment.get("TERM", "").lower()
    program = environment.get("TERM_PROGRAM", "").lower()
    if environment.get("TMUX") or term.startswith(("screen", "tmux")) or not term or term in ("dumb", "linux"):
        return "half"
    if environment.get("KITTY_WINDOW_ID") or "kitty" in term or program in ("ghostty", "wezterm"):
        return "kitty"
    if "sixel" in term or term.startswith(("foot", "mlterm", "contour")) or program in ("iterm.app", "mintty"):
        return "sixel"
    return "half"


def _bundled() -> Iterator[Check]:
    for name, folder in (
        ("bundled demo", bundled.demo_dataset()),
        ("bundled base", bundled.base_model()),
        ("bundled adapter", bundled.adapter()),
    ):
        found = folder.is_dir()
        yield Check(name, OK if found else LACKING, str(folder) if found else f"not found in {folder}")


def _workspace(place: Place) -> Iterator[Check]:
    workspace = place.workspace
    writable = os.access(workspace.root, os.W_OK)
    free = shutil.disk_usage(workspace.root).free / 2**30
    yield Check(
        "workspace",
        OK if writable else FAILED,
        f"{workspace.root}, {free:.1f} GiB free" if writable else f"{workspace.root} is not writable",
    )
    yield _cache(place)
    if (mount := mount_of(workspace.root)).is_network:
        yield _network(workspace.root, mount)
    yield from (_results(place), _vectors(place), _review(workspace.review))
    yield from _files(place)


def _network(root: Path, mount: Mount) -> Check:
    """What a workspace that other machines share can be used for."""
    if not mount.locks_reach_others or not locks_hold(root):
        return Check("file system", FAILED, f"{mount.kind}, on which locks do not hold: verdicts are refused here")
    return Check("file system", OK, f"{mount.kind}: {ON_NETWORK}")


def _cache(place: Place) -> Check:
    from skintui.steps.freshness import cached_sha256

    try:
        known = cached_sha256(place)
    except SkintuiError as error:
        return Check("lesions.parquet", FAILED, str(error))
    if known is None:
        return Check("lesions.parquet", LACKING, "not made yet; run 'skintui scan'")
    return Check("lesions.parquet", OK, f"data set {known[:12]}")


def _results(place: Place) -> Check:
    from skintui.steps.predictions import read_about

    if not place.workspace.predictions.is_file():
        return Check("predictions.parquet", LACKING, "not made yet; run 'skintui index'")
    try:
        about = read_about(place.workspace.predictions)
    except SkintuiError as error:
        return Check("predictions.parquet", FAILED, str(error))
    return Check("predictions.parquet", OK, f"{about.kind}, model {about.model_id}")


def _vectors(place: Place) -> Check:
    from skintui.steps.freshness import check_vectors

    if not place.workspace.vectors.is_dir():
        return Check("vectors", LACKING, "not made yet; run 'skintui index'")
    try:
        return Check("vectors", OK, check_vectors(place))
    except SkintuiError as error:
        return Check("vectors", FAILED, str(error))


def _files(place: Place) -> Iterator[Check]:
    """What the other checks do not name, file by file."""
    from skintui.steps.health import file_states

    for state in file_states(place):
        yield Check(state.name, FAILED if state.problem else OK, state.problem or state.detail)


def _review(path: Path) -> Check:
    from skintui.review.record import ReviewRecord

    if not path.exists() and not path.is_symlink():
        return Check("review.sqlite", LACKING, "no verdict yet")
    try:
        with ReviewRecord(path, reading=True) as record:
            state = record.quick_check()
            count = len(record.events())
    except SkintuiError as error:
        return Check("review.sqlite", FAILED, str(error))
    return (
        Check("review.sqlite", FAILED, printable(state, 200))
        if state != "ok"
        else Check("review.sqlite", OK, f"{count:,} events")
    )


def _model(weights: Weights) -> Check:
    try:
        reader = weights.load()
    except SkintuiError as error:
        return Check("model", FAILED, str(error))
    return Check(
        "model", OK, f"{reader.fingerprint['model_id']} on {reader.device}, {reader.dtype}, d = {reader.hidden_size}"
    )
