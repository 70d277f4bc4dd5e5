"""The application in a real browser: the page opens, keys work, a verdict lands in the record."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from skintui.review.record import ReviewRecord
from skintui.steps.place import Place
from tests.made_results import copied, drawn_lesions, prepared

__all__ = ["drawn_lesions", "prepared"]

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
PATIENCE = 60.0

pytestmark = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs Debian's chromium and chromium-driver",
)


def until(condition: Callable[[], bool], what: str) -> None:
    """Ask again and again, giving the processor away in between."""
    deadline = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < deadline, f"never came true: {what}"
        subprocess.run(["sleep", "0.05"], check=True)


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    """Drawn lesions with results, in a workspace of the test's own."""
    return copied(prepared, tmp_path / "workspace")


@pytest.fixture
def address(place: Place) -> Iterator[str]:
    """``skintui --serve`` at work; the address it printed."""
    command = [sys.executable, "-m", "skintui", str(place.files.root), "--workspace", str(place.workspace.root)]
    server = subprocess.Popen([*command, "--serve", "--reviewer", "ada"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync", "disable-dev-shm-usage", "window-size=1200,800",
        f"user-data-dir={tmp_path / 'profile'}",
    ):  # fmt: skip
        options.add_argument(f"--{flag}")
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options, service)
    try:
        yield driver
    finally:
        driver.quit()


def test_a_verdict_given_in_the_browser_lands_in_the_record(address: str, browser: Any, place: Place) -> None:
    browser.get(address)
    until(lambda: "-first-byte" in browser.find_element("tag name", "body").get_attribute("class"), "the application")
    terminal = browser.find_element("css selector", "textarea")

    def decided() -> bool:
        browser.execute_script("arguments[0].focus()", terminal)  # it lies where nobody could click
        webdriver.ActionChains(browser).send_keys("x").perform()
        with ReviewRecord(place.workspace.review) as record:
            return any(verdict.verdict == "label_wrong" for verdict in record.latest().values())

    until(decided, "the verdict")
    with ReviewRecord(place.workspace.review) as record:
        assert {verdict.reviewer for verdict in record.latest().values()} == {"ada"}


def test_the_address_bar_does_not_keep_the_token(address: str, browser: Any) -> None:
    browser.get(address)
    assert "token" not in browser.current_url
    assert browser.title == "lesions"
