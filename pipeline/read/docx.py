"""Word documents: what Word shows of the body, paragraphs and tables in the document's order.

Insertions count as accepted and deletions as gone; hidden text, headers, footers, comments and the
table of contents are left out; a text box follows the paragraph that it hangs on; foot- and endnotes
stand at the end as notes. A line break ends a block as a paragraph does.

The outline level of a block, by the first of these that the document states:

1. the paragraph's own outline level,
2. the outline level of its style, or of one that the style is based on,
3. the level in the style's name (heading 2, 标题 2),
4. the level at which the paragraph is numbered automatically.

Typed labels in plain paragraphs have no outline; `pipeline.sections` finds their levels from the labels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import Damaged
from pipeline.model import Document
from pipeline.read.draft import Draft, clean
from pipeline.read.join import stack
from pipeline.read.numbering import Numbering
from pipeline.read.package import BROKEN, MC, M, Package, W, is_on, number, switch, value
from pipeline.read.source import Source
from pipeline.read.styles import Look, Styles, outline_level

if TYPE_CHECKING:
    from lxml.etree import _Element

P, R, T, TAB, PPR, RPR, TBL, TR, TC, SDT, CONTENT, VAL = (
    W + name for name in ("p", "r", "t", "tab", "pPr", "rPr", "tbl", "tr", "tc", "sdt", "sdtContent", "val")
)
P_STYLE, NUM_PR, JC, OUTLINE = (W + name for name in ("pStyle", "numPr", "jc", "outlineLvl"))
ALTERNATE = MC + "AlternateContent"
TEXT_PATH = "{urn:schemas-microsoft-com:vml}textpath"
GONE = frozenset({W + "del", W + "moveFrom"})
KEPT = frozenset({W + "ins", W + "moveTo", W + "customXml", W + "smartTag"})
NOTES = {W + "footnoteReference": "footnote", W + "endnoteReference": "endnote"}
DRAWN = frozenset({ALTERNATE, W + "drawing", W + "pict", W + "object"})
WRAPPERS = KEPT | {SDT, CONTENT}
BREAKS = frozenset({W + "br", W + "cr"})
SYMBOLS = {"F0FE": "☑", "F052": "☑", "F0A8": "□", "F06F": "□", "F0FC": "✓", "F0B7": "·", "F06C": "●", "F06E": "■"}
"""Characters of Wingdings and Symbol that stand in tables and lists."""

PRIVATE = range(0xE000, 0xF900)
WIDEST = 200
"""Columns of a table; a larger gridSpan is a mistake or an attack."""


class _Run(NamedTuple):
    """A stretch of text in one style."""

    text: str
    look: Look


@dataclass(slots=True)
class _Line:
    """A line of a paragraph, up to a line break."""

    runs: list[_Run] = field(default_factory=list)

    @property
    def text(self) -> str:
        return clean("".join([run.text for run in self.runs]))

    @property
    def bold(self) -> bool:
        return all(run.look.bold for run in self.runs if run.text.strip())

    @property
    def size(self) -> float:
        sizes: Counter[float] = Counter()
        for run in self.runs:
            sizes[run.look.size] += len(run.text)
        return sizes.most_common(1)[0][0]


class _Stated(NamedTuple):
    """What a paragraph states of itself, not through its style.

    Args:
        list: id of the list that it is numbered in, "0" for none.
        level: its level in the list, 0 = top.
        outline: as the standard counts, 0 = top.
        joined: its mark was deleted, so that the next paragraph goes on on its last line.
        hidden: its mark is hidden.
    """

    style: str | None = None
    list: str | None = None
    level: int | None = None
    aligned: str | None = None
    outline: int | None = None
    joined: bool = False
    hidden: bool = False


class _Paragraph(NamedTuple):
    """A paragraph as it is shown.

    Args:
        lines: those with text, and the text.
        label: its automatic number, "" for none.
    """

    lines: list[tuple[_Line, str]]
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
        Paragraphs, table rows and notes; `partial` where a part is broken or missing. In tables, a cell
        that covers several rows is written out in each of them; one that covers several columns stands in
        the first. A table of one column is a frame around paragraphs and is read as such.

    Raises:
        EmptyFile: the document shows no text.
        Damaged: nothing of its text can be read.
        ReadError: it unpacks to more than is sensible.
    """
    package = Package(source)
    body = package.body()
    walk = _Walk(Styles(package.part("styles")), package)
    draft = Draft()
    tables = 0
    for content in walk.body(body):
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
    if package.problems and not draft:
        raise Damaged(BROKEN)
    warnings = [*package.problems, *walk.warnings]
    return draft.document(source, "docx", warnings=warnings, partial=bool(warnings))


def _add(draft: Draft, paragraph: _Paragraph, *, note: bool = False) -> None:
    for index, (line, text) in enumerate(paragraph.lines):
        draft.paragraph(
            text,
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
        self._whole_fields = True
        self._carried: list[_Line] = []  # text of a paragraph whose mark was deleted
        self._boxes: list[_Element] = []

    def body(self, body: _Element) -> Iterator[_Paragraph | _Table]:
        """The paragraphs and tables of the document."""
        kinds = Counter(mark.get(W + "fldCharType") for mark in body.iter(W + "fldChar"))
        # Where a field's end is lost, what follows is text and not its instruction.
        self._whole_fields = kinds["begin"] == kinds["end"]
        yield from self.contents(body)

    def contents(self, container: _Element) -> Iterator[_Paragraph | _Table]:
        """The paragraphs and tables in a body, note or text box."""
        for child in container:
            tag = child.tag
            if tag == P:
                paragraph = self._paragraph(child)
                boxes, self._boxes = self._boxes, []
                if paragraph:
                    yield paragraph
                for box in boxes:
                    if box.tag == TEXT_PATH:
                        yield self._art(box)
                    else:
                        yield from self.contents(box)
            elif tag == TBL:
                yield from self._table(child)
            elif tag == SDT:
                content = child.find(CONTENT)
                if content is not None and not _is_left_out(child):
                    yield from self.contents(content)
            elif tag in KEPT:
                yield from self.contents(child)
            elif tag == ALTERNATE:
                yield from self.contents(_choice(child))
            elif tag == W + "altChunk":
                self.warnings.append("the document embeds another file, whose text is missing; paste it in and save")
        if self._carried:
            lines, self._carried = self._carried, []
            yield _Paragraph([(line, line.text) for line in lines], "", None, False)

    def _art(self, path: _Element) -> _Paragraph:
        """The text of a piece of WordArt, which the red heads of documents are often made with."""
        text = path.get("string") or ""
        return _Paragraph([(_Line([_Run(text, self.styles.look(None, None))]), clean(text))], "", None, True)

    def notes(self) -> Iterator[_Element]:
        """The foot- and endnotes that the text cites, in that order."""
        for kind in ("footnote", "endnote"):
            root = self._package.part(kind + "s")
            found = {} if root is None else {e.get(W + "id", ""): e for e in root.iterchildren(W + kind)}
            for cited in list(self._cited):
                if cited[0] == kind and cited[1] in found:
                    yield found[cited[1]]

    def _paragraph(self, paragraph: _Element) -> _Paragraph | None:
        stated = _STATES_NOTHING
        lines = [_Line()]
        for first in paragraph:
            if first.tag == PPR:
                stated = _stated(first)
            break
        self._inline(paragraph, stated.style, lines)
        if self._carried:
            lines[0].runs[:0] = self._carried[-1].runs
            lines[:0] = self._carried[:-1]
            self._carried = []
        shown = [(line, text) for line in lines if (text := line.text)]
        if stated.joined:
            self._carried = [line for line, _ in shown]
            return None
        if stated.hidden and not shown:
            return None
        label = self.numbering.label(stated.style, stated.list, stated.level)
        form = self.styles.form(stated.style)
        if not shown or form.contents:
            return None
        outline = form.outline if stated.outline is None else outline_level(stated.outline)
        if outline is None and label and label.text:
            outline = label.level + 1
        return _Paragraph(shown, label.text if label else "", outline, (stated.aligned or form.aligned) == "center")

    def _inline(self, container: _Element, style: str | None, lines: list[_Line]) -> None:
        """Collect the text in a paragraph or in an element that wraps runs."""
        for child in container:
            tag = child.tag
            if tag == R:
                self._run(child, style, lines)
            elif tag == PPR or tag in GONE or not isinstance(tag, str):
                continue
            elif tag == W + "fldSimple":
                if not _is_toc(child.get(W + "instr", "")):
                    self._inline(child, style, lines)
            elif tag == SDT:
                content = child.find(CONTENT)
                if content is not None and not _is_left_out(child):
                    self._inline(content, style, lines)
            elif tag == ALTERNATE:
                self._inline(_choice(child), style, lines)
            elif tag.startswith(M):
                text = "".join(e.text or "" for e in child.iter(M + "t"))
                lines[-1].runs.append(_Run(text, self.styles.look(style, None)))
            else:
                self._inline(child, style, lines)

    def _run(self, run: _Element, style: str | None, lines: list[_Line]) -> None:
        look: Look | None = None
        for child in run:
            tag = child.tag
            if tag == RPR:
                look = self.styles.look(style, child)
            elif tag == W + "fldChar":
                self._field(child.get(W + "fldCharType"))
            elif tag == W + "instrText":
                if self._fields and self._fields[-1][1] == "begin":
                    self._fields[-1][0] += child.text or ""
            elif self._fields and not self._in_result():
                continue
            else:
                if look is None:
                    look = self.styles.look(style, None)
                if look.hidden:
                    continue
                if tag == T:
                    if child.text:
                        lines[-1].runs.append(_Run(child.text, look))
                elif tag in BREAKS:
                    lines.append(_Line())
                elif tag in NOTES:
                    self._cited[NOTES[tag], child.get(W + "id", "")] = None
                elif tag == W + "ruby":
                    for base in child.iterchildren(W + "rubyBase"):
                        self._inline(base, style, lines)
                elif tag in DRAWN:
                    self._boxes.extend(_boxes(_choice(child) if tag == ALTERNATE else child))
                elif text := _character(child):
                    lines[-1].runs.append(_Run(text, look))

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(["", "begin"])
        elif kind == "separate" and self._fields:
            self._fields[-1][1] = "result"
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _in_result(self) -> bool:
        """Whether text at this place is shown: outside of fields, or in a result that is no table of contents."""
        return not self._whole_fields or all(
            phase == "result" and not _is_toc(instruction) for instruction, phase in self._fields
        )

    def _table(self, table: _Element) -> Iterator[_Paragraph | _Table]:
        rows = [list(_wrapped(row, TC)) for row in _wrapped(table, TR) if not _is_deleted(row)]
        if all(len(cells) <= 1 for cells in rows):
            for cells in rows:
                for cell in cells:
                    yield from self.contents(cell)
            return
        yield _Table(list(self._rows(table)))

    def _rows(self, table: _Element) -> Iterator[list[str | None]]:
        above: dict[int, str | None] = {}
        for row in _wrapped(table, TR):
            if _is_deleted(row):
                continue
            cells: list[str | None] = [None] * _width(value(row, "trPr/gridBefore"), 0)
            now: dict[int, str | None] = {}
            for cell in _wrapped(row, TC):
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
                    (content.label if index == 0 else "") + text for index, (_, text) in enumerate(content.lines)
                )
        return stack(lines)


_STATES_NOTHING = _Stated()


def _stated(properties: _Element) -> _Stated:
    """What a paragraph's `pPr` states."""
    style = name = level = aligned = outline = None
    joined = hidden = False
    for child in properties:
        tag = child.tag
        if tag == P_STYLE:
            style = child.get(VAL)
        elif tag == NUM_PR:
            name, level = value(child, "numId"), number(value(child, "ilvl"))
        elif tag == JC:
            aligned = child.get(VAL)
        elif tag == OUTLINE:
            outline = number(child.get(VAL))
        elif tag == RPR:
            for mark in child:
                joined |= mark.tag in GONE
                hidden |= mark.tag == W + "vanish" and is_on(mark)
    return _Stated(style, name, level, aligned, outline, joined, hidden)


def _character(element: _Element) -> str:
    """What an element of a run that is no text shows."""
    tag = element.tag
    if tag in (TAB, W + "ptab"):
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
    """The contents of the text boxes and the paths of the WordArt in a drawing, each once."""
    for child in element:
        if child.tag == W + "txbxContent" or (child.tag == TEXT_PATH and (child.get("string") or "").strip()):
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
        elif child.tag in WRAPPERS:
            yield from _wrapped(child, tag)


def _is_deleted(row: _Element) -> bool:
    return row.find(f"{W}trPr/{W}del") is not None


def _is_toc(instruction: str) -> bool:
    return instruction.strip().upper().startswith("TOC")


def _is_left_out(control: _Element) -> bool:
    """Whether a content control holds a table of contents, or only the prompt to fill it in."""
    gallery = value(control, "sdtPr/docPartObj/docPartGallery") or ""
    return gallery.lower() == "table of contents" or bool(switch(control, "sdtPr/showingPlcHdr"))


def _width(text: str | None, least: int) -> int:
    return min(max(number(text) or least, least), WIDEST)
