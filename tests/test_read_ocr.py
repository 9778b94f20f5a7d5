"""Scanned pages: their text by character recognition, and what is said where that is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import NoText
from pipeline.model import Document
from pipeline.read import ocr, pdf
from pipeline.read.source import Source
from tests.conftest import FONT, needs_font
from tests.made import texts
from tests.test_read_pdf import LONG, Sheets

LINES = ("一、主要目标", "到2031年底，普惠园占比达到85%以上。", "二、重点任务", "新建校舍3所，培训教师120人次。")


def scan(*lines: str, turned: int = 0, noise: float = 0.0) -> Image.Image:
    """A page as a scanner gives it: A4 at 100 dpi, a line every two centimetres, `noise` in shades of grey."""
    image = Image.new("L", (827, 1170), 245)
    draw = ImageDraw.Draw(image)
    for index, line in enumerate(lines):
        draw.text((110, 150 + index * 80), line, fill=20, font=ImageFont.truetype(str(FONT), 30))
    shades = np.asarray(image.rotate(turned, expand=True), dtype=float)
    shades = shades + np.random.default_rng(1).normal(0, noise, shades.shape)
    return Image.fromarray(shades.clip(0, 255).astype("uint8"))


def document_of(*pages: Image.Image) -> Document:
    buffer = BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    return pdf.read(Source.of(buffer.getvalue(), "scan.pdf"))


@needs_font
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_scans_are_read_however_they_lie(turned: int) -> None:
    document = document_of(scan(*LINES, turned=turned))
    assert "\n".join(texts(document)).replace(" ", "") == "\n".join(LINES)
    assert document.ocr is not None
    assert document.ocr > ocr.POOR
    assert not document.partial
    assert document.warnings == ("page 1 was read by character recognition; compare figures with the page",)
    first = document.blocks[0]
    assert first.page == 1
    assert first.box is not None
    left, top, right, bottom = first.box
    assert 70 < left < 90
    assert 100 < top < bottom < 140
    assert right < 250


@needs_font
def test_a_page_that_is_hard_to_read_is_named() -> None:
    document = document_of(scan(*LINES), scan(*LINES, noise=150))
    assert document.warnings[0].startswith("pages 1, 2 were read by character recognition")
    assert document.warnings[1].startswith("page 2 could be read only poorly")


@needs_font
def test_scans_among_typed_pages_keep_their_place() -> None:
    from reportlab.lib.utils import ImageReader

    sheets = Sheets()
    sheets.paragraph(LONG, 120)
    sheets.page()
    sheets.canvas.drawImage(ImageReader(scan(*LINES)), 0, 0, 595, 842)
    sheets.page()
    sheets.paragraph("三、保障措施。", 120)
    document = sheets.read()
    found = texts(document)
    assert (found[0], found[1], found[-1]) == (LONG, LINES[0], "三、保障措施。")
    assert [block.page for block in document.blocks] == [1, 2, 2, 2, 2, 3]
    assert document.warnings[0].startswith("page 2 was read")


@needs_font
def test_a_scan_with_a_typed_running_head_is_read() -> None:
    from reportlab.lib.utils import ImageReader

    sheets = Sheets()
    sheets.canvas.drawImage(ImageReader(scan(*LINES)), 0, 0, 595, 842)
    sheets.centre("青禾县教育局二〇三一年文件选编", 50, 9)
    assert [text for text in texts(sheets.read()) if text in LINES] == list(LINES)


@needs_font
def test_the_same_page_gives_the_same_text() -> None:
    first, second = (document_of(scan(*LINES, noise=60)) for _ in range(2))
    assert (first.text, first.blocks, first.ocr) == (second.text, second.blocks, second.ocr)


def test_without_the_extra_the_pages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)
    from reportlab.lib.utils import ImageReader

    blank = ImageReader(Image.new("L", (60, 80), 250))
    sheets = Sheets()
    sheets.paragraph(LONG, 120)
    sheets.page()
    sheets.canvas.drawImage(blank, 0, 0, 595, 842)
    document = sheets.read()
    assert document.partial
    assert document.ocr is None
    assert document.warnings[0].startswith("page 2 holds no text")
    assert document.warnings[0].endswith("run OCR on the file; install the extra: pip install 'planpipe[ocr]'")
    only = Sheets()
    only.canvas.drawImage(blank, 0, 0, 595, 842)
    with pytest.raises(NoText, match=r"pip install 'planpipe\[ocr\]'"):
        only.read()


def test_blank_scans_hold_no_text() -> None:
    from reportlab.lib.utils import ImageReader

    sheets = Sheets()
    sheets.canvas.drawImage(ImageReader(Image.new("L", (600, 800), 250)), 0, 0, 595, 842)
    with pytest.raises(NoText, match="supply the text"):
        sheets.read()


def test_recognition_leaves_nothing_behind(tmp_path: Path) -> None:
    code = "from pipeline.read.ocr import _engine; _engine()"
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(tmp_path)}, check=True)
    assert list(tmp_path.iterdir()) == []
