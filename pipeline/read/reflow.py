"""From the lines of pages to paragraphs: running heads out, hard-wrapped lines joined.

A line begins a paragraph, by the first of these that holds:

1. The font size or the weight changes, or the line is centred and the one before it is not, or the other
   way round. Centred lines of a size above the body's are one title, as far as they follow closely.
2. The gap above it is clearly larger than between lines.
3. It is indented by about two characters.
4. The line before it stands at the right (a signature, a date), and it does not.
5. The line before it ends clearly short of the right margin, even if the first word of this line, which
   cannot be broken, or its first character with the marks that cling to it, had stood there.
6. It opens with a label (一、 （一） 1. 第三条) and the line before it ends a sentence or a heading.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from pipeline.read.glyphs import Line
from pipeline.read.join import glue, is_wide

MARGIN = 0.13
"""Share of the page's height at top and bottom in which running heads and page numbers stand."""

PAGE_NUMBER = re.compile(
    r"[-—–―－·•|~\s]*(?:第\s*)?(?:\d{1,4}|[ivxlIVXL]{1,6}|[０-９]{1,4})(?:\s*页)?"
    r"(?:\s*[,，/]?\s*共?\s*\d{1,4}\s*页?)?[-—–―－·•|~\s]*"
)
ENTRY = re.compile(r"(?:[.·•．]\s?){6,}\s*[（(]?\d{1,4}[）)]?$|[…⋯]{2,}\s*[（(]?\d{1,4}[）)]?$")
LEAST_ENTRIES = 3
"""Entries of a table of contents on a page; fewer may be a form to fill in."""

LABEL = re.compile(
    r"第\s*[一二三四五六七八九十百\d]{1,4}\s*[章节条编篇部]|[一二三四五六七八九十]{1,3}[、.．]|"
    r"[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[）)]|\d{1,2}\s*(?:[、．]|[.·](?!\d)|[）)])|[①-⑳]|附件|专栏\s*[一二三四五六七八九十\d]"
)
ENDS = "。；！？：;:!?.”）)】》"
UNBROKEN = re.compile(
    "(?P<opens>[（“‘《〈「『【〔]*)(?:(?P<latin>[!-~–—]+)|.)(?P<closes>[，。、；：！？）”’》〉」』】〕％]*)"
)
"""What of a line's beginning goes to the next line as a whole: no line ends in what opens, none begins with
what closes."""

RIGHT = 0.3
"""Share of the page's width behind the margin at which a line stands at the right; no first line is indented so far."""

EM = 0.55
"""Width of a Latin letter or a digit, in font sizes."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Where the text of a column begins and ends, in points."""

    left: float
    right: float


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together."""

    lines: list[Line]
    centred: bool

    @property
    def text(self) -> str:
        """The lines on one line."""
        whole = self.lines[0].text
        for line in self.lines[1:]:
            # A figure may be broken anywhere, two figures never stand side by side.
            figure = whole[-1].isdigit() and line.text[0].isdigit()
            whole += ("" if figure else glue(whole[-1], line.text[0])) + line.text
        return whole

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what stands on the first page and in the first column."""
        first = self.lines[0]
        lines = [line for line in self.lines if (line.page, line.column) == (first.page, first.column)]
        return (
            round(min(line.left for line in lines), 1),
            round(min(line.top for line in lines), 1),
            round(max(line.right for line in lines), 1),
            round(max(line.bottom for line in lines), 1),
        )


def running(pages: Sequence[Sequence[Line]], notes: Set[Line] = frozenset()) -> set[Line]:
    """The running heads, running feet and page numbers of a document.

    Args:
        pages: the lines of each page, from top to bottom.
        notes: lines that open footnotes, which may be alike.

    Returns:
        Lines near the upper or lower edge that are page numbers, or that several pages have at the
        same place in the same size, figures aside.
    """
    places: defaultdict[tuple[str, int, float], list[Line]] = defaultdict(list)
    found: set[Line] = set()
    for lines in pages:
        for line in {*lines[:3], *lines[-3:]}:
            if MARGIN * line.height < line.top and line.bottom < (1 - MARGIN) * line.height:
                continue
            if PAGE_NUMBER.fullmatch(line.text) and any(c.isdigit() for c in line.text):
                found.add(line)
            elif line in notes:
                continue
            text = re.sub(r"\d+|\s", "", line.text)
            for place in (round(line.top / 8), round(line.top / 8 + 0.5)):
                places[text, place, line.size].append(line)
    least = max(2, round(len(pages) * 0.3))
    return found.union(*(lines for lines in places.values() if len({line.page for line in lines}) >= least))


def contents(pages: Sequence[Sequence[Line]]) -> set[Line]:
    """The lines of a table of contents: entries with leaders of dots to a page number.

    Args:
        pages: the lines of each page, from top to bottom, without running heads.

    Returns:
        From the title (目录) or the first entry of a page to its last; an entry may take several lines.
    """
    found: set[Line] = set()
    for lines in pages:
        entries = [index for index, line in enumerate(lines) if ENTRY.search(line.text)]
        if len(entries) < LEAST_ENTRIES:
            continue
        first = entries[0]
        titles = [index for index in range(first) if "".join(lines[index].text.split()) in ("目录", "目次")]
        found.update(lines[titles[-1] if titles else first : entries[-1] + 1])
    return found


def half_filled(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The lines of each page, those of a page with text in its left column alone put into that column.

    Args:
        pages: the lines of each page without running heads; a page alone does not tell that it has columns.
    """
    found: list[list[Line]] = []
    for lines in pages:
        last = found[-1] if found else []
        edge = max((line.right for line in last if line.column == 1), default=0.0)
        shape = {(line.width, line.height) for line in (*last[:1], *lines[:1])}
        goes_on = edge and len(shape) == 1 and all(not line.column and line.right <= edge + line.size for line in lines)
        found.append([replace(line, column=1) for line in lines] if goes_on else list(lines))
    return found


def margins(lines: Sequence[Line]) -> dict[tuple[float, int], Margins]:
    """The margins of each column, by page width and column.

    Args:
        lines: of the whole document.
    """
    columns: defaultdict[tuple[float, int], list[Line]] = defaultdict(list)
    for line in lines:
        columns[_column(line)].append(line)
    found = {}
    for column, members in columns.items():
        lefts = sorted(line.left for line in members)
        rights = sorted(line.right for line in members)
        found[column] = Margins(lefts[len(lefts) // 20], rights[-1 - len(rights) // 20])
    return found


def _column(line: Line) -> tuple[float, int]:
    return round(line.width, -1), line.column


class Reflow:
    """Joins the lines of a document to paragraphs.

    Args:
        lines: of the whole document, without running heads.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self._margins = margins(lines)
        sizes: Counter[float] = Counter()
        for line in lines:
            sizes[line.size] += len(line.text)
        self._body = sizes.most_common(1)[0][0] if sizes else 0.0
        pitches = [
            below.top - above.top
            for above, below in pairwise(lines)
            if above.page == below.page and above.size == below.size == self._body and above.top < below.top
        ]
        self._pitch = median(pitches) if pitches else self._body * 2

    def paragraphs(self, lines: Sequence[Line]) -> list[Paragraph]:
        """The paragraphs that lines make which nothing else (a table) stands between.

        Args:
            lines: in reading order.
        """
        found: list[Paragraph] = []
        for line in lines:
            centred = self.is_centred(line)
            if found and not self._begins(found[-1], line, centred):
                found[-1].lines.append(line)
            else:
                found.append(Paragraph([line], centred))
        return found

    def is_centred(self, line: Line) -> bool:
        """Whether the same white is left and right of a line, more than an indent."""
        margins = self._margins[_column(line)]
        left, right = line.left - margins.left, margins.right - line.right
        if line.size > self._body * 1.1 and abs(left - right) < line.size * 1.5:
            return True
        return min(left, right) > 3 * line.size and abs(left - right) < line.size * 1.5

    def _begins(self, paragraph: Paragraph, line: Line, centred: bool) -> bool:
        """Whether a line begins a new paragraph; the numbers are those of the module's list."""
        last = paragraph.lines[-1]
        margins = self._margins[_column(line)]
        label = LABEL.match(line.text)
        title = centred and paragraph.centred
        if abs(line.size - last.size) > 0.1 * last.size or line.bold != last.bold or centred != paragraph.centred:
            return True
        same = line.page == last.page and line.column == last.column
        pitch = line.top - last.top
        if same and pitch > max(self._pitch, 1.2 * line.size) * (line.size / self._body if title else 1) * 1.45:
            return True
        if title:
            return bool(label) or not same or line.size <= self._body * 1.1
        if line.left - margins.left > 1.4 * line.size:
            return True
        if len(paragraph.lines) == 1 and last.left - self._margins[_column(last)].left > RIGHT * last.width:
            return True
        more = needed(line.text) * line.size
        room = self._margins[_column(last)].right - last.right
        if room > 1.6 * last.size + more and is_wide(last.text[-1]):
            return True
        if room > 6 * last.size + more:
            return True
        return bool(label) and last.text[-1] in ENDS


def needed(text: str) -> float:
    """Room that the beginning of a line would have taken on the line before, beyond a single character, in ems."""
    word = UNBROKEN.match(text)
    if word is None:
        return 0.0
    return len(word["latin"] or "") * EM + len(word["opens"]) + len(word["closes"])
