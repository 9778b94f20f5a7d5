"""Who is charged with each item, by its own words or by what stands around it.

1. `item`: the units that the item names itself. They alone count, whoever is charged with what is around it.
2. `paragraph`: the list of units behind its paragraph or lines, 「…。…。（责任单位：…）」 (`Item.behind`).
3. `section`: the list in the heading of its section, 「二、主要任务（牵头单位：…）」, or the one that this begins
   with, above its first item; else that of the nearest section around it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.model import Charge, Item, Responsibility, Section
from pipeline.sections import innermost


def charges(
    sections: Sequence[Section], items: Sequence[Item], responsibilities: Sequence[Responsibility]
) -> tuple[Charge, ...]:
    """The units that are charged with each item of a plan.

    Args:
        sections: the plan's section tree.
        items: its commitments.
        responsibilities: its units, each with its item, in reading order.

    Returns:
        An entry an item.
    """
    own: list[list[int]] = [[] for _ in items]
    behind: list[list[int]] = [[] for _ in items]
    of_section: dict[int, list[int]] = {}
    firsts: dict[int, int] = {}
    for item in items:
        firsts.setdefault(item.section, item.start)
    for index, unit in enumerate(responsibilities):
        if unit.item is None:
            section = innermost(sections, unit)
            if section is not None and unit.start < firsts.get(section, unit.end):
                of_section.setdefault(section, []).append(index)
            continue
        own[unit.item].append(index)
        item = items[unit.item]
        if item.behind is not None and item.behind_from is not None and item.behind.covers(unit):
            for earlier in range(item.behind_from, unit.item):
                behind[earlier].append(index)
    return tuple(
        _charge(own[index], behind[index], _inherited(sections, item.section, of_section))
        for index, item in enumerate(items)
    )


def _charge(own: Sequence[int], behind: Sequence[int], inherited: Sequence[int]) -> Charge:
    if own:
        return Charge(tuple(own), "item")
    if behind:
        return Charge(tuple(behind), "paragraph")
    return Charge(tuple(inherited), "section" if inherited else None)


def _inherited(sections: Sequence[Section], section: int | None, of_section: dict[int, list[int]]) -> Sequence[int]:
    """What the nearest section has that names units, from `section` upwards."""
    while section is not None and section not in of_section:
        section = sections[section].parent
    return () if section is None else of_section[section]
