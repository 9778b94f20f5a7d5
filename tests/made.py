"""What several tests make or read in the same way."""

from __future__ import annotations

import csv
from itertools import accumulate
from pathlib import Path

from pipeline.extract.notes import Notes, Passage
from pipeline.model import Document, fold

CASES = Path(__file__).parent / "cases"


def notes_of(
    text: str,
    *,
    years: tuple[int, int] | None = (2026, 2026),
    path: tuple[str, ...] = (),
    cells: tuple[tuple[str, int, int], ...] = (),
) -> Notes:
    """A plan whose text is one item."""
    return Notes(text, fold(text), years, items=[Passage(0, len(text), 0, path, cells)])


def notes_of_lines(*lines: str, years: tuple[int, int] | None = (2026, 2026)) -> Notes:
    """A plan in which each line is an item."""
    text = "\n".join(lines)
    ends = list(accumulate(len(line) + 1 for line in lines))
    items = [Passage(end - len(line) - 1, end - 1, 0) for line, end in zip(lines, ends, strict=True)]
    return Notes(text, fold(text), years, items=items)


def cases(name: str, *columns: str) -> list[tuple[str, ...]]:
    """The rows of `cases/<name>.csv`, the columns asked for."""
    with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(row[column] for column in columns) for row in csv.DictReader(file)]


def texts(document: Document) -> list[str]:
    """The text of each block."""
    return [document.text[block.start : block.end] for block in document.blocks]


def grid(document: Document) -> list[list[str | None]]:
    """The cells of each table row, None for an empty one."""
    return [
        [document.text[cell.start : cell.end] if cell else None for cell in block.cells]
        for block in document.blocks
        if block.kind == "row"
    ]
