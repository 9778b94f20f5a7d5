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
    own: dict[int, list[int]] = {}
    behind: dict[int, list[int]] = {}
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
        own.setdefault(unit.item, []).append(index)
        item = items[unit.item]
        if item.behind is not None and item.behind_from is not None and item.behind.covers(unit):
            for earlier in range(item.behind_from, unit.item):
                behind.setdefault(earlier, []).append(index)
    charged = {index: Charge(tuple(units), "paragraph") for index, units in behind.items()}
    charged |= {index: Charge(tuple(units), "item") for index, units in own.items()}
    inherited = {section: _inherited(sections, section, of_section) for section in firsts}
    return tuple(charged.get(index) or inherited[item.section] for index, item in enumerate(items))


def _inherited(sections: Sequence[Section], section: int | None, of_section: dict[int, list[int]]) -> Charge:
    """The charge by the nearest section that names units, from `section` upwards."""
    while section is not None and section not in of_section:
        section = sections[section].parent
    return Charge((), None) if section is None else Charge(tuple(of_section[section]), "section")
