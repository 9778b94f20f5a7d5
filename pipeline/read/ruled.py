"""Tables with ruled lines on a PDF page, merged cells recovered from the cells' boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.read.glyphs import Box, Glyph, Line, Page, lines_of
from pipeline.read.join import join, stack
from pipeline.read.reflow import needed

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

THIN = 3.0
"""Points. A shape at most so high is a horizontal line."""

LONG = 20.0
"""Points. Shorter strokes belong to drawings."""

SAME = 3.0
"""Points by which the edges of neighbouring cells may differ."""

SHAPES = 20_000
"""Shapes of a page that are looked at; a map or a plan drawing has more."""


PADDING = 5.4
"""Points between the side of a cell and its text, as Word sets it."""

LEAST_PADDING = 2.0


class Ruled(NamedTuple):
    """A table on a page.

    Args:
        page: 1-based.
        box: its outline.
        edges: where its columns begin and end, in points.
        rows: the text of its cells, row by row.
        tops: where its rows begin and, last, where the table ends.
    """

    page: int
    box: Box
    edges: tuple[float, ...]
    rows: list[list[str | None]]
    tops: tuple[float, ...]


def has_rulings(page: PdfPage) -> bool:
    """Whether a page has the horizontal and vertical lines of a table, so that it is worth a closer look.

    Args:
        page: as pdfium loads it.
    """
    import pypdfium2.raw as pdfium

    across = down = 0
    for shape in islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]), SHAPES):
        left, bottom, right, top = shape.get_bounds()
        wide, high = right - left, top - bottom
        if wide >= LONG and high >= LONG:  # a frame, or a grid drawn at once
            across += 2
            down += 2
        else:
            across += wide >= LONG and high <= THIN
            down += high >= THIN * 2 and wide <= THIN
    return across >= 2 and down >= 2


def tables_of(sheet: Any, page: Page) -> list[Ruled]:
    """The ruled tables of a page, from top to bottom.

    Args:
        sheet: the page as pdfplumber loads it.
        page: its characters.

    Returns:
        Tables of at least two rows and two columns; a frame around paragraphs is no table. A cell that
        covers several rows is written out in each of them, one that covers several columns stands in
        the first.
    """
    found = []
    for table in sheet.find_tables({"explicit_vertical_lines": _open_sides(sheet.edges)}):
        cells = [Box(*cell) for cell in table.cells]
        edges = _edges([x for cell in cells for x in (cell.left, cell.right)])
        tops = _edges([y for cell in cells for y in (cell.top, cell.bottom)])
        rows: list[list[str | None]] = [[None] * (len(edges) - 1) for _ in tops[1:]]
        for cell in cells:
            text = _text(page, [glyph for glyph in page.glyphs if cell.holds(glyph)], cell)
            column = _nearest(edges, cell.left)
            for row in range(_nearest(tops, cell.top), _nearest(tops, cell.bottom)):
                rows[row][column] = text
        if len(rows) > 1 and len(edges) > 2 and any(any(row) for row in rows):
            found.append(Ruled(page.number, Box(*table.bbox), edges, rows, tops))
    return sorted(found, key=lambda table: table.box.top)


def _open_sides(edges: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The outer edges of tables whose rows are ruled to both sides, but that have no line down the side.

    Args:
        edges: of the page, as pdfplumber gives them.

    Returns:
        Lines for pdfplumber to add to those of the page.
    """
    across = [edge for edge in edges if edge["orientation"] == "h" and edge["x1"] - edge["x0"] >= LONG]
    down = [edge for edge in edges if edge["orientation"] == "v" and edge["bottom"] - edge["top"] >= 2 * THIN]
    if len(across) * len(down) > SHAPES:
        return []
    found: list[dict[str, Any]] = []
    taken: set[int] = set()
    for line in down:
        rules = [rule for rule in across if _meets(line, rule)]
        if len(rules) < 2 or id(rules[0]) in taken:
            continue
        taken.update(map(id, rules))
        top, bottom = min(rule["top"] for rule in rules), max(rule["top"] for rule in rules)
        for side, place in (("x0", min(rule["x0"] for rule in rules)), ("x1", max(rule["x1"] for rule in rules))):
            ends = [rule["top"] for rule in rules if abs(rule[side] - place) <= SAME]
            closed = any(
                abs(other["x0"] - place) <= SAME and other["top"] < bottom and top < other["bottom"] for other in down
            )
            if len(ends) > 1 and not closed:
                found.append({"object_type": "line", "x0": place, "x1": place, "top": top, "bottom": bottom})
                found[-1] |= {"height": bottom - top, "width": 0, "doctop": top}
    return found


def _meets(line: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Whether a vertical line and a horizontal one touch or cross."""
    return bool(
        rule["x0"] - SAME <= line["x0"] <= rule["x1"] + SAME
        and line["top"] - SAME <= rule["top"] <= line["bottom"] + SAME
    )


def _text(page: Page, glyphs: Sequence[Glyph], cell: Box) -> str:
    """The text of a cell: lines that fill it are one, before others its writer broke the line."""
    parts: list[list[str]] = []
    last: Line | None = None
    for line in lines_of(page, glyphs):
        if last is None or _is_broken(last, line, cell):
            parts.append([])
        parts[-1].append(line.text)
        last = line
    return stack(map(join, parts))


def _is_broken(last: Line, line: Line, cell: Box) -> bool:
    """Whether there was room left of a line of a cell for the beginning of the next one."""
    padding = min(max(last.left - cell.left, LEAST_PADDING), PADDING)
    room = cell.right - cell.left - 2 * padding - (last.right - last.left)
    return room > (1.3 + needed(line.text)) * line.size


def _edges(places: list[float]) -> tuple[float, ...]:
    """The places where cells meet, near ones taken together."""
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > SAME:
            edges.append(place)
    return tuple(edges)


def _nearest(edges: Sequence[float], place: float) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - place))
