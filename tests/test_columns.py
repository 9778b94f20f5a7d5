"""Task tables: which rows are tasks, what their cells give."""

from __future__ import annotations

import pytest

from pipeline.columns import column_name, column_rules
from pipeline.extract import Extracted, extract
from pipeline.items import cut
from pipeline.model import Deadline, Item, Target, fold
from pipeline.plans import split
from pipeline.rules import Rule
from pipeline.sections import tree
from tests.test_items import made_of

TITLE = "青禾县教育局2031年工作计划"
FIVE_YEARS = "青禾县教育事业发展规划（2031—2035年）"


def parsed(table: str, title: str = TITLE) -> tuple[list[Item], Extracted]:
    """A plan around a table; the items that are rows of it."""
    document = made_of(f"{title}\n一、任务分工\n下表列出全部事项。\n{table}\n二、工作要求\n逐级压实责任。")
    (head,) = split(document)
    sections = tree(document, head)
    items, sentences = cut(document, head, sections)
    assert [section.label for section in sections if section.label] == ["一", "二"]
    return [item for item in items if "\t" in item.text], extract(document, head, sections, items, sentences)


def rows(table: str) -> list[str]:
    return [item.text for item in parsed(table)[0]]


def units(found: Extracted) -> list[tuple[str, str]]:
    return [(unit.text, unit.role) for unit in found.responsibilities]


def due(found: Extracted, target: Target) -> str | None:
    return None if target.deadline is None else found.deadlines[target.deadline].until


@pytest.mark.parametrize("rule", column_rules(), ids=lambda rule: rule.name)
def test_a_column_hits_its_example_and_not_its_counter(rule: Rule) -> None:
    assert rule.regex.search(fold(rule.example))
    assert rule.counter is None or not rule.regex.search(fold(rule.counter))


@pytest.mark.parametrize(
    ("heads", "name"),
    [
        ("序号 项次", "number"),
        ("重点任务 主要内容 工作举措 目标任务 具体事项 活动主题 工作安排", "task"),
        ("责任单位 责任人 负责人 责任科室 分管领导 落实部门 承办单位 科室", "resp"),
        ("牵头单位 牵头部门 主办单位 第一责任人", "lead"),
        ("责任部门 责任处室 责任镇街 归口科室 落实科室 办理单位 项目业主 建设单位 挂钩领导 联系校领导", "resp"),
        ("主抓部门 主抓领导", "lead"),
        ("配合单位 参与部门 协办单位 参加人员", "support"),
        ("完成时限 完成时间 起止时间 进度安排 月份 时间节点 截止日期", "deadline"),
        ("时间要求 办结时限 推进时间 序时进度 工作进度 建设年限 实施周期 工期", "deadline"),
        ("完成情况 进展情况 推进情况 落实情况 三季度进展 一季度进展情况 1—9月份工作完成情况 任务完成情况", "progress"),
        ("取得成效 工作取得的成效 目前进展 工作进展 形象进度 截至6月底进度 办理结果 累计完成 存在问题", "progress"),
        ("进展情况及存在问题 计划完成情况 本月形象进度", "progress"),
        ("工作目标 完成标准 预期成效 考核要点 指标", "target"),
        ("实施情况和要求 落实情况要求", "target"),
        ("2031年形象进度 年度形象进度 计划形象进度", "deadline"),
        ("主要任务及目标 年度目标及完成情况 工作成效", "target"),
        ("目标与任务 目标和任务 服务项目 落实措施", "task"),
        ("首页 通知公告 政务公开 新闻中心", "menu"),
        ("2035年 2035年目标值 “十六五”末 2031—2035年", "year"),
        ("2030年（实际） 基期值 现状值", "baseline"),
        ("年均增长（%） 年均增速", "growth"),
        ("姓名 职务", "person"),
        ("经费标准 预算金额", "money"),
        ("备注 类别 地点 所在部门 监督电话 培训对象 情况说明 推进情况及计划 进展情况及下一步打算", None),
    ],
)
def test_heads_by_what_they_name(heads: str, name: str | None) -> None:
    assert {head: column_name(fold(head)) for head in heads.split()} == dict.fromkeys(heads.split(), name)


@pytest.mark.parametrize(
    "head",
    [
        "重点任务\t责任单位\t备注",
        "工作内容\t负责人\t备注",
        "目标任务\t牵头单位\t备注",
        "工作目标\t责任科室\t备注",
        "月份\t工作内容\t备注",
        "周次\t活动安排\t备注",
        "工作举措\t完成标准\t备注",
        "是否完成\t自评分\t工作任务\t任务分解/时序进度",
        "民生事项\t责任单位\t监督电话",
        "年度任务\t完成情况\t备注",
        "培训项目\t培训时间\t责任部门",
        "任务\t责任单位\t工作动态\t时限",
    ],
)
def test_heads_of_task_tables(head: str) -> None:
    row = "\t".join("甲乙丙丁"[: head.count("\t") + 1])
    assert rows(f"{head}\n{row}") == [row]


@pytest.mark.parametrize(
    "table",
    [
        "首页\t工作动态\t责任清单\n新闻\t项目\t招生时间\n下载\t专题\t链接",
        "姓名\t所在部门\t工作时间\n张三\t财务部\t3月\n李四\t生产部\t5月",
        "姓名\t职务\t负责工作\n张三\t局长\t全面工作\n李四\t副局长\t安全工作",
        "项目\t预算金额\t备注\n食堂改造\t30万元\t上级补助\n教师培训\t12万元\t自筹",
        "项目\t经费标准\t人数\n培训\t300元\t20人\n教研\t200元\t30人",
        "考核项目\t考核标准\t分值\n教学常规\t备课齐全\t20\n安全\t无事故\t30",
        "时间\t内容\t地点\n7:50\t早读\t教室\n8:30\t升旗\t操场\n9:00\t上课\t教室",
        "学校\t人数\t班数\n甲校\t800\t18\n乙校\t600\t12",
    ],
    ids=["menu", "staff", "people", "budget", "standards", "scores", "hours", "figures"],
)
def test_other_tables_give_no_items(table: str) -> None:
    found = parsed(table)
    assert found[0] == []
    assert found[1].targets == ()


def test_sentences_in_the_cells_of_other_tables_are_items() -> None:
    table = "学校\t说明\n甲校\t年内新建校舍2栋。更新设备30台。\n乙校\t暂缓\n乙校\t暂缓"
    document = made_of(f"{TITLE}\n一、任务\n见下表。\n{table}\n二、要求\n压实责任。")
    (head,) = split(document)
    items, _ = cut(document, head, tree(document, head))
    assert [item.text for item in items] == ["见下表。", "年内新建校舍2栋。", "更新设备30台。", "压实责任。"]


def test_a_merged_cell_of_another_table_is_read_once() -> None:
    table = "学校\t说明\n甲校\t新建校舍2栋。\n乙校\t新建校舍2栋。"
    assert len(parsed(table)[1].targets) == 1


def test_a_head_of_two_rows() -> None:
    table = (
        "序号\t重点任务\t责任单位\t\t完成时限\n序号\t重点任务\t牵头\t配合\t完成时限\n"
        "1\t教师轮岗\t人事股\t教研室\t8月底前\n2\t食堂改造\t后勤股\t财务股、各学校\t12月"
    )
    items, found = parsed(table)
    assert [[name for name, _ in item.cells] for item in items] == [
        ["number", "task", "lead", "support", "deadline"],
        ["number", "task", "lead", "support", "deadline"],
    ]
    assert units(found) == [
        ("人事股", "lead"),
        ("教研室", "support"),
        ("后勤股", "lead"),
        ("财务股", "support"),
        ("各学校", "support"),
    ]


def test_a_head_of_two_rows_whose_merged_cells_are_empty() -> None:
    table = "重点任务\t完成时间\t\t负责人\n\t开始\t结束\t\n教师轮岗\t3月\t8月\t校长"
    (item,), found = parsed(table)
    assert [name for name, _ in item.cells] == ["task", "deadline", "deadline", "resp"]
    assert [time.until for time in found.deadlines] == ["2031-03-31", "2031-08-31"]


def test_a_cell_across_two_columns_gives_both_its_meaning() -> None:
    (item,), _ = parsed("重点任务\t责任单位\t\t时限\n教师轮岗\t人事股\t教研室\t8月")
    assert [name for name, _ in item.cells] == ["task", "resp", "resp", "deadline"]


@pytest.mark.parametrize(
    "between",
    [
        "重点任务\t责任单位\t完成时限",
        "一、教学工作\t\t",
        "教学工作\t\t",
        "（二）安全工作\t\t",
        "备注：每季度调度一次。\t\t",
        "—\t—\t",
    ],
)
def test_heads_titles_and_remarks_inside_a_table_are_no_items(between: str) -> None:
    table = f"重点任务\t责任单位\t完成时限\n教师轮岗\t人事股\t8月\n{between}\n食堂改造\t后勤股\t12月"
    assert rows(table) == ["教师轮岗\t人事股\t8月", "食堂改造\t后勤股\t12月"]


def test_a_title_row_above_the_head() -> None:
    table = "2031年重点任务清单\t\t\n重点任务\t责任单位\t完成时限\n教师轮岗\t人事股\t8月"
    assert rows(table) == ["教师轮岗\t人事股\t8月"]


def test_a_head_further_down_sets_the_columns_anew() -> None:
    table = "重点任务\t责任单位\t完成时限\n教师轮岗\t人事股\t8月\n完成时限\t工作任务\t牵头单位\n9月\t食堂改造\t后勤股"
    items, found = parsed(table)
    assert [name for name, _ in items[1].cells] == ["deadline", "task", "lead"]
    assert units(found) == [("人事股", "resp"), ("后勤股", "lead")]


@pytest.mark.parametrize(
    "first",
    [
        "共建优质学校\t按学校规定的时间节点开展\t按时完成相关工作",
        "编制年度质量报告\t按要求的时间进度完成\t工作完成情况",
        "修订制度\t按时间节点推进\t工作总结",
    ],
)
def test_the_first_task_may_speak_of_times_and_work(first: str) -> None:
    assert rows(f"工作任务\t时间进度\t考核要点\n{first}\n教师轮岗\t8月\t轮岗80人") == [
        first,
        "教师轮岗\t8月\t轮岗80人",
    ]


def test_a_head_with_a_column_of_no_known_use_comes_again() -> None:
    head = "重点任务\t责任单位\t备注"
    assert rows(f"{head}\n教师轮岗\t人事股\t无\n{head}\n食堂改造\t后勤股\t无") == [
        "教师轮岗\t人事股\t无",
        "食堂改造\t后勤股\t无",
    ]
    other = "工作任务\t完成时限\t备注"
    assert rows(f"{head}\n教师轮岗\t人事股\t无\n{other}\n食堂改造\t8月\t无")[1] == "食堂改造\t8月\t无"


@pytest.mark.parametrize("head", ["上半年进展情况", "1—6月完成情况", "取得成效", "目前进展", "现状"])
def test_what_a_column_reports_is_no_plan(head: str) -> None:
    done = "县教育局3月12日召开推进会，开工5所，确保9月开学；投资8200万元"
    _, found = parsed(f"任务\t责任单位\t{head}\n确保新建学校6所\t基建股\t{done}")
    assert [target.text for target in found.targets] == ["6所"]
    assert (found.deadlines, units(found)) == ((), [("基建股", "resp")])
    assert len(found.goals) < 2


@pytest.mark.parametrize(
    ("head", "expected"),
    [("进度安排", ["6所", "60%"]), ("序时进度", ["6所", "60%"]), ("完成标准", ["6所", "60%"]), ("完成情况", ["6所"])],
)
def test_a_column_of_steps_is_a_plan(head: str, expected: list[str]) -> None:
    _, found = parsed(f"任务\t责任单位\t{head}\n新建学校6所\t基建股\t二季度完成主体施工60%")
    assert [target.text for target in found.targets] == expected


def test_an_aim_beside_what_was_done() -> None:
    _, found = parsed("年度目标\t截至6月底完成情况\n改造厕所30座\t改造21座，完成率70%\n建桥2座\t建成1座")
    assert [target.text for target in found.targets] == ["30座", "2座"]


def test_a_step_counts_what_its_task_counts() -> None:
    _, found = parsed("任务\t责任单位\t二季度目标\n改造老旧小区12个\t住建局\t开工6个\n校舍建设\t基建股\t新建3所")
    assert [(t.indicator, t.text) for t in found.targets] == [
        ("老旧小区", "12个"),
        ("老旧小区", "6个"),
        ("校舍建设", "3所"),
    ]


def test_aims_by_name_and_value() -> None:
    _, found = parsed("部门\t目标项目\t目标值\n质量科\t出厂合格率\t≥99%\n设备科\t设备完好率\t95%以上")
    assert [(t.indicator, t.text) for t in found.targets] == [("出厂合格率", "≥99%"), ("设备完好率", "95%以上")]
    assert units(found) == [("质量科", "resp"), ("设备科", "resp")]


def test_a_task_that_reads_like_a_head_stays_a_task() -> None:
    row = "落实年度重点工作任务\t责任督学\t3月"
    assert rows(f"重点任务\t责任单位\t完成时限\n教师轮岗\t人事股\t8月\n{row}")[1] == row


def test_a_table_without_ruled_head_takes_the_line_above() -> None:
    items, found = parsed("重点任务 责任单位 完成时限\n教师轮岗80人\t人事股\t8月\n食堂改造\t后勤股\t12月")
    assert [[name for name, _ in item.cells] for item in items] == [["task", "resp", "deadline"]] * 2
    assert [(target.text, due(found, target)) for target in found.targets] == [("80人", "2031-08-31")]


def test_the_line_above_a_table_is_no_item_where_it_is_its_head() -> None:
    document = made_of(f"{TITLE}\n一、任务\n重点任务 责任单位 完成时限\n教师轮岗\t人事股\t8月\n二、要求\n压实责任。")
    (head,) = split(document)
    items, _ = cut(document, head, tree(document, head))
    assert [item.text for item in items] == ["教师轮岗\t人事股\t8月", "压实责任。"]


def test_a_calendar_of_months() -> None:
    table = (
        "月份\t周次\t工作内容\t负责人\n9\t1\t召开开学工作会\t校长\n九月\t第2周\t1.检查教案2次；2.评选课例10节\t教务处\n"
        "10-11\t3\t举办运动会\t体育组\n12月份\t4\t期末复习\t教务处"
    )
    items, found = parsed(table)
    assert len(items) == 4
    dated = [(time.text, time.since, time.until) for time in found.deadlines if time.since]
    assert dated == [
        ("9", "2031-09-01", "2031-09-30"),
        ("九月", "2031-09-01", "2031-09-30"),
        ("10-11", "2031-10-01", "2031-11-30"),
        ("12月份", "2031-12-01", "2031-12-31"),
    ]
    assert [(target.text, target.indicator) for target in found.targets] == [("2次", "检查教案"), ("10节", "评选课例")]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("教研室、督导室", [("教研室", "resp"), ("督导室", "resp")]),
        ("教研室 督导室", [("教研室", "resp"), ("督导室", "resp")]),
        ("李明 王小芳", [("李明", "resp"), ("王小芳", "resp")]),
        ("王 芳", [("王 芳", "resp")]),
        ("云岭市 教育局", [("云岭市 教育局", "resp")]),
        ("牵头：人事股；配合：财务股", [("人事股", "lead"), ("财务股", "support")]),
        (
            "牵头单位：人事股 配合单位：财务股 各学校",
            [("人事股", "lead"), ("财务股", "support"), ("各学校", "support")],
        ),
        ("人事股牵头，财务股配合", [("人事股", "lead"), ("财务股", "support")]),
        ("人事股（牵头）、财务股", [("人事股", "lead"), ("财务股", "resp")]),
    ],
)
def test_units_of_a_cell(cell: str, expected: list[tuple[str, str]]) -> None:
    assert units(parsed(f"重点任务\t责任单位\t完成时限\n教师轮岗\t{cell}\t8月")[1]) == expected


def test_a_list_of_units_ends_with_its_cell() -> None:
    found = parsed("重点任务\t牵头单位\t完成时限\n教师轮岗\t牵头：人事股；配合：财务股\t三月")[1]
    assert units(found) == [("人事股", "lead"), ("财务股", "support")]


INDICATORS = """指标\t单位\t2030年\t2033年\t2035年\t年均增长（%）\t属性
1.学前教育毛入园率\t%\t95\t≥97\t98左右\t0.5\t预期性
（2）在园幼儿\t万人\t1.2\t1.5\t〔3.5〕\t—\t预期性
③生师比\t—\t14:1\t13.5:1\t1:13\t\t约束性
平均受教育年限（年）\t\t10.5\t11\t完成上级任务\t\t约束性"""


def test_an_indicator_table() -> None:
    items, found = parsed(INDICATORS, FIVE_YEARS)
    assert len(items) == 4
    got = [(t.indicator, t.text, t.op, t.value, t.value2, t.unit, t.baseline, due(found, t)) for t in found.targets]
    assert got == [
        ("学前教育毛入园率", "≥97", "ge", 97, None, "%", 95, "2033-12-31"),
        ("学前教育毛入园率", "98左右", "eq", 98, None, "%", 95, "2035-12-31"),
        ("学前教育毛入园率", "0.5", "inc", 0.5, None, "%", None, None),
        ("在园幼儿", "1.5", "eq", 15_000, None, "人", 12_000, "2033-12-31"),
        ("在园幼儿", "3.5", "eq", 35_000, None, "人", 12_000, "2035-12-31"),
        ("生师比", "13.5:1", "ratio", 13.5, 1, None, 14, "2033-12-31"),
        ("生师比", "1:13", "ratio", 1, 13, None, 14, "2035-12-31"),
        ("平均受教育年限", "11", "eq", 11, None, "年", 10.5, "2033-12-31"),
    ]
    assert [(t.text, t.per, t.rule) for t in found.targets if t.per] == [("0.5", "年", "yearly_growth")]
    assert [t.text for t in found.targets if t.rule == "cumulative"] == ["3.5"]
    assert [(time.text, time.item) for time in found.deadlines] == [("2033年", None), ("2035年", None)]


@pytest.mark.parametrize("now", ["现状值", "2030年（实际）", "基期（2030年）"])
@pytest.mark.parametrize("then", ["目标值", "2035年目标值", "2035"])
def test_the_present_state_is_the_baseline(now: str, then: str) -> None:
    _, found = parsed(f"主要指标\t{now}\t{then}\n体育场馆（个）\t12\t20", FIVE_YEARS)
    (target,) = found.targets
    assert (target.value, target.baseline, target.unit, target.indicator) == (20, 12, "个", "体育场馆")
    assert due(found, target) == ("2035-12-31" if "2035" in then else None)


def test_columns_of_years_in_a_task_table() -> None:
    table = "目标任务\t2031年目标\t2032年目标\t责任单位\n校舍建设\t新建3所\t新建5所\t基建股"
    (item,), found = parsed(table, "青禾县教育局2031—2032年工作计划")
    assert [name for name, _ in item.cells] == ["task", "year", "year", "resp"]
    assert [(t.indicator, t.value, due(found, t)) for t in found.targets] == [
        ("校舍建设", 3, "2031-12-31"),
        ("校舍建设", 5, "2032-12-31"),
    ]


def test_the_column_of_times_governs_the_row() -> None:
    table = "重点任务\t工作目标\t完成时限\n教师轮岗。\t轮岗80人。3月底前选派20人\t2031年8月底"
    _, found = parsed(table)
    assert [(t.text, due(found, t)) for t in found.targets] == [("80人", "2031-03-31"), ("20人", "2031-03-31")]
    _, found = parsed(table.replace("3月底前选派20人", "选派20人"))
    assert [(t.text, due(found, t)) for t in found.targets] == [("80人", "2031-08-31"), ("20人", "2031-08-31")]


def test_heads_that_name_no_time_to_come() -> None:
    _, found = parsed("指标\t2029年\t2030年\n在校学生（人）\t900\t950", FIVE_YEARS)
    assert (found.targets, found.deadlines) == ((), ())


def test_times_of_heads_are_kept_once() -> None:
    _, found = parsed("指标\t单位\t2035年\n学校\t所\t20\n学生\t人\t900", FIVE_YEARS)
    assert [type(time) for time in found.deadlines] == [Deadline]
    assert {target.deadline for target in found.targets} == {0}
