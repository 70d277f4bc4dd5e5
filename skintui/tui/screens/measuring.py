"""Commands that take stock: the meter, and where flags cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from skintui.attributes import ATTRIBUTES, BY_NAME
from skintui.errors import SkintuiError
from skintui.nouns import counted
from skintui.tui.screens.clusters import ClusterScreen
from skintui.tui.screens.meter import MeterScreen
from skintui.tui.screens.no_audit import without_audit

if TYPE_CHECKING:
    from skintui.session import Session
    from skintui.steps.clusters import Clustered
    from skintui.steps.systematic import Systematic
    from skintui.tui.screens.audit import AuditScreen
    from skintui.tui.screens.display import Display


class Measuring:
    """Opens a screen over the lesions; what is chosen there is listed."""

    def __init__(self, screen: AuditScreen, session: Session, display: Display) -> None:
        self._screen, self._session, self._display = screen, session, display
        self._row = 0
        self.deeds: dict[str, Callable[[], None]] = {"meter": self.meter, "clusters": self.clusters}
        self._recall()

    # The stopping rule

    def _recall(self) -> None:
        kept = self._session.desk.get(self._name)
        if kept is None:
            return
        from skintui.audit.stopping import SHARES

        if kept in SHARES:
            self._session.tolerated = kept

    @property
    def _name(self) -> str:
        return f"tolerated/{self._session.decisions.reviewer}"

    def _tolerate(self, share: float) -> None:
        self._session.tolerated = share
        self._session.desk.put(self._name, share)

    # The screens

    def meter(self) -> None:
        screen = MeterScreen(self._session, self._screen.keymap, self._tolerate)
        self._screen.app.push_screen(screen, lambda _: self._display.meter())

    def clusters(self) -> None:
        import numpy as np

        from skintui.session.aside import give_back
        from skintui.steps.clusters import find_clusters
        from skintui.steps.systematic import find_systematic

        found = self._session.findings
        if found is None:
            self._screen.say(without_audit(self._screen, self._session))
            return
        lesions, predicted = self._session.lesions, self._session.predictions.predicted
        fdr = found.findings.fdr

        def find() -> tuple[Clustered, Systematic]:
            by_lesion = found.by_lesion(lesions.labels(), predicted)
            spread = np.asarray(found.spread, np.float64)
            clusters = find_clusters(lesions, by_lesion, fdr)
            systematic = find_systematic(lesions, by_lesion.predicted, spread, fdr)
            give_back(lesions.labels())
            return clusters, systematic

        self._screen.app.push_screen(ClusterScreen(find, self._row), self._list)

    def _list(self, group: dict[str, Any] | None) -> None:
        """List the flagged annotations of a group, in place of what was listed; of a systematic error every lesion."""
        from skintui.session.queue import SUSPICION
        from skintui.session.rules import Filter, Having, Rules, Where
        from skintui.steps.clusters import GROUPED_BY

        if group is None:
            return
        self._row = group["row"]
        whole = "sentence" in group
        filters: list[Filter] = []
        if group["by"] in GROUPED_BY:
            value = str(group["group"]).replace("'", "''")
            filters.append(Where(f"{GROUPED_BY[group['by']]} = '{value}'", self._session.attribute))
        if not whole:
            of = group["attribute"]
            filters.append(Having("flagged", "") if of is None else Having("attribute", of))
        try:
            self._session.queue.order = SUSPICION
            self._session.apply(Rules(tuple(filters)))
            self._session.show_queue(not whole)
        except SkintuiError as error:
            self._screen.say(str(error), "warn")
            return
        if whole:
            self._session.choose_attribute(ATTRIBUTES.index(BY_NAME[group["attribute"]]))
        self._display.listing()
        self._display.moved_elsewhere()
        clear = self._screen.keymap.first("clear")
        here = counted(len(self._session.listing), "lesion" if whole else "flagged annotation")
        self._screen.say(f"{here} of this {group['by']}; {clear} lists all again")
