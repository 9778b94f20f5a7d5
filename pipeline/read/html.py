"""Web pages: the visible text of the body, block elements as blocks, data tables as rows.

Tables that the text draws with bars, in a `pre` or line by line, are rows too (`pipeline.read.drawn`).
Navigation, headers, footers, asides and form controls are left out, and nothing else: what the page
says around the plan is told apart later, with the same rules as for text that was copied off a page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.errors import Damaged
from pipeline.model import Document
from pipeline.read import drawn
from pipeline.read.draft import Draft, clean
from pipeline.read.join import stack
from pipeline.read.source import Source
from pipeline.read.text import decode, doubts

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# fmt: off
DROPPED = frozenset({
    "head", "script", "style", "noscript", "template", "nav", "aside", "svg", "math", "iframe", "object", "embed",
    "canvas", "audio", "video", "map", "select", "option", "datalist", "button", "textarea", "input", "meter",
    "progress",
})
# fmt: on
"""Elements that do not belong to the text."""

EDGES = frozenset({"header", "footer"})
"""Left out of a page, but kept inside an article, where a header holds the title."""

# fmt: off
INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "output", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})
# fmt: on
"""Elements that do not break the line."""

HEADINGS = {f"h{level}": level for level in range(1, 7)}
GROUPS = {"thead": 0, "tfoot": 2}
"""Where the groups of a table's rows are shown, bodies at 1."""

CONTROLS = frozenset({"input", "select", "textarea", "button"})
CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
"""Not `visibility: hidden`: pages whose scripts lift it keep their whole article under it."""

STRONG = frozenset({"b", "strong", "th", *HEADINGS})
CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
SPACE = re.compile(r"[ \t\n\r\f]+")
SITE = re.compile(r"\s*[-_|—–]+\s*")

WIDEST = 200
"""Columns of a table; a larger colspan is a mistake or an attack."""

LONGEST_CELL = 2000
"""Characters. A cell with more is a part of a page that is laid out with tables."""


def read(source: Source) -> Document:
    """Read a web page.

    Args:
        source: the file.

    Returns:
        Title (unless the body repeats it), paragraphs and table rows, in the order of the page.

    Raises:
        EmptyFile: the page shows no text.
        Damaged: it cannot be parsed.
        UnknownEncoding: no known encoding gives readable text.
    """
    declared = CHARSET.search(source.data[:4096])
    decoded = decode(source.data, declared[1].decode("ascii") if declared else None)
    root = _parse(decoded.text)
    page = _Page()
    page.walk(root)
    title = clean(SPACE.sub(" ", root.findtext(".//title") or ""))
    if title and page.draft and not _repeated(title, page.draft.text()):
        page.draft.precede(title)
    document = page.draft.document(
        source, "html", encoding=decoded.encoding, warnings=(*decoded.warnings, *doubts(decoded.text))
    )
    return replace(document, blocks=tuple(drawn.rows(document.text, document.blocks)))


def _parse(text: str) -> HtmlElement:
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise Damaged("the page cannot be parsed as HTML; open it in a browser and save it again") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise Damaged("the page nests its elements too deeply to be read; open it in a browser and save it as text")
    return root


def _repeated(title: str, body: str) -> bool:
    """Whether the body has the title, or its longest part where the site's name stands behind it."""
    body = re.sub(r"\s", "", body)
    longest = max(SITE.split(title), key=len)
    return any(re.sub(r"\s", "", part) in body for part in (title, longest))


class _Page:
    """Walks a page's elements and collects its blocks."""

    def __init__(self) -> None:
        self.draft = Draft()
        self._text: list[tuple[str, bool]] = []  # pieces of the block at hand, and whether they are bold
        self._bold: list[bool] = [False]  # of the elements that are open
        self._kept = 0  # how many of them keep line breaks
        self._label = ""
        self._tables = 0
        self._listed: Counter[HtmlElement] = Counter()

    def walk(self, root: HtmlElement) -> None:
        """Collect the blocks under an element.

        The walk keeps its own stack: pages nest deeper than Python's calls do.
        """
        body = root.find("body")
        labelled = {e.get("id") for e in root.iter(*CONTROLS)} - {None}
        stack: list[tuple[HtmlElement, Iterator[HtmlElement]]] = []

        def enter(element: HtmlElement) -> None:
            if not _left_out(element, labelled):
                if element.tag == "table" and _is_data(element):
                    self._flush(element.getparent())
                    self._table(element, labelled)
                else:
                    self._open(element)
                    self._put(element.text, element)
                    stack.append((element, iter(element)))
                    return
            elif element.tag not in INLINE and element.tag not in CONTROLS:
                self._flush(element.getparent())
            self._put(element.tail, element.getparent())

        enter(body if body is not None else root)
        while stack:
            element, children = stack[-1]
            child = next(children, None)
            if child is not None:
                enter(child)
                continue
            stack.pop()
            if element.tag not in INLINE:
                self._flush(element)
            self._bold.pop()
            self._kept -= element.tag == "pre"
            if stack:
                self._put(element.tail, element.getparent())
        self._flush(root)

    def _open(self, element: HtmlElement) -> None:
        if element.tag not in INLINE:
            self._flush(element.getparent())
        if element.tag == "li":
            self._label = self._number(element)
        self._bold.append(self._bold[-1] or element.tag in STRONG or bool(BOLD.search(element.get("style") or "")))
        self._kept += element.tag == "pre"

    def _put(self, text: str | None, holder: HtmlElement | None) -> None:
        """Take in text that stands right in an element; in a `pre` its line breaks end blocks."""
        lines = (text or "").split("\n") if self._kept else [text or ""]
        for number, line in enumerate(lines):
            if number:
                self._flush(holder)
            self._text.append((line, self._bold[-1]))

    def _flush(self, element: HtmlElement | None) -> None:
        """End the block that was collected; `element` is the one that holds it."""
        text = clean(SPACE.sub(" ", "".join([piece for piece, _ in self._text])))
        bold = all(bold for piece, bold in self._text if piece.strip())
        self._text.clear()
        if not text:
            return
        label = "" if re.match(r"[(（]?[\d一二三四五六七八九十]+[)）.．、]", text) else self._label
        self._label = ""
        chain = [] if element is None else [element, *element.iterancestors()]
        self.draft.paragraph(
            text,
            label=label,
            outline=next((HEADINGS[e.tag] for e in chain if e.tag in HEADINGS), None),
            bold=bold,
            centred=any(_is_centred(e) for e in chain[:3]),
        )

    def _number(self, item: HtmlElement) -> str:
        """The number that a browser shows before an item of a numbered list."""
        parent = item.getparent()
        if parent is None or parent.tag != "ol" or "none" in (parent.get("style") or ""):
            return ""
        start = parent.get("start") or ""
        first = int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1
        self._listed[parent] += 1
        return f"{first + self._listed[parent] - 1}. "

    def _table(self, table: HtmlElement, labelled: set[str | None]) -> None:
        for caption in table.iterchildren("caption"):
            self.draft.paragraph(_cell_text(caption, labelled), centred=True)
        for number, cells in enumerate(_grid(table, labelled)):
            self.draft.row(cells, table=self._tables, row=number)
        self._tables += 1


def _left_out(element: HtmlElement, labelled: set[str | None]) -> bool:
    if not isinstance(element.tag, str) or element.tag in DROPPED:
        return True
    if element.get("hidden") is not None or HIDDEN.search(element.get("style") or ""):
        return True
    if element.tag in EDGES:
        return next(element.iterancestors("article", "main"), None) is None
    return element.tag == "label" and (
        element.get("for") in labelled or next(element.iter(*CONTROLS), None) is not None
    )


def _is_centred(element: HtmlElement) -> bool:
    aligned = (element.get("align") or "").lower() == "center"
    return aligned or element.tag == "center" or bool(CENTRED.search(element.get("style") or ""))


def _is_data(table: HtmlElement) -> bool:
    """Whether a table holds rows of data, and is not how the page is laid out."""
    if table.get("role") == "presentation" or next(table.iterdescendants("table"), None) is not None:
        return False
    rows = list(table.iter("tr"))
    widest = max((sum(1 for _ in row.iterchildren("td", "th")) for row in rows), default=0)
    return len(rows) > 1 and widest > 1 and all(len(e.text_content()) <= LONGEST_CELL for e in table.iter("td", "th"))


def _grid(table: HtmlElement, labelled: set[str | None]) -> Iterator[list[str | None]]:
    """The rows of a table, every column in its place.

    A cell that covers several rows is written out in each of them, as far as its row group goes; one that
    covers several columns stands in the first, and the others are empty. The foot comes last, wherever the
    page has it.
    """
    held: dict[int, tuple[int, str | None]] = {}  # column -> how many rows more, text
    rows = sorted(table.iter("tr"), key=lambda row: GROUPS.get(_group(row).tag, 1))
    for number, row in enumerate(rows):
        if number and _group(row) is not _group(rows[number - 1]):
            held = {}
        cells: dict[int, str | None] = {column: text for column, (_, text) in held.items()}
        held = {column: (more - 1, text) for column, (more, text) in held.items() if more > 1}
        column = 0
        for cell in row.iterchildren("td", "th"):
            while column in cells:
                column += 1
            text = _cell_text(cell, labelled)
            left = len(rows) - number
            down = min(_span(cell, "rowspan") or left, left)
            for offset in range(min(_span(cell, "colspan") or 1, WIDEST)):
                if column + offset in cells:
                    break
                cells[column + offset] = text if offset == 0 else None
                if down > 1:
                    held[column + offset] = (down - 1, cells[column + offset])
        yield [cells.get(column) for column in range(max(cells, default=-1) + 1)]


def _group(row: HtmlElement) -> HtmlElement:
    """What a row stands in: the table, its head, body or foot."""
    parent = row.getparent()
    return row if parent is None else parent


def _span(cell: HtmlElement, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return int(value) if re.fullmatch(r"\d{1,5}", value) else 1


def _cell_text(cell: HtmlElement, labelled: set[str | None]) -> str:
    """The text of a cell on one line."""
    lines: list[list[str]] = [[cell.text or ""]]
    opened: list[tuple[HtmlElement, Iterator[HtmlElement]]] = [(cell, iter(cell))]
    while opened:
        element, children = opened[-1]
        child = next(children, None)
        if child is not None and not _left_out(child, labelled):
            if child.tag not in INLINE:
                lines.append([])
            lines[-1].append(child.text or "")
            opened.append((child, iter(child)))
            continue
        if child is None:
            opened.pop()
            if element is cell:
                break
            if element.tag not in INLINE:
                lines.append([])
        lines[-1].append((element if child is None else child).tail or "")
    return stack(clean(SPACE.sub(" ", "".join(line))) for line in lines)
