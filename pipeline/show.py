"""A plan for the eye: what it is, and its section tree with what was found in each part.

The functions give rich renderables; printing them is up to the caller. What a notebook shows is made by
`pipeline.view`.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from pipeline.model import Found, Plan, Section
from pipeline.rows import section_of
from pipeline.sections import gaps


class Counts(NamedTuple):
    """How much was found in a section and the sections under it."""

    goals: int = 0
    targets: int = 0
    deadlines: int = 0
    units: int = 0

    def plus(self, other: Counts) -> Counts:
        """The sums with those of another section."""
        return Counts(*(own + more for own, more in zip(self, other, strict=True)))

    def __str__(self) -> str:
        told = self._asdict().items()
        return ", ".join(f"{number} {name if number > 1 else name[:-1]}" for name, number in told if number)


def counts(plan: Plan) -> tuple[Counts, ...]:
    """What was found in each section, the sections under it included.

    Args:
        plan: a parsed plan.

    Returns:
        One entry a section, in the order of `plan.sections`.
    """
    layers: tuple[tuple[Found, ...], ...] = (plan.goals, plan.targets, plan.deadlines, plan.responsibilities)
    own = [[0] * len(layers) for _ in plan.sections]
    for layer, records in enumerate(layers):
        for record in records:
            section = section_of(plan, record)
            if section is not None:
                own[section][layer] += 1
    total = [Counts(*numbers) for numbers in own]
    for index in range(len(plan.sections) - 1, -1, -1):  # a child stands behind its parent
        parent = plan.sections[index].parent
        if parent is not None:
            total[parent] = total[parent].plus(total[index])
    return tuple(total)


def facts(plan: Plan) -> dict[str, str]:
    """What the plan's title lines say of it, and how it was read, by name; what is not known is left out.

    Args:
        plan: a parsed plan.
    """
    head = plan.head
    years = [str(year) for year in dict.fromkeys((head.year_start, head.year_end)) if year]
    lines = {
        "title": head.title,
        "number": head.doc_number,
        "issuer": head.issuer,
        "region": " ".join(part for part in (head.region, head.region_code) if part),
        "level": head.level,
        "years": "–".join(years),
        "issued": head.issued_on,
        "format": plan.document.format,
        "pages": plan.document.pages and str(plan.document.pages),
    }
    return {name: value for name, value in lines.items() if value}


def warnings(plan: Plan) -> tuple[str, ...]:
    """What a reader of the plan should know of it and its file, one sentence each.

    Args:
        plan: a parsed plan.
    """
    return (*plan.document.warnings, *plan.head.warnings, *gaps(plan.sections))


def header(plan: Plan) -> Table:
    """The facts and warnings of a plan, one below the other.

    Args:
        plan: a parsed plan.
    """
    table = Table.grid(padding=(0, 2))
    for name, value in facts(plan).items():
        table.add_row(Text(name, "dim"), Text(value))
    for warning in warnings(plan):
        table.add_row(Text("warning", "yellow"), Text(warning))
    return table


def tree(plan: Plan) -> Tree:
    """The section tree; behind each node what was found in it and under it.

    Args:
        plan: a parsed plan.
    """
    root = Tree(Text(plan.head.title or "(no title)", "bold"))
    nodes: list[Tree] = []
    for section, found in zip(plan.sections, counts(plan), strict=True):
        above = root if section.parent is None else nodes[section.parent]
        nodes.append(above.add(_line(section, found)))
    return root


def overview(plan: Plan) -> RenderableType:
    """Header and tree of a plan, one below the other.

    Args:
        plan: a parsed plan.
    """
    return Group(header(plan), Text(), tree(plan))


def _line(section: Section, found: Counts) -> Text:
    line = Text()
    if section.label:
        line.append(section.label, "cyan")
        line.append(" ")
    if section.heading:
        line.append(section.heading)
    elif section.text:
        start = " ".join(section.text.split())
        line.append(start if len(start) <= 30 else f"{start[:29]}…", "dim")
    if any(found):
        line.append(f"  {found}", "green")
    return line
