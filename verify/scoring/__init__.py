"""Photos by the thousand: a folder to a table, on all cores or on a cluster, resumed after any interruption.

from backfocus.verify.scoring import score
print(score("photos", "results.csv").photos)
"""

from backfocus.verify.scoring.columns import COLUMNS, Cell, Column, Row
from backfocus.verify.scoring.scoring import Scoring, score
from backfocus.verify.scoring.tables import TableError, read_results
from backfocus.verify.scoring.tally import Tally
from backfocus.verify.scoring.tree import file_of

__all__ = ["COLUMNS", "Cell", "Column", "Row", "Scoring", "TableError", "Tally", "file_of", "read_results", "score"]
