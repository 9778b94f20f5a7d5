"""What several tests make or read in the same way."""

from __future__ import annotations

import csv
from pathlib import Path

import spacy
from spacy.tokens import Doc

from pipeline.extract.layers import place
from pipeline.model import Document, fold

CASES = Path(__file__).parent / "cases"


def doc_of(
    text: str,
    *,
    years: tuple[int, int] | None = (2026, 2026),
    path: tuple[str, ...] = (),
    cells: tuple[tuple[str, int, int], ...] = (),
) -> Doc:
    """A plan whose text is one item."""
    doc = spacy.blank("zh").make_doc(text)
    doc._.folded, doc._.years = fold(text), years
    item = place(doc, 0, len(text), "item")
    item._.path, item._.cells, item._.section = path, list(cells), 0
    doc.spans["items"] = [item]
    return doc


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
