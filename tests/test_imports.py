"""What does not load: the price of starting is paid only by who needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = """
import sys
sys.argv = ["skintui", *{arguments!r}]
try:
    {statement}
except SystemExit as done:
    assert not done.code, done.code
print("\\n".join(name.partition(".")[0] for name in sys.modules))
"""
HEAVY = {
    "polars",
    "numpy",
    "PIL",
    "textual",
    "textual_image",
    "torch",
    "transformers",
    "peft",
    "h5py",
    "usearch",
    "sklearn",
    "rich",
    "ray",
}


def loaded(statement: str, *arguments: str) -> set[str]:
    """Top-level modules in a fresh interpreter after ``statement``."""
    code = LOADED.format(arguments=list(arguments), statement=statement)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def test_the_package_root_is_standard_library_only() -> None:
    ours = {name for name in loaded("import skintui") if name not in sys.stdlib_module_names}
    bare = {name for name in loaded("pass") if name not in sys.stdlib_module_names}
    assert ours - bare == {"skintui"}


@pytest.mark.parametrize("arguments", [["--help"], ["index", "--help"], ["neighbours", "--help"], ["bench", "--help"]])
def test_help_loads_click_and_nothing_heavy(arguments: list[str]) -> None:
    found = loaded("from skintui.cli.main import main; main()", *arguments)
    assert "click" in found
    assert not found & HEAVY


def test_the_steps_load_no_torch() -> None:
    steps = "audit, evaluate, export, index, neighbours, review, scan, train, weights"
    found = loaded(f"from skintui.steps import {steps}")
    assert not found & {"torch", "transformers", "peft", "textual", "click", "ray"}


def test_the_first_paint_waits_for_no_data() -> None:
    found = loaded("import skintui.tui.run, skintui.tui.app")
    assert not found & {"polars", "numpy", "h5py", "usearch", "sqlite3"}


def test_what_opens_a_data_set_loads_nothing_that_only_some_key_needs() -> None:
    found = loaded("import skintui.tui.run, skintui.tui.app, skintui.session")
    assert "polars" in found
    rarely = {"rapidfuzz", "aiohttp", "textual_plot", "textual_serve", "textual_image", "selenium", "websockets"}
    assert not found & (rarely | {"h5py", "usearch", "torch", "scipy", "matplotlib", "click", "jinja2", "ray"})
