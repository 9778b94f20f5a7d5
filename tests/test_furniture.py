"""Lines of the page: the table tests/cases/furniture.csv, page marks behind a line, teasers."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pipeline.furniture import LONGEST, breaks_off, judge, rules, teasers, trailing
from pipeline.model import Block, Document
from pipeline.rules import Rule

CASES = Path(__file__).parent / "cases" / "furniture.csv"
ROWS = [(row["text"], row["expected"]) for row in csv.DictReader(CASES.read_text(encoding="utf-8").splitlines())]


def made_of(*lines: str, kind: str = "paragraph") -> Document:
    blocks, at = [], 0
    for line in lines:
        blocks.append(Block(start=at, end=at + len(line), kind=kind))
        at += len(line) + 1
    text = "\n".join(lines)
    return Document(text=text, blocks=tuple(blocks), format="txt", sha256="0" * 64, bytes=len(text.encode()))


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_line(text: str, expected: str) -> None:
    (line,) = judge(made_of(text))
    assert (line.rule.name if line.rule else "") == expected


def test_every_rule_has_a_case() -> None:
    assert {rule.name for rule in rules()} == {expected for _, expected in ROWS if expected}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_a_line_rule_hits_its_example_and_not_its_counter(rule: Rule) -> None:
    assert rule.regex.fullmatch(rule.example)
    assert rule.counter is None or not rule.regex.fullmatch(rule.counter)


@pytest.mark.parametrize("rule", [*trailing(), *teasers()], ids=lambda rule: rule.name)
def test_a_tail_rule_hits_its_example_and_not_its_counter(rule: Rule) -> None:
    assert rule.regex.search(rule.example)
    assert rule.counter is None or not rule.regex.search(rule.counter)


PUBLISHED = "青禾县教育局2031年6月30日发布"


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (("青禾县招生工作方案", PUBLISHED, "一、招生计划", "全县招生3000人。"), False),
        (("青禾县招生工作方案", "全县招生3000人。", PUBLISHED, "上一页 下一页"), False),
        (("青禾县招生工作方案", "一、时间安排", PUBLISHED, "二、招生计划"), True),
        (("青禾县招生工作方案", "全县招生3000人。", PUBLISHED, "各校9月20日前上报。"), True),
        (("青禾县招生工作方案", "图解|青禾县招生办法", "全县招生3000人。"), False),
        (("图解|青禾县招生办法", "全县招生3000人。"), True),
    ],
)
def test_furniture_at_the_edge_of_a_page_only(lines: tuple[str, ...], kept: bool) -> None:
    left_out = [line for line in judge(made_of(*lines)) if line.rule and line.rule.fields.get("edge")]
    assert bool(left_out) != kept


def test_a_page_mark_behind_the_text_is_cut_off() -> None:
    document = made_of("继续改善村小的后-3-")
    (line,) = judge(document)
    assert line.rule is None
    assert line.text == "继续改善村小的后"
    assert document.text[line.end : line.block.end] == "-3-"


def test_a_range_is_no_page_mark() -> None:
    (line,) = judge(made_of("全县平均提高1-3个百分点"))
    assert line.end == line.block.end


def test_rows_are_content_and_notes_are_left_out() -> None:
    assert [line.rule for line in judge(made_of("第3页", "首页", kind="row"))] == [None, None]
    assert judge(made_of("第3页", kind="note")) == ()


def test_a_long_line_is_content() -> None:
    start = "相关文章："
    assert judge(made_of(start + "某" * 20))[0].rule is not None
    assert judge(made_of(start + "某" * LONGEST))[0].rule is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一年来各校勤勉工作......", True),
        ("一年来各校勤勉工作……", True),
        ("一年来各校勤勉工作...”", True),
        ("成绩喜人。", False),
    ],
)
def test_breaks_off(text: str, *, expected: bool) -> None:
    assert breaks_off(text) is expected


def test_a_title_of_contents_whose_list_was_left_out() -> None:
    lines = judge(
        made_of("青禾县教育局2031年工作计划", "目 录", "一、主要目标", "年内建成示范校三十所。", "目录由办公室编制")
    )
    assert [line.text for line in lines if line.rule] == ["目 录"]


PAGE = "县里把改善办学条件作为全年工作的重点，逐校核对台账，分批下达任务，按月通报进度。" * 6


def test_numbers_that_count_pages_are_furniture() -> None:
    cut = PAGE.rstrip("。")
    lines = judge(made_of(*(part for page in ("374", "· 375 ·", "377", "405") for part in (cut, page))))
    assert [line.rule.name if line.rule else None for line in lines] == [None, "page_number"] * 4


@pytest.mark.parametrize(
    "lines",
    [
        [part for page in ("12", "9", "30", "4") for part in (PAGE, page)],
        [part for page in ("1", "2", "3", "4") for part in (PAGE, page)],
        [part for page in ("1", "2", "3", "4") for part in (PAGE, "专栏", page)],
        [part for page in ("1", "2", "3", "4", "5") for part in (page, PAGE.rstrip("。"))],
        ["入学率", "97", "巩固率", "98", "完成率", "99", "升学率", "100"],
    ],
)
def test_other_numbers_alone_on_their_lines_are_content(lines: list[str]) -> None:
    assert not any(line.rule for line in judge(made_of(*lines)))
