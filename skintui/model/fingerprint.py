"""Where a model's files are, and checksums that say which model, adapter and prompt a result was made with.

Nothing here loads torch: whether stored vectors still match a model is asked far more often than the model runs.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from skintui.attributes import ATTRIBUTES
from skintui.errors import ModelError
from skintui.files import explained, sha256_of
from skintui.texts import printable

ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
RECIPE = "skintui.json"
"""Beside an adapter: which base it belongs to and how it was trained."""

_TEMPLATES = ("chat_template.jinja", "chat_template.json", "tokenizer_config.json", "tokenizer.json")
_HUB_FILES = ("*.json", "*.safetensors", "*.txt", "*.jinja")
_PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"})
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


def base_folder(base: str | Path, *, noun: str = "base model", option: str = "--base") -> Path:
    """The folder of a base model: itself, or that of a hub id (from the local cache, else downloaded).

    ``noun`` and ``option`` are what the message calls it and where it was named. Raises ModelError.
    """
    folder = Path(base).expanduser()
    if str(base) and folder.is_dir():
        return folder
    if not _HUB_ID.fullmatch(str(base)) or folder.exists():
        raise ModelError(f"no such {noun}", where=base, do=f"name a folder or a hub id with {option}")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    for local_only in (True, False):
        try:
            found = Path(snapshot_download(str(base), allow_patterns=list(_HUB_FILES), local_files_only=local_only))
        except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError, ValueError) as error:
            reason = error
        else:
            if not local_only or _complete(found):
                return found
    what = f"the {noun} is neither a folder nor to be had from the hub ({str(reason).splitlines()[0][:120]})"
    raise ModelError(what, where=base, do="check the name and the network, or name a folder")


def _complete(folder: Path) -> bool:
    try:
        return bool(weight_files(folder))
    except ModelError:
        return False


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files of a base model, sharded or not. Raises ModelError where one is missing."""
    index = folder / "model.safetensors.index.json"
    single = folder / "model.safetensors"
    if index.is_file():
        listed = read_json(index).get("weight_map")
        names = sorted({str(name) for name in listed.values()}) if isinstance(listed, dict) else []
        if any(Path(name).name != name for name in names):
            raise ModelError("it names weights outside of its folder", where=index, do="copy the whole folder")
        missing = [name for name in names if not (folder / name).is_file()]
        if missing or not names:
            raise ModelError(f"{len(missing)} weight file(s) are missing", where=folder, do="copy the whole folder")
        return [folder / name for name in names]
    if single.is_file():
        return [single]
    refuse_pickle(folder)
    raise ModelError("there are no weights (model.safetensors)", where=folder, do="name a folder that holds them")


def refuse_pickle(folder: Path) -> None:
    """Raise ModelError by name for weights that only unpickling would open."""
    pickled = sorted(file.name for file in folder.iterdir() if file.suffix in _PICKLES) if folder.is_dir() else []
    if pickled:
        what = f"the weights are pickled ({printable(pickled[0], 60)}), which is not safe to open"
        raise ModelError(what, where=folder, do="use safetensors")


def refuse_code(folder: Path) -> None:
    """Raise ModelError by name for a model that wants its own code to be run."""
    for name in ("config.json", "tokenizer_config.json", "preprocessor_config.json", "processor_config.json"):
        if (folder / name).is_file() and read_json(folder / name).get("auto_map"):
            what = "it asks for code of its own to be run (auto_map)"
            raise ModelError(what, where=folder / name, do="use a model without code")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of a model folder. Raises ModelError where it is missing or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path.name} is missing", where=path.parent, do="copy the whole folder") from error
    except OSError as error:
        raise ModelError(explained(error, path).what, where=path) from error
    except (ValueError, RecursionError) as error:
        raise ModelError("this is not JSON", where=path, do="copy the file again") from error
    if not isinstance(value, dict):
        raise ModelError("this is not a JSON object", where=path, do="copy the file again")
    return value


def base_sha256(folder: Path) -> str:
    """Checksum over configuration and weights of a base model."""
    return _over([folder / "config.json", *weight_files(folder)])


def adapter_sha256(adapter: Path) -> str:
    """Checksum over an adapter's configuration and weights."""
    for name in ADAPTER_FILES:
        if not (adapter / name).is_file():
            refuse_pickle(adapter)
            what = f"this is no adapter ({name} is missing)" if adapter.is_dir() else "no such adapter"
            raise ModelError(what, where=adapter, do="name a folder written by 'skintui train'")
    return _over([adapter / name for name in ADAPTER_FILES])


def prompt_sha256(folder: Path, tile_px: int) -> str:
    """Checksum over everything that decides a prompt: questions, answer format, template, tokenizer, tile size."""
    asked = json.dumps([[a.name, a.question, a.decimals] for a in ATTRIBUTES] + [tile_px])
    files = [folder / name for name in (*_TEMPLATES, "preprocessor_config.json") if (folder / name).is_file()]
    return hashlib.sha256(f"{asked}\n{_over(files)}".encode()).hexdigest()


def fingerprint(
    base: str | Path, adapter: Path | None, tile_px: int | None = None, quantize: str = ""
) -> dict[str, str]:
    """``model_id``, ``model_sha256``, ``adapter_sha256`` (empty without one) and ``prompt_sha256``.

    A quantised base makes other vectors, so it has a checksum of its own and says so in its id.
    """
    folder = base_folder(base)
    model, tuned = base_sha256(folder), adapter_sha256(adapter) if adapter else ""
    name = str(base) if not Path(base).expanduser().is_dir() else folder.resolve().name
    if quantize:
        model = hashlib.sha256(f"{model}\n{quantize}".encode()).hexdigest()
    return {
        "model_id": f"{name}@{model[:12]}{f':{quantize}' if quantize else ''}{f'+{tuned[:12]}' if tuned else ''}",
        "model_sha256": model,
        "adapter_sha256": tuned,
        "prompt_sha256": prompt_sha256(folder, tile_pixels(folder, adapter, tile_px)),
    }


TILE_PX = 224
"""Side to which tiles are resized where the model does not fix one: 8 × 8 image tokens with Qwen2-VL's patches."""

_LARGEST_TILE_PX = 1 << 13


def tile_pixels(folder: Path, adapter: Path | None = None, asked: int | None = None) -> int:
    """Side of the square every tile is resized to.

    Tiles are 51-239 px wide but always show 15 mm, so only one size keeps millimetres per pixel. It is what is asked
    for, else what the adapter was trained with, else the model's own where its smallest and largest image are the same
    square, else ``TILE_PX``. Raises ModelError where that is no size in whole patches.
    """
    config = read_json(folder / "preprocessor_config.json")
    trained = read_json(adapter / RECIPE).get("tile_px") if adapter and (adapter / RECIPE).is_file() else None
    try:
        size = config.get("size") or {}
        low = config.get("min_pixels", size.get("shortest_edge"))
        high = config.get("max_pixels", size.get("longest_edge"))
        fixed = round(float(low) ** 0.5) if low and low == high else None
        side = int(asked or trained or fixed or TILE_PX)
        factor = int(config.get("patch_size", 14)) * int(config.get("merge_size", 2))
        fits = 0 < factor <= side <= _LARGEST_TILE_PX and side % factor == 0
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        what = "the sizes of tiles and patches are no numbers"
        raise ModelError(what, where=folder / "preprocessor_config.json", do="copy the file again") from error
    if not fits:
        what = f"tiles of {str(side)[:12]} px do not divide into patches of {str(factor)[:12]} px"
        raise ModelError(what, where=folder)
    return side


def _over(files: list[Path]) -> str:
    lines = "".join(f"{file.name} {_content(file)}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _content(file: Path) -> str:
    """SHA-256 of a file; the hub's cache names large files by it already."""
    target = file.resolve()
    if file.is_symlink() and target.parent.name == "blobs" and re.fullmatch(r"[0-9a-f]{64}", target.name):
        return target.name
    try:
        return sha256_of(file)
    except OSError as error:
        raise ModelError(explained(error, file).what, where=file) from error
