"""The page of a run: what is in it, and, in Chromium, that it can be used and that no document gets power over it."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from click.testing import CliRunner
from playwright.sync_api import expect
from pyarrow import parquet

from pipeline.cli import main
from pipeline.errors import NoTables
from pipeline.report import BLOCK, COLUMNS, page
from pipeline.run import run
from tests import made_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium")
SHOWN = "main[aria-busy=false]"
FOUND = ("goals", "targets", "deadlines", "responsibilities")
Tables = Mapping[str, list[dict[str, Any]]]

TREE = """青禾县教育局2031年工作计划
一、主要目标
到2031年底，建成20所新优质学校，
参加人数达到𬭩学会的1200人以上。
二、重点任务
（一）队伍建设。教研室牵头，各学校配合，每学期听课不少于20节。
（二）条件保障
任务\t责任单位\t时限
改造食堂12个\t总务科\t9月底前
1.安装设备
2.总务科每月检查一次。
"""
GOAL = "到2031年底，建成20所新优质学校，\n参加人数达到𬭩学会的1200人以上。"
TASK = "教研室牵头，各学校配合，每学期听课不少于20节。"
ROW = "改造食堂12个\t总务科\t9月底前"
CHECK = "总务科每月检查一次。"
COUNTY = made_run.plan(
    "aaaaaaaaaaaa",
    TREE,
    {"title": "青禾县教育局2031年工作计划", "issuer": "青禾县教育局", "region": "青禾县", "level": "county",
     "kind": "plan", "year_start": 2031, "year_end": 2031, "cluster_id": "aaaaaaaaaaaa.p0"},
    sections=[
        ("一", "主要目标", "一、", "人以上。", None),
        ("二", "重点任务", "二、", CHECK, None),
        ("(一)", "队伍建设", "（一）", "20节。", 1),
        ("(二)", "条件保障", "（二）", CHECK, 1),
        ("1", None, "1.安装", "设备", 3),
        ("2", None, "2.总务", CHECK, 3),
    ],
    items=[
        (GOAL, {"themes": ["resources", "own_theme"]}),
        (TASK, {"themes": ["teachers"], "strength": "binding"}),
        (ROW, {"themes": ["resources"]}),
        (CHECK, {}),
    ],
    goals=[GOAL],
    deadlines=[
        ("到2031年底", {"kind": "date", "end": "2031-12-31"}),
        ("每学期", {"kind": "recur", "every": "term"}),
        ("9月底前", {"kind": "date", "end": "2031-09-30"}),
        ("每月", {"kind": "recur", "every": "month"}),
    ],
    targets=[
        ("20所", {"indicator": "新优质学校", "value": 20, "unit": "所", "deadline_id": "aaaaaaaaaaaa.p0.d23"}),
        ("1200人以上", {"indicator": "参加人数", "op": "ge", "value": 1200, "unit": "人", "baseline": 800}),
        ("不少于20节", {"indicator": "听课", "op": "ge", "value": 20, "unit": "节", "per": "学期"}),
        ("12个", {"indicator": "食堂", "value": 12, "unit": "个"}),
        ("一次", {"value": 1, "unit": "次", "per": "月"}),
    ],
    units=[("教研室", "lead"), ("各学校", "support"), ("总务科", "resp"), ("总务科", "resp")],
    more={"confidence": 0.97, "page": 3},
)  # fmt: skip
CITY_TEXT = "云岭市教育事业规划\n一、目标\n2035年前听课达到30节。\n二、保障\n市财政局负责。"
CITY = made_run.plan(
    "bbbbbbbbbbbb",
    CITY_TEXT,
    {"title": "云岭市教育事业规划", "region": "云岭市", "level": "city", "kind": "notice",
     "year_start": 2031, "year_end": 2035, "cluster_id": "aaaaaaaaaaaa.p0"},
    sections=[("一", "目标", "一、", "30节。", None), ("二", "保障", "二、", "负责。", None)],
    items=[("2035年前听课达到30节。", {"themes": ["teachers"]}), ("市财政局负责。", {})],
    deadlines=[("2035年前", {"kind": "date", "end": "2034-12-31"})],
    targets=[("30节", {"indicator": "听课", "value": 30, "unit": "节"})],
    units=[("市财政局", "resp")],
)  # fmt: skip
EVIL = "<img src=x onerror=\"document.title='run'\"></script><script>document.title='run'</script>"
LINK = "javascript:document.title='run'"
EVIL_TEXT = f"{EVIL}\n一、{EVIL}\n{LINK}牵头，{EVIL}达到5所。"
HOSTILE = made_run.plan(
    "cccccccccccc",
    EVIL_TEXT,
    {"title": EVIL, "issuer": LINK, "region": EVIL, "doc_number": EVIL, "kind": "plan"},
    sections=[("一", EVIL, "一、", "5所。", None)],
    items=[(EVIL_TEXT.split("\n")[2], {"themes": [EVIL, LINK]})],
    targets=[("5所", {"indicator": EVIL, "value": 5, "unit": EVIL, "per": LINK})],
    units=[(LINK, "lead")],
    more={"rule": EVIL},
)
SOURCES = [
    made_run.source("aaaaaaaaaaaa", "in/a.txt"),
    made_run.source("bbbbbbbbbbbb", "in/b.pdf", format="pdf", pages=2, status="partial", message="page 2 is a scan"),
    made_run.source("cccccccccccc", f"in/{LINK}//{EVIL}.txt", warnings=[EVIL]),
    made_run.source("dddddddddddd", f"{EVIL}.doc", status="failed", error="damaged", message=EVIL),
]
TEXTS = {"aaaaaaaaaaaa": TREE, "bbbbbbbbbbbb": CITY_TEXT, "cccccccccccc": EVIL_TEXT}
TASK_ID = "aaaaaaaaaaaa.p0.t94"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_run.write(tmp_path_factory.mktemp("run") / "tables", SOURCES, TEXTS, [COUNTY, CITY, HOSTILE])


@pytest.fixture(scope="module")
def html(out: Path) -> str:
    return page(out)


def unpacked(html: str, name: str) -> Any:
    [data] = re.findall(f'<script type="application/octet-stream" id="{name}">([^<]*)</script>', html)
    return json.loads(gzip.decompress(b64decode(data)))


def rows(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def table(out: Path, name: str) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], parquet.read_table(out / f"{name}.parquet").to_pylist())


# What is in the page


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_loads_nothing(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag not in ("iframe", "object", "embed", "img", "form") or attributes.get("id") == "filters"
        assert not attributes.keys() & {"src", "srcset", "style"}
        assert all(not name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
    assert "@import" not in html
    assert "url(" not in html


def test_the_policy_allows_the_pages_own_script_alone(html: str) -> None:
    from base64 import b64encode
    from hashlib import sha256

    [policy] = re.findall('Content-Security-Policy" content="([^"]*)"', html)
    given = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert given["default-src"] == "'none'"
    for name, pattern in (("script-src", "<script>(.*?)</script>"), ("style-src", "<style>(.*?)</style>")):
        [text] = re.findall(pattern, html, re.DOTALL)
        assert given[name] == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_no_word_of_a_document_is_html(html: str) -> None:
    assert "document.title='run'" not in html
    assert "青禾" not in html
    assert unpacked(html, "index")["plans"]["title"][2] == EVIL


def test_the_name_of_the_folder_is_escaped(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "<b>&amp;run"
    shutil.copytree(out, folder)
    assert "<bdi>&lt;b&gt;&amp;amp;run</bdi>" in page(folder)


def test_the_same_tables_give_the_same_page(out: Path, html: str) -> None:
    assert page(out) == html


def test_every_row_leads_to_its_text(out: Path, html: str) -> None:
    plans = [row["plan_id"] for row in table(out, "plans")]
    content = dict(zip(plans, unpacked(html, "block-0"), strict=True))
    for name in ("items", *FOUND):
        given = table(out, name)
        assert given
        shown = {f"{plan}.{row['id']}": (data, row) for plan, data in content.items() for row in rows(data[name])}
        assert len(shown) == len(given)
        for row in given:
            data, found = shown[row[f"{name[:-1] if name != 'responsibilities' else 'responsibility'}_id"]]
            start, end = found["char_start"] - data["start"], found["char_end"] - data["start"]
            assert data["text"][start:end].replace("\n", "") == (found.get("text") or row["text"])
            if name != "items" and row["item_id"]:
                item = rows(data["items"])[found["item"]]
                assert item["char_start"] <= found["char_start"] < found["char_end"] <= item["char_end"]


def test_a_text_that_was_cleaned_is_kept_beside_the_raw_one(out: Path, tmp_path: Path) -> None:
    text = "到2031年建成\n— 3 —\n20所学校。"
    clean = "到2031年建成20所学校。"
    rows_ = made_run.plan("eeeeeeeeeeee", text, {}, items=[(text, {"text": clean})], goals=[])
    folder = made_run.write(tmp_path / "o", [made_run.source("eeeeeeeeeeee", "e.txt")], {"eeeeeeeeeeee": text}, [rows_])
    assert unpacked(page(folder), "block-0")[0]["items"]["text"] == [clean]


def test_bodies_begin_behind_label_and_heading(html: str) -> None:
    data = unpacked(html, "block-0")[0]
    bodies = [data["text"][row["body"] :].split("\n")[0] for row in rows(data["sections"])]
    assert bodies == ["", "", TASK, "", "安装设备", CHECK]


@pytest.mark.parametrize(
    ("text", "label", "heading", "body"),
    [
        ("第一章　总　则\n为了", "第一章", "总则", "\n为了"),
        ("２．水利方\n面：新建", "2", "水利方面", "新建"),
        ("（三）加强领导", "(三)", "不在此处", "加强领导"),
        ("一、", "一", None, ""),
    ],
)
def test_headings_are_found_as_they_stand(text: str, label: str, heading: str | None, body: str) -> None:
    from pipeline.report import _body

    section = {"label": label, "heading": heading, "char_start": 0, "char_end": len(text)}
    assert text[_body(section, text) :] == body


def test_bars_count_what_the_tables_hold(out: Path, html: str) -> None:
    index = unpacked(html, "index")
    cells = {name: sum(sum(plan[width - 1 :: width]) for plan in index["cells"][name])
             for name, width in (("themes", 2), ("targets", 2), ("deadlines", 2), ("units", 3))}  # fmt: skip
    tasks = {(row["item_id"], row["text"], row["role"]) for row in table(out, "responsibilities")}
    assert cells == {
        "themes": sum(len(row["themes"]) for row in table(out, "items")),
        "targets": len(table(out, "targets")),
        "deadlines": len(table(out, "deadlines")),
        "units": len(tasks),
    }
    assert index["cells"]["deadlines"][0] == [203112, 1, 0, 2, 203109, 1]


def test_plans_fill_several_blocks(tmp_path: Path) -> None:
    number = BLOCK + 2
    ids = [f"{at:012x}" for at in range(number)]
    plans = [made_run.plan(each, CITY_TEXT, {"title": each}) for each in ids]
    out = made_run.write(
        tmp_path / "o", [made_run.source(each, each) for each in ids], dict.fromkeys(ids, CITY_TEXT), plans
    )
    html = page(out)
    assert [len(unpacked(html, f"block-{at}")) for at in (0, 1)] == [BLOCK, 2]
    assert 'id="block-2"' not in html


def test_a_run_without_plans_says_so(tmp_path: Path) -> None:
    failed = made_run.source("dddddddddddd", "d.doc", status="failed", error="damaged", message="broken")
    assert "This run holds no plan" in page(made_run.write(tmp_path / "o", [failed], {}))


# What is no run


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        result = CliRunner().invoke(main, ["report", str(folder), "--out", str(tmp_path / "r.html")])
        assert result.exit_code == 2
        assert f"planpipe run INPUT... --out {folder}" in result.stderr
    assert not (tmp_path / "r.html").exists()


def test_a_table_of_another_version_is_refused(out: Path, tmp_path: Path) -> None:
    old = shutil.copytree(out, tmp_path / "old")
    short = parquet.read_table(old / "targets.parquet").drop_columns(["confidence", "per"])
    parquet.write_table(short, old / "targets.parquet")
    with pytest.raises(NoTables, match=r"targets\.parquet has no column per, confidence: another version"):
        page(old)


def test_damaged_tables_and_missing_texts_are_named(out: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(out, tmp_path / "damaged")
    (damaged / "items.parquet").write_bytes(b"PAR1")
    with pytest.raises(NoTables, match=r"items\.parquet cannot be read"):
        page(damaged)
    lacking = shutil.copytree(out, tmp_path / "lacking")
    (lacking / "text" / "bbbbbbbbbbbb.txt").unlink()
    with pytest.raises(NoTables, match=r"bbbbbbbbbbbb\.txt cannot be read"):
        page(lacking)


def test_files_of_different_runs_are_refused(out: Path, tmp_path: Path) -> None:
    mixed = shutil.copytree(out, tmp_path / "mixed")
    (mixed / "text" / "bbbbbbbbbbbb.txt").write_text("短", encoding="utf-8")
    with pytest.raises(NoTables, match=r"different runs \(bbbbbbbbbbbb\.p0 goes on behind the end"):
        page(mixed)
    made_run.save(mixed, "sources", table(out, "sources")[:1])
    with pytest.raises(NoTables, match=r"different runs \(sources\.parquet does not know the file of bbbbbbbbbbbb\.p0"):
        page(mixed)


def test_a_file_that_cannot_be_written_is_named(out: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["report", str(out), "--out", str(tmp_path / "no" / "r.html")])
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert "r.html cannot be written" in result.stderr


def test_only_columns_of_the_contract_are_read() -> None:
    for name, columns in COLUMNS.items():
        assert set(columns.split()) <= {column.name for column in made_run.BY_NAME[name].columns}


# The page in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no chromium on this machine; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


Open = Callable[..., "Page"]


@pytest.fixture
def visit(browser: Browser, html: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the page; at the end, nothing was said on the console, asked of the network or of the user."""
    told: list[str] = []
    own: set[str] = set()
    contexts = []

    def opened(fragment: str = "", text: str = html, **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(text, encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
        page.on(
            "request", lambda request: request.url.startswith((file.as_uri(), "data:,")) or told.append(request.url)
        )
        page.set_default_timeout(10_000)
        page.goto(file.as_uri() + fragment)
        page.wait_for_selector(SHOWN)
        own.add(file.as_uri() + fragment)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [each for each in told if each not in own] == []


def titles(page: Page) -> list[str]:
    return page.locator("#plans tbody th a").all_inner_texts()


def go(page: Page, fragment: str) -> None:
    """Change the fragment, and wait until the page has followed."""
    page.evaluate(
        """where => new Promise(done => {
            const old = location.hash;
            location.hash = where;
            if (old === location.hash) done();
            else addEventListener('hashchange', done, { once: true });
        })""",
        fragment,
    )
    page.wait_for_selector(SHOWN)


def in_view(page: Page, selector: str) -> bool:
    return bool(
        page.locator(selector).evaluate(
            "e => { const { top, bottom } = e.getBoundingClientRect();"
            " return top >= 0 && top < bottom && bottom <= innerHeight; }"
        )
    )


COUNTY_TITLE, CITY_TITLE = "青禾县教育局2031年工作计划", "云岭市教育事业规划"


def test_search(visit: Open) -> None:
    page = visit()
    assert titles(page) == [COUNTY_TITLE, CITY_TITLE, EVIL]
    for words, found in (
        ("云岭", [CITY_TITLE]),
        ("A.TXT", [COUNTY_TITLE]),
        ("教育局 青禾", [COUNTY_TITLE]),
        ("总务科", [COUNTY_TITLE]),
        ("听课 教研室", [COUNTY_TITLE]),
        ("无", []),
    ):
        page.get_by_label("Search").fill(words)
        assert titles(page) == found
        assert page.locator("#status").inner_text().startswith(f"{len(found)} of 3 plans")
    page.get_by_role("button", name="Clear").click()
    assert len(titles(page)) == 3


@pytest.mark.parametrize(
    ("name", "choice", "found"),
    [
        ("Region", "青禾县", [COUNTY_TITLE]),
        ("Level", "city", [CITY_TITLE]),
        ("Level", "(not known)", [EVIL]),
        ("Year", "2031", [COUNTY_TITLE, CITY_TITLE]),
        ("Year", "2033", [CITY_TITLE]),
        ("Year", "(not known)", [EVIL]),
        ("Kind", "notice", [CITY_TITLE]),
        ("Theme", "教师与校长队伍 teachers", [COUNTY_TITLE, CITY_TITLE]),
        ("Theme", "own_theme", [COUNTY_TITLE]),
    ],
)
def test_each_filter(name: str, choice: str, found: list[str], visit: Open) -> None:
    page = visit()
    page.get_by_label(name, exact=True).select_option(label=choice)
    assert titles(page) == found
    page.reload()
    page.wait_for_selector(SHOWN)
    assert titles(page) == found
    assert page.get_by_label(name, exact=True).locator("option:checked").inner_text() == choice


def test_plots_follow_the_filters(visit: Open) -> None:
    page = visit()
    page.get_by_label("Level", exact=True).select_option(label="city")
    labels = page.locator("#plot-targets a").evaluate_all("all => all.map(a => a.getAttribute('aria-label'))")
    assert labels == ["听课: 1 target", "听课, city: 1 target"]


def test_every_bar_leads_to_the_rows_that_it_counts(visit: Open) -> None:
    page = visit()
    bars = page.locator("#plots a").evaluate_all(
        "all => all.map(a => [a.getAttribute('href'), a.getAttribute('aria-label') || a.textContent])"
    )
    assert len(bars) > 25
    for address, label in bars:
        counted = int(re.findall(r"(\d+) (?:item|target|deadline|task|time expression)s?$", label)[0])
        go(page, address)
        expect(page.locator("#rows tbody tr")).to_have_count(counted)
        assert page.locator("#rows p").inner_text().startswith(f"{counted} ")
        assert 0 < len(titles(page)) <= counted


def test_a_bar_filters_the_plans(visit: Open) -> None:
    page = visit()
    page.locator("#plot-units a[aria-label='总务科, charged: 2 tasks']").click()
    page.wait_for_selector("#rows tbody tr")
    assert titles(page) == [COUNTY_TITLE]
    assert page.locator("#rows tbody tr").count() == 2
    assert page.locator("#rows mark").all_inner_texts() == ["总务科", "总务科"]
    assert page.evaluate("document.activeElement.id") == "rows-title"
    page.get_by_role("link", name="Remove this choice").click()
    page.wait_for_selector("#rows", state="hidden")
    assert len(titles(page)) == 3


def test_figures_of_plots_as_tables(visit: Open) -> None:
    page = visit()
    page.locator("#plot-targets details summary").click()
    page.wait_for_selector("#plot-targets table")
    cells = page.locator("#plot-targets table tr").filter(has_text="听课").locator("th, td").all_inner_texts()
    assert cells == ["听课", "1", "1", "", "2"]


def test_a_figure_leads_to_its_sentence(visit: Open) -> None:
    page = visit("#aaaaaaaaaaaa.p0", viewport={"width": 1280, "height": 300})
    page.locator("aside").get_by_role("link", name="听课").click()
    page.wait_for_selector(".here")
    assert page.evaluate("location.hash") == f"#{TASK_ID}"
    mark = page.locator(f"[id='{TASK_ID}']")
    assert "here" in (mark.get_attribute("class") or "")
    assert mark.inner_text() == "不少于20节"
    assert page.locator(".around").inner_text() == TASK
    assert in_view(page, f"[id='{TASK_ID}']")
    assert page.evaluate("document.activeElement.id") == TASK_ID


def check_every_row(page: Page, out: Path) -> int:
    """Follow each row of the tables by its id; how many there were."""
    checked = 0
    items = {row["item_id"]: row for row in table(out, "items")}
    for name in ("items", *FOUND):
        for row in table(out, name):
            key = row[made_run.BY_NAME[name].key]
            go(page, f"#{key}")
            page.wait_for_selector(f".here[id='{key}']", state="attached")
            here, around = page.evaluate(
                "() => ['.here', '.around'].map(name => [...document.querySelectorAll(name)]"
                ".map(e => e.innerText).join('').replace(/\\s/g, ''))"
            )
            wanted = "".join(row["text"].split())
            assert here == wanted
            assert around == "".join((row if name == "items" else items[row["item_id"]])["text"].split())
            assert wanted in around
            assert in_view(page, f"[id='{key}']")
            checked += 1
    return checked


def test_every_row_is_shown_by_its_id(out: Path, visit: Open) -> None:
    assert check_every_row(visit(f"#{TASK_ID}"), out) == 26


def test_every_row_of_a_real_run_is_shown_by_its_id(tmp_path: Path, visit: Open) -> None:
    run([ROOT / "corpora/sample/05_county_scheme_2016.docx"], tmp_path / "out")
    assert check_every_row(visit(text=page(tmp_path / "out")), tmp_path / "out") > 100


def test_the_tree_stands_as_in_the_text(visit: Open) -> None:
    page = visit("#aaaaaaaaaaaa.p0")
    headings = page.locator("#text summary > :first-child").evaluate_all("all => all.map(e => e.tagName + e.innerText)")
    assert headings == ["H3一、主要目标", "H3二、重点任务", "H4（一）队伍建设。", "H4（二）条件保障"]
    assert page.locator("#text details details").count() == 2
    assert page.locator("#text > details").nth(0).locator("p").inner_text() == GOAL.replace("\n", "")
    cells = page.locator("#text table tr").evaluate_all("all => all.map(r => [...r.cells].map(c => c.innerText))")
    assert cells == [["任务", "责任单位", "时限"], ["改造食堂12个", "总务科", "9月底前"]]
    assert page.locator("#text div.section").all_inner_texts() == ["1.安装设备", f"2.{CHECK}"]


def test_folded_sections_open_for_what_is_in_them(visit: Open) -> None:
    page = visit("#aaaaaaaaaaaa.p0")
    page.get_by_role("button", name="Fold all").click()
    assert not page.locator(f"[id='{TASK_ID}']").is_visible()
    go(page, f"#{TASK_ID}")
    assert page.locator(f"[id='{TASK_ID}']").is_visible()


def test_a_mark_tells_value_rule_confidence_and_page(visit: Open) -> None:
    page = visit("#aaaaaaaaaaaa.p0")
    page.locator("#text mark.targets").nth(1).hover()
    target, goal = page.locator("#tip dl").all_inner_texts()
    assert target.split() == ["target", "参加人数", "≥", "1,200", "人", "from", "800", "rule", "made", "confidence",
                              "0.97", "page", "3"]  # fmt: skip
    assert goal.split()[:3] == ["goal", "an", "aim"]
    page.mouse.move(0, 0)
    assert not page.locator("#tip").is_visible()
    page.locator(f"[id='{TASK_ID}']").focus()
    assert "≥ 20 节 / 学期" in page.locator("#tip").inner_text()
    assert "binding" in page.locator("#tip").inner_text()
    assert page.locator(f"[id='{TASK_ID}']").get_attribute("aria-describedby") == "tip"
    page.keyboard.press("Escape")
    assert not page.locator("#tip").is_visible()


def test_by_keyboard_alone(visit: Open) -> None:
    page = visit()
    focused = "document.activeElement"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.className") == "skip"
    assert in_view(page, ".skip")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focused}.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.name") == "q"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}.closest('#plot-targets svg') !== null"):
            break
    assert page.evaluate(f"{focused}.getAttribute('aria-label')") == "听课: 2 targets"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(f"{focused}.getAttribute('aria-label')") == "听课, city: 1 target"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(f"getComputedStyle({focused}.querySelector('rect')).strokeWidth") == "3px"
    page.keyboard.press("Enter")
    page.wait_for_selector("#rows tbody tr")
    assert page.evaluate(f"{focused}.id") == "rows-title"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#text .here")
    assert page.evaluate(f"{focused}.textContent") == "30节"
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    assert page.locator("#tip").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#tip").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_selector("#overview:not([hidden])")
    assert page.evaluate(f"{focused}.closest('#rows') !== null")
    page.keyboard.press("Escape")
    page.wait_for_selector("#rows", state="hidden")


def test_back_leads_to_where_one_was(visit: Open) -> None:
    page = visit("#?level=city")
    page.locator("#plans tbody a").click()
    page.wait_for_selector("#plan-title")
    assert page.title().startswith(CITY_TITLE)
    page.go_back()
    page.wait_for_selector("#overview:not([hidden])")
    assert titles(page) == [CITY_TITLE]
    assert page.evaluate("document.activeElement.textContent") == CITY_TITLE


def test_versions_of_a_plan_lead_to_one_another(visit: Open) -> None:
    page = visit("#aaaaaaaaaaaa.p0")
    page.locator(".about").get_by_role("link", name=CITY_TITLE).click()
    expect(page).to_have_title(re.compile("^云岭市"))
    assert page.locator(".about a").all_inner_texts() == [COUNTY_TITLE]
    go(page, "#cccccccccccc.p0")
    assert page.locator(".about a").count() == 0


def test_heads_sort(visit: Open) -> None:
    page = visit()
    page.get_by_role("button", name="Targets").click()
    assert titles(page) == [COUNTY_TITLE, CITY_TITLE, EVIL]
    page.get_by_role("button", name="Targets").click()
    assert titles(page) == [CITY_TITLE, EVIL, COUNTY_TITLE]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Level").click()
    assert titles(page) == [CITY_TITLE, COUNTY_TITLE, EVIL]


def test_an_unknown_id_is_told(visit: Open) -> None:
    page = visit("#nothing.p0.t1")
    assert "nothing.p0.t1" in page.get_by_role("alert").inner_text()
    assert len(titles(page)) == 3
    go(page, "#aaaaaaaaaaaa.p0.t99999")
    assert "no row aaaaaaaaaaaa.p0.t99999" in page.get_by_role("alert").inner_text()
    go(page, f"#{TASK_ID}")
    assert not page.get_by_role("alert").is_visible()


def test_files_not_read_are_listed(visit: Open) -> None:
    cells = visit().locator("#failed tbody tr").evaluate_all("all => all.map(r => [...r.cells].map(c => c.innerText))")
    assert cells == [["in/b.pdf", "partial", "page 2 is a scan"], [f"{EVIL}.doc", "failed: damaged", EVIL]]


def test_a_run_without_plans_is_no_error(tmp_path: Path, visit: Open) -> None:
    failed = made_run.source("dddddddddddd", "d.doc", status="failed", error="damaged", message="broken")
    opened = visit(text=page(made_run.write(tmp_path / "o", [failed], {})))
    assert "This run holds no plan" in opened.locator("main").inner_text()
    assert "d.doc" in opened.locator("#failed").inner_text()


def test_a_hostile_plan_does_nothing(visit: Open) -> None:
    page = visit()
    for theme in page.locator("[name=theme] option").all():
        page.get_by_label("Theme", exact=True).select_option(value=theme.get_attribute("value"))
    page.get_by_role("button", name="Clear").click()
    for bar in page.locator("#plots a").evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        go(page, bar)
    go(page, "#cccccccccccc.p0")
    page.wait_for_selector("#text mark")
    assert page.locator("#plan-title").inner_text() == EVIL
    assert EVIL in page.locator("#text").inner_text()
    for mark in page.locator("#text mark").all():
        mark.focus()
        mark.click()
    for details in page.locator("#plan details:not([open]) > summary").all():
        details.click()
    for link in page.locator("aside a").all():
        link.click()
    assert all(href.startswith("#") for href in page.locator("a[href]").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"))  # fmt: skip
    assert page.locator("img, iframe, main script").count() == 0
    assert page.title().startswith(EVIL)


def test_the_policy_holds(browser: Browser, html: str, tmp_path: Path) -> None:
    """Were a text ever parsed as HTML or a script put in, the browser would refuse it."""
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector(SHOWN)
    refused = page.evaluate("""() => {
        try { document.body.innerHTML = '<b>x</b>'; return 'parsed'; } catch (error) { return error.name; }
    }""")
    assert refused == "TypeError"
    page.evaluate("""() => {
        const script = document.createElement('script');
        try { script.textContent = "document.title = 'run'"; document.head.append(script); } catch { }
    }""")
    assert page.title() != "run"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "#?plot=targets&key=听课", "#aaaaaaaaaaaa.p0", "#cccccccccccc.p0"])
def test_a_phone_needs_no_scrolling_sideways(fragment: str, scheme: str, visit: Open) -> None:
    page = visit(fragment, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.wait_for_selector("#plans tbody tr" if not fragment.startswith(("#a", "#c")) else "#text")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "#?plot=targets&key=听课", "#aaaaaaaaaaaa.p0"])
def test_axe_has_no_complaint(fragment: str, scheme: str, visit: Open) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = visit(fragment, color_scheme=scheme, bypass_csp=True)
    page.wait_for_selector("#rows tbody tr" if "plot" in fragment else "main")
    found = Axe().run(page).response
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert len(found["passes"]) > 20


def contrast(colours: list[str]) -> float:
    """The ratio of two colours by WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted(map(luminance, colours))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_and_bars_can_be_seen(scheme: str, visit: Open) -> None:
    """WCAG AA: text 4.5 to what it stands on, lines and bars 3 to the page."""
    page = visit("#aaaaaaaaaaaa.p0", color_scheme=scheme)
    for name in FOUND:
        ink, ground, line, paper = page.locator(f"#text mark.{name}").first.evaluate(
            "e => { const own = getComputedStyle(e), page = getComputedStyle(document.documentElement);"
            " return [own.color, own.backgroundColor, own.borderBottomColor, page.backgroundColor]; }"
        )
        assert contrast([ink, ground]) >= 4.5
        assert contrast([line, paper]) >= 3
        assert contrast([line, ground]) >= 3
    soft, paper = page.locator(".about dt").first.evaluate(
        "e => [getComputedStyle(e).color, getComputedStyle(document.documentElement).backgroundColor]"
    )
    assert contrast([soft, paper]) >= 4.5
    fills = page.evaluate(
        "() => ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'].map(name => { const e = document.createElement('i');"
        " e.style.color = `var(--${name})`; document.body.append(e); return getComputedStyle(e).color; })"
    )
    assert min(contrast([fill, paper]) for fill in fills) >= 3
    tones = page.evaluate(
        "() => [0, 1, 2, 3, 4].map(n => ['tone-' + n, n < 3 ? 'on-light' : 'on-dark'].map(name => {"
        " const e = document.createElement('i'); e.style.color = `var(--${name})`; document.body.append(e);"
        " return getComputedStyle(e).color; }))"
    )
    assert min(map(contrast, tones)) >= 4.5


def test_on_paper_stands_all_that_was_chosen(tmp_path: Path, visit: Open) -> None:
    number = 120
    ids = [f"{at:012x}" for at in range(number)]
    plans = [made_run.plan(each, CITY_TEXT, {"title": f"规划{each}"}) for each in ids]
    folder = made_run.write(
        tmp_path / "o", [made_run.source(each, each) for each in ids], dict.fromkeys(ids, CITY_TEXT), plans
    )
    opened = visit(text=page(folder))
    assert len(titles(opened)) == 50
    opened.get_by_role("button", name="Show 70 more").click()
    assert len(titles(opened)) == number
    opened.reload()
    opened.wait_for_selector(SHOWN)
    opened.emulate_media(media="print")
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(titles(opened)) == number
    assert not opened.locator("#filters").is_visible()
    assert opened.locator("#plots").is_visible()


def test_a_plan_on_paper_is_unfolded(visit: Open) -> None:
    page = visit("#aaaaaaaaaaaa.p0")
    page.get_by_role("button", name="Fold all").click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#plan details:not([open])").count() == 0
    assert page.locator(f"[id='{TASK_ID}']").is_visible()
    assert page.pdf()[:5] == b"%PDF-"
