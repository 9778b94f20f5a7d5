"""A plan that is known to the letter, written in every format: as text, web page, Word document and PDF.

Everything that Word and PDF files do to a text is in it somewhere. The plan is invented by a seeded
generator; `Truth` holds what a reader should give.
"""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from io import BytesIO
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple

TITLE = "青禾县教育事业发展2031年工作要点"
HEAD = "青禾县教育局文件选编"
HIDDEN = "本句仅供起草组核对。"
DELETED = "这半句已经删去，"
NUMERALS = "一二三四五六七八九十"
VERBS = ("健全", "完善", "优化", "深化", "推进", "加强", "规范", "拓展", "夯实", "创新", "落实", "提升")
THINGS = (
    *("课程体系", "校舍建设", "教师培训", "课后服务", "校园安全", "学籍管理", "资助工作", "实验教学"),
    *("阅读推广", "体育锻炼", "劳动实践", "心理辅导", "家校协作", "食堂监管", "教研联动", "集团办学"),
)
WHO = ("各学校", "县教育局", "教研室", "各学区", "督导室", "各幼儿园", "装备中心")
CLAUSES = (
    "{who}要对照年度目标逐项明确责任",
    "到2031年底完成率达到{n}%以上",
    "全年组织{thing}专题活动不少于{n}场次",
    "把{thing}列入学期考核内容",
    "建成示范点{n}个、联系校{m}所",
    "依托AI平台和School Net网络采集数据{n}.{m}万条",
    "建立{thing}台账并按季度通报进展",
    "围绕“{thing}”开展调研，形成报告",
    "由{who}牵头，相关单位配合实施",
    "对进展缓慢的单位（含直属单位）及时提醒",
    "{who}每学期听课不少于{n}节",
    "力争{m}月底前新建校舍{m}栋",
)
UNITS_BEHIND = ("（牵头单位：县教育局；配合单位：县财政局、各学校）", "（责任单位：教研室、督导室）")


@dataclass(frozen=True)
class Piece:
    """A paragraph of the plan (level 0) or a heading.

    Args:
        text: of the paragraph or the heading.
        body: text behind a heading in the same paragraph.
        note: hangs on its end, as an endnote where `how` says so.
        how: what is peculiar to it, see `HOW`.
    """

    text: str
    level: int = 0
    label: str = ""
    body: str = ""
    note: str = ""
    how: str = ""

    @property
    def shown(self) -> str:
        return self.label + self.text + self.body

    @property
    def unlabelled(self) -> str:
        return self.text + self.body


HOW = {
    "changed": "Word: insertions and deletions are tracked in it",
    "hidden": "Word: hidden text in its middle",
    "field": "Word: its middle is the result of a complex field, its end of a simple one",
    "control": "Word: it stands in a content control, and part of it in another",
    "soft": "it stands in the paragraph before it, behind a line break",
    "box": "Word: it stands in a text box, drawn twice for old and new readers",
    "endnote": "Word: its note is an endnote",
    "plain": "Word: its style takes away the number of the style that it is based on",
    "none": "Word: its number is of the format that shows none",
    "legal": "Word: its number shows the chapter's Chinese numeral as a figure",
    "first": "its list begins",
    "again": "Word: its list begins anew, by an override of the start",
    "spaced": "PDF: its letters are spaced",
    "typed": "Word: its label is typed",
}


class Cell(NamedTuple):
    """A cell of the table, and how many rows and columns it covers.

    Args:
        text: lines that the writer put below each other are parted by line feeds.
        nested: all lines but the first stand in a table of their own in the cell.
    """

    row: int
    column: int
    text: str
    down: int = 1
    across: int = 1
    nested: bool = False

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")


COLUMNS = 5


@dataclass
class Truth:
    """The plan: the table stands behind all pieces.

    Args:
        wide: where the pieces begin that the PDF has in two columns.
        turned: where those begin that it has on turned pages.
        plain: where those begin that it has on pages like the first again.
        contents: the lines of the table of contents.
    """

    pieces: list[Piece]
    cells: list[Cell]
    rows: int
    wide: int
    turned: int
    plain: int
    pages: int = 0
    notes: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)


def make(*, small: bool = False, seed: int = 7) -> Truth:
    """Invent a plan of about fifteen pages, or of half as many."""
    rng = random.Random(seed)
    titles = [verb + thing for verb, thing in product(VERBS, THINGS)]
    rng.shuffle(titles)

    def sentences(least: int, *, latin: bool = True) -> str:
        text = ""
        while len(text) < least:
            clauses = rng.sample([clause for clause in CLAUSES if latin or "AI" not in clause], 3)
            values = {"who": rng.choice(WHO), "thing": rng.choice(THINGS), "n": rng.randint(11, 98)}
            text += "，".join(clauses).format(**values, m=rng.randint(2, 9)) + "。"
        return text

    def listed() -> str:
        parts = (f"{n}是{rng.choice(VERBS)}{rng.choice(THINGS)}，新增试点{rng.randint(11, 98)}个" for n in NUMERALS[:3])
        return "；".join(parts) + "。"

    def chapter(parts: int, points: int) -> Iterator[Piece]:
        nonlocal number
        number += 1
        yield Piece(titles.pop(), 1, f"{NUMERALS[number - 1]}、")
        yield Piece(sentences(30, latin=number % 2 == 0), how="" if number % 2 == 0 else "spaced")
        for part in range(parts):
            note = f"指第{number}批名单所列单位，共{rng.randint(3, 9)}家。" if part == 1 else ""
            yield Piece(titles.pop(), 2, f"（{NUMERALS[part]}）")
            yield Piece(sentences(40), note=note, how="endnote" if note and number % 2 == 0 else "")
            for point in range(points):
                if point % 2:
                    yield Piece(titles.pop(), 3, f"{point + 1}.", body="。" + sentences(50))
                else:
                    yield Piece(titles.pop(), 3, f"{point + 1}.")
                    yield Piece(
                        sentences(rng.choice((20, 50, 110))).rstrip("。") + rng.choice(("", *UNITS_BEHIND)) + "。"
                    )
            yield Piece(listed())

    def peculiar() -> Iterator[Piece]:
        nonlocal number
        number += 1
        yield Piece(titles.pop(), 1, f"{NUMERALS[number - 1]}、")
        for how in ("changed", "hidden", "field", "control", "box", "", "soft", "plain", "none"):
            yield Piece(sentences(60), how=how)
        for part in range(2):
            yield Piece(titles.pop(), 2, f"（{NUMERALS[part]}）")
            yield Piece(sentences(40))
            for point in range(2):
                how = ("first", "again")[part]
                yield Piece(titles.pop(), 3, f"{point + 1}.", how=how)
                yield Piece(sentences(40))
        number += 1
        yield Piece(titles.pop(), 1, f"{NUMERALS[number - 1]}、")
        yield Piece(sentences(40))
        for point in range(3):
            yield Piece(titles.pop(), 2, f"{number}.{point + 1} ", how="legal")
            yield Piece(sentences(40))

    number = 0
    size = (2, 2) if small else (4, 3)
    pieces = [Piece(sentences(60)), *chapter(*size), *chapter(*size)]
    wide = len(pieces)
    pieces += chapter(*((2, 3) if small else (4, 4)))
    turned = len(pieces)
    pieces += chapter(*size)
    plain = len(pieces)
    pieces += [*peculiar(), *chapter(*size), Piece("工作任务分解见下表。")]
    rows = 12 if small else 24
    notes = [piece.note for piece in pieces if piece.note]
    return Truth(pieces, list(_cells(rows, rng)), rows, wide, turned, plain, notes=notes)


def shortened(truth: Truth, length: int) -> Truth:
    """The beginning of a plan and its table, together about so many characters long."""
    left = length - sum(len("\t".join(row)) + 1 for row in grid(truth))
    pieces: list[Piece] = []
    for piece in truth.pieces:
        if left <= 0:
            break
        pieces.append(piece)
        left -= len(piece.shown) + 1
    wide, turned, plain = (min(at, len(pieces)) for at in (truth.wide, truth.turned, truth.plain))
    notes = [piece.note for piece in pieces if piece.note]
    return replace(truth, pieces=pieces, wide=wide, turned=turned, plain=plain, notes=notes)


def for_office(truth: Truth) -> Truth:
    """The plan as LibreOffice can turn it into a Word 97 document.

    It reckons fields anew, and does not write numbers that show figures for Chinese numerals or that begin anew.
    Such numbers are typed.
    """
    how = {"field": "", "legal": "typed", "first": "typed", "again": "typed"}
    pieces = [replace(piece, how=how.get(piece.how, piece.how)) for piece in truth.pieces]
    return replace(truth, pieces=pieces)


def _cells(rows: int, rng: random.Random) -> Iterator[Cell]:
    """A head of two rows, a row that titles those below it, and tasks."""
    for column, text in ((0, "重点任务"), (1, "具体措施"), (4, "完成时限")):
        yield Cell(0, column, text, 2)
    yield Cell(0, 2, "责任分工", 1, 2)
    yield Cell(1, 2, "牵头单位")
    yield Cell(1, 3, "配合单位")
    yield Cell(2, 0, "教学方面的任务", 1, COLUMNS)
    first, last = [(3, 4), (7, 1), (8, 2), (10, 2)], [(3, 3), (6, 1), (7, 2), (9, 1), (10, 1), (11, 1)]
    first += [(12, 1), (13, 3), (16, 6), (22, 1), (23, 1)]
    last += [(12, 3), (15, 1), (16, 5), (21, 1), (22, 2)]
    for row, down in first:
        if row < rows:
            yield Cell(row, 0, f"{VERBS[row % 12]}{rng.choice(THINGS)}", down)
    for row, down in last:
        if row < rows:
            yield Cell(row, 4, f"2031年{rng.randint(1, 12)}月底前", down)
    square, across, nested, listed = 4, {9, 14}, 6, 7
    for row in range(3, rows):
        measure = f"{rng.choice(VERBS)}{rng.choice(THINGS)}，新增{rng.randint(11, 98)}个示范点"
        if row == nested:
            measure += f"\n新建{rng.choice(THINGS)}站\n培训骨干{rng.randint(11, 98)}人次"
        yield Cell(row, 1, measure, nested=row == nested)
        if row == square:
            yield Cell(row, 2, "县教育局会同县财政局", 2, 2)
        elif row in across:
            yield Cell(row, 2, rng.choice(WHO), 1, 2)
        elif row != square + 1:
            yield Cell(row, 2, "教研室\n督导室\n各学校" if row == listed else rng.choice(WHO))
            yield Cell(row, 3, rng.choice(("县财政局", "县人社局", "团县委")))


def grid(truth: Truth) -> list[list[str]]:
    """The table with every cell in the first of the columns and in all of the rows that it covers."""
    table = [[""] * COLUMNS for _ in range(truth.rows)]
    for cell in truth.cells:
        for row in range(cell.row, cell.row + cell.down):
            table[row][cell.column] = " ".join(cell.lines)
    return table


def as_text(truth: Truth) -> bytes:
    """The plan as plain text, its table pasted with tabs."""
    lines = [TITLE, *(piece.shown for piece in truth.pieces), *("\t".join(row) for row in grid(truth))]
    return ("\n".join(lines) + "\n").encode()


def html_table(truth: Truth) -> str:
    """The table of a web page."""
    rows = ""
    for row in range(truth.rows):
        cells = (
            f'<td rowspan="{cell.down}" colspan="{cell.across}">{"<br>".join(map(escape, cell.lines))}</td>'
            for cell in sorted(truth.cells, key=lambda cell: cell.column)
            if cell.row == row
        )
        rows += f"<tr>{''.join(cells)}</tr>\n"
    return f'<table border="1">{rows}</table>'


def as_html(truth: Truth) -> bytes:
    """The plan as a web page, its labels typed, navigation and notices around it."""
    body = ""
    for piece in truth.pieces:
        body = body.removesuffix("</p>\n") + "<br>" if piece.how == "soft" else body + "<p>"
        body += f"{escape(piece.shown)}</p>\n"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{TITLE}</title></head><body>\n'
        f'<nav><a href="/">{HEAD}</a></nav>\n<article><h1>{TITLE}</h1>\n{body}{html_table(truth)}'
        f"</article>\n<footer>{HEAD}</footer></body></html>"
    ).encode()


# Word

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml"
SPACES = (
    f'xmlns:w="{WORD}" xmlns:r="{REL}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
LEVELS = (
    ("chineseCountingThousand", "%1、", "nothing", ""),
    ("chineseCountingThousand", "（%2）", "nothing", ""),
    ("decimal", "%3.", "nothing", ""),
    ("decimal", "%1.%4", "space", "<w:isLgl/>"),
    ("none", "", "nothing", ""),
)
WAYS = ("styles", "direct", "unstyled", "typed")
"""Numbers in the heading styles, in the paragraphs of heading styles, in plain paragraphs, typed."""


def as_docx(truth: Truth, way: str, *, strict: bool = False) -> bytes:
    """The plan as a Word document whose headings are numbered in one of `WAYS`; `strict` is of ISO 29500 strict."""
    body, notes = [_paragraph(TITLE, '<w:jc w:val="center"/>'), _contents(truth)], _Notes()
    for index, piece in enumerate(truth.pieces):
        following = truth.pieces[index + 1] if index + 1 < len(truth.pieces) else None
        more = notes.mark(piece)
        if following and following.how == "soft":
            more += "<w:r><w:br/></w:r>" + _runs(following.shown)
        if following and following.how == "box":
            more += _box(following.shown)
        if piece.how not in ("soft", "box"):
            body.append(_written(piece, way, more))
    body.append(_word_table(truth))
    body.append(
        '<w:sectPr><w:headerReference w:type="default" r:id="rId5"/><w:footerReference w:type="default" r:id="rId6"/>'
        '<w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    )
    page = _paragraph("— ").removesuffix("</w:p>") + (
        '<w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        '<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p>'
    )
    parts = {
        "styles": f"<w:styles {SPACES}>{_styles(linked=way == 'styles')}</w:styles>",
        "numbering": f"<w:numbering {SPACES}>{_numbering(linked=way == 'styles')}</w:numbering>",
        "footnotes": f"<w:footnotes {SPACES}>{notes.part('footnote')}</w:footnotes>",
        "endnotes": f"<w:endnotes {SPACES}>{notes.part('endnote')}</w:endnotes>",
        "header": f"<w:hdr {SPACES}>{_paragraph(HEAD)}</w:hdr>",
        "footer": f"<w:ftr {SPACES}>{page}</w:ftr>",
    }
    kinds = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'wordprocessingml.{"document.main" if name == "document" else name}+xml"/>'
        for name in ("document", *parts)
    )
    types = "http://schemas.openxmlformats.org/package/2006"
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{REL}/{name}" Target="{name}.xml"/>' for i, name in enumerate(parts, 1)
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{types}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{types}/relationships"><Relationship Id="rId1" '
        f'Type="{REL}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{types}/relationships">{links}</Relationships>',
        "word/document.xml": f"<w:document {SPACES}><w:body>{''.join(body)}</w:body></w:document>",
        **{f"word/{name}.xml": content for name, content in parts.items()},
    }
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if strict:
                content = content.replace(WORD, f"{STRICT}/wordprocessingml/main")
                content = content.replace(REL, f"{STRICT}/officeDocument/relationships")
                content = content.replace("<w:document ", '<w:document w:conformance="strict" ')
            archive.writestr(name, content)
    return buffer.getvalue()


def _run(text: str, properties: str = "", tag: str = "w:t") -> str:
    properties = f'<w:rPr><w:rFonts w:hint="eastAsia"/>{properties}</w:rPr>'
    return f'<w:r>{properties}<{tag} xml:space="preserve">{escape(text)}</{tag}></w:r>' if text else ""


def _runs(text: str, parts: int = 2) -> str:
    """Runs, as Word cuts a paragraph into them wherever it was edited."""
    cuts = [len(text) * part // parts for part in range(parts + 1)]
    return "".join(_run(text[a:b]) for a, b in pairwise(cuts))


def _paragraph(text: str, properties: str = "", more: str = "", runs: str | None = None) -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{_runs(text) if runs is None else runs}{more}</w:p>"


def _control(content: str) -> str:
    return f'<w:sdt><w:sdtPr><w:alias w:val="正文"/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>'


def _complex(instruction: str, result: str) -> str:
    """A field, with its instruction and its result in runs."""

    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    return f"{mark('begin')}{_run(instruction, tag='w:instrText')}{mark('separate')}{result}{mark('end')}"


def _written(piece: Piece, way: str, more: str) -> str:
    """A piece as a paragraph; `more` stands behind its text."""
    text = piece.shown if "typed" in (way, piece.how) else piece.unlabelled
    properties = _properties(piece, way)
    a, b = len(text) // 3, 2 * len(text) // 3
    left, middle, right = text[:a], text[a:b], text[b:]
    who = 'w:id="1" w:author="校对" w:date="2031-01-05T08:00:00Z"'
    runs = _runs(text)
    if piece.how == "changed":
        gone = _run(DELETED, tag="w:delText")
        runs = f"{_run(left)}<w:del {who}>{gone}</w:del><w:ins {who}>{_run(middle)}</w:ins>{_run(right)}"
    elif piece.how == "hidden":
        runs = _run(left) + _run(HIDDEN, "<w:vanish/>") + _run(middle + right)
    elif piece.how == "field":
        inner = _complex("PAGEREF _Toc1", _run(middle[:1])) + _run(middle[1:])
        runs = _run(left) + _complex("REF 重点 \\h", inner)
        runs += f'<w:fldSimple w:instr="DATE \\@ yyyy">{_run(right)}</w:fldSimple>'
    elif piece.how == "control":
        runs = _run(left) + _control(_run(middle)) + _run(right)
    written = _paragraph(text, properties, more, runs)
    return _control(written) if piece.how == "control" else written


def _properties(piece: Piece, way: str) -> str:
    """Style and number of a piece."""
    if piece.how == "plain":
        return '<w:pStyle w:val="Plain"/>'
    if "typed" in (way, piece.how):
        return ""
    if piece.how == "none":
        return '<w:numPr><w:ilvl w:val="4"/><w:numId w:val="1"/></w:numPr>'
    if not piece.level:
        return ""
    level = 4 if piece.how == "legal" else piece.level
    style = f'<w:pStyle w:val="Heading{level}"/>' if way != "unstyled" else ""
    if piece.how in ("first", "again"):
        listed = {"first": 2, "again": 3}[piece.how]
        return style + f'<w:numPr><w:ilvl w:val="2"/><w:numId w:val="{listed}"/></w:numPr>'
    return style if way == "styles" else style + f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="1"/></w:numPr>'


class _Notes:
    """Foot- and endnotes, numbered as they are cited."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {"footnote": [], "endnote": []}

    def mark(self, piece: Piece) -> str:
        if not piece.note:
            return ""
        kind = "endnote" if piece.how == "endnote" else "footnote"
        self._texts[kind].append(piece.note)
        return f'<w:r><w:{kind}Reference w:id="{len(self._texts[kind])}"/></w:r>'

    def part(self, kind: str) -> str:
        return "".join(
            f'<w:{kind} w:id="{i}"><w:p><w:r><w:{kind}Ref/></w:r>{_run(text)}</w:p></w:{kind}>'
            for i, text in enumerate(self._texts[kind], 1)
        )


def _contents(truth: Truth) -> str:
    """A table of contents: a field over paragraphs, in the control that Word puts around it."""
    truth.contents = [piece.label + piece.text for piece in truth.pieces if piece.level in (1, 2)]
    entries = [
        _paragraph("", '<w:pStyle w:val="TOC1"/>', runs=f"{_run(line)}<w:r><w:tab/></w:r>{_run(str(3 + i // 3))}")
        for i, line in enumerate(truth.contents)
    ]
    begin, end = _complex('TOC \\o "1-2" \\h', "§").split("§")
    entries[0] = entries[0].replace("</w:pPr>", f"</w:pPr>{begin}", 1)
    entries[-1] = entries[-1].removesuffix("</w:p>") + f"{end}</w:p>"
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    content = _paragraph("目录", '<w:jc w:val="center"/>') + "".join(entries)
    return f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def _box(text: str) -> str:
    """A text box, as a drawing and for readers that know none as VML."""
    content = f"<w:txbxContent>{_paragraph(text)}</w:txbxContent>"
    size = '<wp:extent cx="4000000" cy="900000"/><wp:docPr id="1" name="框"/>'
    shape = f'<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr/><wps:txbx>{content}</wps:txbx><wps:bodyPr/></wps:wsp>'
    uri = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
    graphic = f'<a:graphic><a:graphicData uri="{uri}">{shape}</a:graphicData></a:graphic>'
    drawing = f"<w:drawing><wp:inline>{size}{graphic}</wp:inline></w:drawing>"
    old = f'<w:pict><v:shape style="width:300pt;height:60pt"><v:textbox>{content}</v:textbox></v:shape></w:pict>'
    choice = f'<mc:Choice Requires="wps">{drawing}</mc:Choice><mc:Fallback>{old}</mc:Fallback>'
    return f"<w:r><mc:AlternateContent>{choice}</mc:AlternateContent></w:r>"


def _styles(*, linked: bool) -> str:
    styles = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    for level, outline in ((1, 0), (2, 1), (3, 2), (4, 1)):
        number = f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="1"/></w:numPr>' if linked else ""
        styles += (
            f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
            f'<w:basedOn w:val="Normal"/><w:pPr>{number}<w:outlineLvl w:val="{outline}"/></w:pPr></w:style>'
        )
    styles += (
        '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/><w:basedOn w:val="Normal"/></w:style>'
    )
    return styles + (
        '<w:style w:type="paragraph" w:styleId="Plain"><w:name w:val="Plain"/><w:basedOn w:val="Heading3"/>'
        '<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
    )


def _numbering(*, linked: bool) -> str:
    def abstract(number: int, *, linked: bool) -> str:
        levels = "".join(
            f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{digits}"/>'
            + (f'<w:pStyle w:val="Heading{i + 1}"/>' if linked and i < 4 else "")
            + f'{legal}<w:suff w:val="{suffix}"/><w:lvlText w:val="{pattern}"/></w:lvl>'
            for i, (digits, pattern, suffix, legal) in enumerate(LEVELS)
        )
        kind = '<w:multiLevelType w:val="multilevel"/>'
        return f'<w:abstractNum w:abstractNumId="{number}">{kind}{levels}</w:abstractNum>'

    restart = '<w:lvlOverride w:ilvl="2"><w:startOverride w:val="1"/></w:lvlOverride>'
    nums = (
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{a}"/>{more}</w:num>'
        for n, a, more in ((1, 0, ""), (2, 1, ""), (3, 1, restart))
    )
    return abstract(0, linked=linked) + abstract(1, linked=False) + "".join(nums)


def _word_table(truth: Truth) -> str:
    rows: list[str] = []
    for row in range(truth.rows):
        cells = ""
        for cell in sorted(truth.cells, key=lambda cell: cell.column):
            if not cell.row <= row < cell.row + cell.down:
                continue
            merge = ("" if row > cell.row else ' w:val="restart"') if cell.down > 1 else None
            properties = f'<w:gridSpan w:val="{cell.across}"/>' if cell.across > 1 else ""
            properties += "" if merge is None else f"<w:vMerge{merge}/>"
            text = _word_cell(cell) if row == cell.row else _paragraph("")
            cells += f'<w:tc><w:tcPr><w:tcW w:w="1700" w:type="dxa"/>{properties}</w:tcPr>{text}</w:tc>'
        # A content control may stand around a row.
        rows.append(_control(f"<w:tr>{cells}</w:tr>") if row == truth.rows - 1 else f"<w:tr>{cells}</w:tr>")
    columns = '<w:gridCol w:w="1700"/>' * COLUMNS
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _word_cell(cell: Cell) -> str:
    if not cell.nested:
        return "".join(map(_paragraph, cell.lines))
    inner = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="800" w:type="dxa"/></w:tcPr>{_paragraph(line)}</w:tc>' for line in cell.lines[1:]
    )
    grid = '<w:tblGrid><w:gridCol w:w="800"/><w:gridCol w:w="800"/></w:tblGrid>'
    return f"{_paragraph(cell.lines[0])}<w:tbl><w:tblPr/>{grid}<w:tr>{inner}</w:tr></w:tbl>{_paragraph('')}"


# PDF

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 595, 842, 90, 510, 100, 740
SIZE, PITCH, CELL, HIGH = 12, 22, 10, 44
SIZES = {1: 16, 2: 14}
GUTTER = 30
EDGES = (60, 150, 290, 370, 440, 535)
FONT = "STSong-Light"
SPACING = 2.5
STARTS_NO_LINE, ENDS_NO_LINE = "，。、；：！？）”》%", "（“《"


class _Sheets:
    """Draws pages as a printer driver does: line by line, nothing told of paragraphs."""

    def __init__(self) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self._wide = pdfmetrics.stringWidth
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(WIDTH, HEIGHT), invariant=1)
        self.pages = 0
        self.y = BOTTOM
        self.columns = [(LEFT, RIGHT)]
        self.column = 0
        self.turned = False
        self._notes: list[tuple[int, str]] = []
        self._noted = 0

    def put(self, text: str, x: float, y: float, size: float, *, bold: bool = False, spacing: float = 0) -> None:
        self.canvas.saveState()
        line = self.canvas.beginText(x, HEIGHT - y)
        line.setFont(FONT, size)
        line.setCharSpace(spacing)
        line.setTextRenderMode(2 if bold else 0)  # printers make a bold face by a stroke around it
        line.textOut(text)
        self.canvas.drawText(line)
        self.canvas.restoreState()

    def centre(self, text: str, y: float, size: float) -> None:
        self.put(text, (WIDTH - self._wide(text, FONT, size)) / 2, y, size)

    def turn(self) -> None:
        """Go to the next page."""
        self.close()
        if self.pages:
            self.canvas.showPage()
        if self.turned:
            # What is drawn stands upright on a page that viewers turn clockwise.
            self.canvas.setPageRotation(90)
            self.canvas.transform(0, 1, -1, 0, HEIGHT, 0)
        else:
            self.canvas.setPageRotation(0)
        self.canvas.setLineWidth(0.4)
        self.pages += 1
        self.y, self.column = TOP, 0
        self.centre(HEAD, 55, 9)
        self.centre(f"— {self.pages} —", 800, 10)

    def close(self) -> None:
        """Draw the notes of a page at its foot."""
        for index, (number, note) in enumerate(self._notes):
            self.put(f"{number} {note}", LEFT, 757 + 12 * index, 9)
        self._notes.clear()

    def _room(self) -> None:
        """Go to the next column or page where the line does not fit."""
        if self.y + PITCH <= BOTTOM:
            return
        if self.column + 1 < len(self.columns):
            self.column += 1
            self.y = TOP
        else:
            self.turn()

    def piece(self, piece: Piece) -> None:
        size = SIZES.get(piece.level, SIZE)
        spacing = SPACING if piece.how == "spaced" else 0
        left, right = self.columns[self.column]
        # Behind such a number Word sets a tab, and more than a space is seen.
        shown = piece.shown.replace(" ", "\u3000", 1) if piece.how == "legal" else piece.shown
        lines = list(self.wrap(shown, right - left, size, 2 * size, spacing))
        for index, line in enumerate(lines):
            self._room()
            left, _ = self.columns[self.column]
            x = left + (0 if index else 2 * size)
            self.put(line, x, self.y, size, bold=piece.level == 2, spacing=spacing)
            if piece.note and index + 1 == len(lines):
                self._noted += 1
                self._notes.append((self._noted, piece.note))
                self.put(str(self._noted), x + self._wide(line, FONT, size) + 1, self.y - 5, 7)
            self.y += PITCH

    def wrap(self, text: str, room: float, size: float, indent: float = 0, spacing: float = 0) -> Iterator[str]:
        """Lines as Word breaks them: no Latin word or figure is cut, no line begins with a comma."""

        def wide(word: str) -> float:
            return float(self._wide(word, FONT, size)) + spacing * len(word)

        words = re.findall(r"[!-~]+ ?|.", text)
        line, used = "", indent
        for index, word in enumerate(words):
            behind = words[index + 1] if index + 1 < len(words) else ""
            more = size + spacing if behind and behind[0] in STARTS_NO_LINE else 0
            if line and used + wide(word.rstrip()) + more > room and word[0] not in STARTS_NO_LINE:
                carried = line[-1] if line[-1] in ENDS_NO_LINE else ""
                yield line.removesuffix(carried).rstrip()
                line, used = carried, wide(carried)
            line += word
            used += wide(word)
        yield line

    def contents(self, lines: Sequence[str]) -> None:
        """A page of contents with leaders of dots."""
        self.turn()
        self.centre("目录", self.y, 18)
        self.y += 2 * PITCH
        for index, line in enumerate(lines):
            self._room()
            page = str(3 + index // 3)
            dots = int((RIGHT - LEFT - self._wide(line + page, FONT, SIZE)) / self._wide(".", FONT, SIZE)) - 1
            self.put(line + "." * dots + page, LEFT, self.y, SIZE)
            self.y += PITCH

    def table(self, truth: Truth) -> None:
        """Draw the table; it breaks over the page wherever there is no more room, its head of two rows repeated."""
        row = 0
        while row < truth.rows:
            if row:
                self.turn()
                self._rows(truth, 0, 2)
            end = min(row + int((BOTTOM - self.y) / HIGH), truth.rows)
            self._rows(truth, row, end)
            row = end

    def _rows(self, truth: Truth, first: int, end: int) -> None:
        for cell in truth.cells:
            low, high = max(cell.row, first), min(cell.row + cell.down, end)
            if low >= high:
                continue
            left, right = EDGES[cell.column], EDGES[cell.column + cell.across]
            top, tall = self.y + (low - first) * HIGH, (high - low) * HIGH
            self.canvas.rect(left, HEIGHT - top - tall, right - left, tall)
            if cell.row < first:
                continue  # the rest of a merged cell is empty
            lines = [part for line in cell.lines for part in self.wrap(line, right - left - 8, CELL)]
            y = top + (tall - len(lines) * 13) / 2 + 10
            for index, line in enumerate(lines):
                self.put(line, left + 4, y + index * 13, CELL)
        self.y += (end - first) * HIGH


def as_pdf(truth: Truth, *, table: bool = True) -> bytes:
    """The plan as PDF; sets how many pages it has."""
    truth.contents = [piece.label + piece.text for piece in truth.pieces if piece.level in (1, 2)]
    sheets = _Sheets()
    sheets.turn()
    sheets.centre(TITLE, 300, 20)
    sheets.contents(truth.contents)
    sheets.turn()
    middle = (LEFT + RIGHT) / 2
    for index, piece in enumerate(truth.pieces):
        if index in (truth.wide, truth.turned, truth.plain):
            halves = [(LEFT, middle - GUTTER / 2), (middle + GUTTER / 2, RIGHT)]
            sheets.columns = halves if index == truth.wide else [(LEFT, RIGHT)]
            sheets.turned = index == truth.turned
            sheets.turn()
        sheets.piece(piece)
    if table:
        if sheets.y + 4 * HIGH > BOTTOM:
            sheets.turn()
        sheets.table(truth)
    sheets.close()
    sheets.canvas.save()
    truth.pages = sheets.pages
    return sheets.buffer.getvalue()


VARIANTS = (*(f"docx, {way}" for way in WAYS), "docx, strict", "pdf", "html")


def write(truth: Truth, folder: Path) -> dict[str, Path]:
    """Write all variants of a plan that readers are measured on, and return where they are."""
    files = {}
    for variant in VARIANTS:
        kind, _, way = variant.partition(", ")
        path = folder / f"plan_{way or kind}.{kind}"
        if kind == "docx":
            path.write_bytes(as_docx(truth, "styles" if way == "strict" else way, strict=way == "strict"))
        else:
            path.write_bytes(as_pdf(truth) if kind == "pdf" else as_html(truth))
        files[variant] = path
    return files
