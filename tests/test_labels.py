"""Where text could carry a label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.labels import find, opens_with_label, ordinal, rules
from pipeline.model import fold
from pipeline.rules import Rule

VALUES = {"一": 1, "二": 2, "九": 9, "十": 10, "十一": 11, "十九": 19, "二十": 20, "二十一": 21, "九十九": 99}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_family_hits_its_example_and_not_its_counter(rule: Rule) -> None:
    label = opens_with_label(rule.example)
    assert label is not None
    assert label.family == rule.name
    assert rule.name not in {found.family for found in find(rule.counter or "")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *VALUES.items(),
        ("7", 7),
        ("③", 3),
        ("⑵", 2),
        ("Ⅳ", 4),
        ("B", 2),
    ],
)
def test_ordinal(text: str, value: int) -> None:
    assert ordinal(text) == value


@pytest.mark.parametrize("text", ["", "百", "一二", "二一十", "十一二", "甲"])
def test_no_ordinal(text: str) -> None:
    with pytest.raises(ValueError, match="no ordinal"):
        ordinal(text)


@pytest.mark.parametrize(
    ("line", "text", "family", "number"),
    [
        ("第十二章 附则", "第十二章", "chapter", 12),
        ("第 三 节 课程", "第三节", "section", 3),
        ("一、总则", "一", "cn", 1),
        ("（十）总务", "(十)", "cn_paren", 10),
        ("三)总务", "三)", "cn_half", 3),
        ("１２．总务", "12", "ar", 12),
        ("（４）总务", "(4)", "ar_paren", 4),
        ("4)总务", "4)", "ar_half", 4),
        ("⑷总务", "⑷", "ar_bracketed", 4),
        ("④总务", "④", "circled", 4),
        ("D.总务", "D", "letter", 4),
    ],
)
def test_label_as_the_tables_give_it(line: str, text: str, family: str, number: int) -> None:
    label = opens_with_label(fold(line))
    assert label is not None
    assert (label.text, label.family, label.ordinal) == (text, family, number)


@pytest.mark.parametrize(
    "line", ["", "总务工作", "三个聚焦", "第一，抓好常规", "2031年计划", "1.5%达标", "A级学校", "0.5分"]
)
def test_no_label_opens(line: str) -> None:
    assert opens_with_label(fold(line)) is None


def test_some_families_are_labels_at_a_line_start_alone() -> None:
    assert [label.text for label in find("选择A.或者B.作答")] == []
    assert [label.text for label in find("A.基础\nB.拓展")] == ["A", "B"]


def test_places_are_told_apart() -> None:
    first, second = find("  一、总则。二、目标")
    assert (first.opens_line, second.opens_line) == (True, False)
    assert second.before == "。"


@given(st.text(alphabet="一二三十第章节条（）()1234.、，。①② \n甲校年级"))
def test_labels_are_in_order_and_inside(text: str) -> None:
    folded = fold(text)
    at = 0
    for label in find(folded):
        assert at <= label.start < label.end <= len(folded)
        assert label.ordinal > 0
        assert folded[label.start : label.end].replace(" ", "").replace("\n", "").startswith(label.text)
        at = label.end
