from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from skintui.errors import ModelError
from skintui.model.fingerprint import base_sha256, fingerprint, tile_pixels
from skintui.model.reader import LesionReader


def test_a_changed_weight_changes_the_model(tiny_base: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(tiny_base, tmp_path / "base")
    shard = sorted(changed.glob("*.safetensors"))[-1]
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    assert base_sha256(changed) != base_sha256(tiny_base)


def test_a_changed_template_changes_the_prompt_alone(tiny_base: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(tiny_base, tmp_path / "base")
    (changed / "chat_template.jinja").write_text("another")
    ours, theirs = fingerprint(tiny_base, None), fingerprint(changed, None)
    assert ours["prompt_sha256"] != theirs["prompt_sha256"]
    assert ours["model_sha256"] == theirs["model_sha256"]


def test_another_tile_size_is_another_prompt(tiny_base: Path) -> None:
    assert fingerprint(tiny_base, None, 64)["prompt_sha256"] != fingerprint(tiny_base, None)["prompt_sha256"]


def test_the_reader_carries_the_same(tiny_base: Path, tiny_reader: LesionReader) -> None:
    assert tiny_reader.fingerprint == fingerprint(tiny_base, None)


def test_the_hubs_cache_names_large_files_by_their_checksum(tiny_base: Path, tmp_path: Path) -> None:
    cached = shutil.copytree(tiny_base, tmp_path / "snapshot")
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    for shard in cached.glob("*.safetensors"):
        blob = blobs / hashlib.sha256(shard.read_bytes()).hexdigest()
        shard.rename(blob)
        shard.symlink_to(os.path.relpath(blob, cached))
    assert base_sha256(cached) == base_sha256(tiny_base)


def test_asking_loads_no_torch(tiny_base: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from skintui.model.fingerprint import fingerprint;"
        f"fingerprint(Path({str(tiny_base)!r}), None);"
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'peft')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("sizes", [
    {"merge_size": "two"}, {"patch_size": 0}, {"patch_size": -14}, {"size": [224]}, {"patch_size": None},
    {"min_pixels": -4, "max_pixels": -4}, {"min_pixels": 1e300, "max_pixels": 1e300}, {"patch_size": float("inf")},
])  # fmt: skip
def test_sizes_of_tiles_that_are_none_are_refused(tmp_path: Path, sizes: dict[str, object]) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(sizes))
    with pytest.raises(ModelError, match=r"the sizes of tiles and patches are no numbers|do not divide into patches"):
        tile_pixels(tmp_path)


def test_the_size_of_tiles_is_what_is_asked_for_or_the_one_that_is_fixed(tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text('{"min_pixels": 12544, "max_pixels": 12544}')
    assert (tile_pixels(tmp_path), tile_pixels(tmp_path, asked=56)) == (112, 56)
