"""What a person sets once: a TOML file, overridden by ``SKINTUI_*`` variables, overridden by options.

The file is ``settings.toml`` in the platform's user configuration folder (``SKINTUI_CONFIG`` names another). A key that
does not exist is an error, so a typing mistake never passes silently.
"""

from __future__ import annotations

import difflib
import getpass
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from skintui.errors import UsageError

IMAGE_MODES = ("auto", "kitty", "sixel", "half", "none")
QUANTIZATIONS = ("4bit", "8bit")
DECODE_MODES = ("greedy", "mean", "median")
DECODE = "median"
"""How an answer becomes a number unless somebody says otherwise."""


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        return "curator"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; the docstring under a field is its documentation."""

    image: str = "auto"
    """How tiles are drawn: ``auto``, ``kitty``, ``sixel``, ``half`` (half cells) or ``none``."""
    theme: str = "textual-dark"
    """Name of the colour theme."""
    workspace: str = ""
    """Folder for everything computed and decided; empty for one per data set under the user data folder."""
    device: str = "auto"
    """Where the model runs: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` …"""
    dtype: str = "auto"
    """Arithmetic of the model: ``auto`` (bfloat16 on a GPU, else float32), ``float32``, ``bfloat16``, ``float16``."""
    decode: str = DECODE
    """How the model's answer becomes a number: ``greedy`` (the paper's), ``mean`` or ``median`` of its distribution."""
    quantize: str = ""
    """Bits per weight of the base model: ``4bit``, ``8bit`` (both need ``skintui[quantize]``) or empty for its own."""
    base: str = ""
    """Folder or hub id of the base model; empty for the bundled one."""
    adapter: str = ""
    """Folder of the LoRA adapter; empty for the bundled one (with the bundled base)."""
    address: str = ""
    """Ray cluster for ``--engine ray``: ``host:port``, or ``auto`` on a node of it; empty for this machine alone."""
    reviewer: str = field(default_factory=_login)
    """Name written beside each verdict."""
    fdr: float = 0.1
    """False-discovery rate at which annotations are flagged."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Own keys, ``command = "key"``, in the table ``[keys]``."""


def config_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The settings file's path; ``SKINTUI_CONFIG`` overrides the platform's place."""
    named = environment.get("SKINTUI_CONFIG")
    if named:
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("skintui", appauthor=False) / "settings.toml"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Defaults, then the settings file, then ``SKINTUI_*`` variables. Raises UsageError naming the wrong key."""
    path = config_file(environment)
    settings = Settings()
    if path.is_file():
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
            raise UsageError(f"settings cannot be read ({error})", where=path, do="mend or remove the file") from error
        settings = with_values(settings, table, where=str(path))
    variables = {
        f.name: environment[f"SKINTUI_{f.name.upper()}"]
        for f in fields(Settings)
        if f.name != "keys" and environment.get(f"SKINTUI_{f.name.upper()}")
    }
    return with_values(settings, variables, where="environment variables SKINTUI_*")


def with_values(settings: Settings, values: Mapping[str, Any], *, where: str = "options") -> Settings:
    """A copy with ``values`` checked and set."""
    known = {f.name for f in fields(Settings)}
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(sorted(known))}"
            raise UsageError(f"unknown setting '{name}'", where=where, do=hint)
        changes[name] = _checked(name, value, where)
    return replace(settings, **changes)


def _checked(name: str, value: Any, where: str) -> Any:
    if name == "keys":
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value.values()):
            raise UsageError('[keys] must be a table of command = "key"', where=where)
        return dict(value)
    if name == "fdr":
        try:
            rate = float(value)
        except (TypeError, ValueError):
            rate = -1.0
        if not 0 < rate < 1:
            raise UsageError(f"fdr must lie between 0 and 1, not '{value}'", where=where)
        return rate
    if not isinstance(value, str):
        raise UsageError(f"setting '{name}' must be text", where=where)
    if name == "quantize" and value not in ("", *QUANTIZATIONS):
        raise UsageError(f"quantize must be {' or '.join(QUANTIZATIONS)}, not '{value}'", where=where)
    if name == "image" and value not in IMAGE_MODES:
        raise UsageError(f"image must be one of {', '.join(IMAGE_MODES)}, not '{value}'", where=where)
    if name == "decode" and value not in DECODE_MODES:
        raise UsageError(f"decode must be one of {', '.join(DECODE_MODES)}, not '{value}'", where=where)
    return value
