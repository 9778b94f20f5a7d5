"""Targets: invented sentences in cases/targets.csv, and what one sentence cannot show."""

import pytest

from pipeline.extract import targets
from pipeline.extract.notes import Notes, Passage
from pipeline.model import Target, fold
from tests.made import cases, notes_of, notes_of_lines


def find(text, **options) -> list[Target]:
    return list(targets.targets(notes_of(text, **options)))


def plain(value):
    return f"{value:.6f}".rstrip("0").rstrip(".")


def shown(found) -> list[str]:
    """「不少于20节 ge 20 节/学期」: span, op, figure, unit and what it is per."""
    result = []
    for target in found:
        figure = plain(target.value)
        if target.value2 is not None:
            figure += (":" if target.op == "ratio" else "~") + plain(target.value2)
        result.append(
            f"{target.text} {target.op} {figure} {target.unit or '-'}{'/' + target.per if target.per else ''}"
        )
    return result


def rows():
    return cases("targets", "text", "expected")


def test_cases_are_balanced():
    found = [expected for _, expected in rows() if expected]
    assert len(rows()) >= 200
    assert 0.4 <= len(found) / len(rows()) <= 0.6


@pytest.mark.parametrize(("text", "expected"), rows())
def test_case(text, expected):
    assert shown(find(text)) == (expected.split(";") if expected else [])


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("地区生产总值增长6%左右。", "地区生产总值"),
        ("新建2所公办幼儿园。", "公办幼儿园"),
        ("培育龙头企业100家。", "龙头企业"),
        ("到2028年，高中阶段毛入学率达到96%。", "高中阶段毛入学率"),
        ("开展知识竞赛，及格率不低于90%。", "及格率"),
        ("持证上岗率2026年底达到百分之百。", "持证上岗率"),
        ("三是经费占比到2026年达到9%。", "经费占比"),
        ("力争达线人数增长10%，达到420人。", "达线人数;达线人数"),
        ("生均校舍面积分别达到5平方米和7平方米。", "生均校舍面积;生均校舍面积"),
        ("新建教学楼22栋、学生食堂17个。", "教学楼;学生食堂"),
    ],
)
def test_indicator(text, indicator):
    assert [target.indicator for target in find(text)] == indicator.split(";")


@pytest.mark.parametrize(("text", "expected"), cases("measured", "text", "expected"))
def test_what_is_measured(text, expected):
    assert ";".join(str(target.indicator) for target in find(text)) == expected


@pytest.mark.parametrize(("text", "expected"), cases("scopes", "text", "expected"))
def test_scope(text, expected):
    assert "|".join(target.scope or "-" for target in find(text)) == expected


def test_baseline_of_what_grows_from_one_figure_to_another():
    (target,) = find("实验学校由3所增加到8所。")
    assert (target.baseline, target.value, target.op) == (3.0, 8.0, "eq")
    (target,) = find("将渔船从20艘扩大到30艘。")
    assert target.baseline == 20.0


@pytest.mark.parametrize(
    "text", ["将2000名船员的近视率降低到50%。", "将10户渔民收入增加到2万元。", "把10所学校的食堂增加到12所。"]
)
def test_the_object_of_what_changes_is_no_baseline(text):
    assert [target.baseline for target in find(text)] == [None, None]


def test_heading_about_the_past_holds_no_targets():
    text = "新建幼儿园6所，投入2000万元。"
    assert not find(text, path=("2025年工作回顾",))
    assert not find(text, path=("2025年工作回顾", "加快教育发展"))
    assert len(find(text, path=("2026年工作安排",))) == 2
    assert len(find(text, path=("夯实发展基础",))) == 2


@pytest.mark.parametrize("heading", ["学校概况", "班级概况", "园情分析", "班级情况分析", "学生情况", "基础分析"])
def test_heading_about_the_present_state_holds_no_targets(heading):
    assert not find("在园幼儿260人，教师学历达标率100%。", path=(heading,))


@pytest.mark.parametrize(
    ("heading", "text", "expected"),
    [
        ("学情分析", "全班45人，优秀率20%。针对以上情况，本学期要做到：家访30名。", ["30名"]),
        ("学情分析", "针对以上情况，制定措施。每周辅导2次。转化学困生5名。", ["2次", "5名"]),
        ("班级概况", "全班45人，本学期争取优秀率达到30%。", ["30%"]),
        ("师资情况", "新增教练3名，培训教练20名。", ["3名", "20名"]),
        ("村情", "全村300户。下一步，计划修路5公里。", ["5公里"]),
        ("学情分析", "教练每周开展谈心2次。", ["2次"]),
        ("学生情况", "本学期全班有学员45人，优秀率30%。每天有2人迟到。", []),
        ("学校概况", "学校创办于1956年，培训教练20人，争取资金50万元。", []),
    ],
)
def test_a_description_of_the_present_state_turns_to_what_is_planned(heading, text, expected):
    assert [target.text for target in find(text, path=(heading,))] == expected


def test_a_heading_below_the_present_state_turns_to_what_is_planned():
    text = "户外活动5次，家访30名。"
    assert len(find(text, path=("班级情况分析", "本学期重点"))) == 2
    assert not find(text, path=("班级情况分析", "重点学员情况"))
    assert not find("每周开展活动5次。", path=("2025年工作总结", "学员情况"))
    assert len(find("转化学困生5名。", path=("班级情况、工作重点",))) == 1


@pytest.mark.parametrize("heading", ["项目概况", "筑牢产业基础", "做好学生情况分析", "情况分析与研判"])
def test_heading_about_what_is_planned_holds_targets(heading):
    assert len(find("新建冷库3000平方米，投资200万元。", path=(heading,))) == 2


def test_a_year_that_opens_a_paragraph_holds_behind_its_semicolons():
    def counted(*parts, between=""):
        text, items = "", []
        for part in parts:
            items.append(Passage(len(text), len(text) + len(part), 0))
            text += part + between
        return [target.text for target in targets.targets(Notes(text, fold(text), (2026, 2026), items=items))]

    parts = ("2025年，新建码头2座；", "修缮灯塔3座；", "清淤5公里。", "改建渡口4个。")
    assert counted(*parts) == ["4个"]
    assert counted(*parts, between="\n") == ["3座", "5公里", "4个"]
    assert counted("去年，新建码头2座；", "今年新建3座；", "清淤5公里。") == ["3座", "5公里"]
    assert counted("去年，新建码头2座；", "二是清淤5公里；", "5月修缮灯塔3座。") == ["5公里", "3座"]
    assert counted("目前，码头老旧；", "修缮灯塔3座。") == ["3座"]


def test_what_comes_after_the_present_state_in_a_sentence_is_a_target():
    assert shown(find("目前建成站点5个，力争年底前达到12个。")) == ["12个 eq 12 个"]


def test_year_before_the_plan_tells_of_the_past_but_not_where_it_is_compared_with():
    assert not find("2024年新建学校3所。")
    assert shown(find("单位能耗比2024年降低13.5%。")) == ["13.5% dec 13.5 %"]


def test_past_and_names_on_demand():
    notes = notes_of("去年新建3所。开展“百名教师下乡”活动，组织“8场宣讲”。")
    assert [t.text for t in targets.targets(notes, keep_past=True)] == ["3所"]
    assert [t.text for t in targets.targets(notes, keep_names=True)] == ["8场"]


def test_no_pattern_reaches_across_cells():
    text = "培训教师\t30名\t县教研室"
    (target,) = find(text)
    assert (target.text, target.indicator) == ("30名", None)


def test_merged_cell_counts_once():
    notes = notes_of_lines("发表论文12篇\t3月", "发表论文12篇\t9月")
    notes.items = [
        Passage(start, end, 0, (), (("task", start, start + 7), ("deadline", start + 8, end)))
        for start, end, *_ in notes.items
    ]
    assert [target.start for target in targets.targets(notes)] == [4]


def test_a_record_keeps_the_rule_and_the_text_as_it_stands():
    text = "听课不少于２０节。"
    (target,) = find(text)
    assert (target.text, target.rule, target.confidence) == ("不少于２０节", "at_least", None)
    assert text[target.start : target.end] == target.text


def test_nothing_outside_items():
    notes = notes_of("新建学校3所。")
    notes.items = []
    assert not list(targets.targets(notes))


def test_growth_over_last_year_is_to_come_below_a_heading_and_told_in_a_preamble():
    text = "完成工业产值5亿元，同比增长12%。"
    assert shown(find(text, path=("工作目标",))) == ["5亿元 eq 500000000 元", "12% inc 12 %"]
    assert shown(find(text)) == ["5亿元 eq 500000000 元"]
