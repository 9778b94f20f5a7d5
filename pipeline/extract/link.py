"""Links inside a plan: each record to its item, each target to the deadline that governs it.

A target is governed by the nearest date, period or duration before it in its sentence (「到2025年,新建
5所、改建3所」 governs both), else before it in its item, else by the first behind it in its sentence
(「3年内」 may follow). In a row of a table the time of its cell, of the head of its column or of the column
for times goes before. A recurrence is the rate of a target, never its deadline.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from pipeline.extract.notes import LAYERS, Link, Notes
from pipeline.model import Deadline, Found, Target

END = re.compile(r"[。;!?\n]")


def annotate(notes: Notes) -> None:
    """Set `item` in the records of every layer, and `deadline` in the targets."""
    for layer, linked in links(notes).items():
        pairs = zip(notes.found[layer], linked, strict=True)
        notes.found[layer] = tuple([replace(record, **values) for record, values in pairs])


def links(notes: Notes) -> dict[str, list[Link]]:
    """What `annotate` sets in each record of each layer, by the names of its fields."""
    items = [(span.start, span.end) for span in notes.items]
    result: dict[str, list[Link]] = {
        layer: [{"item": item_of(items, record)} for record in notes.found[layer]] for layer in LAYERS
    }
    times: list[Deadline] = list(notes.found["deadlines"])
    for target, values in zip(notes.found["targets"], result["targets"], strict=True):
        values["deadline"] = _governing(notes, items, times, target, values["item"])
    return result


def item_of(items: Sequence[tuple[int, int]], record: Found) -> int | None:
    """The index of the item in whose span a record begins.

    Args:
        items: where the items stand, in order, none overlapping another.
        record: with offsets in the same text.
    """
    index = bisect_right(items, (record.start, float("inf"))) - 1
    return index if index >= 0 and items[index][0] <= record.start < items[index][1] else None


def governing(
    text: str, items: Sequence[tuple[int, int]], times: Sequence[Deadline], target: Target, item: int | None
) -> int | None:
    """The index of the deadline that governs a target.

    Args:
        text: folded text of the plan.
        items: where the items stand.
        times: the plan's deadlines in reading order.
        target: one of its targets.
        item: index of the target's item.
    """
    if item is None:
        return None
    low, high = items[item]
    at = bisect_right(times, target.start, key=lambda time: time.start)
    before = next((i for i in range(at - 1, -1, -1) if times[i].start < low or times[i].kind != "recur"), None)
    if before is not None and times[before].start >= low:
        return before
    end = END.search(text, target.end, high)
    until = end.start() if end else high
    behind = next((i for i in range(at, len(times)) if times[i].start >= until or times[i].kind != "recur"), None)
    return behind if behind is not None and times[behind].start < until else None


def _governing(
    notes: Notes,
    items: Sequence[tuple[int, int]],
    times: Sequence[Deadline],
    target: Target,
    item: int | None,
) -> int | None:
    """The index of the deadline that governs a target, in a row of a table by its cells."""
    row = notes.rows.get(item) if item is not None else None
    if row is not None:
        own = next(((cell[1:], head) for cell, head in row.headed if _in(cell, target)), None)
        columns = [(start, end) for name, start, end in row.cells if name == "deadline"]
        for stretch in (*(own or ()), *reversed(columns)):
            low, high = (bisect_left(times, at, key=lambda time: time.start) for at in stretch or (0, 0))
            within = [index for index in range(low, high) if times[index].kind != "recur"]
            if within:
                before = [index for index in within if times[index].start < target.start]
                return before[-1] if own and before and stretch == own[0] else within[0]
    return governing(notes.folded, items, times, target, item)


def _in(cell: tuple[str, int, int], target: Target) -> bool:
    return cell[1] <= target.start < cell[2]
