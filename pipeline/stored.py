"""The tables of a run, read back from the folder that `planpipe run` wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import TablesError
from pipeline.tables import BY_NAME, TABLES, Table

if TYPE_CHECKING:
    import pyarrow as pa


def present(out: Path) -> tuple[Table, ...]:
    """The tables that a folder holds, in the order of `pipeline.tables`.

    Raises:
        TablesError: it holds none.
    """
    found = tuple(table for table in TABLES if (out / f"{table.name}.parquet").is_file())
    if not found:
        raise TablesError(f"{out} holds no tables of a run; make them: planpipe run FILES --out {out}")
    return found


def stored(out: Path, name: str) -> pa.Table:
    """A table of a run.

    Args:
        out: folder of the run.
        name: of the table.

    Returns:
        Its columns as `pipeline.tables` has them, typed as in the Parquet file.

    Raises:
        TablesError: the folder has no such table, or one that another version of planpipe wrote.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = out / f"{name}.parquet"
    try:
        table = parquet.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise TablesError(f"{path} cannot be read ({error}); make it: planpipe run FILES --out {out}") from error
    columns = [column.name for column in BY_NAME[name].columns]
    missing = sorted(set(columns) - set(table.column_names))
    if missing:
        raise TablesError(
            f"{path} lacks {', '.join(missing)}: another version of planpipe wrote it; run again with the same --out"
        )
    return table.select(columns)
