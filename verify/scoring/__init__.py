"""Photos by the thousand: a folder to a table, on all cores or on a cluster, resumed after any interruption.

from backfocus.verify.scoring import score
print(score("photos", "results.csv").photos)
"""

from backfocus.targets.errors import TableError

from .columns import COLUMNS, Cell, Column, Row
from .run import Scoring, score
from .tables import read_results
from .tally import Tally
from .tree import file_of

__all__ = ["COLUMNS", "Cell", "Column", "Row", "Scoring", "TableError", "Tally", "file_of", "read_results", "score"]
