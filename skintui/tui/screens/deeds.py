"""The groups of commands that an open data set has; each lies in a file beside this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from skintui.tui.screens.arranging import Arranging
from skintui.tui.screens.comparing import Comparing
from skintui.tui.screens.copying import Copying
from skintui.tui.screens.correcting import Correcting
from skintui.tui.screens.deciding import Deciding
from skintui.tui.screens.exporting import Leaving
from skintui.tui.screens.finding import Finding
from skintui.tui.screens.jumping import Jumping
from skintui.tui.screens.marking import Marking
from skintui.tui.screens.measuring import Measuring
from skintui.tui.screens.moving import Moving
from skintui.tui.screens.narrowing import Narrowing
from skintui.tui.screens.plotting import Plotting
from skintui.tui.screens.queueing import Queueing
from skintui.tui.screens.watching import Watching

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
    Comparing,
    Finding,
    Narrowing,
    Deciding,
    Arranging,
    Marking,
    Jumping,
    Copying,
    Correcting,
    Queueing,
    Watching,
    Plotting,
    Measuring,
    Leaving,
)
"""Made when the data set is open. A command of the table whose name no group has is neither bound nor in the help."""
