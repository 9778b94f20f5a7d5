"""PDF documents: paragraphs from lines, tables, running heads, and files that cannot be read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Damaged, Encrypted, NoText
from pipeline.model import Document
from pipeline.read import pdf, read
from pipeline.read.source import Source
from tests.made import grid, texts

FILES = Path(__file__).parent / "files"
WIDTH, HEIGHT = 595, 842
LEFT, SIZE, PITCH = 80, 14, 25
PER_LINE = 31
LONG = (
    "为推动全县教育事业高质量发展，各学校要对照年度目标任务，逐项明确责任单位和完成时限，确保各项工作落到实处、见到实效，"
    "让人民群众有更多获得感。"
)


class Sheets:
    """Draws pages with reportlab: text placed by hand, as a printer driver places it."""

    def __init__(self, **options: Any) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        self.buffer = BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(WIDTH, HEIGHT), **options)

    def put(self, text: str, x: float, y: float, size: float = SIZE) -> None:
        """Draw text whose baseline lies `y` points below the page's upper edge."""
        self.canvas.setFont("STSong-Light", size)
        self.canvas.drawString(x, HEIGHT - y, text)

    def centre(self, text: str, y: float, size: float = SIZE) -> None:
        self.put(text, (WIDTH - size * len(text)) / 2, y, size)

    def paragraph(self, text: str, y: float, indent: int = 2) -> float:
        """Draw a hard-wrapped paragraph, and return where the next line goes."""
        text = "\u3000" * indent + text
        for at in range(0, len(text), PER_LINE):
            line = text[at : at + PER_LINE]
            blank = len(line) - len(line.lstrip())
            self.put(line.strip(), LEFT + blank * SIZE, y)
            y += PITCH
        return y

    def page(self) -> None:
        self.canvas.showPage()

    def read(self) -> Document:
        return pdf.read(Source.of(self.data(), "plan.pdf"))

    def data(self) -> bytes:
        self.canvas.save()
        return self.buffer.getvalue()


def test_lines_are_joined_to_paragraphs() -> None:
    sheets = Sheets()
    sheets.centre("青禾县教育局关于印发", 130, 22)
    sheets.centre("《工作要点》的通知", 162, 22)
    y = sheets.paragraph(LONG, 210)
    y = sheets.paragraph("一、主要目标", y)
    y = sheets.paragraph("（一）" + LONG, y)
    sheets.paragraph("1.到年底完成。", y)
    document = sheets.read()
    assert texts(document) == [
        "青禾县教育局关于印发《工作要点》的通知",
        LONG,
        "一、主要目标",
        "（一）" + LONG,
        "1.到年底完成。",
    ]
    title, body = document.blocks[:2]
    assert (title.size, title.centred, body.size, body.centred) == (22.0, True, 14.0, False)
    assert (body.page, document.pages, document.format, document.partial) == (1, 1, "pdf", False)
    assert body.box is not None
    left, top, right, bottom = body.box
    assert LEFT - 2 <= left < right <= LEFT + (PER_LINE + 1) * SIZE
    assert 190 < top < bottom < 290


def test_paragraph_over_the_page_and_running_heads() -> None:
    sheets = Sheets()
    for number, first in ((1, 0), (2, PER_LINE * 2 - 2)):
        sheets.centre("青禾县教育局文件", 50, 9)
        sheets.centre(f"- {number} -", 800, 10)
        y = 700 if number == 1 else 100
        sheets.paragraph(LONG[first:][: PER_LINE * 2 - 2] if number == 1 else LONG[first:], y, 2 if number == 1 else 0)
        sheets.page()
    document = sheets.read()
    assert texts(document) == [LONG]
    assert document.blocks[0].page == 1
    assert document.pages == 2


def test_letter_spacing_is_closed_up() -> None:
    sheets = Sheets()
    sheets.put("工　作　要　点", 200, 120, 22)
    for index, char in enumerate("2031年"):
        sheets.put(char, 230 + index * 18, 160)
    sheets.put("第一章　总则", 250, 200)
    assert texts(sheets.read()) == ["工作要点", "2031年", "第一章 总则"]


def ruled(sheets: Sheets, top: float, rows: list[tuple[str, ...]], *, merged: bool = False, sides: bool = True) -> None:
    """A table of three columns, lines down its sides where `sides`.

    The first cell of the second row covers the third too where `merged`.
    """
    edges, high = (LEFT, 200, 380, 520), 30
    for index in range(len(rows) + 1):
        left = edges[1] if merged and index == 2 else edges[0]
        y = HEIGHT - top - index * high
        sheets.canvas.line(left, y, edges[-1], y)
    for x in edges if sides else edges[1:-1]:
        sheets.canvas.line(x, HEIGHT - top, x, HEIGHT - top - len(rows) * high)
    for index, row in enumerate(rows):
        for x, text in zip(edges, row, strict=False):
            sheets.put(text, x + 5, top + index * high + 20, 10)


def test_ruled_table_with_merged_cells() -> None:
    sheets = Sheets()
    sheets.paragraph("任务分工见下表。", 120)
    ruled(
        sheets,
        150,
        [("任务", "责任单位", "时限"), ("校舍建设", "县教育局", "2031年底"), ("", "县财政局", "每学期")],
        merged=True,
    )
    sheets.paragraph("二、保障措施", 300)
    document = sheets.read()
    assert grid(document) == [
        ["任务", "责任单位", "时限"],
        ["校舍建设", "县教育局", "2031年底"],
        ["校舍建设", "县财政局", "每学期"],
    ]
    assert texts(document)[0] == "任务分工见下表。"
    assert texts(document)[-1] == "二、保障措施"
    rows = [block for block in document.blocks if block.kind == "row"]
    assert [(row.table, row.row, row.page) for row in rows] == [(0, 0, 1), (0, 1, 1), (0, 2, 1)]


def test_table_over_the_page_is_one_table() -> None:
    sheets = Sheets()
    header = ("任务", "单位", "时限")
    ruled(sheets, 650, [header, ("甲", "教育局", "三月")], merged=False)
    sheets.page()
    ruled(sheets, 110, [header, ("乙", "财政局", "五月")], merged=False)
    document = sheets.read()
    assert grid(document) == [["任务", "单位", "时限"], ["甲", "教育局", "三月"], ["乙", "财政局", "五月"]]
    assert [(block.table, block.row, block.page) for block in document.blocks] == [(0, 0, 1), (0, 1, 1), (0, 2, 2)]


def test_table_without_lines_down_its_sides() -> None:
    sheets = Sheets()
    rows = [("任务", "单位", "时限"), ("甲", "教育局", "三月"), ("乙", "财政局", "五月")]
    sheets.paragraph("分工如下。", 100)
    ruled(sheets, 150, rows, sides=False)
    document = sheets.read()
    assert grid(document) == [list(row) for row in rows]
    assert texts(document)[0] == "分工如下。"


def test_row_that_the_page_breaks_is_one_row() -> None:
    sheets = Sheets()
    ruled(sheets, 650, [("任务", "措施", "时限"), ("校舍建设", "新建校舍，改造操场，添置", "2031年底")])
    sheets.page()
    ruled(sheets, 110, [("", "图书3万册", ""), ("师资", "培训", "五月")])
    document = sheets.read()
    assert grid(document)[1:] == [
        ["校舍建设", "新建校舍，改造操场，添置图书3万册", "2031年底"],
        ["师资", "培训", "五月"],
    ]
    assert [block.page for block in document.blocks] == [1, 1, 2]


def test_merged_cell_that_the_page_breaks_is_filled() -> None:
    sheets = Sheets()
    ruled(sheets, 650, [("任务", "措施", "时限"), ("校舍建设", "新建", "三月")])
    sheets.page()
    ruled(sheets, 110, [("", "改造", "五月"), ("", "验收", "六月"), ("师资", "培训", "七月")])
    assert [row[0] for row in grid(sheets.read())] == ["任务", "校舍建设", "校舍建设", "校舍建设", "师资"]


def test_section_row_at_the_top_of_a_page_stays_a_row() -> None:
    sheets = Sheets()
    ruled(sheets, 650, [("任务", "措施", "时限"), ("校舍建设", "新建", "三月")])
    sheets.page()
    ruled(sheets, 110, [("二、师资", "", ""), ("轮岗", "培训", "七月")])
    assert grid(sheets.read())[2:] == [["二、师资", None, None], ["轮岗", "培训", "七月"]]


def test_raised_marks_are_left_out_and_their_footnotes_are_notes() -> None:
    sheets = Sheets()
    for number, tail in ((1, "含教学点。"), (2, "不含分园。")):
        sheets.put("到年底建成示范校30", LEFT, 220)
        sheets.put(str(number), LEFT + 8 * SIZE + 14, 214, 8)
        sheets.put("所", LEFT + 8 * SIZE + 20, 220)
        sheets.put("，新增用地30km", LEFT + 9 * SIZE + 20, 220)
        sheets.put("2", LEFT + 16 * SIZE + 12, 214, 8)
        sheets.put("。", LEFT + 17 * SIZE + 4, 220)
        sheets.paragraph("各校按期完成。", 250)
        sheets.put(f"{number} 指名单所列学校，共{number}家，", LEFT, 740, 10)
        sheets.put(tail, LEFT, 755, 10)
        sheets.centre(f"- {number} -", 800, 10)
        sheets.page()
    document = sheets.read()
    expected = ["到年底建成示范校30所，新增用地30km2。", "各校按期完成。"] * 2
    assert texts(document) == [*expected, "1指名单所列学校，共1家，含教学点。", "2指名单所列学校，共2家，不含分园。"]
    assert [block.kind for block in document.blocks] == ["paragraph"] * 4 + ["note"] * 2
    assert [block.page for block in document.blocks] == [1, 1, 2, 2, 1, 2]


def test_pages_without_raised_marks_have_no_footnotes() -> None:
    sheets = Sheets()
    sheets.paragraph("1.建成示范校30所。", 120)
    sheets.put("1 指名单所列学校。", LEFT, 740, 10)
    assert [block.kind for block in sheets.read().blocks] == ["paragraph", "paragraph"]


def test_pages_that_pdfplumber_cannot_read_are_read_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import pdfplumber

    def refuse(*_: object) -> None:
        raise ValueError("no cross-reference")

    monkeypatch.setattr(pdfplumber, "open", refuse)
    sheets = Sheets()
    sheets.paragraph("分工如下。", 100)
    ruled(sheets, 150, [("任务", "单位", "时限"), ("甲", "教育局", "三月")])
    document = sheets.read()
    assert texts(document)[0] == "分工如下。"
    assert "教育局" in document.text
    assert document.partial
    assert document.warnings == ("the tables of page 1 could not be read; their text is in paragraphs",)


def test_signature_at_the_right_ends_its_paragraph() -> None:
    sheets = Sheets()
    sheets.put("青禾县教育局", 430, 700)
    sheets.put("2031年2月18日", 420, 725)
    sheets.page()
    sheets.put("附件", LEFT, 120)
    sheets.paragraph(LONG, 160)
    assert texts(sheets.read()) == ["青禾县教育局", "2031年2月18日", "附件", LONG]


def test_two_columns_are_read_one_after_the_other() -> None:
    sheets = Sheets()
    for index in range(12):
        sheets.put("左栏文字内容很多很多行" + "一二三四五六七八九十百千"[index], 60, 120 + index * 20, 14)
        sheets.put("右栏文字内容很多很多行" + "一二三四五六七八九十百千"[index], 330, 120 + index * 20, 14)
    text = sheets.read().text.replace("\n", "")
    assert text.index("左栏文字内容很多很多行千") < text.index("右栏文字内容很多很多行一")


def test_turned_page_and_watermark() -> None:
    sheets = Sheets()
    sheets.canvas.saveState()
    sheets.canvas.translate(100, 300)
    sheets.canvas.rotate(45)
    sheets.put("内部资料", 0, HEIGHT, 40)
    sheets.canvas.restoreState()
    sheets.canvas.saveState()
    sheets.canvas.translate(WIDTH, 0)
    sheets.canvas.rotate(90)
    sheets.put("一、横排第一行。", 100, HEIGHT - 400)
    sheets.put("二、横排第二行。", 100, HEIGHT - 370)
    sheets.canvas.restoreState()
    assert texts(sheets.read()) == ["一、横排第一行。", "二、横排第二行。"]


def test_scanned_pages_make_the_document_partial(tmp_path: Path) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    sheets = Sheets()
    sheets.paragraph(LONG, 120)
    sheets.page()
    scan = ImageReader(Image.new("RGB", (60, 80), (250, 250, 240)))
    for _ in range(2):
        sheets.canvas.drawImage(scan, 0, 0, WIDTH, HEIGHT)
        sheets.page()
    document = sheets.read()
    assert document.partial
    assert document.pages == 3
    assert document.warnings[0].startswith("pages 2, 3 hold no text")
    only = Sheets()
    only.canvas.drawImage(scan, 0, 0, WIDTH, HEIGHT)
    path = tmp_path / "scan.pdf"
    path.write_bytes(only.data())
    with pytest.raises(NoText, match="supply the text") as caught:
        read(path)
    assert caught.value.code == "no_text"


def test_password() -> None:
    with pytest.raises(Encrypted, match="remove it") as caught:
        read(FILES / "encrypted.pdf")
    assert caught.value.code == "encrypted"


def test_empty_password_is_opened() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    sheets = Sheets(encrypt=StandardEncryption("", ownerPassword="owner", canCopy=0))
    sheets.paragraph("一、主要目标", 120)
    assert texts(sheets.read()) == ["一、主要目标"]


def test_damaged_files() -> None:
    sheets = Sheets()
    sheets.paragraph(LONG, 120)
    whole = sheets.data()
    with pytest.raises(Damaged, match="download or save it again") as caught:
        pdf.read(Source.of(whole[:400], "plan.pdf"))
    assert caught.value.code == "damaged"
    for length in range(500, len(whole), 97):
        try:
            document = pdf.read(Source.of(whole[:length], "plan.pdf"))
        except (Damaged, NoText):
            continue
        assert document.partial


def test_contents_page_is_left_out() -> None:
    sheets = Sheets()
    sheets.centre("目 录", 120, 18)
    entries = (
        "一、主要目标" + "." * 60 + "2",
        "（一）扩大资源，改善办学条件，推进",
        "标准化建设" + "." * 50 + " 3",
        "二、要求" + "…" * 20 + "4",
    )
    for number, entry in enumerate(entries):
        sheets.put(entry, LEFT, 160 + number * PITCH)
    sheets.page()
    sheets.paragraph("一、主要目标", 120)
    sheets.paragraph(LONG, 145)
    assert texts(sheets.read()) == ["一、主要目标", LONG]


def test_two_entries_with_dots_are_no_contents_page() -> None:
    sheets = Sheets()
    sheets.put("教师培训" + "." * 30 + "12", LEFT, 120)
    sheets.put("教师轮岗" + "." * 30 + "8", LEFT, 142)
    assert "教师轮岗" in sheets.read().text


def test_columns_with_ragged_lines_and_a_last_page_with_one_of_them() -> None:
    sheets = Sheets()
    for side in (LEFT, 315):
        for row in range(20):
            sheets.put(
                "教师轮岗按期完成责任到人"[: 12 - row % 5 * 2] + ("。" if row % 5 == 4 else ""), side, 120 + row * PITCH
            )
    sheets.page()
    for row in range(8):
        sheets.put("各校对照目标逐项落实责任", LEFT, 120 + row * PITCH)
    document = sheets.read()
    assert [block.page for block in document.blocks][-1] == 2
    assert texts(document)[-1] == "各校对照目标逐项落实责任" * 8
    assert not any(" " in text for text in texts(document))


def test_lines_that_a_writer_broke_in_a_cell_are_parted() -> None:
    sheets = Sheets()
    for row in range(2):
        for left, right in ((90, 240), (240, 340)):
            sheets.canvas.rect(left, HEIGHT - 200 - row * 60, right - left, 60)
    sheets.put("任务", 95, 160)
    sheets.put("责任单位", 245, 160)
    sheets.put("健全教师轮岗考核制", 95, 220)
    sheets.put("度并按期完成", 95, 236)
    sheets.put("教研室", 245, 220)
    sheets.put("督导室", 245, 236)
    assert grid(sheets.read()) == [["任务", "责任单位"], ["健全教师轮岗考核制度并按期完成", "教研室 督导室"]]
