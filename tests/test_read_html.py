"""Web pages: what is text and what is not, tables, encodings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import Damaged, EmptyFile
from pipeline.model import Document
from pipeline.read import read
from tests.made import grid, texts


def page(folder: Path, body: str, *, head: str = '<meta charset="utf-8">', codec: str = "utf-8") -> Document:
    path = folder / "plan.html"
    path.write_bytes(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(codec))
    return read(path)


def test_blocks_breaks_and_headings(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<h1>青禾县教育工作要点</h1><div>一、总体<span>要求</span><p>坚持&nbsp;<b>育人</b>为本。<br>第二行</p>尾巴</div>"
        '<p align="center"><strong>二、主要任务</strong></p>',
    )
    assert texts(document) == [
        "青禾县教育工作要点",
        "一、总体要求",
        "坚持\xa0育人为本。",
        "第二行",
        "尾巴",
        "二、主要任务",
    ]
    assert document.text == "\n".join(texts(document))
    assert [block.outline for block in document.blocks] == [1, None, None, None, None, None]
    assert document.blocks[5].centred
    assert document.blocks[5].bold
    assert not document.blocks[2].bold
    assert document.format == "html"


def test_what_is_left_out(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<nav>首页</nav><header>网站名</header><script>var a=1;</script><style>p{}</style><!-- 注释 -->"
        "<form><p>正文第一段</p><label><input type=radio>已完成</label><label for=x>输入</label><input id=x>"
        "<select><option>选项</option></select><textarea>填写</textarea><button>提交</button></form>"
        '<p style="display: none">隐藏</p><p hidden>隐藏</p><article><header><h1>标题</h1></header>正文</article>'
        "<footer>版权所有</footer><aside>侧栏</aside>",
    )
    assert texts(document) == ["正文第一段", "标题", "正文"]


def test_title_only_where_the_body_lacks_it(tmp_path: Path) -> None:
    head = '<meta charset="utf-8"><title>青禾县2031年工作要点_青禾县教育局</title>'
    repeated = page(tmp_path, "<p>青禾县<b>2031年</b>工作要点</p><p>一、目标</p>", head=head)
    assert texts(repeated) == ["青禾县2031年工作要点", "一、目标"]
    alone = page(tmp_path, "<table><tr><td>甲<td>乙<tr><td>丙<td>丁</table>", head=head)
    assert texts(alone) == ["青禾县2031年工作要点_青禾县教育局", "甲\t乙", "丙\t丁"]
    assert grid(alone) == [["甲", "乙"], ["丙", "丁"]]


def test_merged_cells_are_filled(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<table><thead><tr><th>任务<th colspan=2>责任<th>时限</thead><tbody>"
        "<tr><td rowspan=2>校舍<br>建设<td>教育局<td>住建局<td rowspan=0>年底"
        "<tr><td>财政局<td></tbody></table><p>后文</p><table><tr><td>甲<td>乙<tr><td>丙<td>丁</table>",
    )
    assert grid(document) == [
        ["任务", "责任", None, "时限"],
        ["校舍建设", "教育局", "住建局", "年底"],
        ["校舍建设", "财政局", None, "年底"],
        ["甲", "乙"],
        ["丙", "丁"],
    ]
    rows = [block for block in document.blocks if block.kind == "row"]
    assert [(row.table, row.row) for row in rows] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    assert texts(document)[1] == "校舍建设\t教育局\t住建局\t年底"


def test_tables_for_layout_are_no_rows(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<table><tr><td>左栏</td><td><p>一、目标</p><table><tr><td>甲<td>乙<tr><td>丙<td>丁</table></td></tr></table>",
    )
    assert texts(document) == ["左栏", "一、目标", "甲\t乙", "丙\t丁"]


def test_numbered_lists_show_their_numbers(tmp_path: Path) -> None:
    document = page(tmp_path, "<ol start=3><li>抓教研</li><li>4.抓培训</li></ol><ul><li>其他</li></ul>")
    assert texts(document) == ["3. 抓教研", "4.抓培训", "其他"]
    assert document.blocks[0].label_end == 2


@pytest.mark.parametrize(
    ("codec", "charset", "encoding"),
    [("gb18030", "gb2312", "gb18030"), ("gb18030", "utf-8", "gb18030"), ("utf-8", "gb2312", "utf-8")],
)
def test_declared_and_real_encoding(tmp_path: Path, codec: str, charset: str, encoding: str) -> None:
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    document = page(tmp_path, "<p>全县教育工作要点</p>", head=head, codec=codec)
    assert (texts(document), document.encoding) == (["全县教育工作要点"], encoding)


def test_big5_page(tmp_path: Path) -> None:
    document = page(tmp_path, "<p>全縣教育工作要點</p>", head='<meta charset="big5">', codec="big5")
    assert (texts(document), document.encoding) == (["全縣教育工作要點"], "big5")


def test_a_page_without_text(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match="open it"):
        page(tmp_path, "<script>render()</script>", head="<title></title>")


def test_deep_and_broken_markup(tmp_path: Path) -> None:
    document = page(tmp_path, "<div>" * 1500 + "<p>深处<b>文字" + "</div>" * 10)
    assert texts(document) == ["深处文字"]
    with pytest.raises(Damaged, match="nests"):
        page(tmp_path, "<div>" * 5000 + "<p>深处")


def test_entities_reach_no_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.xhtml"
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        "<html><body><p>要点&x;</p></body></html>",
        encoding="utf-8",
    )
    assert "root:" not in read(path).text


def test_what_a_script_will_show_is_text(tmp_path: Path) -> None:
    body = '<div id="js_content" style="visibility: hidden; opacity: 0;"><p>一、目标</p><p>办好学校。</p></div>'
    assert texts(page(tmp_path, f"<h1>工作要点</h1>{body}")) == ["工作要点", "一、目标", "办好学校。"]


def test_a_line_is_bold_where_all_of_it_is(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<div><b>一、主要目标</b><br>办好每一所学校。<br><b>重点</b>任务见下文。<br>末行</div>"
        '<p><span style="font-weight:700">二、</span><strong>主要任务</strong></p>',
    )
    assert [block.bold for block in document.blocks] == [True, False, False, False, True]


def test_bold_lines_take_as_many_steps_as_there_are(tmp_path: Path) -> None:
    document = page(tmp_path, f"<div>{'<b>句</b>子一行。<br>' * 20_000}</div>")
    assert len(document.blocks) == 20_000


def test_preformatted_lines_are_blocks(tmp_path: Path) -> None:
    document = page(tmp_path, "<pre>一、目标\n办好学校。\n\n<b>二、任务</b>\n建校3所。</pre><p>行\n间</p>")
    assert texts(document) == ["一、目标", "办好学校。", "二、任务", "建校3所。", "行 间"]


def test_a_table_that_the_text_of_a_page_draws_is_rows(tmp_path: Path) -> None:
    table = "<pre>任务 | 责任处室 | 时限\n|---|---|---|\n家访200户 | 政教处 | 3月\n</pre>"
    document = page(
        tmp_path, f"<p>下表列出任务。</p><table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td></tr></table>{table}"
    )
    assert [(b.table, b.row, len(b.cells)) for b in document.blocks if b.kind == "row" and b.table] == [
        (1, 0, 3),
        (1, 1, 3),
    ]


def test_cells_are_read_however_deep_their_text_lies(tmp_path: Path) -> None:
    deep = "<div>" * 230 + "建校3所" + "</div>" * 230
    document = page(tmp_path, f"<table><tr><td>任务<td>单位<tr><td>{deep}<td>县教育局</table>")
    assert grid(document)[1] == ["建校3所", "县教育局"]


def test_merged_cells_end_with_their_group_and_the_foot_comes_last(tmp_path: Path) -> None:
    document = page(
        tmp_path,
        "<table><thead><tr><th rowspan=3>任务<th>单位</thead><tfoot><tr><td>合计<td>2项</tfoot>"
        "<tbody><tr><td>建校<td>教育局<tr><td>培训<td>教研室</tbody></table>",
    )
    assert grid(document) == [["任务", "单位"], ["建校", "教育局"], ["培训", "教研室"], ["合计", "2项"]]
