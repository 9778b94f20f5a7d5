"""How much of random plans' section trees is read back, in many label styles and under many kinds of damage."""

from __future__ import annotations

from functools import cache

import pytest

from pipeline.labels import find, opens_with_label
from tests.grammar import DAMAGES, STYLES, Result, document, make, rates, read, results
from tests.test_sections import links, outline, sections
from tests.test_sections import read as read_document

FLOOR = 0.99
"""Share of plans read back exactly, under each damage."""

ROUNDS = dict.fromkeys(DAMAGES, 4) | dict.fromkeys(("page_inside", "page_alone", "gap"), 20)
"""Plans of each style; more under damages that a plan in a hundred and fifty does not survive."""


@cache
def sample(damage: str) -> tuple[Result, ...]:
    """Plans of all styles under a damage; seeds go through all styles under all damages in turn."""
    first, step = list(DAMAGES).index(damage) * len(STYLES), len(STYLES) * len(DAMAGES)
    starts = range(first, first + ROUNDS[damage] * step, step)
    return tuple(result for start in starts for result in results(len(STYLES), start) if result.plan.damage == damage)


@pytest.mark.parametrize("damage", DAMAGES)
def test_trees_are_read_back(damage: str) -> None:
    wrong = [f"{r.plan.style}\n{r.plan.text}" for r in sample(damage) if not r.exact]
    assert rates(sample(damage))[damage] >= FLOOR, "\n\n".join(wrong)


def test_headings_are_read_back() -> None:
    whole = sample("none")
    assert sum(r.titled for r in whole) >= 0.99 * len(whole)


def test_a_seed_gives_the_same_plan() -> None:
    assert make(7) == make(7)
    assert len({make(seed).text for seed in range(50)}) == 50


def test_a_plan_that_is_read_wrong_is_not_exact() -> None:
    plan = make(0)
    plan.nodes[-1].parent = 99
    assert not read(plan).exact


WRAPPED = [
    ("各校要认真落实县教育局关于加强学校安全的通知（20", "31）12号文件的要求，逐项排查，不留死角，按期上报。"),
    ("各校要认真排查食堂与宿舍的安全隐患，任务清单见附件", "（2）的有关规定，逐项整改，按期销号，并报督导室备案。"),
    ("各校要安排晨读，语文教师到班指导，时间定在每周一、", "三、五的早晨，英语教师在其余各天到班，由教务处安排。"),
]


def wrapped(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)]


LONG = (
    "各镇中心校要制定具体办法并明确时间节点把责任落实到每一个岗位和每一名教师由督导室按月检查并公布结果供各校对照整改。"
)


@pytest.mark.parametrize(("above", "below"), WRAPPED)
def test_a_line_broken_before_what_looks_like_a_label(above: str, below: str) -> None:
    filler = wrapped(LONG, len(above)) * 2
    text = "\n".join(["一、工作要求", *filler, above, below, "二、工作保障", *filler])
    assert links(sections(text)) == [("一", None), ("二", None)]


def test_a_label_in_a_wrapped_text_stays_one() -> None:
    filler = wrapped(LONG, 26)
    text = "\n".join(
        ["一、工作要求", *filler, "（一）加强领导", *filler, "（二）加强监督", *filler, "二、工作保障", *filler]
    )
    assert links(sections(text)) == [("一", None), ("(一)", "一"), ("(二)", "一"), ("二", None)]


def test_half_brackets_and_roman_numerals_run_into_the_text() -> None:
    text = "Ⅰ.教学1)抓备课，逐周检查。2)抓上课，逐节记录。Ⅱ.后勤1)修缮校舍，按期竣工。2)改善食堂，逐校销号。"
    assert links(sections(text)) == [
        *(("Ⅰ", None), ("1)", "Ⅰ"), ("2)", "Ⅰ")),
        *(("Ⅱ", None), ("1)", "Ⅱ"), ("2)", "Ⅱ")),
    ]


def test_half_brackets_that_close_a_remark() -> None:
    assert list(find("名单见附表1),逐校核对;类型Ⅰ、Ⅱ同样办理")) == []


def test_a_space_before_the_mark_of_a_letter() -> None:
    label = opens_with_label("A .基础课程")
    assert label is not None
    assert label.text.startswith("A")


def test_weekdays_right_behind_a_heading() -> None:
    text = "一、教学工作抓实课堂，逐周检查。二、晨读安排坚持每周一、三、五晨读。"
    assert [label for label, _ in links(sections(text))] == ["一", "二"]


def test_short_sentences_with_figures_title_nothing() -> None:
    paragraph = "各镇中心校按月检查备课与作业，教研室每学期组织两次质量分析，督导室公布结果。"
    text = "\n".join(f"新建学校{n}所。\n{paragraph}" for n in range(2, 10))
    assert outline(read_document(document(f"青禾县教育局2031年工作计划\n{text}"))) == []
