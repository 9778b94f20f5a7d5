"""Which plans a document holds: titles, several on a page, covering notices, teasers, reading repairs."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.model import Block, Document, PlanHead, fold
from pipeline.plans import close_spacing, kind_of, names_document, split, strip_marks
from pipeline.read import text as text_reader
from pipeline.read.source import Source
from pipeline.rules import Rule, patterns

CASES = Path(__file__).parent / "cases" / "titles.csv"
ROWS = [(row["text"], row["expected"]) for row in csv.DictReader(CASES.read_text(encoding="utf-8").splitlines())]
KINDS = {True: "plan", False: "other", None: ""}

BODY = """一、工作目标
办学质量稳步提高，群众满意度逐年上升，师生幸福感明显增强。
二、工作措施
各年级组按月检查备课与作业，教研室按学期组织质量分析。
三、工作要求
各部门压实责任，年底前逐项对账销号，及时公布结果。"""


def made_of(text: str, **of_block: object) -> Document:
    """A text file, its lines the blocks."""
    blocks, at = [], 0
    for line in text.split("\n"):
        if bare := line.strip():
            start = at + line.index(bare)
            blocks.append(Block(start=start, end=start + len(bare), **of_block))
        at += len(line) + 1
    return Document(text=text, blocks=tuple(blocks), format="txt", sha256="0" * 64, bytes=len(text.encode()))


def heads(text: str) -> tuple[PlanHead, ...]:
    return split(made_of(text))


def titles(text: str) -> list[str | None]:
    return [head.title for head in heads(text)]


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_title_line(text: str, expected: str) -> None:
    assert KINDS[names_document(strip_marks(text)[0])] == expected


@pytest.mark.parametrize("group", ["not_titles", "marks", "suffixes", "signatures", "in_front", "run_on", "no_run_on"])
def test_rules_hit_their_examples_and_not_their_counters(group: str) -> None:
    for rule in patterns("titles", group=group):
        assert rule.regex.search(rule.example), rule.name
        assert rule.counter is None or not rule.regex.search(rule.counter), rule.name


@pytest.mark.parametrize("rule", patterns("titles", group="doc_number"), ids=lambda rule: rule.name)
def test_a_number_rule_hits_its_example_and_not_its_counter(rule: Rule) -> None:
    assert rule.regex.fullmatch(fold(rule.example))
    assert rule.counter is None or not rule.regex.match(fold(rule.counter))


@pytest.mark.parametrize(
    ("text", "title", "piece"),
    [
        ("学校工作计划 篇3", "学校工作计划", True),
        ("篇二：学校工作计划", "学校工作计划", True),
        ("学校工作计划（三篇）", "学校工作计划", True),
        ("学校工作计划_第1页", "学校工作计划", False),
        ("乡镇教育规划（一）", "乡镇教育规划", False),
        ("2031年教育工作要点一", "2031年教育工作要点", False),
        ("教育规划（2031）", "教育规划（2031）", False),
        ("学校工作计划.docx", "学校工作计划", False),
        ("学校工作计划 篇3_第1页.doc", "学校工作计划", True),
        ("第二中学工作计划", "第二中学工作计划", False),
    ],
)
def test_marks_of_a_page_are_taken_off(text: str, title: str, *, piece: bool) -> None:
    assert strip_marks(text) == (title, piece)


def test_letter_spacing_is_closed_and_other_spaces_stay() -> None:
    assert close_spacing("工 作 要 点") == "工作要点"
    assert close_spacing("青禾县 工作要点") == "青禾县 工作要点"


def test_a_plan_runs_from_its_title_to_its_last_sentence() -> None:
    text = (
        f"首页 > 文库 > 计划 > 正文\n发布时间：2031-02-03\n青禾中学工作计划\n{BODY}\n版权所有 某网\n相关文章：另一计划"
    )
    (head,) = heads(text)
    assert text[head.start :].startswith("青禾中学工作计划")
    assert text[: head.end].endswith("及时公布结果。")
    assert head.reading.text == text[head.start : head.end]


def test_furniture_inside_is_left_out_of_the_reading_alone() -> None:
    text = "青禾中学工作计划\n" + BODY.replace("\n二、", "\n第2页\n二、")
    (head,) = heads(text)
    assert "第2页" in text[head.start : head.end]
    assert "第2页" not in head.reading.text


def test_a_title_printed_twice_opens_one_plan() -> None:
    text = f"青禾中学工作计划\n来源：某网\n青禾中学工作计划\n{BODY}"
    (head,) = heads(text)
    assert head.start == text.rindex("青禾中学工作计划")


def test_pieces_on_a_page_are_plans_of_their_own() -> None:
    text = f"学校计划精选（3篇）供您选用\n教学工作计划 篇1\n{BODY}\n教学工作计划 篇2\n{BODY}\n教学工作计划 篇3\n{BODY}"
    found = heads(text)
    assert [head.title for head in found] == ["教学工作计划"] * 3
    assert all(text[head.start :].startswith(f"教学工作计划 篇{n}") for n, head in enumerate(found, 1))
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(text[: head.end].endswith("及时公布结果。") for head in found)


def test_plans_of_different_titles_on_a_page() -> None:
    text = f"青禾中学德育工作计划\n{BODY}\n云溪小学教学工作计划\n{BODY}"
    assert titles(text) == ["青禾中学德育工作计划", "云溪小学教学工作计划"]


def test_a_title_like_line_in_a_plan_opens_no_other() -> None:
    text = "青禾中学工作计划\n" + BODY.replace("\n三、", "\n落实教师三年培训计划\n三、")
    assert titles(text) == ["青禾中学工作计划"]


@pytest.mark.parametrize(
    "line", ["学生创业计划书", "撰写创业计划书", "出台若干政策措施", "关于落实八条措施", "创建工作责任分解"]
)
def test_a_part_right_below_the_title_opens_no_other(line: str) -> None:
    (head,) = heads(f"青禾中学工作计划\n{line}\n{BODY}")
    assert head.title == "青禾中学工作计划"
    assert line in head.reading.text


def test_a_part_of_a_plan_may_be_a_title() -> None:
    notice = "关于印发青禾县支持农业若干政策措施的通知\n现印发给你们。"
    assert titles(f"{notice}\n青禾县支持农业若干政策措施\n{BODY}") == ["青禾县支持农业若干政策措施"]
    assert titles(f"学生创业计划书\n{BODY}") == ["学生创业计划书"]


def test_what_a_page_makes_of_a_title_is_taken_off() -> None:
    assert titles(f"图解|青禾县学校安全方案\n{BODY}") == ["青禾县学校安全方案"]


def test_a_title_like_line_where_the_numbering_goes_on_opens_no_other() -> None:
    text = "青禾中学工作计划\n" + BODY.replace("\n三、", "\n青年教师成长三年培养计划\n三、")
    assert titles(text) == ["青禾中学工作计划"]


NOTICE = """关于印发《青禾县教育工作要点》的通知
青教发〔2031〕9号
各镇中心校、县直各学校：
现将《青禾县教育工作要点》印发给你们，请结合实际认真抓好落实，并于月底前报送各自的推进安排与联系人名单。
青禾县教育局
2031年3月5日
"""


def test_a_covering_notice_is_evidence_and_no_plan() -> None:
    text = NOTICE + f"青禾县教育工作要点\n{BODY}"
    (head,) = heads(text)
    assert text[head.start : head.end] == f"青禾县教育工作要点\n{BODY}"
    assert (head.doc_number, head.issuer) == ("青教发〔2031〕9号", "青禾县教育局")
    assert (head.year_start, head.issued_on) == (2031, "2031-03-05")


def test_a_teaser_at_the_end_is_dropped() -> None:
    text = f"青禾中学工作计划\n{BODY}\n云溪小学教学工作计划\n新学期以来，在县教育局的领导下，我校全体教师勤勉工作……"
    (head,) = heads(text)
    assert head.title == "青禾中学工作计划"
    assert text[: head.end].endswith("及时公布结果。")


def test_another_document_behind_the_plan_is_no_plan() -> None:
    text = f"青禾中学教学工作计划\n{BODY}\n青禾中学上学年教学工作总结\n{BODY}"
    (head,) = heads(text)
    assert head.title == "青禾中学教学工作计划"
    assert text[: head.end].endswith("及时公布结果。")
    assert head.end < text.index("青禾中学上学年")


def test_an_attachment_stays_with_its_plan() -> None:
    text = f"青禾县校园安全实施方案\n{BODY}\n附件1\n青禾县校园安全任务分解表\n1.逐校登记。\n2.逐项销号。"
    (head,) = heads(text)
    assert text[: head.end].endswith("逐项销号。")


def test_a_document_without_a_title_line_is_one_plan() -> None:
    (head,) = heads(BODY)
    assert head.title is None
    assert (head.start, head.end) == (0, len(BODY))
    (named,) = heads(f"新学期的几点考虑\n{BODY}")
    assert named.title == "新学期的几点考虑"


@pytest.mark.parametrize("line", ["| 周次 | 重点工作 | 责任部门 |", "┌──────┬──────┐", "青教发〔2031〕9号"])
def test_the_head_of_a_table_and_a_number_are_no_titles(line: str) -> None:
    assert titles(f"{line}\n{BODY}") == [None]


def test_nothing_but_furniture_is_still_a_plan() -> None:
    (head,) = heads("首页\n下载")
    assert head.title is None


def test_a_page_mark_inside_a_word_joins_the_lines() -> None:
    text = f"青禾中学工作计划\n{BODY}\n继续改善食堂和后-3-\n\n勤服务的条件。"
    (head,) = heads(text)
    assert head.reading.text.endswith("继续改善食堂和后勤服务的条件。")
    start = head.reading.text.index("后勤服务")
    low, high = head.reading.to_source(start, start + 2)
    assert text[low:high] == "后-3-\n\n勤"


PARAGRAPHS = (
    "全县教育工作以提高质量为中心，以改革创新为动力，统筹推进各项重点任务，逐步缩小城乡差距，努力让每一个孩子"
    "都能就近享有优质的学校教育，并为乡村振兴提供坚实的人才支撑。",
    "各镇中心校要根据自身实际制定具体办法，明确时间节点，落实到人，定期开展自查自纠，发现问题及时整改。县教育局"
    "组织专人分片督导，把结果纳入年度考核，对工作突出的单位予以表彰，对落后的单位予以通报。",
)


def wrap(paragraph: str, width: int = 28) -> str:
    return "\n".join(paragraph[at : at + width] for at in range(0, len(paragraph), width))


def test_hard_wrapped_lines_are_joined() -> None:
    text = "青禾县教育工作要点\n" + "\n".join(map(wrap, PARAGRAPHS)) + "\n一、加强领导\n成立专班。"
    (head,) = heads(text)
    assert head.reading.text.split("\n") == ["青禾县教育工作要点", *PARAGRAPHS, "一、加强领导", "成立专班。"]
    assert [text[i] for i in head.reading.offsets if text[i] != "\n"] == list(head.reading.text.replace("\n", ""))


@pytest.mark.parametrize(
    "broken",
    [
        "县里坚持到\n2031年消除超大班额。",
        "今年全县教育的\n主要目标\n是：消除超大班额。",
        "县城PM\n2.5\n浓度继续下降。",
        "一、教学（\n一）备课",
    ],
)
def test_lines_that_break_off_within_a_phrase_are_joined(broken: str) -> None:
    (head,) = heads(f"青禾县教育工作要点\n{BODY}\n{broken}")
    assert head.reading.text.endswith(broken.replace("\n", ""))


@pytest.mark.parametrize(
    "apart",
    [
        "工作目标\n2031年消除超大班额。",
        "教学目的\n提高课堂教学的质量",
        "2031年2月24日教职工报到\n2031年2月26日学生报到",
        "（一）考核优秀的\n一、县委组织部给予表彰",
        "联系电话（\n二、保障",
        "NO\n1\n县城浓度下降",
        "3\n2.5\n建设校舍。",
        "《青禾日报》记者王某某从县里的会议上拍摄的一张照片\n各位代表：",
    ],
)
def test_lines_that_end_a_phrase_are_not_joined(apart: str) -> None:
    (head,) = heads(f"青禾县教育工作要点\n{BODY}\n{apart}\n县里办好各所学校。")
    assert head.reading.text.endswith(f"{apart}\n县里办好各所学校。")


@pytest.mark.parametrize(
    ("paged", "expected"),
    [
        ("县里改善农村学校办学\f条件。", "县里改善农村学校办学条件。"),
        ("县里改善农村学校的办学条件\f　　第二节 师资", "县里改善农村学校的办学条件\n第二节 师资"),
        ("县里改善农村学校的办学条件。\f各校自查。", "县里改善农村学校的办学条件。\n各校自查。"),
        ("（一）加强领导\f各校压实责任。", "（一）加强领导\n各校压实责任。"),
        ("保障措施\f各校压实责任。", "保障措施\n各校压实责任。"),
    ],
)
def test_a_page_that_ends_in_the_middle_of_a_line(paged: str, expected: str) -> None:
    (head,) = split(text_reader.read(Source.of(f"青禾县教育工作要点\n{BODY}\n{paged}".encode(), "plan.txt")))
    assert head.reading.text.replace("\u3000", "").endswith(expected)


def test_lines_around_the_number_of_a_page_are_joined() -> None:
    line = "县里把改善农村学校的办学条件作为全年工作的重点，逐校核对台账，分批下达改造任务，按月通报学校的"
    text = f"青禾县教育工作要点\n{BODY}\n{line * 4}。\n" + "\n".join(
        f"{line}\n{page}\n改造进度。{line * 4}。" for page in (7, 8, 9, 12, 13)
    )
    (head,) = heads(text)
    assert head.reading.text.count(f"{line}改造进度。") == 5


SENTENCES = "各校逐项对照清单推进年度任务，按月公示进度，按季通报结果，学年末集中验收。" * 8


def test_the_numbers_before_pages_are_no_labels() -> None:
    pages = (
        f"1、青禾县教育局2031年工作计划\n一、目标\n{SENTENCES}改善办学条",
        f"2、件，新建校舍三所。\n二、任务\n1、师资\n{SENTENCES}招聘教师，",
        "3、充实村小。2、校舍\n按期竣工。",
    )
    (head,) = heads("\n".join(pages))
    assert head.title == "青禾县教育局2031年工作计划"
    assert head.reading.text.startswith(head.title)
    assert "改善办学条件，新建校舍三所。" in head.reading.text
    assert "招聘教师，充实村小。2、校舍" in head.reading.text


def test_the_number_of_a_page_before_a_title_that_runs_on() -> None:
    cut = SENTENCES.removesuffix("。") + "，积极争取项目资"
    (head,) = heads(f"1、青禾县教育工作计划 {cut}\n2、金。建设校舍3所。\n一、任务\n{BODY}")
    assert (head.title, head.reading.text.split("\n")[1]) == ("青禾县教育工作计划", f"{cut}金。建设校舍3所。")


@pytest.mark.parametrize(
    "text",
    [
        f"1、{SENTENCES}\n2、{SENTENCES}\n",  # sentences end above the number
        f"1、师资队伍建设\n2、{SENTENCES}改善办学条\n",  # a heading stands above it
        f"1、{SENTENCES}改善办学条\n2、{SENTENCES}完成改造任\n3、{SENTENCES}",  # the plan has no other labels
        f"1、{SENTENCES}一、改善办学条\n2、产业发展计划\n{SENTENCES}",  # a title stands behind it
        f"1、{SENTENCES}改善办学条\n3、{SENTENCES}\n",  # it does not go on
        f"青禾县教育局2031年工作计划\n1、{SENTENCES}改善办学条\n2、{SENTENCES}\n",  # a title comes first
    ],
)
def test_numbers_of_a_list_stay(text: str) -> None:
    (head,) = heads(text)
    assert "1、" in head.reading.text


def test_lines_of_a_format_with_paragraphs_are_not_joined() -> None:
    document = made_of("青禾县教育工作要点\n" + "\n".join(map(wrap, PARAGRAPHS)))
    docx = Document(text=document.text, blocks=document.blocks, format="docx", sha256="0" * 64, bytes=1)
    assert split(docx)[0].reading.text == document.text


def test_a_numbered_line_is_never_joined_to_the_one_above() -> None:
    text = "青禾中学工作计划\n" + "\n".join(f"{i}.组织青年教师参加县级教学比武并认真总结经验教训" for i in range(1, 10))
    assert heads(text)[0].reading.text.count("\n") == 9


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("青禾县教育局2031年工作计划", "plan"),
        ("2031年政府工作报告", "plan"),
        ("青禾县教育行动计划（2031—2033年）", "plan"),
        ("青禾县人大常委会工作报告", "report"),
        ("青禾中学2031年德育工作总结", "report"),
        ("青禾县学籍管理办法（试行）", "regulation"),
        ("关于印发《青禾县学籍管理办法》的通知", "regulation"),
        ("关于印发《青禾县2031年教育工作要点》的通知", "plan"),
        ("关于召开全县教学工作会议的通知", "notice"),
        ("在全县教育工作会议上的讲话", "other"),
        ("青禾中学简介", None),
    ],
)
def test_kind_of_document(title: str, kind: str | None) -> None:
    assert kind_of(title) == kind


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("到 2028 年底，新建学校 3 所，入学率达到 95 %以上。", "到2028年底，新建学校3所，入学率达到95%以上。"),
        ("责任单位： 市教育局 、市财政局 ， 各县 （市、区）政府", "责任单位：市教育局、市财政局，各县（市、区）政府"),
        ("9 月 30 日前完成 3 项整改。", "9月30日前完成3项整改。"),
        ("2 加强日常管理，听课 20 节。", "2 加强日常管理，听课20节。"),  # 2 is a label
        ("组长：张三    副组长：李四", "组长：张三    副组长：李四"),
        ("培训 AI 教师，推广 5G 网络", "培训 AI 教师，推广5G 网络"),
    ],
)
def test_spaces_around_figures_and_marks_are_closed(line: str, read: str) -> None:
    text = (
        "青禾县教育局2028年工作计划\n全年工作围绕提高质量展开，各校认真落实，年底前全部完成，确保取得实效，具体安排如下文所列。\n"
        + line
    )
    (head,) = heads(text)
    assert head.reading.text.splitlines()[-1] == read
    low, high = head.reading.to_source(len(head.reading.text) - len(read), len(head.reading.text))
    assert text[low:high] == line


def covered(text: str) -> str | None:
    (head,) = heads(text)
    return text[head.notice.start : head.notice.end] if head.notice else None


def test_a_plan_keeps_where_its_covering_notice_stands() -> None:
    assert covered(NOTICE + f"青禾县教育工作要点\n{BODY}") == NOTICE.rstrip("\n")
    assert covered(f"青禾县教育局文件\n{NOTICE}附件\n青禾县教育工作要点\n{BODY}") == NOTICE + "附件"
    assert covered(f"青禾县教育工作要点\n{BODY}") is None


def test_a_covering_notice_broken_over_two_lines() -> None:
    notice = NOTICE.replace("关于印发", "青禾县教育局关于印发\n")
    assert (covered(notice + f"青禾县教育工作要点\n{BODY}") or "").startswith("青禾县教育局关于印发\n")


def test_a_number_above_a_covering_notice() -> None:
    (head,) = heads(
        f"青禾县教育局文件\n青教办〔2031〕7号\n{NOTICE}青禾县教育工作要点\n{BODY}".replace("青教发〔2031〕9号\n", "")
    )
    assert head.doc_number == "青教办〔2031〕7号"


@pytest.mark.parametrize(
    ("notice", "lines", "title"),
    [
        ("关于印发青禾县促进消费政策办法十则的通知", "青禾县促进消费政策办法十则", "青禾县促进消费政策办法十则"),
        ("关于印发青禾县促进消费十条政策措施的通知", "青禾县促进消费十条政策措施", "青禾县促进消费十条政策措施"),
        ("《学校餐饮提质一体化发展方案》已经审议通过", "学校餐饮提质\n一体化发展方案", "学校餐饮提质一体化发展方案"),
    ],
)
def test_a_title_that_the_notice_above_names(notice: str, lines: str, title: str) -> None:
    text = f"{notice}\n各乡镇中心校：\n请遵照执行。\n青禾县教育局\n2031年9月1日\n{lines}\n{BODY}"
    (head,) = heads(text)
    assert (head.title, head.issuer) == (title, "青禾县教育局")


def test_a_covering_notice_of_rules() -> None:
    text = NOTICE.replace("教育工作要点", "学籍管理办法") + f"青禾县学籍管理办法\n{BODY}"
    (head,) = heads(text)
    assert (head.title, head.kind, head.issuer) == ("青禾县学籍管理办法", "regulation", "青禾县教育局")
    assert text[head.start :].startswith("青禾县学籍管理办法\n一、")


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("青禾县教育行动计划\n（2031—2033年）", "青禾县教育行动计划（2031—2033年）"),
        ("青禾县教育行动计划\n（征求意见稿）", "青禾县教育行动计划（征求意见稿）"),
        ("青禾中学工作计划\n（2030—2031学年第二学期）", "青禾中学工作计划（2030—2031学年第二学期）"),
        ("青禾中学工作计划\n（2030—2031学年度上学期）", "青禾中学工作计划（2030—2031学年度上学期）"),
        ("青禾中学工作计划\n（20XX年春季）", "青禾中学工作计划（20XX年春季）"),
        ("青禾中学发展规划\n（2031年9月——2034年8月）", "青禾中学发展规划（2031年9月——2034年8月）"),
        ("青禾中学发展规划\n2031年9月——2034年8月", "青禾中学发展规划2031年9月——2034年8月"),
        ("青禾中学工作计划\n（2031年3月）", "青禾中学工作计划"),
        ("青禾县教育行动计划\n（2031年3月5日县政府常务会议通过）", "青禾县教育行动计划"),
        ("关于推进义务教育优质均衡发展的\n实施方案", "关于推进义务教育优质均衡发展的实施方案"),
        ("国民经济和社会发展\n第十五个五年规划纲要", "国民经济和社会发展第十五个五年规划纲要"),
        ("中华人民共和国\n国民经济和社会发展第五个五年计划", "中华人民共和国国民经济和社会发展第五个五年计划"),
        ("青禾县教育发展计划*", "青禾县教育发展计划"),
        ("青禾县教育局\n2031年工作计划", "2031年工作计划"),
        ("青禾县推进渔村夜间教育\n普惠提升实施方案", "青禾县推进渔村夜间教育普惠提升实施方案"),
        ("政策解读\n青禾县教育工作要点", "青禾县教育工作要点"),
        ("青禾县召开会议推进教育发展\n青禾县教育工作要点", "青禾县教育工作要点"),
        ("青禾县推进教育发展\n2031年教育工作要点", "2031年教育工作要点"),
    ],
)
def test_titles_over_two_lines(lines: str, title: str) -> None:
    text = f"{lines}\n{BODY}"
    (head,) = heads(text)
    assert head.title == title
    assert text[head.start :].startswith(title[:4])


def test_a_title_that_opens_a_sentence() -> None:
    (head,) = heads(f"青禾县教育发展第十五个五年规划纲要，根据县委建议编制，阐明发展方向。\n{BODY}")
    assert (head.title, head.year_start) == ("青禾县教育发展第十五个五年规划纲要", 2026)


LONG = "县水务局坚持生态优先，全年新建水库2座。"


@pytest.mark.parametrize(
    ("line", "title", "text"),
    [
        (f"青禾县水务局2031年工作计划2031年是关键之年。{LONG}", "青禾县水务局2031年工作计划", "2031年是关键之年。"),
        (f"青禾县工作计划 一、指导思想 {LONG}", "青禾县工作计划", "一、指导思想"),
        (f"青禾县工作计划 一、2031年的任务 {LONG}", "青禾县工作计划", "一、2031年的任务"),
        (f"青禾县工作计划。一、指导思想{LONG}", "青禾县工作计划", "一、指导思想"),
        (f"青禾县工作计划范文一、指导思想{LONG}", "青禾县工作计划", "一、指导思想"),
        (f"青禾县实施方案（2031—2033年）为深入贯彻部署，{LONG}", "青禾县实施方案（2031—2033年）", "为深入贯彻部署"),
        (f"【青禾县发展规划（活动方案）】在改革的背景下，{LONG}", "青禾县发展规划（活动方案）", "在改革的背景下"),
        (f"精品文库-倾情为您奉上青禾县实施方案为确保落实，{LONG}", "青禾县实施方案", "为确保落实"),
        (f"1、2031年青禾镇工作要点 2031年是开局之年，{LONG}", "2031年青禾镇工作要点", "2031年是开局之年"),
        (f"2031年青禾镇规划2031年青禾镇规划全镇{LONG}", "2031年青禾镇规划", "全镇"),
        (f"青禾县水务局工作计划一是加强领导。{LONG}", "青禾县水务局工作计划", "一是加强领导"),
    ],
)
def test_a_first_line_that_runs_on_behind_its_title(line: str, title: str, text: str) -> None:
    (head,) = heads(f"{line}\n{BODY}")
    assert head.title == title
    assert head.reading.text.startswith(title)
    assert head.reading.text[len(title) :].lstrip("\n").startswith(text)


@pytest.mark.parametrize(
    "line",
    [
        f"按照《青禾县水务局2031年工作计划》要求，{LONG}",
        f"为落实2031年工作计划，{LONG}",
        f"我校制定了三年发展规划 为做好工作，{LONG}",
        f"学校制定工作计划为了提高质量，{LONG}",
        f"为做好2031年安全工作计划 根据上级要求，{LONG}",
        f"青禾县工作计划的制定为了全县发展，{LONG}",
        f"村全年工作计划村全年工作安排 2031年，{LONG}",
    ],
)
def test_a_first_line_that_begins_with_no_title(line: str) -> None:
    assert titles(f"{line}\n{BODY}") == [None]


CONTENTS = ["一、工作目标", "二、工作措施", "三、工作要求"]


@pytest.mark.parametrize(
    "listed",
    [
        ["目录", *CONTENTS],
        ["目　录", *(f"{entry}……{page}" for page, entry in enumerate(CONTENTS, 1))],
        ["目 录", *(f"{entry}........ {page}" for page, entry in enumerate(CONTENTS, 1))],
        ["目录", "前言", *CONTENTS],
    ],
)
def test_a_list_of_contents_is_no_text(listed: list[str]) -> None:
    (head,) = heads("\n".join(["青禾中学工作计划", *listed, BODY]))
    assert head.reading.text == f"青禾中学工作计划\n{BODY}"


def test_a_preface_below_the_contents_is_text() -> None:
    preface = "为做好全年各项工作，制定本计划。"
    (head,) = heads("\n".join(["青禾中学工作计划", "目录", *CONTENTS, preface, BODY]))
    assert head.reading.text == f"青禾中学工作计划\n{preface}\n{BODY}"


def test_headings_without_contents_are_text() -> None:
    body = "一、工作目标\n二、工作措施\n三、工作要求\n四、组织领导\n各年级组按月检查备课与作业。"
    (head,) = heads(f"青禾中学工作计划\n{body}")
    assert head.reading.text == f"青禾中学工作计划\n{body}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("青禾县教育局关于印发《青禾县教育事业", "发展2031年工作要点》的通知"),
        ("青禾县人民政府关于印发《青禾县“十六五”", "教育事业发展规划》的通知"),
    ],
)
def test_a_title_whose_quoted_name_is_broken_is_one(first: str, second: str) -> None:
    assert titles(f"{first}\n{second}\n{BODY}") == [first + second]


def test_a_closed_name_is_not_joined_to_what_stands_above_it() -> None:
    assert titles(f"青禾县教育局文件选编\n《青禾县2031年教育工作要点》的通知\n{BODY}") == [
        "《青禾县2031年教育工作要点》的通知"
    ]


@pytest.mark.parametrize(
    "opening",
    [
        "本报4月8日讯（记者 王某）青禾县教育局昨天部署新学期工作。",
        "近日，青禾县教育局举行新学期工作部署会。",
        "通讯员 李某 报道：青禾县第一中学的新校舍开工。",
        "记者从县教育局获悉，今秋全县将新增学位800个。",
    ],
)
def test_news_are_told_from_plans(opening: str) -> None:
    told = "全县将新建幼儿园3所。\n据介绍，改扩建工程九月前完工，家长可在网上报名。"
    story = f"青禾县今秋将新增学位八百个\n{opening}{told}\n"
    (head,) = heads(story)
    assert head.kind == "other"
    (plan,) = heads(f"青禾县教育局2031年工作计划\n{BODY}")
    assert plan.kind == "plan"


def test_a_plan_that_speaks_of_the_press_is_no_news() -> None:
    (head,) = heads(f"新学期打算\n{BODY}一、办好校报，组织小记者 走进乡村。\n")
    assert head.kind is None
