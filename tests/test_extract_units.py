"""Responsible units: invented sentences in cases/units.csv, and what one sentence cannot show."""

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.extract import units
from pipeline.extract.notes import Passage
from pipeline.model import Responsibility, fold
from tests.made import notes_of, notes_of_lines

CASES = Path(__file__).parent / "cases" / "units.csv"
GROUPS = ("labels", "conventions", "verbs", "own_roles", "subjects", "constructions", "names")


def find(text, path=(), cells=(), **options) -> list[Responsibility]:
    notes = notes_of(text, path=path, cells=tuple(cells))
    return list(units.responsibilities(notes, **options))


def shown(found) -> list[str]:
    return [f"{record.role}:{record.text}" for record in found]


def rows():
    with CASES.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["expected"]) for row in csv.DictReader(file)]


def test_cases_are_balanced():
    charged = [expected for _, expected in rows() if expected]
    assert len(rows()) >= 200
    assert 0.4 <= len(charged) / len(rows()) <= 0.6


@pytest.mark.parametrize(("text", "expected"), rows())
def test_case(text, expected):
    assert shown(find(text)) == (expected.split(";") if expected else [])


@pytest.mark.parametrize("rule", [rule for group in GROUPS for rule in units.rules(group)], ids=lambda rule: rule.name)
def test_rule_hits_its_example_and_not_its_counter(rule):
    assert rule.regex.search(fold(rule.example))
    assert rule.counter is None or not rule.regex.search(fold(rule.counter))


def test_record_says_where_and_why():
    text = "改造食堂。（牵头单位：县教育局）"
    (record,) = find(text)
    assert text[record.start : record.end] == record.text == "县教育局"
    assert (record.rule, record.role, record.item, record.confidence) == ("label_lead", "lead", None, None)


def test_cells_take_the_role_of_their_column():
    text = "改造食堂\t县教育局、各乡镇\t县财政局"
    cells = [("task", 0, 4), ("lead", 5, 13), ("support", 14, 18)]
    assert shown(find(text, cells=cells)) == ["lead:县教育局", "lead:各乡镇", "support:县财政局"]
    assert shown(find(text, cells=[("task", 0, 4), ("note", 5, 18)])) == []


def test_cells_may_say_who_does_what():
    text = "改造食堂\t县教育局（牵头）、县住建局\t县财政局牵头，县审计局配合\t牵头单位：县林业局"
    cells = [("task", 0, 4), ("resp", 5, 18), ("resp", 19, 32), ("resp", 33, 42)]
    assert shown(find(text, cells=cells)) == [
        "lead:县教育局",
        "resp:县住建局",
        "lead:县财政局",
        "support:县审计局",
        "lead:县林业局",
    ]


def test_no_subject_reaches_across_cells():
    text = "校舍建设\t县教育局\t9月底前\t新增学位900个"
    assert shown(find(text)) == []


@pytest.mark.parametrize("heading", ["现状分析", "2030年工作回顾", "存在的问题"])
def test_sentences_about_the_past_charge_nobody(heading):
    text = "各教研组每周集体备课。"
    assert shown(find(text, path=("工作措施",))) == ["resp:各教研组"]
    assert shown(find(text, path=(heading, "教研"))) == []


def test_lists_are_read_under_any_heading_and_outside_items():
    notes = notes_of_lines("责任单位：县文旅局", "整修步道。")
    notes.items = notes.items[1:]
    assert shown(units.responsibilities(notes)) == ["resp:县文旅局"]


def test_a_short_heading_before_an_item_may_name_who():
    heading, task = "3.1 运检部：", "组织抢修队伍。"
    notes = notes_of(heading + task)
    notes.items = [Passage(len(heading), len(heading + task), 0)]
    assert shown(units.responsibilities(notes)) == ["resp:运检部"]


def test_convention_before_first_comma():
    text = "一、（责任单位：甲局、乙局，丙局；第一个逗号前为牵头单位，下同）\n二、（责任单位：丁局）"
    assert shown(find(text)) == ["lead:甲局", "lead:乙局", "resp:丙局", "lead:丁局"]


def test_convention_first_of_list():
    text = "（责任单位：甲局、乙局。排第一位的为牵头单位，下同）"
    assert shown(find(text)) == ["lead:甲局", "resp:乙局"]


def test_sentences_can_be_left_out():
    text = "各乡镇要清淤。（责任单位：县水务局）"
    assert shown(find(text)) == ["resp:各乡镇", "resp:县水务局"]
    assert shown(find(text, sentences=False)) == ["resp:县水务局"]


def test_order_and_no_overlap():
    text = "各乡镇要清淤，由县水务局负责验收，会同县财政局拨款。（责任单位：县水务局、县财政局）"
    found = find(text)
    assert shown(found) == [
        "resp:各乡镇",
        "lead:县水务局",
        "support:县财政局",
        "resp:县水务局",
        "resp:县财政局",
    ]
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    "part",
    [
        "各学校和",
        "责任单位：县局、",
        "由各学校",
        "（县局牵头，",
        "县（市）、",
        "局市局市",
        "学校对",
        "由学校",
        "局提前",
    ],
)
def test_time_grows_with_the_text(part):
    from time import perf_counter

    def seconds(times: int) -> float:
        started = perf_counter()
        find(part * times)
        return perf_counter() - started

    find(part)
    assert seconds(4000) < 40 * max(seconds(400), 0.005)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "由青禾县教师发展中心（以下简称“教发中心”）牵头。教发中心每月组织一次教研。",
            {"青禾县教师发展中心": None, "教发中心": "青禾县教师发展中心"},
        ),
        ("根据青禾县教育局（以下简称县局）部署开展。县局负责督导。", {"县局": "青禾县教育局"}),
        (
            "成立青禾县义务教育优质均衡发展领导小组（以下简称领导小组）。由领导小组负责统筹。",
            {"领导小组": "青禾县义务教育优质均衡发展领导小组"},
        ),
        ("县教育局、县财政局（以下简称县财政）共同推进。由县财政负责保障。", {"县财政": "县财政局"}),
        ("落实《青禾县教育规划》（以下简称《规划》）。由县教育局负责。", {"县教育局": None}),
        ("推进集团化办学改革（以下简称改革）。由县教育局负责。", {"县教育局": None}),
        ("由县教育局（简称“县教育局机关党委”）负责。由县教育局牵头督导。", {"县教育局": None}),
    ],
)
def test_what_a_plan_abbreviates_has_its_full_name(text, expected):
    found = {record.text: record.full_name for record in find(text)}
    assert {name: found.get(name) for name in expected} == expected
