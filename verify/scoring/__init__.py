"""Photos by the thousand: a folder to a table, on all cores or on a cluster, resumed after any interruption.

from backfocus.verify.scoring import score
print(score("photos", "results.csv").photos)
"""

from backfocus.targets.errors import TableError

from .columns import COLUMNS, Cell, Column, Row
from .ledger import file_of
from .run import Scoring, score
from .tables import read_results
from .tally import Tally

__all__ = ["COLUMNS", "Cell", "Column", "Row", "Scoring", "TableError", "Tally", "file_of", "read_results", "score"]
