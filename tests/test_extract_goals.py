"""Goals: invented sentences in cases/goals.csv, and what one sentence cannot show."""

import csv
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from pipeline.extract import goals
from pipeline.extract.notes import Notes, Passage
from pipeline.model import Goal, fold

CASES = Path(__file__).parent / "cases" / "goals.csv"
GROUPS = ("sections", "sentences")


def find(*sentences, path=(), **options) -> list[Goal]:
    text = "".join(sentences)
    ends = [0, *accumulate(map(len, sentences))]
    items = [Passage(0, len(text), 0, path)]
    notes = Notes(text, fold(text), items=items, sentences=list(pairwise(ends)))
    return list(goals.goals(notes, **options))


def rows():
    with CASES.open(encoding="utf-8", newline="") as file:
        return [(row["section"], row["text"], row["expected"]) for row in csv.DictReader(file)]


def test_cases_are_balanced():
    kinds = [expected for *_, expected in rows()]
    assert len(kinds) >= 200
    assert set(kinds) == {"goal", "none"}
    assert 0.4 <= kinds.count("goal") / len(kinds) <= 0.6


@pytest.mark.parametrize(("section", "text", "expected"), rows())
def test_case(section, text, expected):
    path = tuple(section.split("/")) if section else ()
    evidence = goals.weigh(fold(text), path)
    assert bool(find(text, path=path)) == (expected == "goal"), evidence


@pytest.mark.parametrize("rule", [rule for group in GROUPS for rule in goals.rules(group)], ids=lambda rule: rule.name)
def test_rule_hits_its_example_and_not_its_counter(rule):
    assert rule.regex.search(fold(rule.example))
    assert rule.counter is None or not rule.regex.search(fold(rule.counter))


def test_record_says_where_and_why():
    (record,) = find("修缮操场。", "力争三年内建成两座体育馆。")
    assert (record.start, record.end, record.text) == (5, 18, "力争三年内建成两座体育馆。")
    assert (record.rule, record.item, record.confidence) == ("opens_with_aim", None, None)


def test_heaviest_rule_names_the_record():
    (record,) = find("今年的主要目标是：到2031年新建两所初中。")
    weights = dict(goals.weigh("今年的主要目标是:到2031年新建两所初中。", ()))
    assert weights[record.rule] == max(weights.values())


def test_sentences_after_a_semicolon_share_the_aim():
    parts = ("主要预期目标是：粮食产量稳定；", "居民收入与经济同步；", "物价平稳。", "召开动员会。")
    assert [goal.rule for goal in find(*parts)] == ["names_aim", "continues_aim", "continues_aim"]


def test_a_full_stop_ends_the_aim():
    parts = ("主要预期目标是：粮食产量稳定。", "居民收入与经济同步。")
    assert [goal.text for goal in find(*parts)] == [parts[0]]


def test_a_line_that_names_the_aims_leads_their_list():
    parts = ("我们的目标是：", "修缮操场，方便师生；", "扩建食堂。", "召开动员会。")
    assert [goal.text for goal in find(*parts)] == [*parts[1:3]]
    assert not find("主要任务：", "修缮操场，方便师生；", "扩建食堂。")


def test_a_list_of_aims_ends_with_its_section():
    parts = ("我们的目标是：", "\n", "活动有序；", "\n", "加强常规管理。")
    text = "".join(parts)
    starts = [0, *accumulate(map(len, parts))]
    items = [Passage(0, starts[3], 0, ("一、要求",)), Passage(starts[4], len(text), 1, ("二、主要工作",))]
    sentences = [(starts[at], starts[at + 1]) for at in (0, 2, 4)]
    notes = Notes(text, fold(text), items=items, sentences=sentences)
    assert [goal.text for goal in goals.goals(notes)] == ["活动有序；"]


def test_an_activity_is_no_aim_though_a_line_names_the_aims():
    parts = ("我们的目标是：", "组织教师学习。", "开展教研活动。")
    assert not find(*parts)
    assert not find("本次活动的目标是：", "活动时间：3月5日。")


def test_deepest_heading_decides():
    text = "坚持育人为本，提高质量。"
    assert find(text, path=("指导思想和主要目标", "主要目标"))
    assert not find(text, path=("指导思想和主要目标", "指导思想"))


def test_nothing_is_a_goal_under_a_heading_about_the_past():
    text = "毛入学率达到96%。"
    assert find(text, path=("今后工作",))
    assert not find(text, path=("过去一年工作回顾", "义务教育"))


def test_threshold_is_an_option():
    text = "加强校际结对帮扶，形成育人合力。"
    assert not find(text)
    assert [goal.rule for goal in find(text, threshold=1)] == ["closes_with_result"]


def test_cells_of_a_row_are_weighed_one_by_one_and_once():
    text = "食堂改造\t县教育局\t食堂达标率达到98%以上\n食堂改造\t县财政局\t食堂达标率达到98%以上"
    half = len(text) // 2
    items = [
        Passage(
            first,
            end,
            0,
            ("工作目标",),
            (
                ("task", first, first + 4),
                ("resp", first + 5, first + 9),
                ("target", first + 10, first + half),
            ),
        )
        for first, end in ((0, half), (half + 1, len(text)))
    ]
    notes = Notes(text, fold(text), items=items, sentences=[item[:2] for item in items])
    assert [goal.text for goal in goals.goals(notes)] == ["食堂达标率达到98%以上"]


def test_each_sentence_of_a_cell_may_be_an_aim():
    text = "防火\t1、召开例会；2、确保山林无火情；3、报送总结。"
    item = Passage(0, len(text), 0, (), (("task", 3, len(text)),))
    notes = Notes(text, fold(text), items=[item], sentences=[item[:2]])
    assert [goal.text for goal in goals.goals(notes)] == ["2、确保山林无火情；"]


@pytest.mark.parametrize(
    "part",
    [
        "更加完善",
        "，格局基本形成",
        "到二〇三五年",
        "力争",
        "另行确定",
        "的局、",
        "率在5%，",
        "到年底",
        "明显",
        "到2031年建成",
        "提高水平达到",
        "，确保安全",
        "目标",
        "以质量",
    ],
)
def test_time_grows_with_the_text(part):
    from time import perf_counter

    def seconds(times: int) -> float:
        started = perf_counter()
        goals.weigh(f"各校落实要求,{part * times}1。", ())
        return perf_counter() - started

    goals.weigh(part, ())
    assert seconds(4000) < 40 * max(seconds(400), 0.005)


def test_a_row_of_figures_is_no_aim():
    assert not find("1\t医院床位\t5.1\t6.5\t预期性", path=("主要目标",))
    assert find("医院床位达到6.5张。", path=("主要目标",))
