"""How much of a plan, and of what stands around it, is left of web pages as sites lay them out.

    python -m tests.bench.web

One plan stands on pages of eight kinds: between menus, breadcrumbs, tools, lists of other articles and
footers, in layout tables, under a script's curtain, line by line, preformatted, as Word exports it. Counted
are the plan's lines that stand whole in what a reader gives, the site's lines that do too, and the cells of
the plan's table that come in their row; planpipe's are those of its plans.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path

import pipeline
from tests.bench import written

SITE = (
    *("首页 > 政务公开 > 规划计划", "【字体：大 中 小】 打印 关闭", "浏览次数：1024次", "信息来源：青禾县教育局办公室"),
    *("上一篇：青禾县举办读书节", "下一篇：青禾县召开安全工作会", "相关阅读", "扫一扫在手机打开当前页"),
    *("版权所有：青禾县人民政府", "青ICP备20310001号", "网站地图 | 联系我们", "主办：青禾县人民政府办公室"),
)
MENU = ("首页", "政务公开", "办事服务", "互动交流", "数据开放", "走进青禾")


def lines_of(truth: written.Truth) -> list[str]:
    """The plan's lines, its title first."""
    return [written.TITLE, *(piece.shown for piece in truth.pieces)]


def _around(content: str) -> str:
    """A page of a site made of nothing but `div`."""
    menu = "".join(f'<li><a href="/{n}">{name}</a></li>' for n, name in enumerate(MENU))
    crumbs, tools, seen, source, before, behind, related, code, rights, number, links, host = SITE
    return (
        f'<div class="top"><ul>{menu}</ul></div><div class="crumbs">{crumbs}</div><div class="tools">{tools}</div>'
        f"<div>{source}</div><div>{seen}</div>{content}<div>{before}</div><div>{behind}</div><div>{code}</div>"
        f'<div class="rel"><h3>{related}</h3><ul><li><a href="/a">青禾县教育工作会议召开</a></li></ul></div>'
        f"<div class=foot><p>{host}</p><p>{rights}</p><p>{number}</p><p>{links}</p></div>"
    )


def pages(truth: written.Truth) -> dict[str, str]:
    """The plan on a page of each kind."""
    title, *lines = map(escape, lines_of(truth))
    rows = written.html_table(truth)
    paragraphs = "".join(f"<p>&nbsp;&nbsp;&nbsp;&nbsp;{line}</p>" for line in lines)
    bold = "".join(f"<b>{line}</b><br>" if len(line) < 20 else f"{line}<br>" for line in lines)
    word = "".join(
        f'<p class=MsoNormal style="text-indent:32.0pt"><span style="font-size:16.0pt">{line}<o:p></o:p></span></p>'
        for line in lines
    )
    kinds = {
        "div soup": _around(f'<div class="t">{title}</div><div class="c">{paragraphs}{rows}</div>'),
        "line breaks": _around(f"<h2>{title}</h2><div>{'<br>'.join(lines)}<br>{rows}</div>"),
        "layout table": f"<table><tr><td>{_around(f'<h1>{title}</h1>{paragraphs}{rows}')}</td></tr></table>",
        "curtain": _around(f'<h1>{title}</h1><div id=js_content style="visibility:hidden">{paragraphs}{rows}</div>'),
        "bold titles": _around(f"<h1>{title}</h1><div>{bold}{rows}</div>"),
        "preformatted": _around(f"<h1>{title}</h1><pre>{chr(10).join(lines)}</pre>{rows}"),
        "Word export": _around(f"<h1>{title}</h1><div class=WordSection1>{word}{rows}</div>"),
        "semantic": (
            f"<nav>{SITE[0]}</nav><article><h1>{title}</h1>{paragraphs}{rows}</article><footer>{SITE[8]}</footer>"
        ),
    }
    head = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}_青禾县人民政府</title></head><body>"
    return {kind: f"{head}{body}</body></html>" for kind, body in kinds.items()}


def with_planpipe(page: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(page, encoding="utf-8")
        return "\n".join(plan.head.reading.text for plan in pipeline.parse(path))


def with_trafilatura(page: str) -> str:
    import trafilatura

    return trafilatura.extract(page, include_tables=True, favor_recall=True) or ""


def with_all_text(page: str) -> str:
    from lxml import html

    return "\n".join(html.document_fromstring(page).itertext())


READERS: dict[str, Callable[[str], str]] = {
    "planpipe": with_planpipe,
    "trafilatura": with_trafilatura,
    "all text": with_all_text,
}


def squeezed(text: str) -> str:
    """A line without white space."""
    return re.sub(r"\s", "", text)


def counts(truth: written.Truth, text: str) -> tuple[int, int, int]:
    """How many of the plan's lines and of the site's stand in a text, and how many rows of the table are whole."""
    seen = {squeezed(line) for line in text.split("\n")}
    rows = {_row(re.split(r"[\t|]", line.strip().strip("|"))) for line in text.split("\n")}
    wanted = [_row(row) for row in written.grid(truth)]
    return (
        sum(squeezed(line) in seen for line in lines_of(truth)),
        sum(squeezed(line) in seen for line in SITE),
        sum(row in rows for row in wanted),
    )


def _row(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells of a row, empty ones at its end left out."""
    found = [squeezed(cell) for cell in cells]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def main() -> None:
    truth = written.make(small=True)
    total = len(lines_of(truth))
    print(f"{'page':14}{'reader':13}plan lines  site lines left  table rows whole")
    for kind, page in pages(truth).items():
        for name, reader in READERS.items():
            if name == "trafilatura" and find_spec(name) is None:
                continue
            plan, site, rows = counts(truth, reader(page))
            print(f"{kind:14}{name:13}{f'{plan}/{total}':12}{f'{site}/{len(SITE)}':17}{rows}/{truth.rows}")


if __name__ == "__main__":
    main()
