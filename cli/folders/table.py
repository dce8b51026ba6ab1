"""The table that `score` and `watch` write: the option that names it, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from backfocus.cli.files import UserError, printable_path

table_option = click.option(
    "-o",
    "--out",
    "table",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("results.csv"),
    show_default=True,
    help="The table: .csv, .jsonl or .parquet. What it has of unchanged photos is kept.",
)


@contextmanager
def mistakes_told(table: Path) -> Iterator[None]:
    """Turn what stops work on a table into a line for the user.

    Raises:
        UserError: for what the table, the folder, the workers or the cluster raise.
    """
    from backfocus.verify.scoring import TableError
    from backfocus.verify.scoring.ledger import LedgerError
    from backfocus.verify.scoring.workers.cluster import ClusterError
    from backfocus.verify.scoring.workers.worker import WorkerError

    try:
        yield
    except (TableError, LedgerError, ClusterError, WorkerError) as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"{printable_path(Path(str(error.filename or table)))}: {error.strerror}.") from None
