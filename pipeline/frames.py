"""The tables of a run as pandas data frames, and DuckDB over them.

    tables = pipeline.load("out")
    tables.targets                        # a table
    tables.full("targets")                # … with the items, sections, plans and sources that its rows stand in
    tables.sql("select unit, count(*) from targets group by unit")

Dates are `datetime64`, whole numbers `Int64` (which knows null), lists are lists.
"""

from __future__ import annotations

import glob
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import NoTables
from pipeline.tables import BY_NAME

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pandas import DataFrame

FIRST = "sources"
"""The table that every run writes, be it empty."""


def frame(data: Any) -> DataFrame:
    """An Arrow table as a data frame.

    Args:
        data: `pyarrow.Table`.

    Returns:
        The same rows and columns: dates as `datetime64`, whole numbers as `Int64`, lists as lists. Decimals, which
        DuckDB gives for sums of whole numbers, are whole numbers too, and floats where they have a fraction or are
        too large.
    """
    import pandas as pd
    import pyarrow as pa

    for at, field in enumerate(data.schema):
        if pa.types.is_decimal(field.type):
            try:
                column = data.column(at).cast(pa.int64())
            except pa.ArrowInvalid:
                column = data.column(at).cast(pa.float64())
            data = data.set_column(at, field.name, column)
    whole = {pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32()}
    result: DataFrame = data.to_pandas(
        date_as_object=False, types_mapper=lambda kind: pd.Int64Dtype() if kind in whole else None
    )
    for at, field in enumerate(data.schema):
        if pa.types.is_list(field.type):
            result.isetitem(at, pd.Series(data.column(at).to_pylist(), dtype=object).array)
    return result


class Tables:
    """What a run wrote to its folder; nothing is read before it is asked for.

    Each table is an attribute that gives a data frame: `sources`, `plans`, `sections`, `items`, `goals`, `targets`,
    `deadlines`, `responsibilities`, and whatever other table lies there. It is read once; after another run into the
    same folder load it anew.

    Args:
        out: the folder that `planpipe run` was given with `--out`.

    Raises:
        NoTables: no run has written there.
    """

    def __init__(self, out: str | Path) -> None:
        self.out = Path(out)
        self._frames: dict[str, DataFrame] = {}
        if not (self.out / f"{FIRST}.parquet").is_file():
            lacks = "has no tables in it" if self.out.is_dir() else "is no folder"
            raise NoTables(
                f"{self.out} {lacks}; give the folder that a run wrote, or let one write there: "
                f"planpipe run FILES --out {self.out}"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The tables that are there: those of every run in their order, then others by name."""
        there = {path.stem for path in self.out.glob("*.parquet")}
        return (*(name for name in BY_NAME if name in there), *sorted(there - set(BY_NAME)))

    def __getattr__(self, name: str) -> DataFrame:
        if name.startswith("_") or name not in self.names:
            known = "" if name.startswith("_") else f"; there are {', '.join(self.names)}"
            raise AttributeError(f"no table {name}{known}")
        if name not in self._frames:
            from pyarrow import parquet

            self._frames[name] = frame(parquet.ParquetFile(self._path(name)).read())
        return self._frames[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.names]

    def __repr__(self) -> str:
        return f"Tables of {self.out}: {', '.join(self.names)}"

    def full(self, name: str) -> DataFrame:
        """The rows of a table, each with the rows that it refers to beside it.

        So `full("targets")` has, behind the columns of `targets`, those of the target's item (`item_text`,
        `item_main_theme`, …), section (`section_path`), plan (`plan_title`, `plan_region`, `plan_year_start`), deadline
        (`deadline_end`) and source (`source_path`).

        Args:
            name: of a table.

        Returns:
            A new data frame with one row for each of the table's, in its order; null where a row refers to none.

        Raises:
            AttributeError: there is no such table; the message names those that there are.
        """
        result: DataFrame = getattr(self, name)
        if name not in BY_NAME:
            return result.copy()
        ways = list(BY_NAME[name].refers.items())
        reached = {name, *(target for _, target in ways)}
        for column, target in ways:  # grows while the rows that are referred to lead on
            table = BY_NAME[target]
            stem = column.removesuffix("_id")
            further = {link: to for link, to in table.refers.items() if to not in reached}
            reached.update(further.values())
            ways.extend(further.items())
            whole: DataFrame = getattr(self, target)
            other = whole.drop(columns=[link for link in table.refers if link not in further])
            other = other.rename(
                columns={old: f"{stem}_{old}" for old in other.columns if old != table.key and old not in further}
            )
            other = other.astype(dict.fromkeys(other.select_dtypes(bool), "boolean"))  # it has to know null
            result = result.merge(
                other.set_index(table.key), how="left", left_on=column, right_index=True, validate="m:1"
            )
        return result

    def text(self, source_id: str) -> str:
        """The text of a source, which `char_start` and `char_end` of all tables point into.

        Args:
            source_id: as in `sources`.

        Raises:
            FileNotFoundError: there is no such source, or it could not be read.
        """
        return (self.out / "text" / f"{source_id}.txt").read_bytes().decode("utf-8")

    def sql(self, query: str, params: Sequence[Any] | None = None) -> DataFrame:
        """Ask DuckDB; each table is a view of its name.

        Args:
            query: SQL as DuckDB speaks it; `?` stands for a parameter.
            params: the parameters, in their order.

        Returns:
            The answer, with the dtypes of the tables; empty where the query asks for nothing.

        Raises:
            duckdb.Error: the query is none, or names a table or column that is not there.
        """
        import pandas as pd

        answer = self._duckdb.sql(query, params=params)
        return pd.DataFrame() if answer is None else frame(answer.to_arrow_table())

    def _path(self, name: str) -> Path:
        return self.out / f"{name}.parquet"

    @cached_property
    def _duckdb(self) -> DuckDBPyConnection:
        import duckdb

        # Variables of the caller are no tables, and nothing is fetched from the net.
        connection = duckdb.connect(
            config={
                "python_enable_replacements": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        for name in self.names:
            path = glob.escape(str(self._path(name).resolve())).replace("'", "''")
            view = name.replace('"', '""')
            connection.execute(
                f"create view \"{view}\" as select * from read_parquet('{path}', hive_partitioning = false)"
            )
        return connection
