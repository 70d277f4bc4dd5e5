"""The groups of commands that an open data set has; each lies in a file beside this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from skintui.tui.screens.deciding import Deciding
from skintui.tui.screens.finding import Finding
from skintui.tui.screens.moving import Moving
from skintui.tui.screens.plotting import Plotting

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Deeds(Protocol):
    """Commands of one kind."""

    deeds: dict[str, Callable[[], None]]
    """By the name of the command in the table."""


GROUPS: tuple[Callable[[AuditScreen, Session, Display], Deeds], ...] = (
    Moving,
    Finding,
    Deciding,
    Plotting,
)
"""Made when the data set is open. A command of the table whose name no group has is neither bound nor in the help."""
