"""Which annotations are suspicious, how sure that is, and why: numpy and polars only, no model.

``audit`` is the way in; the other files hold one step each.
"""

from skintui.audit.findings import AuditInput, Findings, load_findings
from skintui.audit.ranking import audit

__all__ = ["AuditInput", "Findings", "audit", "load_findings"]
