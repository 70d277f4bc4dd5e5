"""What to do where a command needs the audit and there is none to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen


def without_audit(screen: AuditScreen, session: Session) -> str:
    """Why there is none, and how it comes: it is hidden, it is being made, or nobody has asked for it."""
    if session.blind.prediction:
        return f"the prediction is hidden: {screen.keymap.first('blind')} shows it again"
    if screen.steps.step:
        return "this comes with the audit: wait for it"
    return f"no audit yet: press {screen.keymap.first('index')}"
