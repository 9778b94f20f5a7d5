"""Tables that a text draws: which lines are rows, what stays a line, what a plan makes of them."""

from __future__ import annotations

import pytest

from pipeline import rows
from pipeline.model import Document
from pipeline.parsing import plans_of
from pipeline.read import text
from pipeline.read.source import Source
from pipeline.themes import default

Cells = list[list[str | None]]


def read(lines: str) -> Document:
    document = text.read(Source.of(lines.encode(), "plan.txt"))
    assert document.text == lines
    return document


def cells(lines: str) -> Cells:
    document = read(lines)
    return [
        [document.text[cell.start : cell.end] if cell else None for cell in block.cells]
        for block in document.blocks
        if block.kind == "row"
    ]


TASKS = [["序号", "任务", "责任处室"], ["1", "家访200户", "政教处"], ["2", "演练2次", "安全办"]]


@pytest.mark.parametrize(
    "lines",
    [
        "| 序号 | 任务 | 责任处室 |\n|---|:---:|---|\n| 1 | 家访200户 | 政教处 |\n| 2 | 演练2次 | 安全办 |\n",
        "| 序号 | 任务 | 责任处室 |\n| 1 | 家访200户 | 政教处 |\n| 2 | 演练2次 | 安全办 |\n",
        "序号 | 任务 | 责任处室\n1 | 家访200户 | 政教处\n2 | 演练2次 | 安全办\n",
        "序号 | 任务 | 责任处室 |\n1 | 家访200户 | 政教处 |\n2 | 演练2次 | 安全办 |\n",
        "序号 | 任务 | 责任处室 |\n\n1 | 家访200户 | 政教处 |\n\n2 | 演练2次 | 安全办 |\n",
        "序号｜任务｜责任处室\n1｜家访200户｜政教处\n2｜演练2次｜安全办\n",
        "┌──┬──┐\n│序号│任务│责任处室│\n├──┼──┤\n│1│家访200户│政教处│\n├──┼──┤\n│2│演练2次│安全办│\n└──┴──┘\n",
        "+--+--+\n|序号|任务|责任处室|\n+==+==+\n| 1 | 家访200户 | 政教处 |\n| 2 | 演练2次 | 安全办 |\n+--+--+\n",
        "序号 |\n任务 |\n责任处室 |\n1 |\n家访200户 |\n政教处 |\n2 |\n演练2次 |\n安全办 |\n",
        "序号 任务 责任处室\n1 家访200户 政教处\n2 演练2次 安全办\n",
        "序号    任务      责任处室\n\n1    家访200户    政教处\n\n2    演练2次     安全办\n",
        "序号\n\n任务\n\n责任处室\n\n1\n\n家访200户\n\n政教处\n\n2\n\n演练2次\n\n安全办\n",
    ],
    ids=[
        "rule",
        "outer bars",
        "inner bars",
        "closed",
        "blank lines",
        "wide bars",
        "box",
        "grid",
        "lines",
        "blanks",
        "wide blanks",
        "gaps",
    ],
)
def test_ways_to_draw_a_table(lines: str) -> None:
    assert cells(f"云岭中学2031年工作计划\n{lines}以上各项抓好落实。\n") == TASKS


def test_a_table_of_lines_without_numbers() -> None:
    lines = "任务内容 |\n责任科室 |\n完成时间 |\n培训组长120名。 |\n师训科 |\n11月底 |\n督导2次 |\n督导科 |\n每学期 |\n"
    assert cells(lines) == [
        ["任务内容", "责任科室", "完成时间"],
        ["培训组长120名。", "师训科", "11月底"],
        ["督导2次", "督导科", "每学期"],
    ]


def test_titles_between_rows_stay_lines() -> None:
    lines = "序号\n任务\n责任处室\n一、德育 |\n1\n家访200户\n政教处\n二、安全，落实责任\n2\n演练2次\n安全办\n"
    document = read(lines)
    assert cells(lines) == TASKS
    assert {block.table for block in document.blocks if block.kind == "row"} == {0}
    titles = [document.text[block.start : block.end] for block in document.blocks if block.kind == "paragraph"]
    assert titles == ["一、德育", "二、安全，落实责任"]


def test_a_row_without_the_cell_merged_with_the_one_above() -> None:
    lines = "类别 | 序号 | 任务 | 责任处室 |\n德育 | 1 | 家访200户 | 政教处 |\n"
    assert cells(f"{lines}2 | 演练2次 | 安全办 |\n3 | 义卖 | 团委 | |\n")[2:] == [
        [None, "2", "演练2次", "安全办"],
        [None, "3", "义卖", "团委"],
    ]


def test_a_cell_with_a_line_break() -> None:
    lines = "序号 | 任务 | 责任处室 |\n1 | 家访200户，\n回访30户 | 政教处 |\n2 | 演练2次 | 安全办 |\n"
    assert cells(lines)[1] == ["1", "家访200户，\n回访30户", "政教处"]


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        ("序号 | 任务 | 责任处室 |\n1 | 家访200户 | 政教处 |\n2 | 演练2次 |\n3 | 义卖 | 团委 |\n", ["1", "3"]),
        ("序号 | 任务 | 责任处室\n1 | 家访 | 政教处\n2 | 演练 | 2次 | 安全办\n3 | 义卖 | 团委\n", ["1", "3"]),
        ("序号\n任务\n责任处室\n1\n家访\n政教处\n2\n演练\n2次\n安全办\n3\n义卖\n团委\n", ["1", "3"]),
        ("序号\n任务\n责任处室\n1\n家访\n政教处\n2\n演练\n3\n义卖\n团委\n", ["1", "3"]),
        ("序号\n任务\n责任处室\n1\n家访\n政教处\n2\n演练\n二、要求\n各班抓好落实。\n", ["1"]),
        ("序号 任务 责任处室\n1 家访 政教处\n2 演练 2次 安全办\n3 义卖\n二、要求\n4 体检 9月5日\n", ["1"]),
        ("│任务│责任处室│\n├──┼──┤\n│走访困│政教│\n│难学生│处  │\n├──┼──┤\n│演练  │安全│\n│2次   │办  │\n", []),
    ],
    ids=["lacks a cell", "has one more", "broken cell", "empty cell", "heading below", "words", "cells over lines"],
)
def test_a_broken_row_stays_lines(broken: str, kept: list[str]) -> None:
    document = read(broken)
    assert [row[0] for row in cells(broken)[1:]] == kept
    covered = "".join(document.text[block.start : block.end] for block in document.blocks)
    assert all(char in covered for char in broken if "一" <= char <= "鿿")


@pytest.mark.parametrize(
    "lines",
    [
        "首页 | 政务公开 | 办事服务 | 互动交流\n",
        "首页 | 工作动态 | 责任清单 | 通知公告\n新闻 | 项目 | 招生时间 | 下载\n",
        "工作安排 | 责任清单 | 通知公告 |\n年度计划 | 工作要点 | 任务表 |\n",
        "发布时间：2031-03-01 | 来源：县教育局 | 浏览：25\n发布时间：2031-03-02 | 来源：县财政局 | 浏览：7\n",
        "全县评选 A | B 两类学校。\n其中 A | B 两类各5所。\n",
        "主题 | 教师成长\n时间 | 每周三\n地点 | 会议室\n",
        "序号\n任务\n以上两栏由各校填写。\n1\n家访\n",
        "第12页\n3\n序号\n1\n任务\n",
        "序号 任务 责任处室 由各班填写后上报\n1 家访 政教处\n",
        "编号 姓名 单位\n1 王芳 政教处\n",
        "二、任务 | 责任 | 落实\n家访 | 责任处室：政教处 | 3月\n",
    ],
    ids=[
        "menu",
        "menu of two lines",
        "closed menu",
        "dates of a page",
        "sentences",
        "fields",
        "words",
        "numbers",
        "a note",
        "people",
        "heading",
    ],
)
def test_bars_and_numbers_that_draw_no_table(lines: str) -> None:
    assert cells(lines) == []


def test_a_table_goes_on_behind_a_line() -> None:
    lines = "任务 | 责任处室 | 时限\n家访 | 政教处 | 3月\n二、安全\n演练 | 安全办 | 5月\n体检 | 校医室 | 9月\n"
    assert [row[0] for row in cells(lines)] == ["任务", "家访", "演练", "体检"]


def test_a_task_worded_like_an_entry_of_a_menu_is_a_row() -> None:
    lines = "任务 | 责任处室 | 时限\n家访 | 政教处 | 3月\n二、服务\n政务公开 | 办公室 | 5月\n体检 | 校医室 | 9月\n"
    assert [row[0] for row in cells(lines)] == ["任务", "家访", "政务公开", "体检"]
    menu = "任务 | 责任处室 | 时限\n家访 | 政教处 | 3月\n\n首页 | 政务公开 | 年度报告\n"
    assert [row[0] for row in cells(menu)] == ["任务", "家访"]


@pytest.mark.parametrize(("broken", "kept"), [(1, []), (2, ["1"])])
def test_a_table_parted_by_blanks_ends_at_a_row_with_a_blank_too_many(broken: int, kept: list[str]) -> None:
    tasks = ["走访200户", "演练2次", "体检1次"]
    tasks[broken - 1] = f"{tasks[broken - 1][:2]} {tasks[broken - 1][2:]}"
    offices = ["政教处 6月底", "安全办 7月底", "校医室 9月底"]
    rows = [f"{n} {task} {office}" for n, (task, office) in enumerate(zip(tasks, offices, strict=True), 1)]
    lines = "\n".join(["青禾县2031年工作计划", "序号 任务 责任处室 时限", *rows, ""])
    assert [row[0] for row in cells(lines)[1:]] == kept
    (plan,) = plans_of(read(lines), default())
    assert [target.text for target in plan.targets] == ["200户", "2次", "1次"]
    assert [time.text for time in plan.deadlines] == ["6月底", "7月底", "9月底"]


def test_a_list_of_people_below_a_table_is_none_of_its_rows() -> None:
    lines = "任务 | 责任处室 | 时限\n家访 | 政教处 | 3月\n\n联系人 | 地址 | 电话\n王芳 | 云溪路 | 0555-7654321\n"
    assert [row[0] for row in cells(lines)] == ["任务", "家访"]
    assert len(cells("任务|责任处室\n家访|政教处\n\n联系人|电话\n王芳|7654321\n")) == 2


def test_many_lines_that_are_no_table_take_no_long_time() -> None:
    head = "任务 | 责任处室 | 时限 |\n"
    assert len(cells((head + "甲 | 乙 |\n" * 3) * 3000)) < 30000
    assert cells("序号\n任务\n责任处室\n" * 9000) == []
    assert cells("义卖 |\n" * 30000) == []
    assert cells("任务 |\n责任处室 |\n时限 |\n" * 5000) == []


def test_lines_set_in_by_tabs_are_cells() -> None:
    lines = "青禾县2031年工作计划\n\t序号\n\t任务\n\t责任单位\n\t1\n\t新建校舍3栋\n\t县教育局\n"
    (plan,) = plans_of(read(lines), default())
    assert [item.text for item in plan.items] == ["1\t新建校舍3栋\t县教育局"]


PLAN = """青禾县2031年民生实事任务分解表
首页 | 政务公开 | 办事服务 | 互动交流
| 序号 | 重点任务 | 牵头单位 | 配合单位 | 完成时限 | 1—9月完成情况 |
| --- | --- | --- | --- | --- | --- |
| 1 | 新建云溪小学，新增学位1080个。 | 县教育局 | 县自然资源局、云溪镇人民政府 | 2031年8月底前 | 已完成70%，投资2600万 |
| 2 | 确保改造卫生室12所，
配备医生30名。 | 县卫健局 | 各镇卫生院 | 10月底前 | 9月15日开工5所 |
"""


def test_a_plan_that_is_a_drawn_table() -> None:
    document = read(PLAN)
    (plan,) = plans_of(document, default())
    assert plan.head.title == "青禾县2031年民生实事任务分解表"
    assert [(t.text, t.indicator, plan.deadlines[t.deadline or 0].until) for t in plan.targets] == [
        ("1080个", "学位", "2031-08-31"),
        ("12所", "卫生室", "2031-10-31"),
        ("30名", "医生", "2031-10-31"),
    ]
    assert [time.text for time in plan.deadlines] == ["2031年8月底前", "10月底前"]
    assert [(unit.text, unit.role) for unit in plan.responsibilities] == [
        ("县教育局", "lead"),
        ("县自然资源局", "support"),
        ("云溪镇人民政府", "support"),
        ("县卫健局", "lead"),
        ("各镇卫生院", "support"),
    ]
    assert [item.text.split("\t")[:2] for item in plan.items] == [
        ["1", "新建云溪小学，新增学位1080个。"],
        ["2", "确保改造卫生室12所，配备医生30名。"],
    ]
    for records in (plan.targets, plan.deadlines, plan.responsibilities):
        assert all(PLAN[record.start : record.end] == record.text for record in records)
    assert rows.plan_rows([plan], "0" * 12)["items"]
