"""What the terminal and notebooks show of a plan."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console, RenderableType

from pipeline.model import Plan
from pipeline.show import Counts, counts, header, overview, tree


def shown(thing: RenderableType) -> str:
    console = Console(width=100, file=StringIO())
    with console.capture() as capture:
        console.print(thing)
    return capture.get()


def nested(plan: Plan) -> Plan:
    """The plan with its last section put under the one before it."""
    first, second, third = plan.sections
    outer = replace(second, end=third.end)
    return replace(plan, sections=(first, outer, replace(third, level=2, parent=1)))


def test_counts_are_own_and_those_under_it(plan: Plan) -> None:
    assert counts(plan) == (Counts(), Counts(goals=1, targets=1), Counts(targets=1, deadlines=1, units=2))
    assert counts(nested(plan)) == (
        Counts(),
        Counts(goals=1, targets=2, deadlines=1, units=2),
        Counts(targets=1, deadlines=1, units=2),
    )


def test_records_outside_sections_are_not_counted(plan: Plan) -> None:
    loose = replace(plan.goals[0], start=0, end=3, item=None)
    assert counts(replace(plan, goals=(loose,)))[1].goals == 0


def test_header_tells_what_is_known(plan: Plan) -> None:
    text = shown(header(plan))
    for part in ("青禾县教育局2031年工作计划", "青禾县教育局", "county", "2031", "txt", "first; and second"):
        assert part in text
    assert "2031–" not in text
    assert "number" not in text
    assert "None" not in text


def test_header_tells_a_period_of_years(plan: Plan) -> None:
    assert "2031–2035" in shown(header(replace(plan, head=replace(plan.head, year_end=2035))))


def test_tree_has_labels_headings_and_counts(plan: Plan) -> None:
    lines = [line.rstrip() for line in shown(tree(nested(plan))).splitlines()]
    assert lines == [
        "青禾县教育局2031年工作计划",
        "├── 全年工作围绕提高质量展开。",
        "└── 一 主要目标  1 goal, 2 targets, 1 deadline, 2 units",
        "    └── 二 重点任务  1 target, 1 deadline, 2 units",
    ]


def test_square_brackets_are_text(plan: Plan) -> None:
    first, *rest = plan.sections
    odd = replace(first, heading="[bold]〔一〕[/]", label="[1]")
    changed = replace(plan, sections=(odd, *rest), head=replace(plan.head, title="[red]计划"))
    assert "[1] [bold]〔一〕[/]" in shown(tree(changed))
    assert "[red]计划" in shown(overview(changed))


def test_a_plan_without_title_or_sections(plan: Plan) -> None:
    bare = replace(
        plan,
        head=replace(plan.head, title=None),
        sections=(),
        items=(),
        goals=(),
        targets=(),
        deadlines=(),
        responsibilities=(),
        themes=(),
        stages=(),
        strengths=(),
    )
    assert shown(tree(bare)).strip() == "(no title)"


def test_a_long_text_without_heading_is_cut(plan: Plan) -> None:
    first, *rest = plan.sections
    text = "一二三四五六七八九十" * 5
    changed = replace(plan, sections=(replace(first, text=text), *rest))
    assert f"{text[:29]}…" in shown(tree(changed))
    assert text[:30] not in shown(tree(changed))
