"""Stretches of a text with marks in them, as nested elements of a page need them.

Marks may lie in each other (a deadline in a target in a goal's sentence), be equal, or cross. Elements can
only nest. So the text is cut wherever a mark begins or ends, and each piece knows the marks that cover it, the
longest outside; neighbouring pieces share the marks that they have in common from the outside in. Where two
marks cross, the one inside is broken in two.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Mark(NamedTuple):
    """A marked stretch `[start, end)` of a text.

    Args:
        start: first code point.
        end: one past the last.
        kind: what it marks; of two equal stretches the one that was given first lies outside.
        note: what is told of it.
    """

    start: int
    end: int
    kind: str
    note: str


class Marked(NamedTuple):
    """A mark, or a piece of one, with what lies in it.

    Args:
        mark: which.
        inner: text and the marks within, in the order of the text.
    """

    mark: Mark
    inner: tuple[str | Marked, ...]


Nodes = tuple[str | Marked, ...]


def nested(text: str, start: int, end: int, marks: Iterable[Mark]) -> Nodes:
    """The characters `[start, end)` of a text with the marks on them, properly nested.

    Args:
        text: the text that all offsets point into.
        start: first code point.
        end: one past the last.
        marks: in any order; what of them lies outside `[start, end)` is left away.

    Returns:
        Text and marks in the order of the text; their texts joined are `text[start:end]`.
    """
    inside = [mark for mark in marks if mark.start < end and mark.end > start and mark.start < mark.end]
    inside.sort(key=lambda mark: (mark.start - mark.end, mark.start))  # longest first; equal ones keep their order
    cuts = sorted({start, end, *(edge for mark in inside for edge in mark[:2] if start < edge < end)})
    pieces = [
        (text[first:last], [mark for mark in inside if mark.start <= first and last <= mark.end])
        for first, last in pairwise(cuts)
    ]
    return _together(pieces, 0)


def _together(pieces: Sequence[tuple[str, list[Mark]]], depth: int) -> Nodes:
    """Pieces as nodes; neighbours whose marks are the same at `depth` go into one."""
    nodes: list[str | Marked] = []
    at = 0
    while at < len(pieces):
        piece, marks = pieces[at]
        if len(marks) == depth:
            nodes.append(piece)
            at += 1
            continue
        stop = at + 1
        while stop < len(pieces) and len(pieces[stop][1]) > depth and pieces[stop][1][depth] is marks[depth]:
            stop += 1
        nodes.append(Marked(marks[depth], _together(pieces[at:stop], depth + 1)))
        at = stop
    return tuple(nodes)


class Lines:
    """A text's lines with the marks on them.

    Args:
        text: the whole text; a line feed ends a line, a tab a cell.
        marks: on it, in any order.
    """

    def __init__(self, text: str, marks: Iterable[Mark]) -> None:
        self.text = text
        starts = [0]
        while (feed := text.find("\n", starts[-1])) >= 0:
            starts.append(feed + 1)
        self._starts = starts
        self._marks: list[list[Mark]] = [[] for _ in starts]
        for mark in marks:
            for line in range(bisect_right(starts, mark.start) - 1, bisect_left(starts, mark.end)):
                self._marks[line].append(mark)

    def of(self, start: int, end: int) -> list[tuple[Nodes, ...]]:
        """The lines between two offsets, empty ones left out, each as its cells.

        Args:
            start: first code point.
            end: one past the last.
        """
        lines = []
        number = bisect_right(self._starts, start) - 1
        while start < end:
            stop = self._starts[number + 1] - 1 if number + 1 < len(self._starts) else len(self.text)
            line = self.text[start : min(stop, end)]
            cells = []
            for cell in line.split("\t"):
                cells.append(nested(self.text, start, start + len(cell), self._marks[number]))
                start += len(cell) + 1
            if line.strip():
                lines.append(tuple(cells))
            start, number = stop + 1, number + 1
        return lines
