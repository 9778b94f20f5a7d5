"""What extractors read of a plan, and what they find in it.

An extractor is a function over the `Notes` of a plan, or over a spaCy `Doc` on which `layers.py` has put the same.
Offsets are characters of the plan's readable text (`Reading.text`); `collect` turns them into offsets in the
source document. `folded` is the text to match on: as long as `text`, width and punctuation folded
(`pipeline.model.fold`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.extract.confidence import confidence
from pipeline.model import (
    Deadline,
    Document,
    Found,
    Goal,
    Item,
    PlanHead,
    Reading,
    Responsibility,
    Section,
    Span,
    Stretch,
    Target,
)
from pipeline.rules.sieve import Codes

if TYPE_CHECKING:
    from spacy.tokens import Doc

LAYERS: dict[str, type[Found]] = {
    "goals": Goal,
    "targets": Target,
    "deadlines": Deadline,
    "responsibilities": Responsibility,
}

SENTENCE = re.compile(r"[^。;!?\n]+[。;!?\n]*")
BORDER = re.compile("[\t|｜│┃]")
Cell = tuple[str, int, int]
Link = dict[str, int | None]
"""Values of the fields `item` and `deadline` of a record."""


class Passage(NamedTuple):
    """An item of a plan.

    Args:
        start, end: characters of the readable text.
        section: what tells its section from others, an index as a rule.
        path: headings from the top down to it.
        cells: for a row of a task table what each column is for, and where the cell stands.
        heads: for each of `cells` where its column's head stands; empty where none is known.
    """

    start: int
    end: int
    section: Any = None
    path: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    heads: tuple[Stretch | None, ...] = ()

    @property
    def headed(self) -> Iterator[tuple[Cell, Stretch | None]]:
        """Each cell with the head of its column."""
        return zip(self.cells, self.heads or (None,) * len(self.cells), strict=True)


@dataclass(eq=False)
class Notes:
    """A plan for extractors.

    Args:
        text: the readable text.
        folded: the same, folded.
        years: the first and the last year that the plan is for, None where that is not known.
        items: its commitments, in order.
        sentences: the sentences inside the items, in order.
        found: records by layer, each layer in reading order; extractors put theirs in.
    """

    text: str
    folded: str
    years: tuple[int, int] | None = None
    items: Sequence[Passage] = ()
    sentences: Sequence[Stretch] = ()
    found: dict[str, tuple[Any, ...]] = field(default_factory=lambda: dict.fromkeys(LAYERS, ()))

    @cached_property
    def lines(self) -> str:
        """The folded text to match on, in which no pattern reaches across a line feed.

        One stands for the tab or the bar between two cells, and for the mark of a label before a figure:
        「3.|10月底前完成」.
        """
        marks = [
            item.start - 1
            for item in self.items
            if item.start and self.folded[item.start - 1] in ".、" and self.folded[item.start].isdigit()
        ]
        borders = {*marks, *(border.start() for border in BORDER.finditer(self.text))}
        parts = pairwise([-1, *sorted(borders), len(self.folded)])
        return "\n".join([self.folded[before + 1 : at] for before, at in parts])

    @cached_property
    def codes(self) -> Codes:
        """The characters of `lines`, of which no rule needs a tab, as rules are looked up by them."""
        return Codes(self.lines)

    @cached_property
    def cuts(self) -> list[list[Stretch]]:
        """Each item cut behind every mark that ends a sentence; in `sentences` brackets and quotes stay whole."""
        return [[cut.span() for cut in SENTENCE.finditer(self.lines, item.start, item.end)] for item in self.items]

    @cached_property
    def rows(self) -> Mapping[int, Passage]:
        """The items that are rows of a task table, by their index."""
        return {index: item for index, item in enumerate(self.items) if item.cells}

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What several extractors ask for and one has worked out."""
        return {}


def notes_of(plan: Doc | Notes) -> Notes:
    """The notes of a plan, those that are on its `Doc` where it is one."""
    if isinstance(plan, Notes):
        return plan
    from pipeline.extract.layers import read_doc  # whoever has a Doc has spaCy

    return read_doc(plan)


def make(head: PlanHead, sections: Sequence[Section], items: Sequence[Item], sentences: Sequence[Span]) -> Notes:
    """The notes of a plan of which structure is known and nothing is found yet.

    Args:
        head: the plan.
        sections: its section tree.
        items: its commitments.
        sentences: the sentences inside the items.
    """
    reading, offsets = head.reading, head.reading.offsets

    def place(span: Span) -> Stretch:
        return reading.to_reading(span.start, span.end)

    return Notes(
        text=reading.text,
        folded=reading.folded,
        years=None if head.year_start is None else (head.year_start, head.year_end or head.year_start),
        items=[
            Passage(
                *place(item),
                item.section,
                sections[item.section].path,
                tuple((column, *place(cell)) for column, cell in item.cells),
                tuple(None if cell is None else place(cell) for cell in item.heads),
            )
            for item in items
        ],
        sentences=[(bisect_left(offsets, span.start), bisect_left(offsets, span.end)) for span in sentences],
    )


def collect(
    notes: Notes, layer: str, document: Document, reading: Reading, linked: Iterable[Link] = repeat({})
) -> tuple[Any, ...]:
    """The records of a layer with offsets in the source document and the page on which they stand.

    Args:
        notes: of the plan.
        layer: a key of `LAYERS`.
        document: what was read.
        reading: the plan's readable text, into which the records' offsets point.
        linked: the links of each record that are not set in it yet.
    """
    result = []
    for record, links in zip(notes.found[layer], linked, strict=False):
        start, end = reading.to_source(record.start, record.end)
        sure = confidence(layer, record.rule) if record.confidence is None else record.confidence
        page = document.page_at(start)
        result.append(replace(record, start=start, end=end, page=page, confidence=sure, **links))
    return tuple(result)
