"""What people decided: verdicts kept in SQLite, and the tables that leave as CSV."""

from skintui.review.export import EXPORT_COLUMNS, export_rows
from skintui.review.record import ReviewRecord
from skintui.review.sheet import write_csv
from skintui.review.verdicts import VERDICTS, Verdict

__all__ = ["EXPORT_COLUMNS", "VERDICTS", "ReviewRecord", "Verdict", "export_rows", "write_csv"]
