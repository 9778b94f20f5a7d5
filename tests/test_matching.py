from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import Any

import numpy as np
import pytest

from pipeline.matching import THRESHOLD, Measure, normal, pairs, same_units, scores
from pipeline.rules import load
from tests.made import cases

COLUMNS = ("set", "before", "unit_before", "op_before", "after", "unit_after", "op_after", "same")
RULES = load("matching")


def measure(indicator: str | None, unit: str | None = "%", op: str = "eq", **rest: Any) -> Measure:
    return Measure(indicator=indicator, unit=unit or None, op=op, **rest)  # type: ignore[arg-type]


def score(first: Measure, second: Measure) -> float:
    return float(scores([first], [second])[0, 0])


# Of the pairs marked `held` nothing was known when rules and threshold were set.
@pytest.mark.parametrize(("name", "precision", "recall"), [("dev", 1.0, 0.96), ("held", 0.95, 0.95)])
def test_precision_and_recall_at_the_threshold(name: str, precision: float, recall: float) -> None:
    found: Counter[tuple[bool, bool]] = Counter()
    for of, before, unit, op, after, unit_after, op_after, same in cases("indicators", *COLUMNS):
        if of == name:
            like = score(measure(before, unit, op), measure(after, unit_after, op_after)) >= THRESHOLD
            found[same == "yes", like] += 1
    assert found.total() > 45
    assert found[True, True] / (found[True, True] + found[False, True]) >= precision
    assert found[True, True] / (found[True, True] + found[True, False]) >= recall


@pytest.mark.parametrize("group", RULES["measures"], ids=lambda group: group["name"])
def test_measure_words_of_a_group_count_the_same(group: dict[str, Any]) -> None:
    assert same_units(*group["example"])
    assert not same_units(*group["counter"])


@pytest.mark.parametrize("group", RULES["contrasts"], ids=lambda group: group["name"])
def test_words_of_a_group_exclude_each_other(group: dict[str, Any]) -> None:
    first, second = map(measure, group["example"])
    assert score(first, second) == 0
    first, second = map(measure, group["counter"])
    assert score(first, second) >= THRESHOLD


@pytest.mark.parametrize("key", ["measures", "contrasts"])
def test_names_of_groups_are_unique(key: str) -> None:
    assert [name for name, count in Counter(group["name"] for group in RULES[key]).items() if count > 1] == []


def test_a_word_has_one_form() -> None:
    assert [word for word, count in Counter(chain.from_iterable(RULES["same"])).items() if count > 1] == []


@pytest.mark.parametrize(
    ("indicator", "form"),
    [
        ("（三）全县学前三年毛入园率达到", "学前毛入学率"),
        ("到2025年底，公办园在园幼儿占比提高到", "公办幼儿园在园幼儿占比"),
        ("初中教师学历合格率由85%", "初中教师学历合格率"),
        ("名师工作室建设", "名师工作室"),
        ("达到", "达到"),
        ("", ""),
    ],
)
def test_indicators_have_one_form(indicator: str, form: str) -> None:
    assert normal(indicator) == form


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (measure("毛入园率", "%"), measure("毛入园率", "个百分点", "inc")),
        (measure("死亡率", "%"), measure("死亡率", "‰")),
        (measure("听课", "节", per="学期"), measure("听课", "节", per="年")),
        (measure("听课", "节", per="学期"), measure("听课", "节")),
        (measure("班额", "人", "le"), measure("班额", "人", "ge")),
        (measure("生产总值", "%", "inc"), measure("生产总值", "%", "dec")),
        (measure("生产总值", "%", "inc"), measure("生产总值", "%")),
        (measure("生师比", None, "ratio"), measure("生师比", "人")),
        (measure("入学率", section="学前教育"), measure("入学率", section="高中教育")),
        (measure("幼儿园", "所", before="新建"), measure("幼儿园", "所", before="改建")),
    ],
)
def test_what_cannot_be_the_same_scores_nothing(first: Measure, second: Measure) -> None:
    assert score(first, second) == score(second, first) == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (measure("听课", "节", "ge", per="年度"), measure("听课", "课时", "eq", per="年")),
        (measure("班额", "人", "le"), measure("班额", "人", "lt")),
        (measure("工作室", "个", "range"), measure("工作室", "个", "ge")),
        (measure("生师比", None, "ratio"), measure("生师比", None, "ratio")),
        (measure("入学率", section="学前教育"), measure("入学率", section="教育公平")),
        (measure("幼儿园", "所", before="新建"), measure("新建幼儿园", "所")),
    ],
)
def test_what_may_be_the_same_is_compared(first: Measure, second: Measure) -> None:
    assert score(first, second) == pytest.approx(score(second, first), abs=1e-6)
    assert score(first, second) >= THRESHOLD


def test_a_clause_stands_in_for_a_name() -> None:
    first = measure(None, "次", before="组织全县教师外出研修", behind="3次")
    again = measure(None, "次", before="组织全县教师外出研修", behind="5次")
    other = measure(None, "次", before="组织青年教师外出比武", behind="3次")
    assert score(first, again) >= THRESHOLD > score(first, other)
    assert score(measure(None), measure(None)) == pytest.approx(0.075)


def test_context_parts_what_has_one_name() -> None:
    here = measure("培训", "人次", section="安全工作", theme="safety")
    there = measure("培训", "人次", section="师资建设", theme="teachers")
    assert pairs([here, there], [there, here]) == [
        (0, 1, pytest.approx(score(here, here))),
        (1, 0, pytest.approx(score(there, there))),
    ]


def test_the_best_pairing_is_of_all_together() -> None:
    """The first is most like what the second alone can be paired with."""
    first, second = measure("新增学位", "个"), measure("新增小学学位", "个")
    near, far = measure("新增学位", "个"), measure("新增公办学位", "个")
    table = scores([first, second], [near, far])
    assert table[0, 0] > table[0, 1] > THRESHOLD
    assert table[1, 0] > THRESHOLD > table[1, 1]
    assert [(a, b) for a, b, _ in pairs([first, second], [near, far])] == [(0, 1), (1, 0)]


def test_each_target_is_taken_once() -> None:
    many = [measure("名师工作室", "个") for _ in range(5)]
    found = pairs(many, many[:3])
    assert len(found) == 3
    assert len({a for a, _, _ in found}) == len({b for _, b, _ in found}) == 3


def test_nothing_against_nothing() -> None:
    assert pairs([], []) == pairs([measure("学位")], []) == pairs([], [measure("学位")]) == []


def test_scores_lie_between_0_and_1() -> None:
    rows = cases("indicators", *COLUMNS)
    table = scores(
        [measure(row[1], row[2], row[3], section="一", theme="x") for row in rows],
        [measure(row[4], row[5], row[6], section="一", theme="x") for row in rows],
    )
    assert table.shape == (len(rows), len(rows))
    assert np.isfinite(table).all()
    assert 0 <= table.min() < table.max() <= 1
