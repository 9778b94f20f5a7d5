"""What readers recover of one plan that is known to the letter, and how long planpipe takes for it.

    python tests/bench/read.py [--small]

The plan is made here: a title, numbered headings in three levels, paragraphs, a task table with merged
cells, running heads, page numbers and footnotes, written as Word documents that number their headings
in four ways, as PDF with hard-wrapped lines and as HTML. Counts are against what was written.

A label is right where a line of the text is the label and the heading; a level where the reader gives
it; a paragraph where one line is all of it. A cell that covers several rows is filled where its text
stands in each of them; one that covers several columns keeps the columns where the place that it covers
is empty or repeats it, and the rest of the row stands where it belongs.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from html import escape
from importlib.util import find_spec
from io import BytesIO
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from lxml import etree

from pipeline.plans import split
from pipeline.read import docx, pdf, read
from pipeline.read.source import Source
from pipeline.sections import tree

Grid = list[list[str | None]]

TITLE = "青禾县教育事业发展2031年工作要点"
HEAD = "青禾县教育局文件选编"
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
)


@dataclass(frozen=True)
class Piece:
    """A paragraph of the plan (level 0) or a heading; `note` hangs on its end."""

    text: str
    level: int = 0
    label: str = ""
    note: str = ""

    @property
    def shown(self) -> str:
        return self.label + self.text


class Cell(NamedTuple):
    """A cell of the table, and how many rows and columns it covers."""

    row: int
    column: int
    text: str
    down: int = 1
    across: int = 1


@dataclass
class Truth:
    """The plan: the table stands behind all pieces."""

    pieces: list[Piece]
    cells: list[Cell]
    rows: int
    pages: int = 0
    notes: list[str] = field(default_factory=list)


def make(*, small: bool = False, seed: int = 7) -> Truth:
    """Invent a plan of about ten pages, or of one and a half."""
    rng = random.Random(seed)
    titles = [verb + thing for verb, thing in product(VERBS, THINGS)]
    rng.shuffle(titles)

    def sentences(least: int) -> str:
        text = ""
        while len(text) < least:
            clauses = rng.sample(CLAUSES, 3)
            values = {"who": rng.choice(WHO), "thing": rng.choice(THINGS), "n": rng.randint(11, 98)}
            text += "，".join(clauses).format(**values, m=rng.randint(2, 9)) + "。"
        return text

    pieces = [Piece(sentences(60))]
    wide, middle, deep = (2, 2, 2) if small else (5, 4, 3)
    for chapter in range(wide):
        pieces += [Piece(titles.pop(), 1, f"{NUMERALS[chapter]}、"), Piece(sentences(30))]
        for part in range(middle):
            note = f"指第{chapter + 1}批名单所列单位，共{rng.randint(3, 9)}家。" if part == 1 else ""
            pieces += [Piece(titles.pop(), 2, f"（{NUMERALS[part]}）"), Piece(sentences(40), note=note)]
            for point in range(deep):
                pieces += [Piece(titles.pop(), 3, f"{point + 1}."), Piece(sentences(rng.choice((20, 50, 110))))]
    rows = 7 if small else 17
    return Truth(pieces, list(_cells(rows, rng)), rows, notes=[piece.note for piece in pieces if piece.note])


def _cells(rows: int, rng: random.Random) -> Iterator[Cell]:
    for column, text in enumerate(("重点任务", "具体措施", "责任单位", "配合单位", "完成时限")):
        yield Cell(0, column, text)
    first = [(1, 4), (5, 1), (6, 1), (7, 3), (10, 1), (11, 3), (14, 1), (15, 1), (16, 1)]
    last = [(1, 3), (4, 1), (5, 2), (7, 3), (10, 1), (11, 2), (13, 1), (14, 1), (15, 1), (16, 1)]
    for row, down in first:
        if row < rows:
            yield Cell(row, 0, f"{VERBS[row % 12]}{rng.choice(THINGS)}", down)
    for row, down in last:
        if row < rows:
            yield Cell(row, 4, f"2031年{rng.randint(1, 12)}月底前", down)
    square, across = 2, {9, 14}  # a cell of two rows and two columns; cells of one row and two columns
    for row in range(1, rows):
        yield Cell(row, 1, f"{rng.choice(VERBS)}{rng.choice(THINGS)}，新增{rng.randint(11, 98)}个示范点")
        if row == square:
            yield Cell(row, 2, "县教育局会同县财政局", 2, 2)
        elif row in across:
            yield Cell(row, 2, rng.choice(WHO), 1, 2)
        elif row != square + 1:
            yield Cell(row, 2, rng.choice(WHO))
            yield Cell(row, 3, rng.choice(("县财政局", "县人社局", "团县委")))


# Word

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACES = f'xmlns:w="{WORD}" xmlns:r="{REL}"'
FORMATS = (("chineseCountingThousand", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3."))
WAYS = ("styles", "direct", "unstyled", "typed")
"""Numbers in the heading styles, in the paragraphs of heading styles, in plain paragraphs, typed."""


def as_docx(truth: Truth, way: str) -> bytes:
    """The plan as a Word document whose headings are numbered in one of `WAYS`."""
    body, notes = [_paragraph(TITLE, '<w:jc w:val="center"/>')], []
    for piece in truth.pieces:
        properties, text, mark = "", piece.text, ""
        if piece.level and way == "typed":
            text = piece.shown
        elif piece.level:
            number = f'<w:numPr><w:ilvl w:val="{piece.level - 1}"/><w:numId w:val="1"/></w:numPr>'
            style = f'<w:pStyle w:val="Heading{piece.level}"/>'
            properties = {"styles": style, "direct": style + number, "unstyled": number}[way]
        if piece.note:
            notes.append(piece.note)
            mark = f'<w:r><w:footnoteReference w:id="{len(notes)}"/></w:r>'
        body.append(_paragraph(text, properties, mark))
    body.append(_word_table(truth))
    body.append(
        '<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:footerReference w:type="default" r:id="rId5"/>'
        '<w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    )
    page = _paragraph("— ").removesuffix("</w:p>") + (
        '<w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        '<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p>'
    )
    footnotes = "".join(
        f'<w:footnote w:id="{i}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote>'
        for i, text in enumerate(notes, 1)
    )
    parts = {
        "styles": f"<w:styles {SPACES}>{_styles(linked=way == 'styles')}</w:styles>",
        "numbering": f"<w:numbering {SPACES}>{_numbering(linked=way == 'styles')}</w:numbering>",
        "footnotes": f"<w:footnotes {SPACES}>{footnotes}</w:footnotes>",
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
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{types}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            f"{kinds}</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{types}/relationships"><Relationship Id="rId1" Type="{REL}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/_rels/document.xml.rels", f'<Relationships xmlns="{types}/relationships">{links}</Relationships>'
        )
        archive.writestr("word/document.xml", f"<w:document {SPACES}><w:body>{''.join(body)}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return buffer.getvalue()


def _paragraph(text: str, properties: str = "", more: str = "") -> str:
    # Word cuts a paragraph into runs wherever it was edited.
    cut = len(text) // 2
    runs = "".join(
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t xml:space="preserve">{escape(part)}</w:t></w:r>'
        for part in (text[:cut], text[cut:])
        if part
    )
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}{more}</w:p>"


def _styles(*, linked: bool) -> str:
    normal = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    headings = ""
    for level in (1, 2, 3):
        number = f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="1"/></w:numPr>' if linked else ""
        headings += (
            f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
            f'<w:basedOn w:val="Normal"/><w:pPr>{number}<w:outlineLvl w:val="{level - 1}"/></w:pPr></w:style>'
        )
    return normal + headings


def _numbering(*, linked: bool) -> str:
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{digits}"/>'
        + (f'<w:pStyle w:val="Heading{i + 1}"/>' if linked else "")
        + f'<w:suff w:val="nothing"/><w:lvlText w:val="{pattern}"/></w:lvl>'
        for i, (digits, pattern) in enumerate(FORMATS)
    )
    return (
        f'<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )


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
            text = _paragraph(cell.text if row == cell.row else "")
            cells += f'<w:tc><w:tcPr><w:tcW w:w="1700" w:type="dxa"/>{properties}</w:tcPr>{text}</w:tc>'
        rows.append(f"<w:tr>{cells}</w:tr>")
    return f"<w:tbl><w:tblPr/><w:tblGrid>{'<w:gridCol/>' * 5}</w:tblGrid>{''.join(rows)}</w:tbl>"


# HTML


def as_html(truth: Truth) -> bytes:
    """The plan as a web page, its labels typed, navigation and notices around it."""
    body = "".join(f"<p>{escape(piece.shown)}</p>\n" for piece in truth.pieces)
    rows = ""
    for row in range(truth.rows):
        cells = (
            f'<td rowspan="{cell.down}" colspan="{cell.across}">{escape(cell.text)}</td>'
            for cell in sorted(truth.cells, key=lambda cell: cell.column)
            if cell.row == row
        )
        rows += f"<tr>{''.join(cells)}</tr>\n"
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{TITLE}</title></head><body>\n'
        f'<nav><a href="/">{HEAD}</a></nav>\n<article><h1>{TITLE}</h1>\n{body}<table border="1">{rows}</table>'
        f"</article>\n<footer>{HEAD}</footer></body></html>"
    ).encode()


# PDF

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 595, 842, 90, 510, 100, 740
SIZE, PITCH, CELL, HIGH = 12, 22, 10, 36
EDGES = (60, 150, 290, 370, 440, 535)
FONT = "STSong-Light"
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

    def put(self, text: str, x: float, y: float, size: float) -> None:
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, HEIGHT - y, text)

    def centre(self, text: str, y: float, size: float) -> None:
        self.put(text, (WIDTH - self._wide(text, FONT, size)) / 2, y, size)

    def turn(self) -> None:
        """Go to the next page."""
        if self.pages:
            self.canvas.showPage()
        self.pages += 1
        self.y = TOP
        self.centre(HEAD, 55, 9)
        self.centre(f"— {self.pages} —", 800, 10)

    def paragraph(self, text: str, size: float = SIZE) -> None:
        for index, line in enumerate(self.wrap(text, RIGHT - LEFT, size, 2 * size)):
            if self.y + PITCH > BOTTOM:
                self.turn()
            self.put(line, LEFT + (0 if index else 2 * size), self.y, size)
            self.y += PITCH

    def wrap(self, text: str, room: float, size: float, indent: float = 0) -> Iterator[str]:
        """Lines as Word breaks them: no Latin word or figure is cut, no line begins with a comma."""
        words = re.findall(r"[!-~]+ ?|.", text)
        line, used = "", indent
        for index, word in enumerate(words):
            wide = self._wide(word.rstrip(), FONT, size)
            behind = words[index + 1] if index + 1 < len(words) else ""
            more = size if behind and behind[0] in STARTS_NO_LINE else 0
            if line and used + wide + more > room and word[0] not in STARTS_NO_LINE:
                carried = line[-1] if line[-1] in ENDS_NO_LINE else ""
                yield line.removesuffix(carried).rstrip()
                line, used = carried, self._wide(carried, FONT, size)
            line += word
            used += self._wide(word, FONT, size)
        yield line

    def table(self, truth: Truth) -> None:
        """Draw the table; it breaks over the page where no cell crosses, its header repeated."""
        row = 0
        while row < truth.rows:
            room = int((BOTTOM - self.y) / HIGH)
            if row:
                self.turn()
                self._rows(truth, 0, 1)
                room = int((BOTTOM - self.y) / HIGH)
            end = min(row + room, truth.rows)
            while any(cell.row < end < cell.row + cell.down for cell in truth.cells):
                end -= 1
            self._rows(truth, row, end)
            row = end

    def _rows(self, truth: Truth, first: int, end: int) -> None:
        for cell in truth.cells:
            if first <= cell.row < end:
                left, right = EDGES[cell.column], EDGES[cell.column + cell.across]
                top = self.y + (cell.row - first) * HIGH
                high = cell.down * HIGH
                self.canvas.rect(left, HEIGHT - top - high, right - left, high)
                lines = list(self.wrap(cell.text, right - left - 8, CELL))
                y = top + (high - len(lines) * 13) / 2 + 10
                for index, line in enumerate(lines):
                    self.put(line, left + 4, y + index * 13, CELL)
        self.y += (end - first) * HIGH


def as_pdf(truth: Truth, *, table: bool = True) -> bytes:
    """The plan as PDF; sets how many pages it has."""
    sheets = _Sheets()
    sheets.turn()
    sheets.centre(TITLE, 120, 20)
    sheets.y = 170
    for piece in truth.pieces:
        sheets.paragraph(piece.shown, 14 if piece.level == 1 else SIZE)
    if table:
        if sheets.y + 3 * HIGH > BOTTOM:
            sheets.turn()
        sheets.table(truth)
    sheets.canvas.save()
    truth.pages = sheets.pages
    return sheets.buffer.getvalue()


VARIANTS = (*(f"docx, {way}" for way in WAYS), "pdf", "html")


def write(truth: Truth, folder: Path) -> dict[str, Path]:
    """Write all variants of a plan, and return where they are."""
    files = {}
    for variant in VARIANTS:
        kind, _, way = variant.partition(", ")
        path = folder / f"plan_{way or kind}.{kind}"
        path.write_bytes(as_docx(truth, way) if way else as_pdf(truth) if kind == "pdf" else as_html(truth))
        files[variant] = path
    return files


# Readers


@dataclass
class Got:
    """What a reader gives: the lines of the body, the level of each heading, the rows of the tables."""

    lines: list[str] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    rows: Grid = field(default_factory=list)


def with_planpipe(path: Path) -> Got:
    document = read(path)
    got = Got()
    for block in document.blocks:
        if block.kind == "paragraph":
            got.lines.append(document.text[block.start : block.end])
        elif block.kind == "row":
            got.rows.append([cell and document.text[cell.start : cell.end] for cell in block.cells])
    for head in split(document):
        for section in tree(document, head):
            if section.label and section.heading:
                got.levels[section.heading] = section.level
    return got


def with_python_docx(path: Path) -> Got:
    import docx as python_docx
    from docx.table import Table

    got = Got()
    for content in python_docx.Document(str(path)).iter_inner_content():
        if isinstance(content, Table):
            got.rows += [[cell.text for cell in row.cells] for row in content.rows]
        else:
            got.lines.append(content.text)
            _level(got, content.text, content.style.name if content.style else "")
    return got


def with_docx2python(path: Path) -> Got:
    from docx2python import docx2python

    got = Got()
    with docx2python(path) as content:
        for table in content.body_pars:
            if len(table) == len(table[0]) == 1:
                for paragraph in table[0][0]:
                    text = "".join(paragraph.run_strings)
                    got.lines.append(text)
                    _level(got, text, paragraph.style)
            else:
                got.rows += [["\n".join("".join(p.run_strings) for p in cell) for cell in row] for row in table]
    return got


def _level(got: Got, text: str, style: str) -> None:
    if found := re.fullmatch(r"[Hh]eading ?([1-9])", style):
        got.levels[_bare(text)] = int(found[1])


def _bare(text: str) -> str:
    """A heading without its label, for readers that leave the two together."""
    return re.sub(r"^\s*(?:[（(]?[一二三四五六七八九十\da-z]+[)）、.]|--)\s*", "", text).strip()


def with_markitdown(path: Path) -> Got:
    from markitdown import MarkItDown

    got = Got()
    for line in MarkItDown().convert(str(path)).markdown.splitlines():
        if line.startswith("|"):
            cells: list[str | None] = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if any(cell and cell.strip("- ") for cell in cells):
                got.rows.append(cells)
            continue
        text = line.lstrip("#")
        depth = len(line) - len(text)
        text = text.strip().replace("\\", "").removeprefix("**").removesuffix("**")
        got.lines.append(text)
        if depth:
            got.levels[_bare(text)] = depth
    return got


def with_pdfplumber(path: Path) -> Got:
    import pdfplumber

    got = Got()
    with pdfplumber.open(path) as book:
        for page in book.pages:
            got.lines += page.extract_text().splitlines()
            for table in page.extract_tables():
                got.rows += table[1:] if got.rows and table[0] == got.rows[0] else table
    return got


def with_pypdfium2(path: Path) -> Got:
    import pypdfium2

    with closing(pypdfium2.PdfDocument(path)) as document:
        return Got([line for page in document for line in page.get_textpage().get_text_range().splitlines()])


class Reader(NamedTuple):
    """A reader: the package that it needs, the formats that it takes."""

    name: str
    package: str
    formats: tuple[str, ...]
    read: Callable[[Path], Got]


PLANPIPE = Reader("planpipe", "planpipe", ("docx", "pdf", "html"), with_planpipe)
PEERS = (
    Reader("python-docx", "python-docx", ("docx",), with_python_docx),
    Reader("docx2python", "docx2python", ("docx",), with_docx2python),
    Reader("markitdown", "markitdown[docx,pdf]", ("docx", "pdf", "html"), with_markitdown),
    Reader("pdfplumber", "pdfplumber", ("pdf",), with_pdfplumber),
    Reader("pypdfium2", "pypdfium2", ("pdf",), with_pypdfium2),
)
MODULES = {"python-docx": "docx"}


# Scores


class Score(NamedTuple):
    """How many of how many; None of None where a format has no such thing."""

    got: int
    of: int

    def __str__(self) -> str:
        return f"{self.got}/{self.of} {100 * self.got / self.of:3.0f}%" if self.of else "-"


MEASURES = (
    "labels",
    "levels",
    "paragraphs",
    "cells",
    "filled down",
    "kept across",
    "heads left",
    "notes in body",
)


def score(truth: Truth, got: Got, variant: str) -> dict[str, Score]:
    """What a reader recovered, by measure."""
    lines = [line.strip() for line in got.lines]
    seen = {_squeezed(line) for line in lines}
    headings = [piece for piece in truth.pieces if piece.level]
    paragraphs = [piece for piece in truth.pieces if not piece.level]
    table = [[_squeezed(cell or "") for cell in row] for row in got.rows]

    def at(row: int, column: int) -> str | None:
        return table[row][column] if row < len(table) and column < len(table[row]) else None

    down = [
        at(row, cell.column) == cell.text for cell in truth.cells for row in range(cell.row + 1, cell.row + cell.down)
    ]
    across = [
        at(row, column) in ("", cell.text) and at(row, 4) == _last(truth, row)
        for cell in truth.cells
        for row in range(cell.row, cell.row + cell.down)
        for column in range(cell.column + 1, cell.column + cell.across)
    ]
    body = "\n".join(lines)
    heads = body.count(HEAD) + len(re.findall(r"^[—-] ?\d+ ?[—-]$", body, re.MULTILINE))
    furniture = {"docx": 2, "pdf": 2 * truth.pages, "html": 2}[variant.partition(",")[0]]
    notes = len(truth.notes) if variant.startswith("docx") else 0
    return {
        "labels": Score(sum(_squeezed(piece.shown) in seen for piece in headings), len(headings)),
        "levels": Score(sum(got.levels.get(piece.text) == piece.level for piece in headings), len(headings)),
        "paragraphs": Score(len({piece.text for piece in paragraphs} & set(lines)), len(paragraphs)),
        "cells": Score(sum(at(cell.row, cell.column) == cell.text for cell in truth.cells), len(truth.cells)),
        "filled down": Score(sum(down), len(down)),
        "kept across": Score(sum(across), len(across)),
        "heads left": Score(min(heads, furniture), furniture),
        "notes in body": Score(sum(note in body for note in truth.notes) if notes else 0, notes),
    }


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _last(truth: Truth, row: int) -> str:
    """The text of the last column in a row, filled down."""
    return next(cell.text for cell in truth.cells if cell.column == 4 and cell.row <= row < cell.row + cell.down)


def rows_of(truth: Truth, files: dict[str, Path], readers: Iterable[Reader]) -> Iterator[tuple[str, ...]]:
    """A row a reader and variant."""
    for reader in readers:
        if find_spec(MODULES.get(reader.name, "pipeline" if reader is PLANPIPE else reader.name)) is None:
            yield (f"{reader.name}: not installed, skipped; pip install '{reader.package}'",)
            continue
        for variant, path in files.items():
            if path.suffix[1:] in reader.formats:
                scores = score(truth, reader.read(path), variant)
                yield (reader.name, variant, *(str(scores[name]) for name in MEASURES))


def show(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns; a row of one cell is a remark."""
    head = ("reader", "variant", *MEASURES)
    widths = [max(len(row[i]) for row in (head, *rows) if len(row) > 1) for i in range(len(head))]
    for row in (head, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


# Times


def seconds(work: Callable[[], Any], runs: int) -> float:
    """The median time that something takes."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def iterate(data: bytes) -> int:
    """Unzip document.xml and go through its elements: the least that a reader of Word files has to do."""
    with zipfile.ZipFile(BytesIO(data)) as archive, archive.open("word/document.xml") as part:
        return sum(1 for _ in etree.iterparse(part))


def range_of(data: bytes) -> int:
    """All text of a PDF as pdfium gives it, page by page."""
    import pypdfium2

    with closing(pypdfium2.PdfDocument(data)) as document:
        return sum(len(page.get_textpage().get_text_range()) for page in document)


def times(truth: Truth, runs: int) -> Iterator[str]:
    """A line a format: planpipe's time against the least that its format asks for."""
    word, sheets = as_docx(truth, "styles"), as_pdf(truth, table=False)
    for name, floor, data, work, least in (
        ("DOCX", "zip + lxml iterparse of document.xml", word, docx.read, iterate),
        ("PDF pages without tables", "pypdfium2 get_text_range", sheets, pdf.read, range_of),
    ):
        source = Source.of(data, "plan")
        work(source), least(data)  # imports and caches
        ours, theirs = seconds(lambda w=work, s=source: w(s), runs), seconds(lambda f=least, d=data: f(d), runs)
        yield f"{name}: {1000 * ours:.1f} ms, {floor}: {1000 * theirs:.1f} ms, ratio {ours / theirs:.1f}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="a plan of two pages")
    parser.add_argument("--runs", type=int, default=11, help="runs of which times are the median (default: 11)")
    return parser.parse_args()


def main() -> None:
    options = _options()
    warnings.simplefilter("ignore")  # peers warn of number formats that they leave out; the table shows it
    truth = make(small=options.small)
    with tempfile.TemporaryDirectory() as folder:
        files = write(truth, Path(folder))
        headings = sum(piece.level > 0 for piece in truth.pieces)
        print(
            f"{truth.pages} pages, {headings} headings, {len(truth.pieces) - headings} paragraphs, "
            f"{truth.rows * 5} cells of which {truth.rows * 5 - len(truth.cells)} are merged away\n"
        )
        show([*rows_of(truth, files, [PLANPIPE]), *rows_of(truth, files, PEERS)])
    print()
    for line in times(truth, options.runs):
        print(line)


if __name__ == "__main__":
    main()
