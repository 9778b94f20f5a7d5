"""PDF documents: text by pdfium, ruled tables by pdfplumber on the pages that have any.

    glyphs   characters with boxes -> lines
    ruled    cells -> table rows
    reflow   lines -> paragraphs, running heads and page numbers left out
    footnotes  lines at a page's foot that its raised marks lead to

pdfium extracts text some twenty times as fast as pdfplumber, which is opened only for tables.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from io import BytesIO
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import Damaged, Encrypted, NoText
from pipeline.model import Document
from pipeline.read import ocr
from pipeline.read.draft import Draft
from pipeline.read.footnotes import footnotes, openings
from pipeline.read.glyphs import Box, Line, Page, glyphs_of, lines_of
from pipeline.read.join import join
from pipeline.read.reflow import Paragraph, Reflow, contents, half_filled, running
from pipeline.read.ruled import SAME, SHAPES, Ruled, has_rulings, tables_of
from pipeline.read.source import Source

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

FEW = 10
"""Characters; a scanned page may bear a stamp or a page number with no more."""

HEADER = 3
"""Rows at most that a table's header has, repeated on each page."""

SCANNED = 100
"""Characters of running heads, stamps and watermarks that a page may bear whose text is an image of half the page."""

DRAWN = 100
"""Shapes; a page without text that has so many may show text drawn as outlines."""


class _Sheet(NamedTuple):
    """A page, taken apart: its lines outside of tables, and its tables.

    Args:
        confidence: of character recognition, None where it was not needed.
    """

    page: Page
    lines: list[Line]
    tables: list[Ruled]
    confidence: float | None = None


def read(source: Source) -> Document:
    """Read a PDF document.

    Args:
        source: the file.

    Returns:
        Paragraphs and table rows with page, box and font. Pages without text (scans, fonts that do not
        say what their characters are) go to `ocr` where that extra is installed, else they are named in a
        warning and the document is partial.

    Raises:
        NoText: no page holds text, and there is no OCR or it finds none.
        Encrypted: it needs a password.
        Damaged: it is broken.
    """
    sheets: list[_Sheet] = []
    silent: list[int] = []
    broken: list[int] = []
    missing: list[str] = []
    with closing(_open(source)) as document:
        rulings = _Rulings(source, missing)
        count = len(document)
        for number in range(1, count + 1):
            sheet = _sheet(document, number, rulings, silent)
            if sheet is None:
                broken.append(number)
            else:
                sheets.append(sheet)
    missing.extend(_gaps(silent, broken, cut=b"%%EOF" not in source.data[-2048:]))
    read_off = [sheet for sheet in sheets if sheet.confidence is not None]
    draft = _assemble(sheets)
    if not draft and broken:
        raise Damaged(f"none of the {count} pages can be read; open the file and print it to PDF again")
    if not draft:
        advice = "supply the text" if ocr.available() else f"run OCR on it or supply the text; {ocr.INSTALL}"
        raise NoText(f"no page holds text (the pages are scans or blank); {advice}")
    return draft.document(
        source,
        "pdf",
        pages=count,
        ocr=_confidence(read_off),
        warnings=[*missing, *_doubts(read_off)],
        partial=bool(missing),
    )


def _confidence(sheets: Sequence[_Sheet]) -> float | None:
    """Mean confidence of the characters of pages that were recognised, None where there are none."""
    weights = [len(sheet.page.glyphs) for sheet in sheets]
    if not sum(weights):
        return None
    return round(sum((s.confidence or 0.0) * n for s, n in zip(sheets, weights, strict=True)) / sum(weights), 4)


def _doubts(sheets: Sequence[_Sheet]) -> Iterator[str]:
    """Warnings about pages that were recognised."""
    if sheets:
        verb = "were" if len(sheets) > 1 else "was"
        named = _named([sheet.page.number for sheet in sheets])
        yield f"{named} {verb} read by character recognition; compare figures with the page"
    poor = [sheet.page.number for sheet in sheets if (sheet.confidence or 0.0) < ocr.POOR]
    if poor:
        yield f"{_named(poor)} could be read only poorly; scan again, or supply the text"


def _open(source: Source) -> PdfDocument:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source.data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Encrypted("the PDF has a password; remove it, or print the document to a new PDF") from error
        raise Damaged("the PDF is cut short or damaged; download or save it again") from error
    if not count:
        document.close()
        raise Damaged("the PDF has no pages; download or save it again")
    return document


class _Rulings:
    """Finds the tables of a page; opens pdfplumber when a page has rulings for the first time."""

    def __init__(self, source: Source, warnings: list[str]) -> None:
        self._source = source
        self._warnings = warnings
        self._book: Any = None

    def tables(self, page: PdfPage, glyphs: Page) -> list[Ruled]:
        """The tables of a page, none where its text is turned otherwise than the page."""
        if glyphs.turned or not glyphs.glyphs or not has_rulings(page):
            return []
        import pdfplumber

        try:
            if self._book is None:
                # What pdfminer finds wrong with a file would go to the user's terminal, line by line. The
                # book is not closed: it only lets go of memory, and parses damaged pages again to do so.
                logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
                self._book = pdfplumber.open(BytesIO(self._source.data))
            sheet = self._book.pages[glyphs.number - 1]
            found = tables_of(sheet, glyphs)
            sheet.close()
        except Exception:
            # pdfminer lets whatever a strange file provokes through; the text itself is at hand already.
            self._warnings.append(f"the tables of page {glyphs.number} could not be read; their text is in paragraphs")
            return []
        return found


def _sheet(document: PdfDocument, number: int, rulings: _Rulings, silent: list[int]) -> _Sheet | None:
    """Take a page apart; None where it cannot be loaded."""
    import pypdfium2

    try:
        page = document[number - 1]
        glyphs = glyphs_of(page, number)
        tables = rulings.tables(page, glyphs)
        marks = sum(not glyph.char.isspace() for glyph in glyphs.glyphs)
        scanned = marks < SCANNED and _image_share(page) > (1 / 4 if marks < FEW else 1 / 2)
        if scanned or (marks < FEW and _is_drawn(page)) or glyphs.lost > marks:
            recognised = ocr.recognise(page, number) if ocr.available() else None
            if recognised:
                page.close()
                return _Sheet(
                    recognised.page, lines_of(recognised.page, recognised.page.glyphs), [], recognised.confidence
                )
            silent.append(number)
        page.close()
    except pypdfium2.PdfiumError:
        return None
    outside = [glyph for glyph in glyphs.glyphs if not any(table.box.holds(glyph) for table in tables)]
    return _Sheet(glyphs, lines_of(glyphs, outside), tables)


def _image_share(page: PdfPage) -> float:
    """How much of a page its largest image covers, from 0 to 1."""
    import pypdfium2.raw as pdfium

    wide, high = page.get_size()
    boxes = (image.get_bounds() for image in islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]), SHAPES))
    areas = ((right - left) * (top - bottom) for left, bottom, right, top in boxes)
    return float(max(areas, default=0.0) / max(wide * high, 1.0))


def _is_drawn(page: PdfPage) -> bool:
    """Whether a page has so many shapes that they may be letters."""
    import pypdfium2.raw as pdfium

    return sum(1 for _ in islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]), DRAWN + 1)) > DRAWN


def _gaps(silent: Sequence[int], broken: Sequence[int], *, cut: bool) -> Iterator[str]:
    """Warnings about what of the document is missing."""
    if silent:
        verb = "hold" if len(silent) > 1 else "holds"
        advice = "supply their text" if ocr.available() else f"run OCR on the file; {ocr.INSTALL}"
        yield f"{_named(silent)} {verb} no text (scans, or fonts without a character map); {advice}"
    if broken:
        yield f"{_named(broken)} cannot be loaded; download or save the file again"
    if cut:
        yield "the PDF is cut short, so that pages may be missing; download it again"


def _named(pages: Sequence[int]) -> str:
    return f"page{'s' if len(pages) > 1 else ''} {', '.join(map(str, pages))}"


def _assemble(sheets: Sequence[_Sheet]) -> Draft:
    """Put lines and tables into the order of the text."""
    opening = {line for sheet in sheets for line in openings(sheet.lines)}
    away = running([sheet.lines for sheet in sheets], opening)
    body = [[line for line in sheet.lines if line not in away] for sheet in sheets]
    listed = contents(body)
    body = [[line for line in lines if line not in listed] for lines in body]
    notes = [note for lines in body for note in footnotes(lines)]
    noted = {line for note in notes for line in note}
    body = half_filled([[line for line in lines if line not in noted] for lines in body])
    reflow = Reflow([line for lines in body for line in lines])
    draft = Draft()
    pending: list[Line] = []
    tables = _Tables(draft)

    def write() -> None:
        if pending:
            tables.close()
        for paragraph in reflow.paragraphs(pending):
            first = paragraph.lines[0]
            draft.paragraph(
                paragraph.text,
                page=first.page,
                box=paragraph.box,
                size=first.size,
                bold=first.bold,
                centred=paragraph.centred,
            )
        pending.clear()

    for sheet, lines in zip(sheets, body, strict=True):
        rest = list(lines)
        for table in sheet.tables:
            above = [line for line in rest if line.top < table.box.top]
            rest = [line for line in rest if line.top >= table.box.top]
            pending.extend(above)
            write()
            tables.add(table)
        pending.extend(rest)
    write()
    tables.close()
    for note in notes:
        whole = Paragraph(list(note), centred=False)
        draft.paragraph(whole.text, note=True, page=note[0].page, box=whole.box, size=note[0].size)
    return draft


class _Row(NamedTuple):
    """A row of a table, and where it stands."""

    cells: list[str | None]
    page: int
    box: Box


class _Tables:
    """Puts tables together: one that goes on over the page is one table.

    Its repeated header is left out. A row that the page breaks is made one again: on the new page fewer
    than half of its cells have text left, and those that have had text before. A merged cell that the page
    breaks is empty on the new page: where a column had no empty cell so far, one at the top of the page is
    filled with the text above, unless most of its row is empty (a title across the table).
    """

    def __init__(self, draft: Draft) -> None:
        self.last: Ruled | None = None
        self._draft = draft
        self._table = 0
        self._rows: list[_Row] = []

    def add(self, table: Ruled) -> None:
        """Take a table in."""
        last = self.last
        goes_on = (
            last is not None
            and table.page == last.page + 1
            and len(table.edges) == len(last.edges)
            and all(abs(a - b) <= SAME for a, b in zip(table.edges, last.edges, strict=True))
        )
        if not goes_on:
            self.close()
        self.last = table
        rows = [
            _Row(cells, table.page, Box(table.box.left, top, table.box.right, bottom))
            for cells, (top, bottom) in zip(table.rows, pairwise(table.tops), strict=True)
        ]
        if goes_on:
            while rows and rows[0].cells in (row.cells for row in self._rows[:HEADER]):
                del rows[0]
            if rows and _completes(rows[0].cells, self._rows[-1].cells):
                first = rows.pop(0)
                whole = [
                    join(filter(None, parts)) or None for parts in zip(self._rows[-1].cells, first.cells, strict=True)
                ]
                self._rows[-1] = self._rows[-1]._replace(cells=whole)
            self._fill(rows)
        self._rows.extend(rows)

    def _fill(self, rows: list[_Row]) -> None:
        """Fill the cells at the top of a page that belong to merged cells of the page before."""
        for column, text in enumerate(self._rows[-1].cells):
            # None stands where a cell to the left covers the column, as in a row that titles those below it.
            if text and all(row.cells[column] != "" for row in self._rows):
                for row in rows:
                    if row.cells[column] != "" or sum(map(bool, row.cells)) <= len(row.cells) / 2:
                        break
                    row.cells[column] = text

    def close(self) -> None:
        """Write the table that is at hand; what comes is another."""
        for number, row in enumerate(self._rows):
            left, top, right, bottom = (round(place, 1) for place in row.box)
            self._draft.row(row.cells, table=self._table, row=number, page=row.page, box=(left, top, right, bottom))
        self._table += bool(self._rows)
        self._rows = []
        self.last = None


def _completes(cells: Sequence[str | None], above: Sequence[str | None]) -> bool:
    """Whether the first row of a page is what was left of the last row of the page before."""
    filled = [column for column, text in enumerate(cells) if text]
    return 0 < len(filled) <= len(cells) / 2 and all(above[column] for column in filled) and not cells[0]
