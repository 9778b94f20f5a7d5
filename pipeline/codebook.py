"""The codebook: every table and column with its meaning, from `pipeline.tables` and the taxonomy of themes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.markup import table_lines
from pipeline.stored import present, stored
from pipeline.tables import TABLES, Column, Table

TYPES = {"strings": "list of strings", "numbers": "list of numbers"}
HEAD = ("table", "column", "type", "unit", "values", "meaning", "key", "filled")


@dataclass(frozen=True, slots=True)
class Filled:
    """How many cells of a column hold something.

    Args:
        cells: that are neither null nor an empty list.
        rows: of the table.
    """

    cells: int
    rows: int


def filled(out: Path) -> dict[tuple[str, str], Filled]:
    """How much of each column is filled in the tables of a run, by names of table and column.

    Raises:
        NoTables: the folder holds no tables of a run.
    """
    return {
        (table.name, column.name): Filled(_filled(column, data[column.name]), data.num_rows)
        for table in present(out)
        for data in (stored(out, table.name),)
        for column in table.columns
    }


def _filled(column: Column, cells: Any) -> int:
    import pyarrow.compute as pc

    if column.kind not in ("strings", "numbers"):
        return len(cells) - int(cells.null_count)
    return int(pc.sum(pc.greater(pc.list_value_length(cells), 0)).as_py() or 0)


def entries(
    tables: Sequence[Table] = TABLES, counts: dict[tuple[str, str], Filled] | None = None
) -> Iterator[list[str]]:
    """The rows of the codebook, with the cells that `HEAD` names.

    Args:
        tables: that it is about.
        counts: of filled cells, see `filled`.
    """
    for table in tables:
        for column in table.columns:
            count = (counts or {}).get((table.name, column.name))
            yield [
                table.name,
                column.name,
                TYPES.get(column.kind, column.kind),
                column.unit or "",
                "; ".join(f"{value} = {meaning}" for value, meaning in column.values.items()),
                column.meaning,
                _key(table, column),
                f"{count.cells} of {count.rows}" if count else "",
            ]


def _key(table: Table, column: Column) -> str:
    if column.name == table.key:
        return "primary key"
    target = table.refers.get(column.name)
    return f"→ {target}" if target else ""


def markdown(out: Path | None = None) -> str:
    """The codebook as Markdown.

    Args:
        out: folder of a run; with it, it says how many cells of each column are filled.

    Raises:
        NoTables: `out` holds no tables of a run.
    """
    from pipeline import __version__

    counts = filled(out) if out else None
    parts = [
        "# Codebook",
        "",
        f"Tables that `planpipe run` writes, planpipe {__version__}.",
        "Null is an empty cell; lists are joined by `;` where a format has no lists.",
    ]
    for table in present(out) if out else TABLES:
        skip = 0 if counts else 1
        rows = [row[1:4] + row[5 : len(row) - skip] for row in entries((table,), counts)]
        head = [*HEAD[1:4], *HEAD[5 : len(HEAD) - skip]]
        parts += ["", f"## {table.name}", "", table.meaning, "", *table_lines(head, rows)]
        for column in table.columns:
            if column.values:
                parts += [
                    "",
                    f"### {table.name}.{column.name}",
                    "",
                    *table_lines(("value", "meaning"), column.values.items()),
                ]
    parts += [
        "",
        "## Themes",
        "",
        "Codes in `items.themes` and `items.main_theme`, as planpipe's own model gives them.",
        "",
    ]
    parts += table_lines(("code", "name", "covers"), themes())
    return "\n".join(parts) + "\n"


def themes() -> list[tuple[str, str, str]]:
    """Code, Chinese name and coverage of each theme of the taxonomy that comes with planpipe."""
    from pipeline.themes import taxonomy

    return [(theme.code, theme.zh, theme.covers) for theme in taxonomy()]
