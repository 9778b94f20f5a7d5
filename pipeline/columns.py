"""What the columns of a table are for, and which of its rows are tasks.

A row is a head where its cells name columns (`rules/items.yaml`, `columns`) so that the table is one of
these:

1. a task table: a task (or an aim) and at least one of units, time or aim;
2. an indicator table: what is measured, and a column for each year or for the value to be reached.

A head may stand below title rows, have two rows (责任单位 over 牵头 | 配合: a lower cell is read with the
upper one that spans it), come again on every page or with other columns further down, or be the line of
text above a table that was drawn without it. A table without a head goes on with the columns of the one
before it where it is as wide. A row of one cell across all columns titles the rows below it.
Lists of people, score sheets and timetables have heads of much the same words; a column that only they
have (姓名, 得分) tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import groupby

from pipeline.model import Block, Document, Span, fold
from pipeline.rules import Rule, patterns

LONGEST_HEAD = 24
"""Characters of a heading cell."""
LONGEST_TITLE = 40
"""Characters of a row that titles the rows below it."""
NEAR = 4
"""Blocks that may stand between a table and one that goes on with its columns."""
UNITS = frozenset({"lead", "support", "resp"})
AIMS = frozenset({"target", "year"})
REMARKS = frozenset({"备注", "说明"})
"""Cells of a head that name no column of use, and may stand in a head that comes again."""
REFUSING = frozenset({"person", "score", "menu"})
_MEASURED = re.compile("指标|目标(?:项目|名称|内容)$")
CLOCK = re.compile(r"\d{1,2}[ ]?[:.][ ]?\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table are for.

    Args:
        names: the name of a rule of `columns` for each column that has one, from 0.
        heads: where the words stand that say so, the lower cell where the head has two rows.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    heads: Mapping[int, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a document's tables, by the offset at which each begins.

    Args:
        tasks: rows that are tasks, each with the columns of its table.
        prose: for rows of other tables, the cells that may hold sentences; a cell that says what the one above
            it says is a merged cell, written out again, and is left out.
        heads: lines of text above a table that are its head.
        rows: all rows of tables.
    """

    tasks: Mapping[int, Columns]
    prose: Mapping[int, tuple[Span, ...]]
    heads: frozenset[int]
    rows: Mapping[int, Block]


@cache
def column_rules() -> tuple[Rule, ...]:
    """What a table's heading cell says of its column, the first rule that hits."""
    return patterns("items", group="columns")


def rows_of(document: Document) -> Rows:
    """Tell the rows that are tasks from heads, titles and other tables' rows.

    Args:
        document: what was read.
    """
    tasks: dict[int, Columns] = {}
    prose: dict[int, tuple[Span, ...]] = {}
    heads: set[int] = set()
    last: tuple[int, int | None, int, Columns] | None = None  # a task table's last block, number, width, columns
    blocks = [(number, block) for number, block in enumerate(document.blocks) if block.kind != "note"]
    for table, group in groupby(blocks, key=lambda pair: pair[1].table):
        members = list(group)
        if table is None:
            continue
        rows = [block for _, block in members]
        first = members[0][0]
        width = max(len(row.cells) for row in rows)
        near = last is not None and (first - last[0] <= NEAR or table == last[1])
        goes_on = last[3] if last and near and last[2] == width else None
        before = document.blocks[first - 1] if first else None
        above = _line_above(document, before, width)
        if above and before:
            heads.add(before.start)
        found, columns = _tasks(document, rows, above or goes_on)
        if columns is None or _is_timetable(document, rows, found):
            prose.update(_prose(document, rows))
            continue
        tasks.update(found)
        last = members[-1][0], table, width, columns
    return Rows(tasks, prose, frozenset(heads), {block.start: block for _, block in blocks if block.kind == "row"})


def _tasks(
    document: Document, rows: Sequence[Block], columns: Columns | None
) -> tuple[dict[int, Columns], Columns | None]:
    """The rows of one table that are tasks, and the columns with which it ends; None for no task table."""
    found: dict[int, Columns] = {}
    cells = [_texts(document, row) for row in rows]
    headed: Sequence[str] = ()
    at = 0
    while at < len(rows):
        below = cells[at + 1] if at + 1 < len(rows) else ()
        head = _head(cells[at], below, again=bool(found or headed) and cells[at] != headed)
        if head is not None:
            names, lower = head
            if not is_task_table(names):
                return {}, None
            headed = cells[at]
            columns = Columns(names, _places(rows[at], rows[at + 1] if lower else None))
            at += 1 + lower
            continue
        if columns is not None and not _is_title(cells[at], columns):
            found[rows[at].start] = columns
        at += 1
    return found, columns


def _prose(document: Document, rows: Sequence[Block]) -> Iterator[tuple[int, tuple[Span, ...]]]:
    """The cells of each row of a table, without those that repeat the cell above them."""
    above: Sequence[str] = ()
    for row in rows:
        texts = _texts(document, row)
        new = (c for i, c in enumerate(row.cells) if c and texts[i] != (above[i] if i < len(above) else ""))
        yield row.start, tuple(new)
        above = texts


def _texts(document: Document, row: Block) -> tuple[str, ...]:
    """The cells of a row, folded, without white space; "" for an empty one."""
    return tuple("".join(fold(document.text[c.start : c.end]).split()) if c else "" for c in row.cells)


def _head(cells: Sequence[str], below: Sequence[str], *, again: bool) -> tuple[dict[int, str], bool] | None:
    """The columns that a row names, and whether the row below is its second half; None where it is no head.

    Args:
        cells: of the row.
        below: of the row below it.
        again: the table has a head or tasks already, so that a row counts only where all its cells but 备注 are heads.
    """
    names = {column: name for column, cell in enumerate(cells) if (name := column_name(cell))}
    filled = sum(bool(cell) for cell in cells)
    told = sum(bool(cell) and cell not in REMARKS for cell in cells)
    if filled < 2 or len(names) < 2 or (again and len(names) < told) or any(len(c) > LONGEST_HEAD for c in cells):
        return None
    spanning = _spans(cells)
    lower = _is_lower(cells, below, spanning)
    for column, over in spanning.items():
        cell = below[column] if lower and column < len(below) else ""
        halves = (column_name(cell) or column_name(cells[over] + cell)) if cell and cell != cells[over] else None
        if name := halves or names.get(over):
            names[column] = name
    kinds = set(names.values())
    measured = next((c for c, cell in enumerate(cells) if _MEASURED.search(cell) and names.get(c) == "target"), None)
    if "task" not in kinds and measured is not None and kinds & {"year", "baseline", "growth"}:
        names[measured] = "indicator"
    elif "task" not in kinds and measured is not None and list(names.values()).count("target") > 1:
        names[measured] = "indicator"  # 「指标 | 现状值 | 目标值」, 「部门 | 目标项目 | 目标值」
    elif "task" in kinds and kinds & {"year"} and not kinds & UNITS and "deadline" not in kinds:
        names[next(column for column, name in names.items() if name == "task")] = "indicator"
    if "indicator" in names.values():
        measure = next((c for c, cell in enumerate(cells) if re.fullmatch("(?:计量|计算)?单位", cell)), None)
        if measure is not None:
            names[measure] = "measure"
    if not is_task_table(names) and not set(names.values()) & REFUSING:
        return None
    return names, lower


def _spans(cells: Sequence[str]) -> dict[int, int]:
    """For each column under a cell of several columns the column of that cell; the others are left out."""
    over: dict[int, int] = {}
    for column, cell in enumerate(cells):
        if not cell and column and (cells[column - 1] or column - 1 in over):
            over[column] = over.get(column - 1, column - 1)
            over[over[column]] = over[column]
    return over


def _is_lower(cells: Sequence[str], below: Sequence[str], spanning: Mapping[int, int]) -> bool:
    """Whether a row is the second half of the head above it: what it adds stands below cells of several columns."""
    adds = False
    for column, cell in enumerate(below):
        upper = cells[column] if column < len(cells) else ""
        if not cell or cell == upper:
            continue
        if column not in spanning or len(cell) > LONGEST_HEAD:
            return False
        adds = True
    return adds


def _places(row: Block, lower: Block | None) -> dict[int, Span]:
    """Where the words stand that name each column."""
    places = {column: cell for column, cell in enumerate(row.cells) if cell}
    places.update({column: cell for column, cell in enumerate(lower.cells if lower else ()) if cell})
    return places


def is_task_table(names: Mapping[int, str]) -> bool:
    """Whether the columns of a head are those of a task table or of an indicator table."""
    kinds = set(names.values())
    if "person" in kinds or ("score" in kinds and not kinds & (UNITS | {"deadline"})):
        return False
    if "menu" in kinds and not ("task" in kinds and kinds & UNITS and "deadline" in kinds):
        return False
    if "indicator" in kinds:
        return bool(kinds & AIMS)
    if "task" in kinds:
        return bool(kinds & (UNITS | AIMS | {"deadline", "week", "progress"}))
    return "target" in kinds and bool(kinds & (UNITS | {"deadline", "progress"}))


@lru_cache(maxsize=4096)  # the cells of a column are like one another
def column_name(cell: str) -> str | None:
    """What a heading cell says of its column.

    Args:
        cell: folded, without white space.

    Returns:
        The name of a rule of `column_rules`, None where no rule hits.
    """
    if not cell or len(cell) > LONGEST_HEAD or re.search("[。;,]", cell):
        return None
    return next((rule.name for rule in column_rules() if rule.regex.search(cell)), None)


def _is_title(cells: Sequence[str], columns: Columns) -> bool:
    """Whether a row titles the rows below it, has nothing to say, or is a remark across the whole table."""
    filled = [column for column, cell in enumerate(cells) if any(c.isalnum() for c in cell)]
    if filled != [0] or len(cells) < 2:
        return not filled
    cell = cells[0]
    return bool(re.match("(?:备注|注|说明)[0-9]*:", cell)) or (
        len(cell) <= LONGEST_TITLE and not re.search(r"[。;,!?]|\d", cell.rstrip("。"))
    )


def _is_timetable(document: Document, rows: Iterable[Block], found: Mapping[int, Columns]) -> bool:
    """Whether most rows say at what hour something is done: a timetable, no tasks."""
    rows = [row for row in rows if row.start in found]
    hours = 0
    for row in rows:
        named = found[row.start].names
        hours += any(
            cell is not None and named.get(column) == "deadline" and CLOCK.match(document.text[cell.start : cell.end])
            for column, cell in enumerate(row.cells)
        )
    return 2 * hours > len(rows)


def _line_above(document: Document, block: Block | None, width: int) -> Columns | None:
    """The columns that the line above a table names, where it has as many words as the table has columns."""
    if block is None or block.kind != "paragraph" or block.end - block.start > width * LONGEST_HEAD:
        return None
    spans = list(_words(document, block))
    cells = ["".join(fold(document.text[span.start : span.end]).split()) for span in spans]
    head = _head(cells, (), again=True) if len(spans) == width else None
    if head is None or not is_task_table(head[0]):
        return None
    return Columns(head[0], dict(enumerate(spans)))


def _words(document: Document, block: Block) -> Iterator[Span]:
    for word in re.finditer(r"\S+", document.text[block.start : block.end]):
        yield Span(start=block.start + word.start(), end=block.start + word.end())
