"""A document in the making, for formats whose text is put together: blocks joined by line feeds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

from pipeline.errors import EmptyFile
from pipeline.model import Block, Document, Span
from pipeline.read.source import Source

UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
"""Characters that leave no mark on the page."""

GAPS = re.compile(r"[\t\n\r\x0b\x0c\u2028\u2029]+")
EDGE = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\x00\x1a"
"""White space, and what is not seen around a text."""


class Layout(TypedDict, total=False):
    """What the layout tells of a block, see `pipeline.model.Block`."""

    page: int | None
    box: tuple[float, float, float, float] | None
    outline: int | None
    size: float | None
    bold: bool
    centred: bool


def strip(text: str) -> tuple[int, int]:
    """Where a text begins and ends without the white space, ideographic spaces included, around it.

    Returns:
        Half-open offsets into `text`; equal where there is nothing else.
    """
    end = len(text.rstrip(EDGE))
    return min(len(text) - len(text.lstrip(EDGE)), end), end


def clean(text: str) -> str:
    """One line of text without unseen characters, tabs and breaks as single spaces, stripped."""
    if text.isprintable() and text[:1] != " " != text[-1:]:
        return text  # what is taken away below is not printable
    text = GAPS.sub(" ", UNSEEN.sub("", text))
    start, end = strip(text)
    return text[start:end]


class Draft:
    """Collects the blocks of a document in reading order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def _line(self, text: str) -> int:
        """Append a line, and return the offset at which it begins."""
        start = self._length + (1 if self._parts else 0)
        self._parts.append(text)
        self._length = start + len(text)
        return start

    def paragraph(self, text: str, *, label: str = "", note: bool = False, **layout: Unpack[Layout]) -> None:
        """Append a paragraph, unless it is empty.

        Args:
            text: cleaned here.
            label: automatic number as it stands before the text, with a space where one is seen.
            note: it is a foot- or endnote.
            layout: what the layout tells of it.
        """
        text = clean(label + clean(text))
        if not text:
            return
        start = self._line(text)
        label = clean(label)
        self._blocks.append(
            Block(
                start=start,
                end=self._length,
                kind="note" if note else "paragraph",
                label_end=start + len(label) if label else None,
                **layout,
            )
        )

    def row(self, cells: Sequence[str | None], *, table: int, row: int, **layout: Unpack[Layout]) -> None:
        """Append a table row, unless all its cells are empty.

        Args:
            cells: left to right, cleaned here; None or "" for an empty one.
            table: which table of the document, counted from 0.
            row: which row of the table, counted from 0.
            layout: what the layout tells of it.
        """
        texts = [clean(cell or "") for cell in cells]
        if not any(texts):
            return
        start = self._line("\t".join(texts))
        spans: list[Span | None] = []
        at = start
        for text in texts:
            spans.append(Span(start=at, end=at + len(text)) if text else None)
            at += len(text) + 1
        filled = [span for span in spans if span]
        self._blocks.append(
            Block(
                start=filled[0].start,
                end=filled[-1].end,
                kind="row",
                table=table,
                row=row,
                cells=tuple(spans),
                **layout,
            )
        )

    def text(self) -> str:
        """What has been collected so far."""
        return "\n".join(self._parts)

    def precede(self, line: str) -> None:
        """Put a paragraph before everything that was collected."""
        line = clean(line)
        shift = len(line) + (1 if self._parts else 0)
        self._parts.insert(0, line)
        self._length += shift
        moved = [_moved(block, shift) for block in self._blocks]
        self._blocks = [Block(start=0, end=len(line)), *moved]

    def document(
        self,
        source: Source,
        format: str,
        *,
        pages: int | None = None,
        encoding: str | None = None,
        ocr: float | None = None,
        warnings: Sequence[str] = (),
        partial: bool = False,
    ) -> Document:
        """The document that the blocks make.

        Args:
            source: the file that they were read from.
            format: its format.
            pages, encoding, ocr, warnings, partial: see `pipeline.model.Document`.

        Raises:
            EmptyFile: there are no blocks.
        """
        if not self._blocks:
            raise EmptyFile("the file holds no text; open it and see whether its text is an image or is hidden")
        return Document(
            text=self.text(),
            blocks=tuple(self._blocks),
            format=format,
            sha256=source.sha256,
            bytes=len(source.data),
            pages=pages,
            encoding=encoding,
            ocr=ocr,
            warnings=tuple(dict.fromkeys(warnings)),
            partial=partial,
        )


def _moved(block: Block, shift: int) -> Block:
    return replace(
        block,
        start=block.start + shift,
        end=block.end + shift,
        label_end=None if block.label_end is None else block.label_end + shift,
        cells=tuple(cell and Span(start=cell.start + shift, end=cell.end + shift) for cell in block.cells),
    )
