"""The tables as files: CSV, Parquet and `datapackage.json`, made from `pipeline.tables`.

    CSV      UTF-8 with BOM, RFC 4180; empty cell for null, lists joined by `;` (one inside an
             element becomes `；`), and a `'` before text that a spreadsheet would run as a formula
    Parquet  typed: dates are dates, lists are lists

Null and the empty text are one and the same, so that both forms of a table say the same. The same
rows give the same bytes.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.tables import BY_NAME, TABLES, Column, Row, Table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ROW_GROUP = 20_000
DIALECT = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n", "header": True}


def cell(column: Column, value: Any) -> str:
    """What a value looks like in a CSV file.

    Args:
        column: its column.
        value: as in a row.

    Returns:
        The cell before quoting: empty for null, and with a leading `'` where a spreadsheet would run
        the text as a formula.
    """
    match column.kind:
        case _ if value is None:
            return ""
        case "numbers":
            return ";".join(_number(number) for number in value)
        case "number":
            return _number(value)
        case "integer":
            return str(value)
        case "boolean":
            return "true" if value else "false"
        case "date":
            return str(value)
        case "strings":
            return _guard(";".join(text.replace(";", "；") for text in value))
        case _:
            return _guard(value)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _guard(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class Writer:
    """Writes one table to `<name>.csv` and `<name>.parquet`, in the order in which rows come.

    Args:
        table: which table.
        folder: where the files go; it exists.
    """

    def __init__(self, table: Table, folder: Path) -> None:
        from pyarrow import parquet

        self.table = table
        self.rows = 0
        self._waiting: list[Any] = []
        self._text = (folder / f"{table.name}.csv").open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._csv.writerow([column.name for column in table.columns])
        self._schema = arrow_schema(table)
        self._parquet = parquet.ParquetWriter(folder / f"{table.name}.parquet", self._schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._flush()
        self._parquet.close()
        self._text.close()

    def write(self, rows: Iterable[Row]) -> None:
        """Add rows, each as `conform` gives it."""
        self.write_batch(arrow_table(self.table, rows))

    def write_batch(self, batch: Any) -> None:
        """Add rows.

        Args:
            batch: an Arrow table or record batch with the columns of the table.
        """
        import pyarrow as pa

        whole = pa.table(dict(zip(batch.schema.names, batch.columns, strict=True))).cast(self._schema)
        cells = [[cell(column, value) for value in whole[column.name].to_pylist()] for column in self.table.columns]
        self._csv.writerows(zip(*cells, strict=True))
        self.rows += len(whole)
        self._waiting.append(whole)
        self._flush(ROW_GROUP)

    def _flush(self, least: int = 1) -> None:
        """Write what waits in row groups, as long as so many rows wait."""
        import pyarrow as pa

        # Row groups are cut by number of rows and not by source, so that the bytes do not depend on
        # how the work was divided.
        while sum(map(len, self._waiting)) >= least:
            whole = pa.concat_tables(self._waiting).combine_chunks()
            self._parquet.write_table(whole.slice(0, ROW_GROUP), row_group_size=ROW_GROUP)
            self._waiting = [rest] if len(rest := whole.slice(ROW_GROUP)) else []


def arrow_schema(table: Table) -> Any:
    """The Arrow schema of a table; each field carries its meaning."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "strings": pa.list_(pa.string()),
        "numbers": pa.list_(pa.float64()),
    }
    return pa.schema(
        [
            pa.field(column.name, types[column.kind], metadata={"description": column.meaning})
            for column in table.columns
        ]
    )


def arrow_table(table: Table, rows: Iterable[Row]) -> Any:
    """Rows as an Arrow table.

    Args:
        table: their table.
        rows: as `conform` gives them.

    Raises:
        pyarrow.ArrowException: a value is not of its column's type.
        ValueError: a number is none that a table can hold (infinite, not a number).
    """
    import pyarrow as pa

    rows = list(rows)
    numbers = [column.name for column in table.columns if column.kind == "number"]
    for name in numbers:
        if any(row[name] is not None and not math.isfinite(row[name]) for row in rows):
            raise ValueError(f"the column {name} of {table.name} holds a number that is none")

    dates = [column.name for column in table.columns if column.kind == "date"]
    typed = [{**row, **{name: row[name] and date.fromisoformat(row[name]) for name in dates}} for row in rows]
    return pa.Table.from_pylist(typed, schema=arrow_schema(table))


def datapackage(version: str, tables: Iterable[Table] = TABLES) -> str:
    """The text of `datapackage.json`: Frictionless Data Package v1, one resource a table.

    Args:
        version: of planpipe.
        tables: what the package holds.
    """
    package = {
        "profile": "tabular-data-package",
        "name": "planpipe-run",
        "title": "Plan documents as tables",
        "description": "Written by `planpipe run`. Offsets are code points into text/<source_id>.txt, half-open.",
        "planpipe": version,
        "resources": [_resource(table) for table in tables],
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def _resource(table: Table) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "description": table.meaning,
        "path": f"{table.name}.csv",
        "parquet": f"{table.name}.parquet",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "dialect": DIALECT,
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "missingValues": [""],
            "primaryKey": [table.key],
            "foreignKeys": [
                {
                    "fields": [column],
                    "reference": {"resource": "" if target == table.name else target, "fields": [BY_NAME[target].key]},
                }
                for column, target in table.refers.items()
            ],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "title": column.name.replace("_", " ").capitalize(),
        "description": column.meaning,
        # Data Package v1 has no lists in CSV; the two properties are those of the type `list` of v2.
        "type": "string" if column.kind in ("strings", "numbers") else column.kind,
        "format": "default",
    }
    if column.kind in ("strings", "numbers"):
        field |= {"delimiter": ";", "itemType": column.kind[:-1]}
    if column.unit:
        field["unit"] = column.unit
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.values:
        constraints["enum"] = list(column.values)
        # A property of v2: what each value means.
        field["categories"] = [{"value": value, "label": meaning} for value, meaning in column.values.items()]
        field["categoriesOrdered"] = column.ordered
    if constraints:
        field["constraints"] = constraints
    return field
