"""Folders of runs made by hand: tables that say what a test wants, without reading or extracting anything."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from pipeline.export import arrow_schema
from pipeline.tables import BY_NAME, TABLES, Row, conform
from tests.conftest import TEXT

LETTERS = {"goals": "g", "targets": "t", "deadlines": "d", "responsibilities": "u"}
Tables = dict[str, list[Row]]


def archive(folder: Path, count: int) -> Path:
    """A folder of so many text files, 000.txt and on, a plan each, with a copy of the first and an empty file."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.txt").write_text(f"{TEXT}第{number}份。\n", encoding="utf-8")
    shutil.copy(folder / "000.txt", folder / "copy.txt")
    (folder / "empty.txt").touch()
    return folder


def source(source_id: str, path: str, **columns: Any) -> Row:
    """A row of sources, of a text file that was read unless columns say otherwise."""
    return {"source_id": source_id, "path": path, "format": "txt", "status": "ok", **columns}


def plan(
    source_id: str,
    text: str,
    columns: Mapping[str, Any],
    *,
    sections: Sequence[tuple[str | None, str | None, str, str, int | None]] = (),
    items: Sequence[tuple[str, Mapping[str, Any]]] = (),
    goals: Sequence[str] = (),
    targets: Sequence[tuple[str, Mapping[str, Any]]] = (),
    deadlines: Sequence[tuple[str, Mapping[str, Any]]] = (),
    units: Sequence[tuple[str, str]] = (),
    more: Mapping[str, Any] | None = None,
) -> Tables:
    """The rows of a plan that is the whole of its source.

    Args:
        source_id: of its source.
        text: of the source; phrases below stand in it, a phrase given again is its next place.
        columns: of its row in plans.
        sections: label, heading, first and last phrase, and the number of the parent.
        items: phrase and columns.
        goals: phrases.
        targets: phrase and columns; `op` is eq where they do not say.
        deadlines: phrase and columns.
        units: phrase and role.
        more: columns of every row that was found.
    """
    plan_id = f"{source_id}.p0"
    ends: dict[tuple[str, str], int] = {}

    def at(phrase: str, use: str) -> dict[str, int]:
        start = text.index(phrase, ends.get((use, phrase), 0))
        ends[use, phrase] = start + len(phrase)
        return {"char_start": start, "char_end": start + len(phrase)}

    rows: Tables = {
        "plans": [{"plan_id": plan_id, "source_id": source_id, "char_start": 0, "char_end": len(text), **columns}],
        "sections": [],
        "items": [],
    }
    for position, (label, heading, first, last, parent) in enumerate(sections, 1):
        start = text.index(first)
        rows["sections"].append(
            {
                "section_id": f"{plan_id}.s{start}",
                "plan_id": plan_id,
                "parent_id": None if parent is None else rows["sections"][parent]["section_id"],
                "position": position,
                "level": 1 if parent is None else rows["sections"][parent]["level"] + 1,
                "label": label,
                "heading": heading,
                "char_start": start,
                "char_end": text.index(last, start) + len(last),
            }
        )
    for position, (phrase, given) in enumerate(items, 1):
        span = at(phrase, "items")
        inside = [row for row in rows["sections"] if row["char_start"] <= span["char_start"] < row["char_end"]]
        section = inside[-1]["section_id"] if inside else "none"
        rows["items"].append(
            {
                "item_id": f"{plan_id}.i{span['char_start']}",
                "plan_id": plan_id,
                "section_id": section,
                "position": position,
                "text": phrase.replace("\n", ""),
                "is_goal": phrase in goals,
                **span,
                **given,
            }
        )

    found: dict[str, Iterable[tuple[str, Mapping[str, Any]]]] = {
        "goals": [(phrase, {}) for phrase in goals],
        "deadlines": deadlines,
        "targets": [(phrase, {"op": "eq", **given}) for phrase, given in targets],
        "responsibilities": [(phrase, {"role": role}) for phrase, role in units],
    }
    for name, records in found.items():
        rows[name] = []
        for phrase, given in records:
            span = at(phrase, name)
            item = next((i for i in rows["items"] if i["char_start"] <= span["char_start"] < i["char_end"]), None)
            rows[name].append(
                {
                    BY_NAME[name].key: f"{plan_id}.{LETTERS[name]}{span['char_start']}",
                    "plan_id": plan_id,
                    "item_id": item and item["item_id"],
                    "section_id": item and item["section_id"],
                    "text": phrase.replace("\n", ""),
                    "rule": "made",
                    **span,
                    **(more or {}),
                    **given,
                }
            )
    return rows


def write(out: Path, sources: Sequence[Row], texts: Mapping[str, str], plans: Sequence[Tables] = ()) -> Path:
    """A folder as `planpipe run` leaves it, with the Parquet tables and the texts.

    Args:
        out: the folder; made if there is none.
        sources: rows of sources.
        texts: by source.
        plans: the rows of each plan.
    """
    (out / "text").mkdir(parents=True, exist_ok=True)
    for source_id, text in texts.items():
        (out / "text" / f"{source_id}.txt").write_text(text, encoding="utf-8", newline="")
    tables: Tables = {"sources": list(sources)}
    for rows in plans:
        for name, more in rows.items():
            tables.setdefault(name, []).extend(more)
    for table in TABLES:
        save(out, table.name, [conform(table, row) for row in tables.get(table.name, [])])
    (out / "datapackage.json").write_text(json.dumps({"planpipe": "0.1.0"}), encoding="utf-8")
    return out


def save(out: Path, name: str, rows: Sequence[Row]) -> None:
    """Write a table as Parquet; dates may be ISO 8601 text."""
    columns = BY_NAME[name].columns
    days = [column.name for column in columns if column.kind == "date"]
    typed = [
        {**row, **{day: date.fromisoformat(row[day]) for day in days if isinstance(row[day], str)}} for row in rows
    ]
    parquet.write_table(pa.Table.from_pylist(typed, schema=arrow_schema(BY_NAME[name])), out / f"{name}.parquet")
