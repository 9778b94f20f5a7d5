"""Who is charged with an item: by its own words, by its paragraph, by a section around it."""

from __future__ import annotations

import pytest

from pipeline.model import Plan
from pipeline.parsing import plans_of
from pipeline.read import text as reader
from pipeline.read.source import Source
from pipeline.themes import default
from tests.made import cases

TITLE = "青禾县教育局2031年工作计划\n"


def plan_of(text: str) -> Plan:
    (plan,) = plans_of(reader.read(Source.of((TITLE + text).encode(), "plan.txt")), default())
    return plan


@pytest.mark.parametrize(("text", "expected"), cases("charges", "text", "expected"))
def test_charges(text: str, expected: str) -> None:
    plan = plan_of(text.replace("⏎", "\n"))
    shown = []
    for units, basis in plan.charges:
        named = (plan.responsibilities[index] for index in units)
        shown.append(f"{'+'.join(u.text + '*' * (u.role == 'lead') for u in named)} {basis}" if units else "-")
    assert "|".join(shown) == expected


def test_units_behind_a_sentence_say_nothing_of_its_theme() -> None:
    plan = plan_of("一、重点任务\n扩大绿化面积。\n（牵头单位：县教育局；配合单位：各中小学、县特殊教育学校）")
    (item,) = plan.items
    assert item.sentence == "扩大绿化面积。"
    assert item.text == "扩大绿化面积。 （牵头单位：县教育局；配合单位：各中小学、县特殊教育学校）"
    assert plan.themes == default().tag(["扩大绿化面积。"], ["重点任务"])
    assert plan.stages == (None,)


def test_a_list_that_a_section_begins_with_is_no_item() -> None:
    plan = plan_of("一、扩充学位\n责任单位：县教育局\n新建校舍三所。")
    assert [item.text for item in plan.items] == ["新建校舍三所。"]
    assert [(unit.text, unit.item) for unit in plan.responsibilities] == [("县教育局", None)]
