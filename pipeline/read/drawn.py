"""Tables that a text draws: cells parted by bars, or a cell on each line.

Lines with bars (「| 序号 | 任务 |」, 「序号 | 任务」, 「│序号│任务│」) are a table where the first is a head: its cells
are short, and a rule stands below it (「|---|---|」), or at least half of them name columns (`rules/items.yaml`,
`columns`). So a page's menu and a bar in a sentence are none. Below the head

1. a row is as wide as the head; a line that ends within a cell goes on in the next one;
2. a row that lacks cells has them on the left, merged with those above, where its number counts on from the row above;
3. any other line stays a line, since nothing tells which columns its cells stand in.

A table with a cell on each line, with a bar behind it or without, is told by its head too: it begins with the number's
column, and a row with a bare number; or all its lines end in bars, and as many lines as the head has make a row.

So is one whose cells blanks part, where each row has as many words as the head, and opens with a number: it ends at a
line that opens with one and has more words or less, since what stands below would else be taken for a part of it.

Rows of a drawn box whose cells run over several lines stay lines: their cells are no stretches of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, takewhile
from typing import NamedTuple

from pipeline.columns import LONGEST_HEAD, LONGEST_TITLE, NEAR, REFUSING, UNITS, column_name, is_task_table
from pipeline.labels import opens_with_label
from pipeline.model import Block, Span, fold
from pipeline.read.draft import strip

BAR = re.compile("[|｜│┃]")
_BOXED = re.compile("[│┃]")
MAY_DRAW = ("|", "｜", "│", "┃", "序号", "序 号", "编号", "编 号", "项次", "项 次", "\nNo", "\n序", "\n号")
"""One of what a text holds that draws a table: a bar, or the head of a column of numbers."""
RULE = re.compile(r"(?=[-:=\s─━═]{0,80}[|+┌┏╔├┝┠┣╠└┗╚┬┳╦┼╋┴┻])[-|+:=\s\u2500-\u257f]{3,}")
"""A line that is nothing but a rule between rows: 「|---|:--|」, 「├──┼──┤」, 「+----+」."""

LONGEST_NUMBER = 6
"""Characters of the head of the column of numbers: 「序 号」."""
WIDEST = 20
"""Columns of a table."""
LONGEST_BREAK = 12
"""Lines over which the cells of one row may run."""
NUMBER = re.compile(r"\d{1,3}[.、．]?")
COUNTED = re.compile(r"(\d{1,3})(?:[.、．)）]|$)")
GAP = re.compile(r"\s+")
WIDE_GAP = re.compile(r"(?:\s{2,}|\u3000)\s*")
SPACED_NUMBER = re.compile(r"\S{1,3}(?=\s)|\S[ ]\S(?=\s)")
TIME = re.compile("[年月日周季期底全每常度0-9]")

Cell = tuple[int, int]


class _Row(NamedTuple):
    """A row: the blocks `[first, until)` that it is made of and where its cells stand, empty ones as such."""

    first: int
    until: int
    cells: Sequence[Cell]


def rows(text: str, blocks: Sequence[Block]) -> Iterator[Block]:
    """The same blocks, rules between rows and bars around lines left out, lines of drawn tables as their rows.

    Args:
        text: of the file.
        blocks: its lines, and rows of tables that are known already.
    """
    if not any(sign in text for sign in MAY_DRAW):
        yield from blocks
        return
    kept = [block for block in blocks if block.kind == "row" or not RULE.fullmatch(text, block.start, block.end)]
    tables = count(1 + max((block.table for block in blocks if block.table is not None), default=-1))
    drawing = _Drawing(text, kept, {block.start for block in blocks} - {block.start for block in kept})
    at = 0
    while at < len(kept):
        table = drawing.table(at)
        if not table:
            yield drawing.bare(at)
            at += 1
            continue
        number = next(tables)
        for position, row in enumerate(table):
            yield from map(drawing.bare, range(at, row.first))
            yield _block(kept[row.first], row.cells, number, position)
            at = row.until


def _block(block: Block, cells: Sequence[Cell], table: int, row: int) -> Block:
    spans = tuple(Span(start=low, end=high) if low < high else None for low, high in cells)
    filled = [span for span in spans if span]
    return replace(block, start=filled[0].start, end=filled[-1].end, kind="row", table=table, row=row, cells=spans)


class _Drawing:
    """The lines of a text, asked whether a table begins in one of them."""

    def __init__(self, text: str, blocks: Sequence[Block], rules: set[int]) -> None:
        self.text, self.blocks = text, blocks
        self._rules = sorted(rules)
        # The block behind a table with bars, its width and columns.
        self._last: tuple[int, int, dict[int, str]] | None = None
        # The block behind lines with bars that are no table, beyond which a head is looked for; one line of a few
        # refused may be a title, and the head stands below it.
        self._refused = 0
        self._closed = 0  # the block behind the last lines seen that are one cell each and end in bars

    def table(self, at: int) -> list[_Row]:
        """The rows of the table that begins in a block, head first; none where it begins no table."""
        block = self.blocks[at]
        if block.kind != "paragraph":
            return []
        if BAR.search(self.text, block.start + 1, block.end - 1):
            return self._barred(at)
        return self._spaced(at) or self._listed(at)

    def bare(self, at: int) -> Block:
        """A block, a line that is one cell without the bars around it: a title between rows, 「二、养老服务 |」."""
        block = self.blocks[at]
        barred = BAR.match(self.text, block.start) or self._ends_in_bar(at)
        if not barred or block.label_end is not None or not self._is_cell(at):
            return block
        low, end = self._line(at)
        return block if (low, end) == (block.start, block.end) or low == end else replace(block, start=low, end=end)

    def _cells(self, low: int, end: int, *, closed: bool = True) -> list[Cell]:
        """Where the cells of a line stand that bars part.

        Args:
            low, end: the line.
            closed: a bar at its end ends the last cell, and no empty one follows.
        """
        places = []
        first = low
        for bar in BAR.finditer(self.text, low, end):
            if bar.start() > low:
                places.append((first, bar.start()))
            first = bar.end()
        if first < end or not closed:
            places.append((first, end))
        return [self._stripped(*place) for place in places]

    def _stripped(self, low: int, end: int) -> Cell:
        first, last = strip(self.text[low:end])
        return low + first, low + last

    def _folded(self, cell: Cell) -> str:
        return "".join(fold(self.text[slice(*cell)]).split())

    def _feeds(self, at: int) -> int:
        """Line feeds between a block and the one before it, those of rules left out."""
        low, high = self.blocks[at - 1].end, self.blocks[at].start
        return self.text.count("\n", low, high) - self._ruled(low, high)

    def _ruled(self, low: int, high: int) -> int:
        return bisect_left(self._rules, high) - bisect_left(self._rules, low)

    def _barred(self, at: int) -> list[_Row]:
        head = self.blocks[at]
        closed = BAR.match(self.text, head.end - 1) is not None
        cells = self._cells(head.start, head.end)
        names = [self._folded(cell) for cell in cells]
        if at < self._refused or not self._is_head(at, names):
            return [_Row(at, at + 1, cells)] if self._goes_on(at, cells, names) else []
        table = [_Row(at, at + 1, cells)]
        counted: dict[int, int] = {}
        place, feeds, lines = at + 1, 0, 0
        while place < len(self.blocks):
            feeds = feeds or self._feeds(place)
            block = self.blocks[place]
            ruled = self._ruled(self.blocks[place - 1].end, block.start)
            if feeds > 2 or self._feeds(place) != feeds or ruled > 1 or block.kind == "row":
                break
            if not BAR.search(self.text, block.start, block.end):
                break
            until = self._until(place, len(cells), feeds) if closed else place + 1
            row = self._cells(block.start, self.blocks[until - 1].end, closed=closed)
            placed = self._placed(row, names, counted)
            if placed:
                table.append(_Row(place, until, placed))
            place, lines = until, lines + 1
        if len(table) < 2 or 2 * len(table) < lines or self._runs_over(at, place):
            self._refused = place if lines > LONGEST_BREAK or self._runs_over(at, place) else at
            return []
        self._last = table[-1].until, len(cells), self._kinds(cells)
        return table

    def _goes_on(self, at: int, cells: Sequence[Cell], names: Sequence[str]) -> bool:
        """Whether a line is a row of the table with bars above it, from which other lines part it."""
        if self._last is None or at - self._last[0] > NEAR:
            return False
        _, width, kinds = self._last
        named = list(map(column_name, names))
        # One cell of a row may be worded as a menu is: 「政务公开」 is a task of governments.
        refused = REFUSING.difference({"menu"}).intersection(named) or named.count("menu") > 1
        if len(cells) != width or width < 3 or not self._fit(cells, kinds) or refused:
            self._last = None
            return False
        self._last = at + 1, width, kinds
        return True

    def _runs_over(self, first: int, until: int) -> bool:
        """Whether cells of a drawn box run over several lines, of which a rule parts some and not others."""
        below = range(first + 2, until)
        ruled = sum(self._ruled(self.blocks[n - 1].end, self.blocks[n].start) > 0 for n in below)
        boxed = _BOXED.search(self.text, self.blocks[first].start, self.blocks[first].end) is not None
        return ruled < len(below) if boxed else 0 < ruled < len(below)

    def _is_head(self, at: int, names: Sequence[str]) -> bool:
        """Whether cells of a line with bars are the head of a table that goes on below it."""
        filled = [name for name in names if name]
        if not 2 <= len(filled) <= WIDEST or at + 1 == len(self.blocks) or not names[0] or opens_with_label(names[0]):
            return False
        named = [name for name in filled if column_name(name)]
        if any(len(name) > LONGEST_HEAD or re.search("[。;:!?]", name) for name in filled):
            return False
        if self._ruled(self.blocks[at].end, self.blocks[at + 1].start):
            return len(named) > 1 or all(len(name) > 1 and not name.isdigit() for name in filled)
        kinds = {column_name(name) for name in named}
        return len(named) > 1 and 2 * len(named) >= len(filled) and len(kinds) > 1 and "menu" not in kinds

    def _until(self, first: int, width: int, feeds: int) -> int:
        """The block behind a row of which every cell ends in a bar; cells may run over several lines."""
        start = self.blocks[first].start
        for place in range(first, min(first + LONGEST_BREAK, len(self.blocks))):
            end = self.blocks[place].end
            if self.blocks[place].kind != "paragraph" or (place > first and self._feeds(place) != feeds):
                break
            wide = len(self._cells(start, end))
            if wide > width:
                break
            if BAR.match(self.text, end - 1) and (place == first or wide == width):
                return place + 1
        return first + 1

    def _placed(self, row: list[Cell], names: Sequence[str], counted: dict[int, int]) -> list[Cell] | None:
        """The cells of a row in the columns that they stand in; None where nothing tells which those are.

        Args:
            row: its cells.
            names: of the columns.
            counted: the number with which each column's last cell begins; brought up to date.
        """
        texts = [self._folded(cell) for cell in row]
        while texts and not texts[-1] and len(texts) > len(names):
            texts.pop()
        filled = len(texts)
        while filled and not texts[filled - 1]:
            filled -= 1
        if not filled or len(texts) > len(names):
            return None
        shift = 0
        number = COUNTED.match(texts[0])
        if number and counted.get(0) != int(number[1]) - 1:
            columns = range(max(1, len(names) - len(texts)), len(names) - filled + 1)
            shift = next((column for column in columns if counted.get(column) == int(number[1]) - 1), 0)
        if not shift and len(texts) < len(names):
            titles = len(texts) == 1 and len(texts[0]) <= LONGEST_TITLE and not re.search("[。;!?]", texts[0])
            if not titles:
                return None
        empty = (row[0][0], row[0][0])
        for column, cell in enumerate(texts[:filled], shift):
            if found := COUNTED.match(cell):
                counted[column] = int(found[1])
        placed = [empty] * shift + list(row[: filled if shift else len(texts)])
        return placed + [(placed[-1][1],) * 2] * (len(names) - len(placed))

    def _spaced(self, at: int) -> list[_Row]:
        """The table that begins in a block and whose cells blanks part: its head and its rows open with a number."""
        if not self._opens_with_number(at):
            return []
        head = self._words(at, WIDE_GAP)
        if len(head) < 3:
            head = self._words(at, GAP)
        kinds = self._kinds(head)
        if not 3 <= len(head) <= WIDEST or not is_task_table(kinds) or at + 1 == len(self.blocks):
            return []
        table = [_Row(at, at + 1, head)]
        feeds = self._feeds(at + 1)
        place, missed = at + 1, 0
        while place < len(self.blocks) and missed < NEAR and self._feeds(place) == feeds <= 2:
            if self.blocks[place].kind == "row" or self._opens_with_number(place):
                break
            numbered = NUMBER.fullmatch(self.text, *self._words(place, GAP)[0]) is not None
            rows = [self._words(place, gap) for gap in (WIDE_GAP, GAP)] if numbered else []
            row = next((cells for cells in rows if len(cells) == len(head) and self._fit(cells, kinds)), None)
            if row:
                table.append(_Row(place, place + 1, row))
            elif numbered:
                break
            missed = 0 if row else missed + 1
            place += 1
        return table if len(table) > 1 else []

    def _opens_with_number(self, at: int) -> bool:
        """Whether a line opens with the head of the column of numbers, and goes on."""
        opening = SPACED_NUMBER.match(self.text, self.blocks[at].start, self.blocks[at].end)
        return opening is not None and column_name(self._folded(opening.span())) == "number"

    def _words(self, at: int, gap: re.Pattern[str]) -> list[Cell]:
        """Where the words of a line stand that gaps part."""
        block = self.blocks[at]
        edges = [
            block.start,
            *(edge for match in gap.finditer(self.text, block.start, block.end) for edge in match.span()),
            block.end,
        ]
        return list(zip(edges[::2], edges[1::2], strict=True))

    def _listed(self, at: int) -> list[_Row]:
        """The table with a cell on each line that begins in a block."""
        if self._is_head_of_numbers(at):
            return self._numbered(at)
        return self._counted(at) if self._ends_in_bar(at) else []

    def _is_head_of_numbers(self, at: int) -> bool:
        if self.blocks[at].end - self.blocks[at].start > 2 * LONGEST_NUMBER:
            return False
        low, end = self._line(at)
        return end - low <= LONGEST_NUMBER and column_name(self._folded((low, end))) == "number"

    def _line(self, at: int) -> Cell:
        """A line that is one cell, without the bars around it."""
        block = self.blocks[at]
        low = block.start + bool(BAR.match(self.text, block.start))
        return self._stripped(low, block.end - self._ends_in_bar(at))

    def _ends_in_bar(self, at: int) -> bool:
        return BAR.match(self.text, self.blocks[at].end - 1) is not None

    def _is_cell(self, at: int) -> bool:
        """Whether a line may be a cell: one of no other table, with no bar within."""
        block = self.blocks[at]
        return block.kind == "paragraph" and not BAR.search(self.text, block.start + 1, block.end - 1)

    def _is_number(self, at: int) -> bool:
        return (
            at < len(self.blocks)
            and self.blocks[at].kind == "paragraph"
            and NUMBER.fullmatch(self.text, *self._line(at)) is not None
        )

    def _numbered(self, at: int) -> list[_Row]:
        """A table whose rows begin with a bare number on a line of its own."""
        until = at + 1
        while until < min(at + WIDEST, len(self.blocks)) and self._names_column(until):
            until += 1
        head = [self._line(n) for n in range(at, until)]
        kinds = self._kinds(head)
        first = until
        while first < len(self.blocks) and self._titles(first):
            first += 1
        if not is_task_table(kinds) or not self._is_number(first):
            return []
        place: int | None = first
        width = len(head)
        table = [_Row(at, until, head)]
        while place is not None and (len(table) > 1 or place < until + width * LONGEST_BREAK):
            row = range(place, min(place + width, len(self.blocks)))
            behind = self._next_number(place, width)
            whole = len(row) == width and all(self._is_cell(n) for n in row)
            # A cell that runs over several lines leaves lines behind the row, which are no titles.
            whole = whole and (behind is None or all(self._titles(n) for n in range(place + width, behind)))
            cells = [self._line(n) for n in row]
            if whole and (behind is None or behind >= place + width) and self._fit(cells, kinds):
                table.append(_Row(place, place + width, cells))
            place = behind
        return table if len(table) > 1 else []

    def _next_number(self, place: int, width: int) -> int | None:
        """The line that begins the row behind the one that begins at `place`, titles of rows passed over."""
        if not self._is_number(place + width):
            number = self._number(place)
            counting = (n for n in range(place + 1, place + width) if self._is_number(n))
            short = next((n for n in counting if self._number(n) == number + 1), None)
            if short is not None:
                return short
        behind = range(place + width, min(place + width + 2 * LONGEST_BREAK, len(self.blocks)))
        of_table = takewhile(lambda n: not self._is_head_of_numbers(n), behind)
        return next((n for n in of_table if self._is_number(n)), None)

    def _number(self, at: int) -> int:
        return int(self._folded(self._line(at)).rstrip(".、"))

    def _names_column(self, at: int) -> bool:
        """Whether a line goes on with the head of a table, and is not the title or the number of a row."""
        low, end = self._line(at)
        if end - low > LONGEST_HEAD or not self._is_cell(at) or self._is_head_of_numbers(at):
            return False
        return not self._is_number(at) and not self._titles(at)

    def _titles(self, at: int) -> bool:
        """Whether a line titles the rows below it."""
        low, end = self._line(at)
        line = fold(self.text[low:end])
        return len(line) <= LONGEST_TITLE and opens_with_label(line) is not None and not line.endswith("。")

    def _counted(self, at: int) -> list[_Row]:
        """A table of lines that all end in a bar, as many a row as its head has."""
        if at >= self._closed:
            lines = range(at, len(self.blocks))
            behind = (n for n in lines if not (self._is_cell(n) and self._ends_in_bar(n)))
            self._closed = next(behind, len(self.blocks))
        until = self._closed
        head: list[Cell] = []
        for n in range(at, min(until, at + WIDEST)):
            if not column_name(self._folded(self._line(n))):
                break
            head.append(self._line(n))
        width = len(head)
        kinds = self._kinds(head)
        if width < 3 or (until - at) % width or until - at == width or not is_task_table(kinds):
            return []
        table = [_Row(at, at + width, head)]
        for n in range(at + width, until, width):
            cells = [self._line(m) for m in range(n, n + width)]
            if not self._fit(cells, kinds):
                return []
            table.append(_Row(n, n + width, cells))
        return table

    def _kinds(self, head: Sequence[Cell]) -> dict[int, str]:
        named = {column: column_name(self._folded(cell)) for column, cell in enumerate(head)}
        return {column: name for column, name in named.items() if name}

    def _fit(self, cells: Sequence[Cell], kinds: dict[int, str]) -> bool:
        """Whether the cells of a row may be what its columns hold: names of units, and times."""
        for column, name in kinds.items():
            cell = fold(self.text[slice(*cells[column])]).rstrip("。")
            if not cell:
                continue
            if name in UNITS and re.search(r"[\d。;]", cell):
                return False
            if name == "deadline" and not TIME.search(cell):
                return False
            if (name in UNITS or name == "deadline") and opens_with_label(cell):
                return False  # a heading below the table, whose last cell is empty
        return True
