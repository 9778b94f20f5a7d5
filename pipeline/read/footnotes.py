"""Footnotes of a PDF page: the lines at its foot that the raised marks in its text lead to.

A page whose text bears no raised mark has none. Where it does, the footnotes begin at the first line
below the first mark that opens with the same mark (raised, or as plain text) and that either is set in a
smaller size or stands apart from the line above it; they go on to the foot of the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from pipeline.read.glyphs import Line

APART = 1.2
"""How much wider than the page's usual the gap above footnotes is at least, where their size does not tell."""

BARE = re.compile(r"[\[\]〔〕()（）\s]")


def footnotes(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """The footnotes of a page, each with its lines.

    Args:
        lines: of the page, without running heads and feet, in reading order.
    """
    cited = [(line, mark) for line in lines if not line.opens_note for mark in line.marks]
    if not cited:
        return []
    ordered = sorted(lines, key=lambda line: line.top)
    gaps = [below.top - above.top for above, below in pairwise(ordered) if below.top > above.bottom]
    usual = median(gaps) if gaps else 0.0
    size = median(line.size for line in lines)
    for above, line in pairwise(ordered):
        if line.top <= cited[0][0].top or not _opens(line, cited[0][1]):
            continue
        if line.size < 0.95 * size or line.top - above.top > APART * max(usual, line.bottom - line.top):
            return _parted([other for other in ordered if other.top >= line.top], [mark for _, mark in cited])
    return []


def openings(lines: Sequence[Line]) -> set[Line]:
    """The lines of a page that may open a footnote, so that they are no running feet.

    Args:
        lines: of the page, in reading order.
    """
    cited = [(line.top, mark) for line in lines if not line.opens_note for mark in line.marks]
    return {line for line in lines if any(line.top > top and _opens(line, mark) for top, mark in cited)}


def _opens(line: Line, mark: str) -> bool:
    """Whether a line opens with a mark."""
    if line.opens_note:
        return BARE.sub("", line.marks[0]) == BARE.sub("", mark)
    bare, text = BARE.sub("", mark), BARE.sub("", line.text[:12])
    return text.startswith(bare) and not text[len(bare) : len(bare) + 1].isdigit()


def _parted(lines: Sequence[Line], marks: Sequence[str]) -> list[tuple[Line, ...]]:
    """The lines of all footnotes of a page, parted where the next mark opens a line."""
    found: list[list[Line]] = []
    for line in lines:
        if len(found) < len(marks) and _opens(line, marks[len(found)]):
            found.append([line])
        elif found:
            found[-1].append(line)
    return [tuple(note) for note in found]
