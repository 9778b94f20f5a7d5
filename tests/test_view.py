"""What a notebook shows of a plan, and its tables as data frames."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import lxml.html
import pandas as pd
import pytest
import spacy
from lxml.html import HtmlElement
from pandas.testing import assert_frame_equal
from spacy.tokens import DocBin

import pipeline
import pipeline.extract.layers  # it registers the components
from pipeline.model import Charge, Plan
from pipeline.tables import BY_NAME
from pipeline.view import KINDS, PlanView
from tests.conftest import TEXT, plan_of

SAMPLE = Path(__file__).parents[1] / "corpora" / "sample"
TAGS = {"style", "div", "span", "details", "summary", "p", "mark", "table", "tr", "td"}
ATTRIBUTES = {"class", "lang", "tabindex", "title", "open"}
HOSTILE = """青禾县教育局2031年工作计划<script>alert(1)</script>
一、主要目标"><img src=x onerror=alert(2)>
力争建成20所<b onmouseover="alert(3)">新优质学校</b>&lt;i&gt;。
二、重点任务</summary><a href="javascript:alert(4)">
2031年底前，教研室牵头，各学校配合，听课不少于20节'"><style>*{display:none}</style></mark><svg/onload=alert(5)>。
任务</td><script>alert(6)</script>\t责任单位<iframe src="javascript:alert(7)">
"""


def parsed(view: PlanView) -> HtmlElement:
    return lxml.html.document_fromstring(f"<!doctype html><body>{view._repr_html_()}</body>")


def page(plan: Plan) -> HtmlElement:
    return parsed(PlanView(plan, "a1.p0"))


def texts(root: HtmlElement, path: str) -> list[str]:
    return [element.text_content() for element in root.xpath(path)]


@pytest.fixture(scope="module")
def views() -> list[PlanView]:
    return [view for path in sorted(SAMPLE.iterdir()) for view in pipeline.parse(path)]


def test_the_tables_are_those_of_a_run(tmp_path: Path, views: list[PlanView]) -> None:
    names = ("01_school_plans_2009.txt", "06_city_points_2026.docx", "07_county_action_plan_2023.pdf")
    pipeline.run([SAMPLE / name for name in names], tmp_path / "out")
    tables = pipeline.load(tmp_path / "out")
    of_run = [view for name in names for view in pipeline.parse(SAMPLE / name)]
    assert len(of_run) == 4
    for name in ("sections", "items", *KINDS):
        found = getattr(tables, name)
        assert list(found.columns) == [column.name for column in BY_NAME[name].columns]
        for view in of_run:
            rows = found[found.plan_id == view.plan_id].reset_index(drop=True)
            assert len(rows) > 0
            assert_frame_equal(getattr(view, name), rows)


def test_a_view_gives_what_it_looks_at(plan: Plan) -> None:
    view = PlanView(plan, "a1.p0")
    assert (view.plan, view.head, view.document) == (plan, plan.head, plan.document)
    assert view.targets is view.targets
    assert view == PlanView(plan_of(TEXT), "a1.p0")
    assert view != PlanView(plan, "a1.p9")
    assert view != plan
    assert len({view, PlanView(plan, "a1.p0")}) == 1


def test_a_plan_as_a_doc_of_spacy(views: list[PlanView]) -> None:
    for view in views:
        doc = view.doc()
        assert [span._.record["targets"]["value"] for span in doc.spans["targets"]] == view.targets["value"].tolist()
        assert len(doc.spans["sections"]) == len(view.sections)
        kept = DocBin(store_user_data=True)
        kept.add(doc)
        (again,) = DocBin().from_bytes(kept.to_bytes()).get_docs(doc.vocab)
        assert [span.text for span in again.spans["items"]] == [span.text for span in doc.spans["items"]]


def test_a_doc_has_what_the_given_extractors_find(views: list[PlanView]) -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("planpipe_deadlines")
    assert set(views[0].doc(nlp).spans) == {"sections", "items", "sentences", "deadlines"}


def test_dtypes(plan: Plan) -> None:
    view = PlanView(plan, "a1.p0")
    assert view.deadlines.end.tolist() == [pd.Timestamp(2031, 12, 31)]
    assert view.items.themes.tolist() == [[], ["curriculum", "teachers"]]
    assert view.items.theme_scores.tolist() == [[], [0.91, 0.5]]
    assert view.items.char_start.dtype == "Int64"
    assert view.items.page.isna().all()
    assert view.items.is_goal.tolist() == [True, False]


def test_an_empty_plan_has_empty_tables_with_all_columns(plan: Plan) -> None:
    bare = replace(plan, goals=(), targets=(), deadlines=(), responsibilities=(), items=(), themes=(), stages=())
    view = PlanView(bare, "a1.p0")
    assert list(view.targets.columns) == [column.name for column in BY_NAME["targets"].columns]
    assert len(view.targets) == 0
    assert "targets 0" in page(bare).text_content()


def test_a_terminal_shows_the_tree(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    view = PlanView(plan, "a1.p0")
    lines = str(view).splitlines()
    assert lines[-4:] == [
        "青禾县教育局2031年工作计划",
        "├── 全年工作围绕提高质量展开。",
        "├── 一 主要目标  1 goal, 1 target",
        "└── 二 重点任务  1 target, 1 deadline, 2 units",
    ]
    assert repr(view) == str(view)
    assert "\x1b" not in str(view)
    assert capsys.readouterr().out == ""


def test_the_page_is_a_tree_with_marks(plan: Plan) -> None:
    root = page(plan)
    assert texts(root, "//div[@class='title']") == ["青禾县教育局2031年工作计划"]
    assert texts(root, "//summary/span[1]") == ["一、主要目标", "二、重点任务"]
    assert texts(root, "//summary/span[2]") == ["1 goal, 1 target", "1 target, 1 deadline, 2 units"]
    assert texts(root, "//div[@class='warning']") == ["first; and second"]
    assert texts(root, "//details[1]//p") == ["力争建成20所新优质学校。"]
    assert texts(root, "//details//mark[@class='goal']/mark[@class='target']") == ["20所"]
    assert texts(root, "//details[2]//mark") == ["2031年底前", "教研室", "各学校", "不少于20节"]


def test_marks_in_marks(plan: Plan) -> None:
    """A deadline in a target in a goal's sentence, and a unit across the end of the target."""
    item, deadline, unit = plan.items[1], plan.deadlines[0], plan.responsibilities[0]
    goal = replace(plan.goals[0], start=item.start, end=item.end, item=1)
    target = replace(plan.targets[1], start=item.start, end=unit.start + 2)
    root = page(replace(plan, goals=(goal,), targets=(target,)))
    assert texts(root, "//details//mark[@class='goal']") == [item.text]
    assert texts(root, "//details//mark[@class='goal']/mark[@class='target']") == ["2031年底前，教研"]
    assert texts(root, "//details//mark[@class='goal']/mark[@class='target']/mark[@class='deadline']") == [
        deadline.text
    ]
    pieces = root.xpath("//mark[@class='unit' and contains(@title, '教研室')]")
    assert [piece.text_content() for piece in pieces] == ["教研", "室"]
    assert len({piece.get("title") for piece in pieces}) == 1


def test_a_mark_tells_value_rule_confidence_and_id(plan: Plan) -> None:
    paged = replace(plan, targets=tuple(replace(target, page=3) for target in plan.targets))
    notes = page(paged).xpath("//details//mark[@class='target']/@title")
    assert notes == [
        "target: 新优质学校 20 所\nrule count, page 3\na1.p0.t41",
        "target: 听课 ≥ 20.5 节\ndue 2031-12-31\nrule count, confidence 0.90, page 3\na1.p0.t80",
    ]
    others = page(plan).xpath("//details[2]//mark[@class!='target']/@title")
    assert [note.splitlines()[0] for note in others] == [
        "deadline: date, by 2031-12-31",
        "unit: 教研室, lead",
        "unit: 各学校, support",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"op": "range", "value": 3, "value2": 5}, "target: 新优质学校 3–5 所"),
        ({"op": "ratio", "value": 8, "value2": 1, "unit": None}, "target: 新优质学校 8 : 1"),
        ({"op": "le", "value": 30_000_000, "unit": "元"}, "target: 新优质学校 ≤ 30,000,000 元"),
        ({"op": "inc", "value": 0.5, "unit": "%", "per": "年"}, "target: 新优质学校 + 0.5 % per 年"),
        ({"op": "dec", "indicator": None}, "target: − 20 所"),
    ],
)
def test_figures(plan: Plan, changes: dict[str, object], told: str) -> None:
    first, *rest = plan.targets
    root = page(replace(plan, targets=(replace(first, **changes), *rest)))
    assert root.xpath("//details[1]//mark[@class='target']/@title")[0].splitlines()[0] == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"since": "2031-03-01", "until": "2031-03-31"}, "deadline: date, 2031-03-01 – 2031-03-31"),
        ({"since": "2031-03-01", "until": "2031-03-01"}, "deadline: date, 2031-03-01"),
        ({"since": "2031-03-01", "until": None}, "deadline: date, from 2031-03-01"),
        ({"kind": "recur", "until": None, "every": "term", "times": 2}, "deadline: recur, every term, 2 times"),
        ({"kind": "duration", "until": None}, "deadline: duration"),
    ],
)
def test_times(plan: Plan, changes: dict[str, object], told: str) -> None:
    root = page(replace(plan, deadlines=(replace(plan.deadlines[0], **changes),)))
    assert root.xpath("//details//mark[@class='deadline']/@title")[0].splitlines()[0] == told


def test_marks_are_reached_by_keyboard(views: list[PlanView]) -> None:
    html = views[-1]._repr_html_()
    marks = lxml.html.fromstring(html).xpath("//details//mark")
    assert marks
    assert all(mark.get("tabindex") == "0" and mark.get("title") for mark in marks)
    assert re.search(r"mark:focus::after \{\s*content: attr\(title\)", html)


def inked(root: HtmlElement) -> str:
    """The text of the plan as the page shows it, without white space."""
    return "".join("".join(texts(root, "//summary/span[1] | //p | //td")).split())


def test_every_character_and_every_record_is_shown_once(views: list[PlanView]) -> None:
    for view in views:
        root = parsed(view)
        for name, kind in KINDS.items():
            ids = {note.splitlines()[-1] for note in root.xpath(f"//mark[@class='{kind}']/@title")}
            assert ids == set(getattr(view, name).iloc[:, 0]), view.head.title
        reading = view.head.reading
        start = reading.to_reading(view.plan.sections[0].start, view.head.end)[0]
        assert inked(root) == "".join(reading.text[start:].split()), view.head.title


def test_the_page_of_a_plan_is_bare(views: list[PlanView]) -> None:
    for view in views:
        root = parsed(view)
        assert bare(root)
        style = root.xpath("string(//style)")
        assert "url(" not in style
        assert "@import" not in style


def bare(root: HtmlElement) -> bool:
    """Whether the page has only elements and attributes that run nothing and load nothing."""
    elements = [element for element in root.body.iter() if element is not root.body]
    return {element.tag for element in elements} <= TAGS and {
        name for element in elements for name in element.attrib
    } <= ATTRIBUTES


def test_a_plan_with_html_in_it_runs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "hostile.txt"
    file.write_text(HOSTILE, encoding="utf-8")
    (view,) = pipeline.parse(file)
    root = parsed(view)
    assert bare(root)
    title, *lines = HOSTILE.splitlines()
    assert texts(root, "//div[@class='title']") == [title]
    assert inked(root) == "".join("".join(lines).split())
    assert len(view.targets) == 2  # there are marks around and beside the markup
    assert lines[0] in texts(root, "//summary/span[1]")


def test_what_a_mark_tells_runs_nothing(plan: Plan) -> None:
    odd = '"><script>alert(1)</script><b onfocus="alert(2)" x=\''
    changed = replace(
        plan,
        targets=(replace(plan.targets[0], indicator=odd, unit=odd, per=odd, rule=odd),),
        responsibilities=(replace(plan.responsibilities[0], text=odd),),
        charges=(Charge((), None), Charge((0,), "item")),
        document=replace(plan.document, warnings=(odd,), format=odd),
        head=replace(plan.head, title=odd, issuer=odd, region=odd, doc_number=odd, warnings=(odd,)),
    )
    root = page(changed)
    assert bare(root)
    assert f"target: {odd} 20 {odd} per {odd}" in root.xpath("//details//mark[@class='target']/@title")[0]
    assert texts(root, "//div[@class='title' or @class='warning']") == [odd] * 3


def test_a_short_plan_is_open_and_a_long_one_at_its_first_part(plan: Plan, views: list[PlanView]) -> None:
    assert page(plan).xpath("count(//details[not(@open)])") == 0
    long = max(views, key=lambda view: len(view.head.reading.text))
    root = parsed(long)
    top = root.xpath("//div[@class='planpipe']/details")
    assert len(top) > 2
    assert [node for node in top if "open" in node.attrib] == [
        next(node for node in top if node.xpath("./summary/span[@class='told']"))
    ]


def test_a_number_without_heading_stands_before_its_text(plan: Plan) -> None:
    first, second, third = plan.sections
    leaf = replace(third, heading=None, text_start=third.start + 2)
    root = page(replace(plan, sections=(first, second, leaf)))
    assert texts(root, "//div[@class='leaf text']")[-1].split() == ["二、重点任务", third.text]
    outer = replace(second, heading=None, end=third.end, text_start=second.start + 2)
    inner = replace(third, level=2, parent=1)
    root = page(replace(plan, sections=(first, outer, inner)))
    assert texts(root, "//details/summary/span[1]") == ["一、", "二、重点任务"]
    assert root.xpath("count(//details//details)") == 1


def test_rows_of_a_table_stand_together() -> None:
    plan = plan_of(TEXT.replace("全年工作围绕提高质量展开。", "任务\t单位\n全年工作围绕提高质量展开。\t教研室\n其他"))
    first = plan.sections[0]
    start = plan.document.text.index("任务\t")
    lead = replace(first, start=start, end=plan.document.text.index("\n一、"), text_start=start)
    nobody = (Charge((), None),) * len(plan.items)
    root = page(replace(plan, sections=(lead, *plan.sections[1:]), responsibilities=(), charges=nobody))
    assert [texts(row, "./td") for row in root.xpath("//table/tr")] == [
        ["任务", "单位"],
        ["全年工作围绕提高质量展开。", "教研室"],
    ]
    assert texts(root, "//div[@class='leaf text']/p") == ["其他"]


def test_colours_can_be_read_in_light_and_dark(plan: Plan) -> None:
    """WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 to what lies behind it."""
    style = page(plan).xpath("string(//style)")
    colours = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)", style)}
    for mode in (0, 1):
        for behind in ("page", "goal", "target", "deadline", "unit"):
            assert contrast(colours["ink"][mode], colours[behind][mode]) >= 4.5, (behind, mode)
        assert contrast(colours["faint"][mode], colours["page"][mode]) >= 4.5


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(part * value for part, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_spans_outside_of_sections_do_not_break_the_page(plan: Plan) -> None:
    loose = replace(plan.goals[0], start=0, end=3, item=None)
    assert texts(page(replace(plan, goals=(loose,))), "//details//mark[@class='goal']") == []
    assert "goals 1" in page(replace(plan, goals=(loose,))).text_content()
