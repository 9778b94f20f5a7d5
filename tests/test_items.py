"""Commitments: sentences, spoken lists, rows of task tables."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.items import cut, spoken_rules
from pipeline.model import Block, Document, Item, Span, fold
from pipeline.plans import split
from pipeline.rules import Rule
from pipeline.rules.needs import begins
from pipeline.sections import tree

CASES = Path(__file__).parent / "cases" / "spoken.csv"
ROWS = [(row["text"], row["expected"]) for row in csv.DictReader(CASES.read_text(encoding="utf-8").splitlines())]
TITLE = "青禾县教育局2031年工作计划\n"


def made_of(text: str, format: str = "txt") -> Document:
    """Lines are paragraphs; lines with tabs in them are the rows of one table."""
    blocks, at, row = [], 0, 0
    for line in text.split("\n"):
        end = at + len(line)
        if "\t" in line:
            cells, low = [], at
            for cell in line.split("\t"):
                cells.append(Span(start=low, end=low + len(cell)) if cell else None)
                low += len(cell) + 1
            filled = [cell for cell in cells if cell]
            span = {"start": filled[0].start, "end": filled[-1].end}
            blocks.append(Block(**span, kind="row", table=0, row=row, cells=tuple(cells)))
            row += 1
        elif line:
            blocks.append(Block(start=at, end=end))
        at = end + 1
    return Document(text=text, blocks=tuple(blocks), format=format, sha256="0" * 64, bytes=len(text.encode()))


def cut_up(text: str) -> tuple[tuple[Item, ...], tuple[Span, ...]]:
    document = made_of(TITLE + text)
    (head,) = split(document)
    return cut(document, head, tree(document, head))


def texts(text: str) -> list[str]:
    return [item.text for item in cut_up(text)[0]]


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_items_of_a_paragraph(text: str, expected: str) -> None:
    assert "|".join(texts(text)) == expected


def test_a_task_of_one_sentence_is_an_item_with_its_remark() -> None:
    task = "开通全县教研资源平台。（6月底前完成，牵头单位：县教研室）"
    other = "建立学籍数据更新机制。（持续推进，牵头单位：县教育局（学籍科））"
    assert texts(f"（一）建设平台（2分）\n7.{task}\n8.{other}") == [task, other]


@pytest.mark.parametrize("rule", spoken_rules(), ids=lambda rule: rule.name)
def test_a_marker_hits_its_example_and_not_its_counter(rule: Rule) -> None:
    assert rule.regex.match(fold(rule.example))
    assert rule.counter is None or not rule.regex.match(fold(rule.counter))
    assert begins(rule.source, re.VERBOSE)  # a sentence that begins otherwise is not tried


TEXT = """围绕提高质量推进各项工作。
一、主要任务
完成年度招生。改善食堂条件；更新教学设备。
（一）教学
1.每学期听课不少于20节，并写出评课意见。
2.抓好控辍保学。对临界学生逐户走访、逐人登记，按月更新台账。
二、工作要求
一是加强领导。成立专班。二是落实责任。"""


def test_items_stand_where_their_offsets_say() -> None:
    items, sentences = cut_up(TEXT)
    whole = TITLE + TEXT
    assert [whole[item.start : item.end] for item in items] == [item.text for item in items]
    for spans in (items, sentences):
        assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(any(item.covers(sentence) for item in items) for sentence in sentences)


def test_items_belong_to_their_sections() -> None:
    document = made_of(TITLE + TEXT)
    (head,) = split(document)
    sections = tree(document, head)
    items, _ = cut(document, head, sections)
    assert [(sections[item.section].label, item.text) for item in items] == [
        (None, "围绕提高质量推进各项工作。"),
        ("一", "完成年度招生。"),
        ("一", "改善食堂条件；"),
        ("一", "更新教学设备。"),
        ("1", "每学期听课不少于20节，并写出评课意见。"),
        ("2", "对临界学生逐户走访、逐人登记，按月更新台账。"),
        ("二", "一是加强领导。成立专班。"),
        ("二", "二是落实责任。"),
    ]
    assert all(sections[item.section].covers(item) for item in items)


def test_a_spoken_item_is_one_item_of_several_sentences() -> None:
    items, sentences = cut_up("一是加强领导。成立专班。二是落实责任。")
    assert len(items) == 2
    assert len(sentences) == 3


def test_a_spoken_list_over_several_lines() -> None:
    assert texts("一是加强领导。\n二是落实责任，签订责任书。\n三是严格督查。") == [
        "一是加强领导。",
        "二是落实责任，签订责任书。",
        "三是严格督查。",
    ]


def test_a_title_sentence_that_says_when_is_an_item() -> None:
    rest = "各班召开主题班会，各处室张贴倡议书。"
    assert texts(f"（一）动员阶段（3月1日至15日）。{rest}") == ["动员阶段（3月1日至15日）。", rest]
    assert texts(f"（一）动员阶段（全员参加）。{rest}") == [rest]
    assert texts(f"（一）动员阶段（3月1日至15日）\n{rest}") == [rest]


def test_a_lone_marker_in_mid_line_is_none() -> None:
    assert texts("办学的根本，一是不能动摇的方向。") == ["办学的根本，一是不能动摇的方向。"]


@pytest.mark.parametrize(
    "bracket",
    [
        "（责任单位：人事股、教研室）",
        "（牵头单位：人事股；配合单位：各镇中心校）",
        "责任单位：人事股",
        "[责任领导：王某]",
    ],
)
def test_units_behind_join_the_item_before(bracket: str) -> None:
    text = f"一、任务\n按期完成教师轮岗。\n{bracket}\n二、要求\n逐级压实责任。"
    items, _ = cut_up(text)
    assert [item.text for item in items] == [f"按期完成教师轮岗。 {bracket}", "逐级压实责任。"]
    assert (TITLE + text)[items[0].start : items[0].end] == f"按期完成教师轮岗。\n{bracket}"


def test_units_behind_join_the_last_item_alone() -> None:
    assert texts("组织教师轮岗。改善食堂条件。（责任单位：后勤股）") == [
        "组织教师轮岗。",
        "改善食堂条件。（责任单位：后勤股）",
    ]


def test_units_do_not_join_an_item_of_another_section() -> None:
    items = texts("一、任务\n按期完成教师轮岗。\n二、（责任单位：人事股）压实责任。\n三、要求\n按月通报。")
    assert items[0] == "按期完成教师轮岗。"


def test_a_numbered_line_is_an_item_with_its_heading() -> None:
    assert texts("一、主要任务\n1.组织教师轮训\n2.改善食堂条件") == ["组织教师轮训", "改善食堂条件"]


def test_a_heading_above_a_short_line_is_no_item() -> None:
    assert texts("一、任务\n按期完成轮岗。\n二、要求\n压实责任。") == ["按期完成轮岗。", "压实责任。"]


def test_a_title_sentence_before_a_short_rest_is_an_item() -> None:
    assert texts("1.抓好控辍保学。逐户走访。\n2.改善食堂条件。") == ["抓好控辍保学。", "逐户走访。", "改善食堂条件。"]


def test_an_item_is_cleaned_and_its_page_mark_left_out() -> None:
    text = "继续改善学校后-3-\n\n勤服务的条件。逐级压实责任。"
    items, _ = cut_up(text)
    assert [item.text for item in items] == ["继续改善学校后勤服务的条件。", "逐级压实责任。"]
    assert (TITLE + text)[items[0].start : items[0].end] == "继续改善学校后-3-\n\n勤服务的条件。"


TABLE = """一、任务分工
下表列出全年事项。
序号\t重点任务\t工作目标\t牵头单位\t配合单位\t完成时限
1\t教师轮岗\t轮岗80人\t人事股\t各镇中心校\t2031年8月底
2\t食堂改造\t改造12所\t后勤股\t\t2031年10月底
二、工作要求
逐级压实责任。"""


def test_rows_of_a_task_table_are_items_with_their_cells() -> None:
    items, sentences = cut_up(TABLE)
    whole = TITLE + TABLE
    lead, first, second, last = items
    assert (lead.cells, last.cells) == ((), ())
    assert [(name, whole[cell.start : cell.end]) for name, cell in first.cells] == [
        ("number", "1"),
        ("task", "教师轮岗"),
        ("target", "轮岗80人"),
        ("lead", "人事股"),
        ("support", "各镇中心校"),
        ("deadline", "2031年8月底"),
    ]
    assert [name for name, _ in second.cells] == ["number", "task", "target", "lead", "deadline"]
    assert all(first.covers(cell) for _, cell in first.cells)
    assert Span(start=first.start, end=first.end) in sentences


def test_the_head_of_a_task_table_is_no_item() -> None:
    assert not any("牵头单位" in item.text for item in cut_up(TABLE)[0])


def test_an_empty_row_is_no_item() -> None:
    assert len(cut_up(TABLE.replace("\n二、", "\n—\t—\t\t\t\t\n二、"))[0]) == len(cut_up(TABLE)[0])


def test_pages() -> None:
    text = TITLE + "完成年度招生。\n改善食堂条件。"
    at = [text.index("完成"), text.index("改善")]
    blocks = (
        Block(start=0, end=len(TITLE) - 1, page=1),
        Block(start=at[0], end=at[1] - 1, page=1),
        Block(start=at[1], end=len(text), page=2),
    )
    document = Document(text=text, blocks=blocks, format="pdf", sha256="0" * 64, bytes=1, pages=2)
    (head,) = split(document)
    assert [item.page for item in cut(document, head, tree(document, head))[0]] == [1, 2]


@pytest.mark.parametrize(
    "masthead",
    [
        "——2031年1月8日在青禾县第九届人民代表大会第一次会议上\n青禾县人民政府县长　王某\n各位代表：",
        "王某某\n各位代表、同志们：",
        "青教发〔2031〕3号",
        "青禾县教育局\n青教发〔2031〕3号\n各乡镇中心校，县直各学校：",
    ],
)
def test_what_stands_above_the_text_is_no_item(masthead: str) -> None:
    assert texts(f"{masthead}\n现将今年的工作安排如下。\n一、教学\n按周检查备课。") == [
        "现将今年的工作安排如下。",
        "按周检查备课。",
    ]


def test_the_number_of_a_sample_behind_a_title_is_no_item() -> None:
    text = "青禾中学德育工作计划（二）\n按周检查备课。"
    document = made_of(text)
    (head,) = split(document)
    assert [item.text for item in cut(document, head, tree(document, head))[0]] == ["按周检查备课。"]


def test_lines_without_a_mark_are_items_where_nobody_is_addressed() -> None:
    assert texts("召开开学工作会议\n检查校园周边环境\n一、教学\n按周检查备课。")[:2] == [
        "召开开学工作会议",
        "检查校园周边环境",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2031年粮食总产达到3万吨\n各单位要做到：\n按月自查。",
            ["2031年粮食总产达到3万吨", "各单位要做到：", "按月自查。"],
        ),
        ("各位教师要做到：\n按周备课。", ["各位教师要做到：", "按周备课。"]),
        ("一、教学\n按周备课。\n附件清单所列20个项目全部完成", ["按周备课。", "附件清单所列20个项目全部完成"]),
        ("一、药事\n按周盘点。\n二、完善处方注释\n药剂科抽查处方500张。", ["按周盘点。", "药剂科抽查处方500张。"]),
        (
            "一、教学\n按周备课。\n附注：\n1.计划在3月10日前上交。\n2.教务处汇总。",
            ["按周备课。", "计划在3月10日前上交。", "教务处汇总。"],
        ),
    ],
)
def test_what_looks_like_such_lines_is_an_item(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_greetings_are_no_items() -> None:
    text = "一、教学\n各位代表！\n按周检查备课。同志们！各位代表要监督落实！"
    assert texts(text) == ["按周检查备课。", "各位代表要监督落实！"]


@pytest.mark.parametrize("line", ["附件：1.任务分工表", "附件：任务分工表", "附件1：任务分工表"])
def test_what_is_attached_is_no_item(line: str) -> None:
    assert texts(f"一、教学\n按周检查备课。\n{line}") == ["按周检查备课。"]


@pytest.mark.parametrize("line", ["12", "12 |", "序号 |"])
def test_a_number_alone_is_no_item(line: str) -> None:
    assert texts(f"一、教学\n{line}\n新建校舍3栋\n检查备课 |") == ["新建校舍3栋", "检查备课 |"]


def test_what_a_glossary_explains_is_no_item() -> None:
    text = (
        "一、教学\n按周检查备课。\n二、教研\n组织集体备课。\n名词解释\n1.青蓝工程：由县教研室实施的结对计划，每校5对。"
    )
    assert texts(text) == ["按周检查备课。", "组织集体备课。"]


def test_several_brackets_belong_to_the_item_before_them() -> None:
    task, other = (
        "（一）建立台账。（1分）（6月底前完成，牵头单位：县教研室）",
        "（二）建成资源平台。（0.5分）（持续推进）",
    )
    assert texts(f"一、教学\n{task}\n{other}") == [task[3:], other[3:]]


def test_the_title_of_a_box_is_no_item() -> None:
    text = "一、教学\n按周检查备课。\n专栏1 校舍改造工程\n保障措施\n压实各方责任。"
    assert texts(text) == ["按周检查备课。", "压实各方责任。"]
