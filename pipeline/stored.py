"""The tables of a run, read back from the folder that `planpipe run` wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import NoTables
from pipeline.tables import BY_NAME, TABLES, Table

if TYPE_CHECKING:
    import pyarrow as pa


def present(out: Path) -> tuple[Table, ...]:
    """The tables that a folder holds, in the order of `pipeline.tables`.

    Raises:
        NoTables: it holds none.
    """
    found = tuple(table for table in TABLES if (out / f"{table.name}.parquet").is_file())
    if not found:
        raise NoTables(f"{out} holds no tables of a run; make them: planpipe run FILES --out {out}")
    return found


def stored(out: Path, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """A table of a run.

    Args:
        out: folder of the run.
        name: of the table.
        columns: to read; None reads all that `pipeline.tables` has, in its order.

    Returns:
        The columns, typed as in the Parquet file.

    Raises:
        NoTables: the folder has no such table, or one that another version of planpipe wrote.
    """
    import pyarrow as pa
    from pyarrow import parquet

    path = out / f"{name}.parquet"
    try:
        with parquet.ParquetFile(path) as file:
            there = set(file.schema_arrow.names)
            known = [column.name for column in BY_NAME[name].columns]
            missing = [column for column in known if column not in there]
            if not missing:
                return file.read(known if columns is None else list(columns))
    except (OSError, pa.ArrowException) as error:
        raise NoTables(f"{path} cannot be read ({error}); make it: planpipe run FILES --out {out}") from error
    raise NoTables(
        f"{path} lacks {', '.join(missing)}: another version of planpipe wrote it; run again with the same --out"
    )
