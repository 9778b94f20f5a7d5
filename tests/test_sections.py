"""The section tree: labels, parents, headings, spans; random trees printed as text and read back."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import Block, Document, Section
from pipeline.plans import split
from pipeline.sections import gaps, tree

CASES = Path(__file__).parent / "cases"
TITLE = "青禾县教育局2031年工作计划\n"


def made_of(text: str, **of_line: dict[str, Any]) -> Document:
    """A document of a text's lines; `of_line` says how a line that begins so is laid out."""
    blocks, at = [], 0
    for line in text.split("\n"):
        if bare := line.strip():
            start = at + line.index(bare)
            look = next((look for opening, look in of_line.items() if bare.startswith(opening)), {})
            blocks.append(Block(start=start, end=start + len(bare), **look))
        at += len(line) + 1
    return Document(text=text, blocks=tuple(blocks), format="txt", sha256="0" * 64, bytes=len(text.encode()))


def read(document: Document) -> tuple[Section, ...]:
    (head,) = split(document)
    return tree(document, head)


def sections(text: str) -> tuple[Section, ...]:
    return read(made_of(TITLE + text))


def outline(found: tuple[Section, ...]) -> list[tuple[str | None, str | None, str | None]]:
    """Label, heading and the parent's label of each node."""
    return [(s.label, s.heading, None if s.parent is None else found[s.parent].label) for s in found if s.path]


def links(found: tuple[Section, ...]) -> list[tuple[str | None, str | None]]:
    return [(label, parent) for label, _, parent in outline(found)]


def cases(name: str) -> Iterator[Any]:
    """Rows of a table; a note that begins with 「xfail:」 marks a known failure."""
    for row in csv.DictReader((CASES / name).read_text(encoding="utf-8").splitlines()):
        known = row["note"].startswith("xfail:")
        marks = [pytest.mark.xfail(strict=True, reason=row["note"][6:].strip())] if known else []
        yield pytest.param(row["text"].replace("⏎", "\n"), row["expected"], marks=marks)


@pytest.mark.parametrize(("text", "expected"), list(cases("labels.csv")))
def test_labels(text: str, expected: str) -> None:
    assert "|".join(s.label for s in sections(text) if s.label) == expected


@pytest.mark.parametrize(("text", "expected"), list(cases("headings.csv")))
def test_heading(text: str, expected: str) -> None:
    first = next((s for s in sections(text) if s.label or s.heading), None)
    assert ((first.heading if first else None) or "") == expected


NESTED = """围绕提高质量推进各项工作。
一、总体要求
立足县情办好每所学校。
二、重点任务
（一）师资队伍
1.招聘教师
按需补充紧缺学科教师。
2.培训教师
分批组织教师轮训。
（二）校舍安全
逐校排查，按期竣工。
三、工作要求
压实各级责任。"""


def test_offsets_paths_and_text() -> None:
    text = TITLE + NESTED
    found = sections(NESTED)
    lead, *nodes = found
    assert (lead.label, lead.heading, lead.path, lead.text) == (None, None, (), "围绕提高质量推进各项工作。")
    openings = ["一、", "二、", "（一）", "1.", "2.", "（二）", "三、"]
    assert all(text[s.start :].startswith(opening) for s, opening in zip(nodes, openings, strict=True))
    assert [s.level for s in nodes] == [1, 1, 2, 3, 3, 2, 1]
    trained = nodes[4]
    assert trained.path == ("重点任务", "师资队伍", "培训教师")
    assert trained.text == "分批组织教师轮训。"
    assert text[trained.text_start :].lstrip().startswith(trained.text)
    assert text[nodes[1].start : nodes[1].end].endswith("逐校排查，按期竣工。")
    assert nodes[1].text == ""


def test_parents() -> None:
    assert links(sections(NESTED)) == [
        ("一", None),
        ("二", None),
        ("(一)", "二"),
        ("1", "(一)"),
        ("2", "(一)"),
        ("(二)", "二"),
        ("三", None),
    ]


def test_a_child_lies_inside_its_parent_and_siblings_do_not_overlap() -> None:
    found = sections(NESTED)
    last: dict[int | None, Section] = {}
    for section in found:
        if section.parent is not None:
            assert found[section.parent].covers(section)
        before = last.get(section.parent)
        assert before is None or before.end <= section.start
        last[section.parent] = section


def numbered(first: int, last: int) -> list[str]:
    return [f"{n}.抓好第{n}类事项的落实，逐月检查。" for n in range(first, last + 1)]


def test_numbering_runs_on_across_parents() -> None:
    text = "\n".join(
        ["一、教学工作", *numbered(1, 6), "二、后勤工作", *numbered(7, 9), "三、其他工作", *numbered(10, 11)]
    )
    expected = [("一", None), *((str(n), "一") for n in range(1, 7)), ("二", None)]
    expected += [*((str(n), "二") for n in range(7, 10)), ("三", None), ("10", "三"), ("11", "三")]
    assert links(sections(text)) == expected


def test_numbering_starts_again_below_each_parent() -> None:
    text = "\n".join(["一、教学工作", *numbered(1, 3), "二、后勤工作", *numbered(1, 2)])
    assert links(sections(text)) == [
        ("一", None),
        ("1", "一"),
        ("2", "一"),
        ("3", "一"),
        ("二", None),
        ("1", "二"),
        ("2", "二"),
    ]


def test_a_gap_keeps_the_depth() -> None:
    text = "\n".join(["一、教学工作", *numbered(1, 2), *numbered(4, 5), "三、后勤工作", *numbered(1, 2)])
    assert links(sections(text)) == [
        ("一", None),
        *((n, "一") for n in ("1", "2", "4", "5")),
        ("三", None),
        ("1", "三"),
        ("2", "三"),
    ]


def test_a_number_that_occurs_twice_keeps_the_depth() -> None:
    text = "一、教学工作\n抓实课堂。\n二、后勤工作\n改善食堂。\n二、安全工作\n排查隐患。\n三、宣传工作\n办好校报。"
    assert links(sections(text)) == [("一", None), ("二", None), ("二", None), ("三", None)]


def test_a_slip_in_a_spoken_list_opens_no_node() -> None:
    text = """一、教学工作
一是抓备课。二是抓上课。三是抓作业。四、抓辅导。五是抓评价。
二、后勤工作
改善食堂条件。
三、安全工作
排查校园隐患。
四、宣传工作
办好校报。"""
    assert links(sections(text)) == [("一", None), ("二", None), ("三", None), ("四", None)]


def test_digits_over_brackets_over_circles() -> None:
    text = """1.教学
（1）抓备课，逐周检查。
①查教案，逐份批注。
②查作业，逐班抽样。
（2）抓上课，逐节记录。
2.后勤
改善食堂。"""
    assert links(sections(text)) == [
        ("1", None),
        ("(1)", "1"),
        ("①", "(1)"),
        ("②", "(1)"),
        ("(2)", "1"),
        ("2", None),
    ]


def test_chapters_over_sections_over_numerals() -> None:
    text = """第一章 基础
第一节 成绩
一、规模
新增学位。
二、质量
成绩进步。
第二节 问题
资源不足。
第二章 目标
第一节 总体
建成强县。"""
    assert links(sections(text)) == [
        ("第一章", None),
        ("第一节", "第一章"),
        ("一", "第一节"),
        ("二", "第一节"),
        ("第二节", "第一章"),
        ("第二章", None),
        ("第一节", "第二章"),
    ]


def test_text_that_has_lost_its_lines() -> None:
    text = (
        "全年工作稳中求进。一、总体要求坚持立德树人，办好每所学校。二、重点任务(一)加强师资建设组织教师轮训，"
        "完成年度课时。(二)改善办学条件深入排查隐患，逐校销号。三、组织领导成立工作专班，逐级压实责任。"
    )
    found = sections(text)
    assert outline(found) == [
        ("一", "总体要求", None),
        ("二", "重点任务", None),
        ("(一)", "加强师资建设", "二"),
        ("(二)", "改善办学条件", "二"),
        ("三", "组织领导", None),
    ]
    assert found[3].text == "组织教师轮训，完成年度课时。"
    assert all((TITLE + text)[s.start :].startswith(s.label or "") for s in found)


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("严格督导考核县政府督导室要按季通报，年底述职。", "严格督导考核"),
        ("推进教育信息化电教馆将在秋季开放录播教室，逐校培训。", "推进教育信息化"),
        ("打好扶贫攻坚战一要精准资助，二要严格核查。", "打好扶贫攻坚战"),
        ("争取县里各部门和镇政府的支持，力争暑假前动工。", None),
        ("深入学习贯彻全国教育大会重要讲话精神。每月集中学习。", "深入学习贯彻全国教育大会重要讲话精神"),
        ("校舍安全事故发生率为零，食堂全部达标。", None),
        ("严格河湖管护各乡镇要落实河长制，按月巡河。", "严格河湖管护"),
        ("加快公路建设为群众出行提供便利，年底通车。", "加快公路建设"),
        ("强化党建引领把支部建在项目上，按月学习。", "强化党建引领"),
    ],
)
def test_the_title_of_text_that_has_lost_its_lines(line: str, heading: str | None) -> None:
    text = f"一、主要任务（一）{line}（二）加强师资队伍建设组织教师轮训。二、工作要求各校抓好落实。"
    assert outline(sections(text))[1] == ("(一)", heading, "一")


def test_blanks_where_lines_have_ended() -> None:
    text = (
        "一、“十四五”改革回顾 （一）办学水平明显提高 “十四五”期间，新建校舍三所。 "
        "（二）师资结构，持续优化 招聘教师二百名。 二、困难和问题 村小音乐教师不足。"
    )
    assert outline(sections(text)) == [
        ("一", "“十四五”改革回顾", None),
        ("(一)", "办学水平明显提高", "一"),
        ("(二)", "师资结构，持续优化", "一"),
        ("二", "困难和问题", None),
    ]


def test_unnumbered_headings() -> None:
    found = sections(
        "指导思想\n立足县情办好学校。\n工作措施\n1.抓备课，逐周检查。\n2.抓上课，逐节记录。\n活动流程：\n先报名，后评审。"
    )
    assert outline(found) == [
        (None, "指导思想", None),
        (None, "工作措施", None),
        ("1", None, None),
        ("2", None, None),
        (None, "活动流程", None),
    ]
    assert [found[s.parent].heading for s in found if s.parent is not None] == ["工作措施", "工作措施"]


def test_outline_levels_of_the_format() -> None:
    looks = {
        "办学目标与愿景": {"outline": 1},
        "近期打算": {"outline": 2},
        "远期打算": {"outline": 2},
        "推进办法": {"outline": 1},
    }
    text = TITLE + "办学目标与愿景\n近期打算\n新建两所学校。\n远期打算\n建成强县。\n推进办法\n逐级压实责任。"
    found = read(made_of(text, **looks))
    assert [(s.heading, s.level) for s in found] == [
        ("办学目标与愿景", 1),
        ("近期打算", 2),
        ("远期打算", 2),
        ("推进办法", 1),
    ]
    assert found[1].path == ("办学目标与愿景", "近期打算")


@pytest.mark.parametrize("look", [{"bold": True}, {"centred": True}])
def test_lines_that_stand_out(look: dict[str, bool]) -> None:
    text = TITLE + "办学愿景\n新建两所学校。\n推进办法\n逐级压实责任。"
    found = read(made_of(text, 办学愿景=look, 推进办法=look))
    assert [s.heading for s in found] == ["办学愿景", "推进办法"]
    assert [s.heading for s in read(made_of(text))] == [None]


def test_larger_lines_stand_out() -> None:
    text = TITLE + "办学愿景\n新建两所学校，扩建三所幼儿园。\n推进办法\n逐级压实责任，按月通报进度。"
    body = {opening: {"size": 14.0} for opening in ("新建", "逐级")}
    for size, expected in ((16.0, ["办学愿景", "推进办法"]), (15.0, [None])):
        look = {"size": size}
        assert [s.heading for s in read(made_of(text, 办学愿景=look, 推进办法=look, **body))] == expected


def test_a_page_mark_inside_a_heading() -> None:
    text = TITLE + "一、总体要求\n立足县情办好学校。\n二、改善学校后-3-\n\n勤保障\n逐校更新食堂设备。"
    found = read(made_of(text))
    assert outline(found) == [("一", "总体要求", None), ("二", "改善学校后勤保障", None)]
    assert text[found[1].start :].startswith("二、")


def test_a_label_inside_a_hard_wrapped_paragraph() -> None:
    paragraph = "各镇中心校要制定具体办法，明确时间节点，落实到人。各校毛入学率提高1.5个百分点以上，发现问题及时整改。"
    lines = [paragraph[at : at + 22] for at in range(0, len(paragraph), 22)] * 3
    assert links(sections("\n".join(["一、工作要求", *lines, "二、工作保障", *lines]))) == [("一", None), ("二", None)]


def test_rows_of_a_table_open_no_nodes() -> None:
    text = TITLE + "一、任务\n1.轮岗\t人事股\n2.培训\t教研室\n二、要求\n压实责任。"
    row = {"kind": "row", "table": 0}
    document = made_of(text, **{"1.": row, "2.": row})
    assert links(read(document)) == [("一", None), ("二", None)]


def test_pages() -> None:
    document = made_of(
        TITLE + "一、任务\n完成招生。\n二、要求\n压实责任。",
        一={"page": 1},
        完={"page": 1},
        二={"page": 2},
        压={"page": 2},
    )
    assert [s.page for s in read(document)] == [1, 2]


def test_a_plan_without_nodes_is_one_section() -> None:
    (only,) = sections("围绕提高质量推进各项工作。\n逐级压实责任。")
    assert (only.label, only.heading, only.level, only.parent) == (None, None, 1, None)
    assert only.text == "围绕提高质量推进各项工作。\n逐级压实责任。"


def test_missing_numbers_are_said() -> None:
    text = "\n".join(["一、教学工作", *numbered(1, 2), *numbered(4, 5), "三、后勤工作", *numbered(8, 9)])
    assert gaps(sections(text)) == ("1 number missing between 2 and 4", "1 number missing between 一 and 三")


def test_half_a_bracket_is_no_gap() -> None:
    text = "（一）教学\n抓实课堂。\n二）后勤\n改善食堂。\n（三）安全\n排查隐患。"
    assert links(sections(text)) == [("(一)", None), ("二)", None), ("(三)", None)]
    assert gaps(sections(text)) == ()


def test_attachments_stand_at_the_top_and_number_anew() -> None:
    text = (
        "一、教学\n1.备课\n按周检查。\n附件1\n任务分工表\n一、教学组\n负责备课。\n附件2\n联系人名单\n1.教学组\n王某。"
    )
    found = sections(text)
    assert [(s.label, s.heading, s.level) for s in found] == [
        ("一", "教学", 1),
        ("1", "备课", 2),
        (None, "附件1 任务分工表", 1),
        ("一", "教学组", 2),
        (None, "附件2 联系人名单", 1),
        ("1", "教学组", 2),
    ]


def test_sentences_that_title_paragraphs_are_a_list_below_a_numbered_part() -> None:
    paragraph = "各镇中心校按月检查备课与作业，教研室每学期组织两次质量分析，督导室公布结果并督促各校整改。"
    titles = ["抓实备课管理。", "改进课堂教学。", "规范作业布置。"]
    part = "\n".join(f"{title}\n{paragraph}" for title in titles)
    found = sections(f"一、教学\n全年教学工作的主要任务是：\n（一）课内\n{part}\n（二）课外\n{part}")
    nodes = [(s.label or s.heading, s.level) for s in found]
    below = [(title.rstrip("。"), 3) for title in titles]
    assert nodes == [("一", 1), ("(一)", 2), *below, ("(二)", 2), *below]


def levels(text: str) -> list[tuple[str | None, int]]:
    return [(s.label or s.heading, s.level) for s in sections(text) if s.path]


def test_sentences_that_open_alike_title_what_stands_below_them() -> None:
    paragraph = "各镇中心校按月检查备课与作业，教研室每学期组织两次质量分析，督导室公布结果并督促各校整改落实。"
    aims = ("坚持优先发展，办学条件迈上新台阶", "深化课程改革，育人质量实现新提升", "建强教师队伍，教研水平取得新突破")
    alike = [f"三年来，我们{aim}。" for aim in aims]
    below = [(title.rstrip("。"), 2) for title in alike]
    text = "一、工作回顾\n" + "\n".join(f"{title}\n{paragraph}" for title in alike)
    assert levels(f"{text}\n（一）不足\n{paragraph}") == [("一", 1), *below, ("(一)", 2)]
    tasks = text.replace("三年来，我们", "本学年，我们要")
    assert levels(tasks) == [("一", 1)]
    two = "一、工作回顾\n" + "\n".join(f"{title}\n{paragraph}" for title in alike[:2])
    assert levels(two) == [("一", 1)]
    with_title = sections(text.replace(alike[1], f"{alike[1]}教材建设有序推进。"))
    assert [(s.label or s.heading, s.level) for s in with_title] == [("一", 1), *below]
    assert with_title[2].text.startswith("教材建设有序推进。")


def test_the_months_of_a_calendar_are_parts_of_it() -> None:
    calendar = (
        "一、月工作安排\n九月份\n1.开学典礼。\n2.制定计划。\n十月\n1.歌咏比赛。\n十二月至元月：\n1.期末复习。\n"
        "二、保障\n加强领导。"
    )
    found = outline(sections(calendar))
    assert [(label or heading, parent) for label, heading, parent in found] == [
        ("一", None), ("九月份", "一"), ("1", None), ("2", None), ("十月", "一"), ("1", None), ("十二月至元月", "一"),
        ("1", None), ("二", None),
    ]  # fmt: skip
    paths = [section.path for section in sections(calendar) if section.label in ("1", "2")]
    assert [path[1] for path in paths] == ["九月份", "九月份", "十月", "十二月至元月"]


def test_a_number_in_another_style_goes_on_the_list() -> None:
    slip = "一、重点\n（一）消防\n查。\n（二）食品\n查。\n（三）交通\n查。\n4、防溺水\n查。\n（五）校舍\n查。"
    assert links(sections(slip))[-2:] == [("4", "一"), ("(五)", "一")]


def test_a_slip_behind_a_full_stop_is_a_label_still() -> None:
    text = "一、重点1、抓招生。划片入学。2、抓学籍。每月核查。2、抓资助。按月发放。4、抓考务。严格程序。"
    assert [label for label, _ in links(sections(text))] == ["一", "1", "2", "2", "4"]


def test_a_task_with_what_is_told_of_it_below_is_no_heading() -> None:
    found = sections(
        "一、任务\n1.改造机房4间，更新电脑210台\n完成时间：9月\n责任部门：中心\n2.加强管理\n完成时间：全年"
    )
    assert [s.heading for s in found if s.label in ("1", "2")] == [None, "加强管理"]


def test_a_sentence_with_a_unit_below_is_no_heading() -> None:
    found = sections(
        "一、目标\n1.财政收入与经济增长同步。\n责任单位：县财政局\n2.收入增速快于全市。\n责任单位：县人社局"
    )
    assert outline(found) == [("一", "目标", None), ("1", None, "一"), ("2", None, "一")]


def test_a_month_alone_on_one_line_is_no_calendar() -> None:
    assert outline(sections("一、安排\n九月份\n开学典礼。")) == [("一", "安排", None)]


def test_a_box_is_its_sections_and_not_its_last_paragraphs() -> None:
    text = "一、重点任务\n工作措施\n加强统筹。\n专栏1 校舍改造工程\n改造校舍。\n保障措施\n压实责任。"
    text += "\n二、改革任务\n1.课程\n开齐课程。\n2.考试\n优化命题。\n专栏2 培训工程\n开展培训。\n3.教研\n按月教研。"
    assert levels(text) == [
        *(("一", 1), ("工作措施", 2), ("专栏1", 2), ("保障措施", 2)),
        *(("二", 1), ("1", 2), ("2", 2), ("专栏2", 3), ("3", 2)),
    ]


def test_a_box_has_a_list_of_its_own() -> None:
    text = "一、重点任务\n工作措施\n加强统筹。\n专栏1 校舍工程\n1.改造校舍。\n2.新建校舍。\n保障措施\n压实责任。"
    text += "\n二、改革任务\n1.课程\n开齐课程。\n2.考试\n优化命题。\n专栏2 培训工程\n1.国培\n轮训。\n2.省培\n轮训。"
    assert levels(text) == [
        *(("一", 1), ("工作措施", 2), ("专栏1", 2), ("1", 3), ("2", 3), ("保障措施", 2)),
        *(("二", 1), ("1", 2), ("2", 2), ("专栏2", 3), ("1", 4), ("2", 4)),
    ]


def test_a_box_below_a_heading_whose_level_the_format_states() -> None:
    text = TITLE + "发展目标\n提高质量。\n专栏1 主要指标\n巩固率保持稳定。\n主要任务\n抓实课堂。"
    found = read(made_of(text, 发展目标={"outline": 1}, 主要任务={"outline": 1}))
    assert [(s.label or s.heading, s.level) for s in found] == [("发展目标", 1), ("专栏1", 2), ("主要任务", 1)]


def test_a_missing_box_is_said() -> None:
    (gap,) = gaps(sections("一、重点任务\n加强统筹。\n专栏1 校舍工程\n改造校舍。\n专栏3 培训工程\n开展培训。"))
    assert gap == "1 number missing between 专栏1 and 专栏3"


@pytest.mark.parametrize("first", ["一、工作目标", "1.工作目标", "工作目标"])
@pytest.mark.parametrize("word", ["序言", "前　言", "序", "【前言】"])
def test_a_preface_stands_beside_the_parts(word: str, first: str) -> None:
    second = first.replace("一", "二").replace("1", "2").replace("目标", "措施")
    found = levels(f"{word}\n回顾办学历程。\n{first}\n提高质量。\n{second}\n抓实课堂。\n结语\n共同努力。")
    assert [level for _, level in found] == [1, 1, 1, 1]


def test_one_part_and_closing_words() -> None:
    assert levels("一、工作目标\n提高质量。\n结语\n共同努力。") == [("一", 1), ("结语", 1)]


def test_a_heading_with_text_of_its_own_stands_beside_the_parts() -> None:
    parts = "一、师资\n按需补充。\n二、校舍\n按期竣工。\n附则\n由县教育局解释。"
    own = "立足县情办好每所学校，围绕提高质量推进各项工作，让城乡孩子都能就近上好学，全面完成年度任务。"
    beside = [("总体要求", 1), ("一", 1), ("二", 1), ("附则", 1)]
    assert levels(f"总体要求\n{own}\n{parts}") == beside
    above = [("总体要求", 1), ("一", 2), ("二", 2), ("附则", 1)]
    assert levels(f"总体要求\n{own[:-1]}，重点做到：\n{parts}") == above
    assert levels(f"主要任务\n{own}\n{parts}") == [("主要任务", 1), *above[1:]]
    assert levels(f"总体要求\n{own[:-1]}，抓好两项重点工作。\n{parts}") == above


@pytest.mark.parametrize("line", ["各系（部）：", "各学院、各系：", "各县区教育局、各直属学校："])
def test_addressees_are_no_heading(line: str) -> None:
    assert levels(f"{line}\n现将计划印发。\n一、师资\n按需补充。\n二、校舍\n按期竣工。") == [("一", 1), ("二", 1)]


def test_the_head_of_a_column_is_no_preface() -> None:
    assert levels("一、工作目标\n序\n指标名称\n号\n任务\n（一）质量\n提高。\n（二）规模\n稳定。") == [
        ("一", 1),
        ("(一)", 2),
        ("(二)", 2),
    ]


def test_numerals_that_a_scan_has_lost() -> None:
    text = "、工作目标\n（一）质量\n稳步提高。\n（二）规模\n保持稳定。\n、工作措施\n（一）教学\n抓实课堂。"
    text += "\n三、工作要求\n压实责任。"
    assert [(s.label or s.heading, s.level) for s in sections(text)] == [
        *(("工作目标", 1), ("(一)", 2), ("(二)", 2)),
        *(("工作措施", 1), ("(一)", 2), ("三", 1)),
    ]


# Random trees, printed as text.


@dataclass
class Node:
    label: str
    heading: str
    shown: str
    """The label as it is printed."""
    parent: Node | None
    body: list[str] = field(default_factory=list)


CHINESE = [*"一二三四五六七八九十", "十一", "十二", "十三", "十四", "十五", "十六", "十七", "十八", "十九", "二十"]
FAMILIES = {
    "chapter": lambda n: (f"第{CHINESE[n - 1]}章", f"第{CHINESE[n - 1]}章 "),
    "section": lambda n: (f"第{CHINESE[n - 1]}节", f"第{CHINESE[n - 1]}节 "),
    "cn": lambda n: (CHINESE[n - 1], f"{CHINESE[n - 1]}、"),
    "cn_paren": lambda n: (f"({CHINESE[n - 1]})", f"（{CHINESE[n - 1]}）"),
    "ar": lambda n: (str(n), f"{n}."),
    "ar_paren": lambda n: (f"({n})", f"（{n}）"),
    "circled": lambda n: (chr(0x2460 + n - 1),) * 2,
}
VERBS = ["加强", "推进", "优化", "改进", "抓实", "规范"]
MATTERS = ["师资建设", "校舍安全", "课堂教学", "后勤服务", "家校协作", "劳动教育", "学籍管理", "教研活动", "队伍培训"]
SENTENCES = [
    "各镇中心校按月检查备课与作业。",
    "教研室每学期组织两次质量分析。",
    "毛入学率提高1.5个百分点。",
    "2031年9月底前完成招生任务。",
    "全年新建改建学校12所（其中小学9所）。",
    "小学三、四年级每周安排一节书法课。",
    "落实青教发〔2030〕18号文件要求。",
    "突出三个聚焦，做到两个确保。",
    "生师比控制在13.5:1以内；班额控制在45人以内。",
    "学校食堂实行陪餐制，宿舍实行专人值守。",
    "按照第三条规定办理入学手续。",
    "每10名学生配备1名导师。",
    "第一学期完成摸底，第二学期完成整改。",
    "由督导室牵头，7-9年级全部参加。",
]


def grow(rng: random.Random) -> list[Node]:
    """A tree of two to four levels, in document order; numbering starts anew or runs on by family."""
    depth = rng.randint(2, 4)
    families = sorted(rng.sample(list(FAMILIES), depth), key=list(FAMILIES).index)
    runs_on = {family: rng.random() < 0.2 for family in families[1:]}
    counts = dict.fromkeys(families, 0)
    nodes: list[Node] = []

    def below(parent: Node | None, level: int) -> None:
        family = families[level]
        if not runs_on.get(family):
            counts[family] = 0
        for _ in range(rng.randint(2, 4)):
            if counts[family] == 20:
                return
            counts[family] += 1
            label, shown = FAMILIES[family](counts[family])
            node = Node(label, rng.choice(VERBS) + rng.choice(MATTERS), shown, parent)
            nodes.append(node)
            if level + 1 < depth and rng.random() < 0.7:
                below(node, level + 1)
            else:
                node.body = rng.sample(SENTENCES, rng.randint(1, 3))

    below(None, 0)
    return nodes


def printed(rng: random.Random, nodes: list[Node]) -> str:
    """One line a heading, or a heading as the title sentence of its paragraph."""
    lines = []
    for node in nodes:
        if node.body and rng.random() < 0.4:
            lines.append(f"{node.shown}{node.heading}。{''.join(node.body)}")
        else:
            lines += [node.shown + node.heading, *(["".join(node.body)] if node.body else [])]
    return "\n".join(lines)


def wanted(nodes: list[Node]) -> list[tuple[str, int | None]]:
    return [
        (n.label, None if n.parent is None else next(i for i, m in enumerate(nodes) if m is n.parent)) for n in nodes
    ]


def got(found: tuple[Section, ...]) -> list[tuple[str | None, int | None]]:
    return [(s.label, s.parent) for s in found]


@pytest.mark.parametrize("batch", range(4))
def test_a_printed_tree_is_read_back(batch: int) -> None:
    for seed in range(batch * 75, batch * 75 + 75):
        rng = random.Random(seed)
        nodes = grow(rng)
        text = printed(rng, nodes)
        found = sections(text)
        assert got(found) == wanted(nodes), f"seed {seed}\n{text}"
        assert [s.heading for s in found] == [n.heading for n in nodes], f"seed {seed}\n{text}"
        assert all((TITLE + text)[s.start :].startswith(n.shown) for s, n in zip(found, nodes, strict=True))


@pytest.mark.parametrize("batch", range(4))
def test_a_tree_that_has_lost_its_lines_is_read_back(batch: int) -> None:
    for seed in range(1000 + batch * 50, 1050 + batch * 50):
        nodes = grow(random.Random(seed))
        text = "".join(f"{n.shown}{n.heading}{''.join(n.body)}" for n in nodes)
        assert got(sections(text)) == wanted(nodes), f"seed {seed}\n{text}"


def titled_by_sentences(titles: list[str]) -> list[str | None]:
    paragraph = "安排专人负责，按月通报进度，把各项工作落到每一所学校、每一个班级，年底前组织一次验收。"
    return [one.heading for one in sections("一、主要任务\n" + "\n".join(f"{title}\n{paragraph}" for title in titles))]


def test_short_sentences_title_paragraphs_where_a_plan_makes_a_habit_of_it() -> None:
    titles = [f"{verb}教研制度。" for verb in ("完善", "健全", "落实", "改进", "巩固")]
    assert titled_by_sentences(titles) == ["主要任务"]
    assert titled_by_sentences([*titles, "优化“一校一品”格局。"]) == [
        "主要任务", *(title.rstrip("。") for title in titles), "优化“一校一品”格局",
    ]  # fmt: skip
    with_aside = [*titles, "优化“一校一品”格局。", "以上各项，有的在“十七五”期间完成。"]
    assert titled_by_sentences(with_aside)[1:] == [title.rstrip("。") for title in with_aside[:-1]]
