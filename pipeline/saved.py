"""The tables that a run has written, read back plan by plan.

Only what the data contract names is read: `<table>.parquet` and `text/<source_id>.txt`.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import NoTables
from pipeline.stored import stored
from pipeline.tables import Row


class Saved:
    """A run's folder.

    Args:
        out: the folder.

    Raises:
        NoTables: it is no folder that a run has written.
    """

    def __init__(self, out: str | Path) -> None:
        self.out = Path(out)
        if not (self.out / "plans.parquet").is_file() or not (self.out / "text").is_dir():
            raise NoTables(f"{self.out} holds no tables of a run; make them with `planpipe run INPUT --out {self.out}`")
        self._tables: dict[str, Any] = {}
        self._of_plan: dict[str, dict[str, list[int]]] = {}

    @cached_property
    def plans(self) -> list[Row]:
        """The rows of `plans`, in the order of the table; dates as ISO 8601 text."""
        rows: list[Row] = stored(self.out, "plans").to_pylist()
        return [row | {"issued_on": row["issued_on"] and row["issued_on"].isoformat()} for row in rows]

    def rows(self, table: str, plan_id: str) -> list[Row]:
        """The rows of a table that belong to a plan, in the order of the table.

        Args:
            table: one that has the column `plan_id`.
            plan_id: the plan.

        Raises:
            NoTables: the table is missing.
        """
        if table not in self._tables:
            self._tables[table] = stored(self.out, table)
            places: dict[str, list[int]] = {}
            for at, owner in enumerate(self._tables[table]["plan_id"].to_pylist()):
                places.setdefault(owner, []).append(at)
            self._of_plan[table] = places
        found = np.array(self._of_plan[table].get(plan_id, ()), dtype=np.int64)
        rows: list[Row] = self._tables[table].take(found).to_pylist()
        return rows

    def text(self, plan: Row) -> str:
        """The text of the file that a plan stands in, which its offsets point into.

        Raises:
            NoTables: the text is missing.
        """
        return self._text(plan["source_id"])

    @lru_cache(maxsize=8)  # noqa: B019 - a folder is opened once a process
    def _text(self, source_id: str) -> str:
        path = self.out / "text" / f"{source_id}.txt"
        if not path.is_file():
            raise NoTables(f"{self.out} lacks text/{path.name}; run `planpipe run` with the same --out again")
        return path.read_bytes().decode("utf-8")


def places_in(source: str, cleaned: str) -> list[int]:
    """For each character of a text that was cleaned for reading where it stands in its source.

    Args:
        source: a stretch of a file's text.
        cleaned: the same without line breaks and page marks, as the columns `text` have it.

    Returns:
        One place a character, never decreasing; a space that stands for nothing has that of the character before it.
    """
    places = []
    at = 0
    for char in cleaned:
        found = source.find(char, at)
        if found >= 0 and (char != " " or found == at):
            at = found + 1
        places.append(max(0, at - 1))
    return places
