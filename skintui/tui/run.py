"""The way in: settings and terminal are looked at before the application takes the terminal over."""

from __future__ import annotations

import os
from pathlib import Path

from skintui.settings import Settings
from skintui.workspace import Workspace


def run(
    dataset: Path,
    *,
    metadata: Path | None = None,
    images: Path | None = None,
    workspace: Workspace,
    settings: Settings,
    base: str | None = None,
    adapter: str | None = None,
) -> int:
    """Open the application on ``dataset`` and return its exit code.

    Raises UsageError for a keymap with an unknown command or a key with two meanings.
    """
    import threading

    from skintui.tui import collecting
    from skintui.tui.terminal import Inquiry, browser_graphics, end_with_terminal, tell_true_colour

    threading.Thread(target=_look_through, args=(workspace.lesions,), name="checksum", daemon=True).start()
    collecting.put_off()
    tell_true_colour()
    in_browser = "TEXTUAL_DRIVER" in os.environ
    if not in_browser:  # where a browser is the terminal, they tell its size
        for name in ("COLUMNS", "LINES"):  # exported by some shells; they would hold the window at its first size
            os.environ.pop(name, None)
    with Inquiry("none" if in_browser else settings.image) as inquiry:
        from skintui.tui.app import SkintuiApp  # loaded while the answers are on their way
        from skintui.tui.jobs.opening import Request

        graphics = browser_graphics(settings.image) if in_browser else inquiry.graphics()
    if inquiry.is_open:
        from skintui.tui.late_answers import ignore_late_answers

        ignore_late_answers()
    request = Request(dataset, workspace, settings, metadata, images, base, adapter, is_first_run())
    app = SkintuiApp(request, graphics)
    if not in_browser:
        end_with_terminal()
    app.run()
    return app.return_code or 0


def _look_through(lesions: Path) -> None:
    """Find the cached table intact, or not, while the application loads: opening need not wait for it then."""
    from contextlib import suppress

    from skintui.dataset.seal import is_intact

    with suppress(OSError):
        is_intact(lesions)


def is_first_run() -> bool:
    """Whether this user opens the application for the first time; the next call says no.

    Where nothing can be kept, it is never the first time: a tour at every start is worse than none.
    """
    from platformdirs import user_state_path

    toured = user_state_path("skintui", appauthor=False) / "toured"
    try:
        if toured.exists():
            return False
        toured.parent.mkdir(parents=True, exist_ok=True)
        toured.touch()
    except OSError:
        return False
    return True
