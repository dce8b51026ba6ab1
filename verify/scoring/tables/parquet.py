"""Tables as Parquet, by pyarrow, which is an extra: backfocus[parquet]."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from backfocus.verify.scoring.columns import COLUMNS, ROW_SCHEMA, Row
from backfocus.verify.scoring.tables.checking import check_names, checked
from backfocus.verify.scoring.tables.errors import TableError

_ROWS_AT_ONCE = 1000


def check_library() -> None:
    """Check that pyarrow is installed.

    Raises:
        TableError: it is not.
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise TableError("Parquet needs pyarrow: pip install 'backfocus[parquet]'; or write a .csv or .jsonl.")


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write a table."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kinds = {"text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}
    schema = pa.schema([(column.name, kinds[column.kind]) for column in COLUMNS], {"schema": ROW_SCHEMA})
    with ParquetWriter(path, schema) as writer:
        coming = iter(rows)
        while some := list(islice(coming, _ROWS_AT_ONCE)):
            writer.write_batch(pa.RecordBatch.from_pylist(some, schema))


def read(path: Path) -> Iterator[Row]:
    """Return the rows of a table.

    Raises:
        ValueError: it is no such table.
    """
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        check_names(file.schema_arrow.names)
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            for cells in batch.to_pylist():
                yield checked(cells)
