"""Word documents: what Word shows of the body, paragraphs and tables in the document's order.

Insertions count as accepted and deletions as gone; hidden text, headers, footers, comments and the
table of contents are left out; a text box follows the paragraph that it hangs on; foot- and endnotes
stand at the end as notes. A line break ends a block as a paragraph does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import Damaged
from pipeline.model import Document
from pipeline.read.draft import Draft, clean
from pipeline.read.join import join
from pipeline.read.numbering import Numbering
from pipeline.read.package import MC, M, Package, W, number, value
from pipeline.read.source import Source
from pipeline.read.styles import Styles

if TYPE_CHECKING:
    from lxml.etree import _Element

GONE = frozenset({W + "del", W + "moveFrom"})
SYMBOLS = {"F0FE": "☑", "F052": "☑", "F0A8": "□", "F06F": "□", "F0FC": "✓", "F0B7": "·", "F06C": "●", "F06E": "■"}
"""Characters of Wingdings and Symbol that stand in tables and lists."""

PRIVATE = range(0xE000, 0xF900)
WIDEST = 200
"""Columns of a table; a larger gridSpan is a mistake or an attack."""


class _Run(NamedTuple):
    """A stretch of text in one style."""

    text: str
    bold: bool
    size: float


@dataclass(slots=True)
class _Line:
    """A line of a paragraph, up to a line break."""

    runs: list[_Run] = field(default_factory=list)

    @property
    def text(self) -> str:
        return clean("".join(run.text for run in self.runs))

    @property
    def bold(self) -> bool:
        return all(run.bold for run in self.runs if run.text.strip())

    @property
    def size(self) -> float:
        sizes: Counter[float] = Counter()
        for run in self.runs:
            sizes[run.size] += len(run.text)
        return sizes.most_common(1)[0][0]


class _Paragraph(NamedTuple):
    """A paragraph as it is shown.

    Args:
        lines: those with text.
        label: its automatic number, "" for none.
    """

    lines: list[_Line]
    label: str
    outline: int | None
    centred: bool


class _Table(NamedTuple):
    """A table: its rows, each with the text of its cells."""

    rows: list[list[str | None]]


def read(source: Source) -> Document:
    """Read a Word document.

    Args:
        source: the file.

    Returns:
        Paragraphs, table rows and notes. In tables, a cell that covers several rows is written out in
        each of them; one that covers several columns stands in the first. A table of one column is
        a frame around paragraphs and is read as such.

    Raises:
        EmptyFile: the document shows no text.
        Damaged: it is broken.
        ReadError: it unpacks to more than is sensible.
    """
    package = Package(source)
    root = package.part("document")
    body = None if root is None else root.find(W + "body")
    if body is None:
        raise Damaged("the DOCX has no body; open it in Word or WPS, let it repair the file, and save it again")
    walk = _Walk(Styles(package.part("styles")), package)
    draft = Draft()
    tables = 0
    for content in walk.contents(body):
        if isinstance(content, _Table):
            for row, cells in enumerate(content.rows):
                draft.row(cells, table=tables, row=row)
            tables += 1
        else:
            _add(draft, content)
    for note in walk.notes():
        for content in walk.contents(note):
            if isinstance(content, _Paragraph):
                _add(draft, content, note=True)
    return draft.document(source, "docx", warnings=walk.warnings)


def _add(draft: Draft, paragraph: _Paragraph, *, note: bool = False) -> None:
    for index, line in enumerate(paragraph.lines):
        draft.paragraph(
            line.text,
            label="" if index else paragraph.label,
            note=note,
            outline=None if index else paragraph.outline,
            size=line.size,
            bold=line.bold,
            centred=paragraph.centred,
        )


class _Walk:
    """Goes through a document's XML in order; numbering and fields carry over from paragraph to paragraph."""

    def __init__(self, styles: Styles, package: Package) -> None:
        self.styles = styles
        self.numbering = Numbering(package.part("numbering"), styles)
        self.warnings: list[str] = []
        self._package = package
        self._cited: dict[tuple[str, str], None] = {}
        self._fields: list[list[str]] = []  # instruction and phase of the fields that are open
        self._carried: list[_Line] = []  # text of a paragraph whose mark was deleted
        self._boxes: list[_Element] = []

    def contents(self, container: _Element) -> Iterator[_Paragraph | _Table]:
        """The paragraphs and tables in a body, note or text box."""
        for child in container:
            if child.tag == W + "p":
                paragraph = self._paragraph(child)
                boxes, self._boxes = self._boxes, []
                if paragraph:
                    yield paragraph
                for box in boxes:
                    yield from self.contents(box)
            elif child.tag == W + "tbl":
                yield from self._table(child)
            elif child.tag == W + "sdt":
                content = child.find(W + "sdtContent")
                if content is not None and not _is_contents(child):
                    yield from self.contents(content)
            elif child.tag in (W + "ins", W + "moveTo", W + "customXml", W + "smartTag"):
                yield from self.contents(child)
            elif child.tag == MC + "AlternateContent":
                yield from self.contents(_choice(child))
            elif child.tag == W + "altChunk":
                self.warnings.append("the document embeds another file, whose text is missing; paste it in and save")
        if self._carried:
            lines, self._carried = self._carried, []
            yield _Paragraph(lines, "", None, False)

    def notes(self) -> Iterator[_Element]:
        """The foot- and endnotes that the text cites, in that order."""
        for kind in ("footnote", "endnote"):
            root = self._package.part(kind + "s")
            found = {} if root is None else {e.get(W + "id", ""): e for e in root.iterchildren(W + kind)}
            for cited in list(self._cited):
                if cited[0] == kind and cited[1] in found:
                    yield found[cited[1]]

    def _paragraph(self, paragraph: _Element) -> _Paragraph | None:
        properties = paragraph.find(W + "pPr")
        style = value(properties, "pStyle")
        lines = [_Line()]
        self._inline(paragraph, style, lines)
        if self._carried:
            lines[0].runs[:0] = self._carried[-1].runs
            lines[:0] = self._carried[:-1]
            self._carried = []
        if properties is not None and properties.find(f"{W}rPr/{W}del") is not None:
            self._carried = [line for line in lines if line.text]
            return None
        label = self.numbering.label(style, properties)
        lines = [line for line in lines if line.text]
        if not lines or self.styles.is_contents(style):
            return None
        outline = self.styles.outline(style, properties)
        if outline is None and label and label.text:
            outline = label.level + 1
        centred = self.styles.aligned(style, properties) == "center"
        return _Paragraph(lines, label.text if label else "", outline, centred)

    def _inline(self, container: _Element, style: str | None, lines: list[_Line]) -> None:
        """Collect the text in a paragraph or in an element that wraps runs."""
        for child in container:
            tag = child.tag
            if tag == W + "r":
                self._run(child, style, lines)
            elif tag == W + "fldSimple":
                if not _is_toc(child.get(W + "instr", "")):
                    self._inline(child, style, lines)
            elif tag == W + "sdt":
                content = child.find(W + "sdtContent")
                if content is not None and not _is_contents(child):
                    self._inline(content, style, lines)
            elif tag == MC + "AlternateContent":
                self._inline(_choice(child), style, lines)
            elif isinstance(tag, str) and tag.startswith(M):
                text = "".join(e.text or "" for e in child.iter(M + "t"))
                self._put(lines, text, style, None)
            elif tag not in GONE and tag != W + "pPr":
                self._inline(child, style, lines)

    def _run(self, run: _Element, style: str | None, lines: list[_Line]) -> None:
        properties = run.find(W + "rPr")
        hidden = self.styles.switch(style, properties, "vanish")
        for child in run:
            tag = child.tag
            if tag == W + "fldChar":
                self._field(child.get(W + "fldCharType"))
            elif tag == W + "instrText":
                if self._fields and self._fields[-1][1] == "begin":
                    self._fields[-1][0] += child.text or ""
            elif hidden or not self._in_result():
                continue
            elif tag in (W + "br", W + "cr"):
                lines.append(_Line())
            elif tag in (W + "footnoteReference", W + "endnoteReference"):
                kind = tag.removeprefix(W).removesuffix("Reference")
                self._cited[kind, child.get(W + "id", "")] = None
            elif tag == W + "ruby":
                for base in child.iterchildren(W + "rubyBase"):
                    self._inline(base, style, lines)
            elif tag in (MC + "AlternateContent", W + "drawing", W + "pict", W + "object"):
                self._boxes.extend(_boxes(_choice(child) if tag.startswith(MC) else child))
            else:
                self._put(lines, _characters(child), style, properties)

    def _put(self, lines: list[_Line], text: str, style: str | None, properties: _Element | None) -> None:
        if text:
            bold = self.styles.switch(style, properties, "b")
            lines[-1].runs.append(_Run(text, bold, self.styles.size(style, properties)))

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(["", "begin"])
        elif kind == "separate" and self._fields:
            self._fields[-1][1] = "result"
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _in_result(self) -> bool:
        """Whether text at this place is shown: outside of fields, or in a result that is no table of contents."""
        return all(phase == "result" and not _is_toc(instruction) for instruction, phase in self._fields)

    def _table(self, table: _Element) -> Iterator[_Paragraph | _Table]:
        rows = [list(_wrapped(row, W + "tc")) for row in _wrapped(table, W + "tr") if not _is_deleted(row)]
        if all(len(cells) <= 1 for cells in rows):
            for cells in rows:
                for cell in cells:
                    yield from self.contents(cell)
            return
        yield _Table(list(self._rows(table)))

    def _rows(self, table: _Element) -> Iterator[list[str | None]]:
        above: dict[int, str | None] = {}
        for row in _wrapped(table, W + "tr"):
            if _is_deleted(row):
                continue
            cells: list[str | None] = [None] * _width(value(row, "trPr/gridBefore"), 0)
            now: dict[int, str | None] = {}
            for cell in _wrapped(row, W + "tc"):
                properties = cell.find(W + "tcPr")
                merge = None if properties is None else properties.find(W + "vMerge")
                text: str | None = self._cell(cell)
                if merge is not None:
                    if merge.get(W + "val") != "restart":
                        text = above.get(len(cells), text)
                    now[len(cells)] = text
                if value(properties, "hMerge") == "continue":
                    text = None
                cells.append(text)
                cells.extend([None] * (_width(value(properties, "gridSpan"), 1) - 1))
            cells.extend([None] * _width(value(row, "trPr/gridAfter"), 0))
            above = now
            yield cells

    def _cell(self, cell: _Element) -> str:
        """The text of a cell on one line, nested tables included."""
        lines: list[str] = []
        for content in self.contents(cell):
            if isinstance(content, _Table):
                lines.extend(text or "" for row in content.rows for text in row)
            else:
                lines.extend(
                    (content.label if index == 0 else "") + line.text for index, line in enumerate(content.lines)
                )
        return join(lines)


def _characters(element: _Element) -> str:
    """What an element of a run shows."""
    tag = element.tag
    if tag == W + "t":
        return element.text or ""
    if tag in (W + "tab", W + "ptab"):
        return " "
    if tag == W + "noBreakHyphen":
        return "-"
    if tag == W + "sym":
        code = (element.get(W + "char") or "").upper()
        try:
            point = int(code, 16)
        except ValueError:
            return ""
        plain = point not in PRIVATE and 0x20 <= point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF
        return SYMBOLS.get(code) or (chr(point) if plain else "")
    return ""


def _choice(alternatives: _Element) -> _Element:
    """The one variant of a content that comes in several: the first choice, else the fallback."""
    found = alternatives.find(MC + "Choice")
    found = alternatives.find(MC + "Fallback") if found is None else found
    return alternatives if found is None else found


def _boxes(element: _Element) -> Iterator[_Element]:
    """The contents of the text boxes in a drawing, each once."""
    for child in element:
        if child.tag == W + "txbxContent":
            yield child
        elif child.tag == MC + "AlternateContent":
            yield from _boxes(_choice(child))
        else:
            yield from _boxes(child)


def _wrapped(element: _Element, tag: str) -> Iterator[_Element]:
    """The rows of a table, or the cells of a row, content controls and insertions looked into."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in (W + "sdt", W + "sdtContent", W + "ins", W + "moveTo", W + "customXml"):
            yield from _wrapped(child, tag)


def _is_deleted(row: _Element) -> bool:
    return row.find(f"{W}trPr/{W}del") is not None


def _is_toc(instruction: str) -> bool:
    return instruction.strip().upper().startswith("TOC")


def _is_contents(control: _Element) -> bool:
    gallery = value(control, "sdtPr/docPartObj/docPartGallery") or ""
    return gallery.lower() == "table of contents"


def _width(text: str | None, least: int) -> int:
    return min(max(number(text) or least, least), WIDEST)
