"""Deadlines: invented sentences in cases/deadlines.csv (of a plan for 2026), and what needs more than one."""

import time

import pytest

from pipeline import parse
from pipeline.extract import deadlines
from pipeline.model import Deadline
from tests.made import cases, notes_of


def find(text, **options) -> list[Deadline]:
    return list(deadlines.deadlines(notes_of(text, **options)))


def shown(found) -> list[str]:
    """「每月 recur - - month 5」: span, kind, first and last day, every, times."""
    result = []
    for d in found:
        fields = [d.text, d.kind, d.since or "-", d.until or "-", d.every or "-"]
        result.append(" ".join(fields + ([str(d.times)] if d.times else [])))
    return result


def rows():
    return cases("deadlines", "text", "expected")


def test_cases_are_balanced():
    found = [expected for _, expected in rows() if expected]
    assert len(rows()) >= 200
    assert 0.4 <= len(found) / len(rows()) <= 0.6


@pytest.mark.parametrize(("text", "expected"), rows())
def test_case(text, expected):
    assert shown(find(text)) == (expected.split(";") if expected else [])


def test_year_of_a_month_comes_from_text_then_heading_then_plan():
    def settled(text, **options):
        return [(d.since, d.basis) for d in find(text, **options)]

    assert settled("2027年3月启动。", years=(2026, 2028)) == [("2027-03-01", "text")]
    assert settled("2027年3月启动，5月推进。", years=(2026, 2028))[1] == ("2027-05-01", "parent")
    assert settled("3月启动。", years=(2026, 2028), path=("2027年工作",)) == [("2027-03-01", "parent")]
    assert settled("3月启动。") == [("2026-03-01", "plan_year")]
    assert settled("3月启动。", years=(2026, 2028)) == [(None, None)]
    assert settled("3月启动。", years=None) == [(None, None)]


def test_a_day_without_a_month_is_of_the_month_that_heads_its_part():
    def settled(text, *path):
        return [(d.kind, d.since, d.until) for d in find(text, path=path)]

    assert settled("8日前上交计划。", "月工作安排", "九月份") == [("date", None, "2026-09-08")]
    assert settled("迎接检查（中旬）。", "十月：") == [("date", "2026-10-11", "2026-10-20")]
    assert settled("教师基本功比赛（12日—16日）。", "12月工作安排") == [("period", "2026-12-12", "2026-12-16")]
    assert settled("15日放假。", "元月份") == [("date", "2026-01-15", "2026-01-15")]
    assert settled("8日前上交计划。", "九月份的活动") == []
    assert settled("30日召开总结会。", "二月份") == [("date", None, None)]


def test_the_end_of_the_year_comes_once_in_a_school_year():
    text = "2025-2026第一学期教导处计划\n年底之前接通广播。"
    (found,) = (d for d in find(text, years=(2025, 2026)) if d.text == "年底之前")
    assert (found.since, found.until) == (None, "2025-12-31")


def test_this_year_of_a_plan_for_several_years_stays_open():
    assert [(d.since, d.until) for d in find("今年启动试点。", years=(2026, 2028))] == [(None, None)]


def test_coming_years_are_the_plans_where_it_is_for_as_many():
    text = "今后五年新建学校5所。"
    (found,) = find(text, years=(2026, 2030))
    assert (found.kind, found.since, found.until, found.basis) == ("period", "2026-01-01", "2030-12-31", "plan_year")
    (found,) = find(text, years=(2026, 2030), path=("2027年工作",))
    assert found.basis == "plan_year"
    for other in ("三年", "五个月", "三至五年"):
        (found,) = find(text.replace("五年", other), years=(2026, 2030))
        assert (found.kind, found.since, found.basis) == ("duration", None, None)
    for years in ((2026, 2026), None):
        assert [found.kind for found in find(text, years=years)] == ["duration"]


def test_coming_years_are_those_of_the_five_year_plan_that_a_heading_names():
    def settled(*path):
        return [(d.kind, d.since, d.until) for d in find("今后五年新建学校5所。", path=path)]

    assert settled("“十五五”时期主要目标", "办好学校") == [("period", "2026-01-01", "2030-12-31")]
    assert settled("“十四五”回顾和“十五五”展望") == [("duration", None, None)]
    assert settled("今年重点工作") == [("duration", None, None)]
    assert settled("“十四五”回顾和今后五年目标") == [("duration", None, None)]


def test_coming_years_are_not_those_of_a_plan_that_is_over():
    (found,) = find("今后五年新建学校5所。", years=(2026, 2030), path=("“十四五”回顾与今后五年任务",))
    assert (found.since, found.until) == ("2026-01-01", "2030-12-31")


def test_the_first_years_of_a_five_year_plan_may_be_over():
    for part in ("前四年", "头三年"):
        assert not find(f"“十四五”{part}，建成渡口9处。", years=(2025, 2025))
    (found,) = find("“十四五”后两年建成渡口9处。", years=(2025, 2025))
    assert (found.since, found.until) == ("2024-01-01", "2025-12-31")


def test_the_term_of_a_plan_is_its_years_where_it_is_for_several():
    def settled(years):
        return [(d.kind, d.since, d.until, d.basis) for d in find("规划期内新建渡口，到规划期末投用。", years=years)]

    assert settled((2026, 2030)) == [
        ("period", "2026-01-01", "2030-12-31", "plan_year"),
        ("date", None, "2030-12-31", "plan_year"),
    ]
    for years in ((2026, 2026), None):
        assert settled(years) == [("period", None, None, None), ("date", None, None, None)]


@pytest.mark.parametrize("end", ["", "\n", "\n\n", " "])
def test_what_stands_behind_the_last_sentence_is_read(end):
    assert [mention.rule.name for mention in deadlines.mentions(f"今年改建渡口。{end}")] == ["this_year"]


def test_two_digits_are_a_year_near_the_plans():
    assert [d.since for d in find("确保09年8月份启用。", years=(2009, 2009))] == ["2009-08-01"]
    assert not find("再延长30年。", years=(2026, 2026))
    assert not find("30年以上教龄的教师。", years=(2030, 2030))


def test_school_year_and_terms_where_the_plan_says_which():
    text = "2025—2026学年工作安排：第一学期开展试点，第二学期总结，本学年评比。"
    found = {d.text: (d.since, d.until, d.basis) for d in find(text, years=(2025, 2026))}
    assert found["2025—2026学年"] == ("2025-09-01", "2026-07-31", "text")
    assert found["第一学期"] == ("2025-09-01", None, "parent")
    assert found["第二学期"] == (None, "2026-07-31", "parent")
    assert found["本学年"] == ("2025-09-01", "2026-07-31", "parent")


def test_cell_of_a_column_for_times():
    text = "组织竞赛\t全年"
    assert shown(find(text, cells=[("task", 0, 4), ("deadline", 5, 7)])) == ["全年 date 2026-01-01 2026-12-31 -"]


def test_dotted_days_in_a_column_for_times():
    def found(cell):
        start = len("组织竞赛") + 1
        return shown(find(f"组织竞赛\t{cell}", cells=[("task", 0, 4), ("deadline", start, start + len(cell))]))

    assert found("9.1-9.5") == ["9.1-9.5 period 2026-09-01 2026-09-05 -"]
    assert found("9.20前") == ["9.20前 date - 2026-09-20 -"]
    assert found("13.5") == found("9.5分") == []


def test_cell_for_times_counts_even_behind_a_tale_of_the_past():
    text = "总结去年经验\t9月"
    assert shown(find(text, cells=[("task", 0, 6), ("deadline", 7, 9)])) == ["9月 date 2026-09-01 2026-09-30 -"]


def test_heading_about_the_past_holds_no_deadlines():
    assert not find("3月召开大会。", path=("工作回顾",))
    assert find("3月召开大会。", path=("工作安排",))


def test_past_on_demand():
    notes = notes_of("2024年建成投用。")
    assert not list(deadlines.deadlines(notes))
    assert [d.since for d in deadlines.deadlines(notes, keep_past=True)] == ["2024-01-01"]


def test_date_of_issue_on_its_own_line_is_none():
    assert not find("2026年3月5日")
    assert find("2026年3月5日召开大会。")


def test_a_record_keeps_the_text_as_it_stands():
    (found,) = find("２０２８年底前完成。")
    assert (found.text, found.rule, found.until) == ("２０２８年底前", "end_of_year", "2028-12-31")


@pytest.mark.parametrize(
    "text", ["年" * 30_000, "3月" * 15_000, "每" * 30_000, "“十" * 15_000, "20" * 15_000, "《" * 30_000]
)
def test_time_grows_with_the_text_alone(text):
    start = time.perf_counter()
    deadlines.mentions(text)
    assert time.perf_counter() - start < 5


def test_the_end_of_the_year_is_that_of_a_plan_for_one_year():
    text = "结合2028年全省运动会，年底前建成体育馆。"
    assert shown(find(text))[-1] == "年底前 date - 2026-12-31 -"
    assert shown(find(text, years=(2026, 2030)))[-1] == "年底前 date - 2028-12-31 -"


def test_dates_and_figures_right_behind_a_label_are_read(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(
        "青禾县2031年工作计划\n一、卫生\n1.每天晨检。\n2.10月完成筛查，筛查率100%。\n3.11月20日前讲座两场。\n"
        "二、校舍\n1.3所学校迁建。\n2.12间教室改造。\n3.逐校验收。\n",
        encoding="utf-8",
    )
    (plan,) = parse(path)
    assert [row.label for row in plan.sections.itertuples()] == ["一", "1", "2", "3", "二", "1", "2", "3"]
    found = [(row.text, str(row.end.date())) for row in plan.deadlines.itertuples() if row.kind == "date"]
    assert found == [("10月", "2031-10-31"), ("11月20日前", "2031-11-20")]
    assert list(plan.targets.text) == ["100%", "两场", "3所", "12间"]
