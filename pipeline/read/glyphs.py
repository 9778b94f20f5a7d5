"""The characters of a PDF page with their boxes, and the lines that they stand in.

Lines are found from the boxes, not from the order in which the file draws them: programs draw in any
order. Watermarks, which run across the page at an angle, are left out.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, zip_longest
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from pipeline.read.join import is_wide

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

HEAVY = 600
"""Weight from which a font is bold."""

BOLD_NAME = re.compile("bold|black|heavy|simhei|heiti|-hei", re.IGNORECASE)
SPACED = re.compile(r"(?<!\S)(?:[^\s!-/:-~] ){2,}[^\s!-/:-~](?!\S)|(?<!\S)[㐀-鿿] [㐀-鿿](?!\S)")
"""Letter-spaced words: single characters with spaces between them."""

NOTE_MARK = frozenset("0123456789*†‡[]〔〕()（）①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
"""Characters of the raised marks that lead to foot- and endnotes."""

SMALL = 0.78
"""Size of a raised character at most, as a share of its line's (Word and LibreOffice set 0.58 to 0.65)."""

RAISED = 0.15
"""How far a raised character's lower edge stands above that of its line at least, in sizes of the line."""

COLUMN_LINES = 8
"""A page has two columns if at least so many of its lines have the gap between them."""

RADICALS = range(0x2E80, 0x2FE0)
"""Radicals that fonts share their glyphs with, so that programs write them for the characters."""


class Box(NamedTuple):
    """A rectangle in points from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, glyph: Glyph) -> bool:
        """Whether a character's centre lies inside."""
        x, y = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom


class Glyph(NamedTuple):
    """A character on a page; boxes in points from the upper left corner."""

    char: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page.

    Args:
        page: 1-based.
        marks: the raised marks of notes in it, which `text` leaves out (the 2 of km² stays).
        opens_note: the first of them stands at its beginning.
        column: 0 for one that may go across the page, 1 or 2 in a page of two columns.
        width: of the page.
        height: of the page.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool
    page: int
    width: float
    height: float
    column: int = 0
    marks: tuple[str, ...] = ()
    opens_note: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds.

    Args:
        number: 1-based.
        turned: the page's text is not turned as the page is, so that its rulings cannot be placed.
        lost: how many characters the file does not say the meaning of.
    """

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    turned: bool
    lost: int


def glyphs_of(page: PdfPage, number: int) -> Page:
    """Take the characters off a page.

    Args:
        page: as pdfium loads it.
        number: 1-based.
    """
    import ctypes

    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    left, bottom, right, top = page.get_mediabox() or (0, 0, *page.get_size())
    found: list[tuple[int, Glyph]] = []
    lost = 0
    matrix = pdfium.FS_MATRIX()
    rect = pdfium.FS_RECTF()
    name, flags = ctypes.create_string_buffer(256), ctypes.c_int()
    bold: dict[tuple[bytes, int], bool] = {}
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if pdfium.FPDFText_IsGenerated(text, index) == 1:
            continue
        if not code or pdfium.FPDFText_HasUnicodeMapError(text, index) == 1 or 0xE000 <= code < 0xF900:
            lost += 1
            continue
        char = _char(code)
        if not char or not pdfium.FPDFText_GetLooseCharBox(text, index, rect):
            continue
        pdfium.FPDFText_GetMatrix(text, index, matrix)
        quarters, rest = divmod(round(math.degrees(math.atan2(matrix.b, matrix.a))) + 5, 90)
        if rest > 10:
            continue
        pdfium.FPDFText_GetFontInfo(text, index, name, len(name), flags)
        font = (name.value, pdfium.FPDFText_GetFontWeight(text, index))
        if font not in bold:
            bold[font] = font[1] >= HEAVY or bool(BOLD_NAME.search(font[0].decode("latin-1")))
        size = pdfium.FPDFText_GetFontSize(text, index) * (math.hypot(matrix.c, matrix.d) or 1)
        size = max(size, 0.5)  # some programs hide text at size nought
        box = (rect.left - left, top - rect.top, rect.right - left, top - rect.bottom)
        if not all(map(math.isfinite, (*box, size))):
            continue  # only damaged files place text so
        found.append((quarters % 4, Glyph(char, *box, round(size * 2) / 2, bold[font])))
    text.close()
    # Text that is turned as a whole is turned back, whatever the page says of its rotation.
    quarters = Counter(turn for turn, _ in found).most_common(1)[0][0] if found else 0
    wide, high = right - left, top - bottom
    upright = tuple(_turn(glyph, quarters, wide, high) for turn, glyph in found if turn == quarters)
    if quarters % 2:
        wide, high = high, wide
    return Page(number, max(wide, 1.0), max(high, 1.0), upright, quarters != page.get_rotation() // 90 % 4, lost)


@cache
def _char(code: int) -> str:
    """The character that a code stands for, "" for none."""
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return ""
    if code == 2:  # pdfium's sign for a hyphen at a line's end
        return "-"
    char = chr(code)
    if code in RADICALS:
        return unicodedata.normalize("NFKC", char)
    return char if char.isprintable() or char.isspace() else ""


def _turn(glyph: Glyph, quarters: int, wide: float, high: float) -> Glyph:
    """A character on the page turned so that its text runs from left to right."""
    if not quarters:
        return glyph
    left, top, right, bottom = glyph[1:5]
    if quarters == 1:  # it ran upwards
        left, top, right, bottom = high - bottom, left, high - top, right
    elif quarters == 2:
        left, top, right, bottom = wide - right, high - bottom, wide - left, high - top
    elif quarters == 3:
        left, top, right, bottom = top, wide - right, bottom, wide - left
    return glyph._replace(left=left, top=top, right=right, bottom=bottom)


def lines_of(page: Page, glyphs: Sequence[Glyph]) -> list[Line]:
    """The lines that characters of a page stand in, in reading order.

    Args:
        page: the page.
        glyphs: those of its characters that count.

    Returns:
        From top to bottom; on a page of two columns the left one before the right one, between the
        lines that go across both.
    """
    rows = [sorted(row, key=lambda glyph: glyph.left) for row in _with_marks(_rows(glyphs))]
    gutter = _gutter(rows, page.width)
    if gutter is None:
        return [line for row in rows if (line := _line(row, page))]
    lines: list[Line] = []
    columns: tuple[list[Line], list[Line]] = ([], [])
    for row in rows:
        sides = ([g for g in row if g.right <= gutter], [g for g in row if g.left >= gutter])
        if len(sides[0]) + len(sides[1]) < len(row):
            lines.extend([*columns[0], *columns[1]])
            columns = ([], [])
            sides = (row, [])
            lines.extend(line for side in sides if (line := _line(side, page)))
            continue
        for column, side in enumerate(sides, 1):
            if line := _line(side, page, column):
                columns[column - 1].append(line)
    return [*lines, *columns[0], *columns[1]]


def _rows(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Characters whose middles lie in one another's height share a row; rows from top to bottom."""
    rows: list[list[Glyph]] = []
    top = bottom = -math.inf
    for glyph in sorted(glyphs, key=lambda glyph: (glyph.top + glyph.bottom) / 2):
        middle = (glyph.top + glyph.bottom) / 2
        if rows and top <= middle <= bottom and glyph.top < bottom - (glyph.bottom - glyph.top) / 4:
            # A tall character must not draw the next line in: the row's reach is that of its first that
            # is no raised mark.
            if all(mark.char in NOTE_MARK and mark.size <= SMALL * glyph.size for mark in rows[-1]):
                top, bottom = glyph.top, glyph.bottom
            rows[-1].append(glyph)
            continue
        rows.append([glyph])
        top, bottom = glyph.top, glyph.bottom
    return rows


def _with_marks(rows: list[list[Glyph]]) -> Iterator[list[Glyph]]:
    """Rows in which raised marks stand with the line that they belong to, not in a row above it."""
    carried: list[Glyph] = []
    for row, below in zip_longest(rows, rows[1:]):
        if below and len(row) < 6 and _hangs_on(row, below):
            carried += row
            continue
        yield row + carried
        carried = []


def _hangs_on(row: Sequence[Glyph], below: Sequence[Glyph]) -> bool:
    """Whether a row is nothing but the raised marks of the row below it."""
    highest = max(glyph.size for glyph in below)
    top = min(glyph.top for glyph in below)
    return all(
        glyph.char in NOTE_MARK
        and glyph.size <= SMALL * highest
        and glyph.bottom > top + (glyph.bottom - glyph.top) / 4
        for glyph in row
    )


def _raised(row: Sequence[Glyph]) -> tuple[list[Glyph], list[str], bool]:
    """A row without the raised marks of notes, the marks, and whether the first of them opens the row."""
    size = Counter(glyph.size for glyph in row).most_common(1)[0][0]
    if all(glyph.size > SMALL * size for glyph in row):
        return list(row), [], False
    bottom = median(glyph.bottom for glyph in row if glyph.size > SMALL * size)
    kept: list[Glyph] = []
    marks: list[str] = []
    opens = False
    before: Glyph | None = None
    for glyph in row:
        raised = glyph.size <= SMALL * size and glyph.bottom < bottom - RAISED * size and glyph.char in NOTE_MARK
        power = raised and glyph.char in "23" and kept and kept[-1].char.isascii() and kept[-1].char.isalpha()
        if not raised or power:
            kept.append(glyph)
        elif before is not None and marks:
            marks[-1] += glyph.char
        else:
            opens = opens or not kept
            marks.append(glyph.char)
        before = glyph if raised and not power else None
    return kept, marks, opens


def _gutter(rows: Sequence[Sequence[Glyph]], width: float) -> float | None:
    """Where the gap between two columns runs, None where the page has one column."""
    votes: Counter[int] = Counter()
    for row in rows:
        marks = [glyph for glyph in row if not glyph.char.isspace()]
        open_at: set[int] = set()
        for before, after in pairwise(marks):
            # Lines are of unequal length: the gap is wherever no line crosses it. What stands behind it is a
            # line too, and not a figure at the margin.
            if after.left - before.right > before.size and marks[-1].right - after.left > width / 10:
                low, high = max(before.right, 0.4 * width), min(after.left, 0.6 * width)
                open_at.update(range(math.ceil(low / 5), math.floor(high / 5) + 1))
        votes.update(open_at)
    if not votes:
        return None
    count = max(votes.values())
    places = [place for place, found in votes.items() if found == count]
    return 5.0 * sorted(places)[len(places) // 2] if count >= max(COLUMN_LINES, len(rows) * 0.6) else None


def _line(row: Sequence[Glyph], page: Page, column: int = 0) -> Line | None:
    """The line that a row of characters is, None where it is blank."""
    marks: list[str] = []
    opens = False
    seen = [glyph for glyph in row if not glyph.char.isspace()]
    if not seen:
        return None
    sizes = Counter(glyph.size for glyph in seen)
    if len(sizes) > 1:
        row, marks, opens = _raised(row)
        seen = [glyph for glyph in row if not glyph.char.isspace()]
    return Line(
        text=text_of(row),
        left=seen[0].left,
        top=min(glyph.top for glyph in seen),
        right=max(glyph.right for glyph in seen),
        bottom=max(glyph.bottom for glyph in seen),
        size=sizes.most_common(1)[0][0],
        bold=all(glyph.bold for glyph in seen),
        page=page.number,
        width=page.width,
        height=page.height,
        column=column,
        marks=tuple(marks),
        opens_note=opens,
    )


def text_of(row: Sequence[Glyph]) -> str:
    """The text of a row of characters: a space where a gap is seen, letter-spaced words closed up.

    Between Latin words a space that the file draws counts too: the boxes of a font that is not embedded
    are those of another font, and may hide the gap.

    Args:
        row: from left to right.
    """
    text = ""
    previous: Glyph | None = None
    blank: Glyph | None = None
    for glyph in row:
        if glyph.char.isspace():
            blank = blank or glyph
            continue
        if previous:
            if glyph.char == previous.char and abs(glyph.left - previous.left) < glyph.size / 8:
                continue  # drawn twice, to look bold
            # Between Han and Latin programs leave a quarter of the size, which is no space.
            wide = is_wide(previous.char) or is_wide(glyph.char)
            drawn = blank is not None and not wide and glyph.left - blank.left > glyph.size * 0.15
            if drawn or glyph.left - previous.right > glyph.size * (0.6 if wide else 0.2):
                text += " "
        text += glyph.char
        previous, blank = glyph, None
    return SPACED.sub(lambda match: match[0].replace(" ", ""), text)
