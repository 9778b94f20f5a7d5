"""Indicator tables: what is measured, and a column for each year in which it is to reach a value.

    指标               单位   2030年   2035年   年均增长（%）   属性
    在园幼儿          万人    1.2      [3.5]        2.5         预期性

A cell with a bare figure in such a row is a target: the row says what is measured and in which unit, the
head of its column by when. The figure of a column for the present state, or for a year before the plan's
first, is no target but the baseline of the row's others. A figure in brackets sums up the years of the
plan, as these tables' notes say; a yearly growth is `inc` per year.

The times that head columns are deadlines outside of the items, one a column.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import cast

from pipeline.extract.deadlines import heading_time
from pipeline.extract.notes import Notes, Passage
from pipeline.extract.past import inside
from pipeline.extract.targets import comparators
from pipeline.model import Deadline, Op, Target
from pipeline.numbers import Quantity, quantities

VALUES = frozenset({"year", "target", "growth"})
SILENT = frozenset({"baseline", "measure"})
BESIDE = re.compile(r"[\[\]() *]|达到?|保持|约|为")
RATIO = re.compile(r"(?<![\d:])(\d{1,9}(?:\.\d{1,9})?)[ ]?:[ ]?(\d{1,9}(?:\.\d{1,9})?)(?![\d:])")
MULTIPLIER = re.compile(r"(千|[十百千]?万|[十百千万]?亿)(?!瓦|米|克|伏|卡|赫|焦|字节)(?=[一-龥])")
FACTORS = {"十": 10.0, "百": 100.0, "千": 1000.0, "万": 1e4, "亿": 1e8}
NUMBERED = re.compile(r"(?:[ \n]|\d{1,2}[.、)]|\(\d{1,2}\)|[①-⑳]|[一二三四五六七八九十]{1,2}、|其中:)*")
IN_BRACKETS = re.compile(r"[ ]?[(\[]([^()\[\]\n]{1,8})[)\]][ ]?$")
Cell = tuple[str, int, int]


def annotate(notes: Notes) -> None:
    """Add the targets of indicator tables to those in `notes.found`, the times of heads to the deadlines.

    What was found before in cells that are read here, or that tell of the present state, is taken back.
    """
    heads = {time.start: time for time in heading_times(notes)}
    if heads:
        times = [*notes.found["deadlines"], *heads.values()]
        notes.found["deadlines"] = tuple(sorted(times, key=lambda time: time.start))
    rows = list(notes.rows.values())
    read = [target for row in rows for target in _row(notes, row)]
    starts = {target.start for target in read}
    silent = sorted(
        (start, end)
        for row in rows
        for (column, start, end), head in row.headed
        if column in SILENT or (column == "year" and _is_bygone(notes, head))
    )
    kept = [
        _named_by_task(notes, rows, target)
        for target in notes.found["targets"]
        if target.start not in starts and not inside(silent, target.start)
    ]
    notes.found["targets"] = tuple(sorted([*kept, *read], key=lambda target: target.start))


def _named_by_task(notes: Notes, rows: Sequence[Passage], target: Target) -> Target:
    """A target in a cell that does not say of what it is one: the row's task does, 「校舍建设 | 新建3所」.

    Of a task that counts something itself it is what is counted: 「改造小区12个 | 开工6个」.
    """
    if target.indicator is not None:
        return target
    at = bisect_right(rows, target.start, key=lambda row: row.start) - 1
    if at < 0 or target.start >= rows[at].end:
        return target
    task = next((cell for cell in rows[at].cells if cell[0] == "task" and cell[2] <= target.start), None)
    if task is None:
        return target
    found = notes.found["targets"]
    first = bisect_left(found, task[1], key=lambda other: other.start)
    counted = found[first].indicator if found[first].start < task[2] else None
    return replace(target, indicator=counted or _indicator(notes, task)[0])


def heading_times(notes: Notes) -> Iterator[Deadline]:
    """The times that the heads of columns for aims name, one a head, in reading order.

    Args:
        notes: of the plan.
    """
    heads = {
        head
        for row in notes.rows.values()
        for (column, _, _), head in row.headed
        if head is not None and column in VALUES
    }
    found = (heading_time(notes, *head) for head in sorted(heads))
    yield from (time for time in found if time is not None)


def _row(notes: Notes, item: Passage) -> Iterator[Target]:
    """The targets of one row of an indicator table."""
    cells: list[Cell] = list(item.cells or ())
    named = next((cell for cell in cells if cell[0] == "indicator"), None)
    if named is None:
        return
    text = notes.lines
    indicator, bracket = _indicator(notes, named)
    measure = next((text[start:end].strip() for column, start, end in cells if column == "measure"), bracket)
    baseline: float | None = None
    found: list[Target] = []
    for (column, start, end), head in item.headed:
        below = text[head[0] : head[1]] if head else ""
        bygone = column == "baseline" or (column == "year" and _is_bygone(notes, head))
        if not bygone and column not in VALUES:
            continue
        target = _value(notes, start, end, column, measure if column != "growth" else _growth_unit(below))
        if target is None:
            continue
        if bygone:
            baseline = target.value
        else:
            found.append(replace(target, indicator=indicator))
    yield from (replace(t, baseline=None if t.rule == "yearly_growth" else baseline) for t in found)


def _is_bygone(notes: Notes, head: tuple[int, int] | None) -> bool:
    """Whether a column is headed by a year that lies before the plan."""
    if head is None or heading_time(notes, *head) is not None:
        return False
    return bool(re.search(r"\d{4}", notes.lines[slice(*head)]))


def _indicator(notes: Notes, cell: Cell) -> tuple[str, str | None]:
    """What is measured, without its number, and the unit in brackets behind it."""
    text, (_, start, end) = notes.lines, cell
    match = NUMBERED.match(text, start, end)
    start = match.end() if match and match.end() < end else start
    bracket = IN_BRACKETS.search(text, start, end)
    is_unit = bracket is not None and bracket.start() > start and _is_unit(bracket[1])
    if bracket and is_unit:
        end = bracket.start()
    written = " ".join(notes.text[start:end].split())
    return written, bracket[1] if bracket and is_unit else None


def _is_unit(text: str) -> bool:
    """Whether brackets hold a unit: %, or what figures are counted in, with a multiplier or without."""
    counted = next(iter(quantities(f"3{text}")), None)
    return counted is not None and counted.unit is not None and counted.end == len(text) + 1


def _growth_unit(head: str) -> str:
    bracket = IN_BRACKETS.search(head)
    return bracket[1] if bracket and _is_unit(bracket[1]) else "%"


def _value(notes: Notes, start: int, end: int, column: str, measure: str | None) -> Target | None:
    """The figure of a cell that holds nothing else, None where it holds more or none."""
    cell = notes.lines[start:end]
    found = _quantity(cell)
    if found is None or found.value is None:
        return None
    before, behind = comparators(f"{cell[: found.start]}⟦{cell[found.start : found.end]}⟧{cell[found.end :]}")
    low = found.start - (len(before[1]["span"]) if before else 0)
    high = found.end + (len(behind[1]["span"]) if behind else 0)
    if BESIDE.sub("", cell[:low] + cell[high:]).strip():
        return None
    summed = bool(re.match(r"[ ]*[\[(]", cell))
    hit = next((hit for hit in (before, behind) if hit and hit[0].fields["op"] != "eq"), None)
    op: Op = "eq"
    rule = "cumulative" if summed else "indicator"
    if found.ratio:
        op = "ratio"
    elif column == "growth" and not summed:
        op, rule = "inc", "yearly_growth"
    elif found.range:
        op = "range"
    elif hit:
        op = cast(Op, hit[0].fields["op"])
    factor, unit = (1.0, found.unit) if found.unit else _unit(measure)
    return Target(
        start=start + low,
        end=start + high,
        text=notes.text[start + low : start + high],
        rule=rule,
        indicator=None,
        op=op,
        value=_times(found.value, factor),
        value2=None if found.value2 is None else _times(found.value2, 1.0 if found.ratio else factor),
        unit=None if found.ratio else unit,
        per="年" if rule == "yearly_growth" else None,
    )


def _quantity(cell: str) -> Quantity | None:
    ratio = RATIO.search(cell)
    if ratio:  # in running text 1:13 is a time of day
        return Quantity(start=ratio.start(), end=ratio.end(), value=float(ratio[1]), value2=float(ratio[2]), ratio=True)
    return next(iter(quantities(cell)), None)


def _times(value: float, factor: float) -> float:
    return round(value * factor, 6)


@cache
def _unit(measure: str | None) -> tuple[float, str | None]:
    """The multiplier of a unit and the unit without it: 万人 → 10000, 人."""
    if not measure or measure in ("-", "/"):
        return 1.0, None
    multiplier = MULTIPLIER.match(measure)
    factor = 1.0
    for char in multiplier[1] if multiplier else "":
        factor *= FACTORS[char]
    return factor, measure[multiplier.end() :] if multiplier else "%" if measure in ("%", "百分比") else measure
