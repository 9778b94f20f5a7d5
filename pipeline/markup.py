"""Tables in Markdown, for reports and the codebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

ESCAPES = str.maketrans({"|": "\\|", "\n": " ", "<": "&lt;"})
"""What would end a cell or a row, or be taken for HTML."""


def table_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table.

    Args:
        head: a heading a column.
        rows: as many cells each.
    """
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.translate(ESCAPES) for cell in row) + " |"
