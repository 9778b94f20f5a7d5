"""What readers recover of one plan that is known to the letter, and what planpipe takes of time and memory for it.

    python -m tests.bench.read [--small]

The plan is made by `tests/bench/written.py`: as Word documents that number their headings in four ways and
one of ISO 29500 strict, as PDF with hard-wrapped lines and as HTML. Counts are against what was written.

A label is right where a line of the text begins with the label and the heading; a level where the reader
gives it; a paragraph where one line, and only one, is all of it. A cell that covers several rows is filled
where its text stands in each of them; one that covers several columns keeps the columns where the place
that it covers is empty or repeats it, and the rest of the row stands where it belongs. White space counts
nowhere but inside of paragraphs.

Of what does not belong to the body less is better: running heads, running feet and page numbers, notes,
lines of the table of contents, hidden and deleted text.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from lxml import etree

from pipeline.plans import split
from pipeline.read import docx, pdf, read
from pipeline.read.source import Source
from pipeline.sections import tree
from tests.bench.written import COLUMNS, DELETED, HEAD, HIDDEN, Truth, as_docx, as_pdf, make, write

Grid = list[list[str | None]]

# Readers


@dataclass
class Got:
    """What a reader gives: the lines of the body, the level of each heading, the rows of the tables."""

    lines: list[str] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    rows: Grid = field(default_factory=list)


def with_planpipe(path: Path) -> Got:
    document = read(path)
    got = Got()
    for block in document.blocks:
        if block.kind == "paragraph":
            got.lines.append(document.text[block.start : block.end])
        elif block.kind == "row":
            got.rows.append([cell and document.text[cell.start : cell.end] for cell in block.cells])
    for head in split(document):
        for section in tree(document, head):
            if section.label and section.heading:
                got.levels[section.heading] = section.level
    return got


def with_python_docx(path: Path) -> Got:
    import docx as python_docx
    from docx.table import Table

    got = Got()
    for content in python_docx.Document(str(path)).iter_inner_content():
        if isinstance(content, Table):
            got.rows += [[cell.text for cell in row.cells] for row in content.rows]
        else:
            got.lines.append(content.text)
            _level(got, content.text, content.style.name if content.style else "")
    return got


def with_docx2python(path: Path) -> Got:
    from docx2python import docx2python

    got = Got()
    with docx2python(path) as content:
        for table in content.body_pars:
            if any(len(row) > 1 for row in table):
                got.rows += [["\n".join("".join(p.run_strings) for p in cell) for cell in row] for row in table]
                continue
            for paragraph in (paragraph for row in table for cell in row for paragraph in cell):
                text = "".join(paragraph.run_strings)
                got.lines.append(text)
                _level(got, text, paragraph.style)
    return got


def _level(got: Got, text: str, style: str) -> None:
    if found := re.fullmatch(r"[Hh]eading ?([1-9])", style):
        got.levels[_bare(text)] = int(found[1])


def _bare(text: str) -> str:
    """A heading without its label, for readers that leave the two together."""
    return re.sub(r"^\s*(?:[（(]?[一二三四五六七八九十\da-z]+[)）、.]|--)\s*", "", text).strip()


def with_markitdown(path: Path) -> Got:
    from markitdown import MarkItDown

    got = Got()
    for line in MarkItDown().convert(str(path)).markdown.splitlines():
        if line.startswith("|"):
            cells: list[str | None] = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if any(cell and cell.strip("- ") for cell in cells):
                got.rows.append(cells)
            continue
        text = line.lstrip("#")
        depth = len(line) - len(text)
        text = text.strip().replace("\\", "").removeprefix("**").removesuffix("**")
        got.lines.append(text)
        if depth:
            got.levels[_bare(text)] = depth
    return got


def with_pdfplumber(path: Path) -> Got:
    import pdfplumber

    got = Got()
    with pdfplumber.open(path) as book:
        for page in book.pages:
            got.lines += page.extract_text().splitlines()
            for table in page.extract_tables():
                got.rows += table[1:] if got.rows and table[0] == got.rows[0] else table
    return got


def with_pypdfium2(path: Path) -> Got:
    import pypdfium2

    with closing(pypdfium2.PdfDocument(path)) as document:
        return Got([line for page in document for line in page.get_textpage().get_text_range().splitlines()])


class Reader(NamedTuple):
    """A reader: the package that it needs, the formats that it takes."""

    name: str
    package: str
    formats: tuple[str, ...]
    read: Callable[[Path], Got]


PLANPIPE = Reader("planpipe", "planpipe", ("docx", "pdf", "html"), with_planpipe)
PEERS = (
    Reader("python-docx", "python-docx", ("docx",), with_python_docx),
    Reader("docx2python", "docx2python", ("docx",), with_docx2python),
    Reader("markitdown", "markitdown[docx,pdf]", ("docx", "pdf", "html"), with_markitdown),
    Reader("pdfplumber", "pdfplumber", ("pdf",), with_pdfplumber),
    Reader("pypdfium2", "pypdfium2", ("pdf",), with_pypdfium2),
)
MODULES = {"python-docx": "docx"}


# Scores


class Score(NamedTuple):
    """How many of how many; None of None where a format has no such thing."""

    got: int
    of: int

    def __str__(self) -> str:
        return f"{self.got}/{self.of} {100 * self.got / self.of:3.0f}%" if self.of else "-"


MEASURES = (
    "labels",
    "levels",
    "paragraphs",
    "cells",
    "filled down",
    "kept across",
    "heads left",
    "notes in body",
    "contents left",
    "hidden left",
)
LEFT_OUT = MEASURES[6:]
"""Measures of what does not belong to the body: 0 is best."""


def score(truth: Truth, got: Got, variant: str) -> dict[str, Score]:
    """What a reader recovered, by measure."""
    kind = variant.partition(",")[0]
    lines = [line.strip() for line in got.lines]
    squeezed = [_squeezed(line) for line in lines]
    headings = [piece for piece in truth.pieces if piece.level]
    paragraphs = [piece for piece in truth.pieces if not piece.level]
    table = [[_squeezed(cell or "") for cell in row] for row in got.rows]

    def at(row: int, column: int) -> str | None:
        return table[row][column] if row < len(table) and column < len(table[row]) else None

    cells = [cell._replace(text=_squeezed(cell.text)) for cell in truth.cells]
    down = [at(row, cell.column) == cell.text for cell in cells for row in range(cell.row + 1, cell.row + cell.down)]
    across = [
        at(row, column) in ("", cell.text) and _rest_stands(truth, cell.column + cell.across, row, at)
        for cell in cells
        for row in range(cell.row, cell.row + cell.down)
        for column in range(cell.column + 1, cell.column + cell.across)
    ]
    body = "\n".join(lines)
    heads = body.count(HEAD) + len(re.findall(r"^[—-] ?\d+ ?[—-]$", body, re.MULTILINE))
    furniture = 2 * truth.pages if kind == "pdf" else 2
    notes = truth.notes if kind != "html" else []
    contents = truth.contents if kind != "html" else []
    # An entry is left where its page, behind dots or a tab, is.
    left = sum(bool(re.search(re.escape(_squeezed(line)) + r"[.…·]*\d", _squeezed(body))) for line in contents)
    hidden = (HIDDEN, DELETED) if kind == "docx" else ()
    labels = [_squeezed(piece.label + piece.text) for piece in headings]
    openings = {text[:end] for text in squeezed for end in {*map(len, labels)}}
    return {
        "labels": Score(sum(label in openings for label in labels), len(labels)),
        "levels": Score(sum(got.levels.get(piece.text) == piece.level for piece in headings), len(headings)),
        "paragraphs": Score(sum(lines.count(piece.text) == 1 for piece in paragraphs), len(paragraphs)),
        "cells": Score(sum(at(cell.row, cell.column) == cell.text for cell in cells), len(cells)),
        "filled down": Score(sum(down), len(down)),
        "kept across": Score(sum(across), len(across)),
        "heads left": Score(min(heads, furniture), furniture),
        "notes in body": Score(sum(note in body for note in notes), len(notes)),
        "contents left": Score(left, len(contents)),
        "hidden left": Score(sum(text.strip("，。") in body for text in hidden), len(hidden)),
    }


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _rest_stands(truth: Truth, column: int, row: int, at: Callable[[int, int], str | None]) -> bool:
    """Whether the cells behind a column stand where they belong in a row."""
    return all(
        at(row, cell.column) == _squeezed(cell.text)
        for cell in truth.cells
        if column <= cell.column < COLUMNS and cell.row <= row < cell.row + cell.down
    )


def rows_of(truth: Truth, files: dict[str, Path], readers: Iterable[Reader]) -> Iterator[tuple[str, ...]]:
    """A row a reader and variant, or a remark where it is not installed or fails."""
    for reader in readers:
        if find_spec(MODULES.get(reader.name, "pipeline" if reader is PLANPIPE else reader.name)) is None:
            yield (f"{reader.name}: not installed, skipped; pip install '{reader.package}'",)
            continue
        for variant, path in files.items():
            if path.suffix[1:] not in reader.formats:
                continue
            try:
                got = reader.read(path)
            except Exception as error:  # whatever a peer lets through on a file that it cannot read
                yield (f"{reader.name}, {variant}: {type(error).__name__}: {error}",)
                continue
            scores = score(truth, got, variant)
            yield (reader.name, variant, *(str(scores[name]) for name in MEASURES))


def show(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns; a row of one cell is a remark."""
    head = ("reader", "variant", *MEASURES)
    widths = [max(len(row[i]) for row in (head, *rows) if len(row) > 1) for i in range(len(head))]
    for row in (head, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())


# Times and memory

RATIOS = {"DOCX": 8, "PDF pages without tables": 4}
"""What planpipe may take, times what the least that the format asks for takes."""

MEMORY = 150
"""Megabytes that reading may take over what the imports of the reader take."""
PEAK = """
import sys
from pathlib import Path
from pipeline.read import {format}
from pipeline.read.source import Source
{imports}
def peak():  # ru_maxrss would count what the process was forked from
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
data = Path(sys.argv[1]).read_bytes()
before = peak()
{format}.read(Source.of(data, "plan"))
print(peak() - before)
"""
IMPORTS = {"docx": "import lxml.etree", "pdf": "import pdfplumber, pypdfium2"}


def peaks(files: Mapping[str, Path]) -> Iterator[str]:
    """A line a format: the memory at the peak over the imports, of a process that reads the file and nothing else."""
    if not Path("/proc/self/status").exists():
        yield "memory: not measured, /proc is missing"
        return
    for variant, format in (("docx, styles", "docx"), ("pdf", "pdf")):
        code = PEAK.format(format=format, imports=IMPORTS[format])
        command = [sys.executable, "-c", code, str(files[variant])]
        more = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        yield f"{format.upper()}: {more:.1f} MB over the imports, {100 * more / MEMORY:.0f} % of the bound of {MEMORY}"


def seconds(work: Callable[[], Any], runs: int) -> float:
    """The median time that something takes."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def iterate(data: bytes) -> int:
    """Unzip document.xml and go through its elements: the least that a reader of Word files has to do."""
    with zipfile.ZipFile(BytesIO(data)) as archive, archive.open("word/document.xml") as part:
        return sum(1 for _ in etree.iterparse(part))


def range_of(data: bytes) -> int:
    """All text of a PDF as pdfium gives it, page by page."""
    import pypdfium2

    with closing(pypdfium2.PdfDocument(data)) as document:
        return sum(len(page.get_textpage().get_text_range()) for page in document)


def times(truth: Truth, runs: int) -> Iterator[str]:
    """A line a format: planpipe's time against the least that its format asks for."""
    word, sheets = as_docx(truth, "styles"), as_pdf(truth, table=False)
    for name, floor, data, work, least in (
        ("DOCX", "zip + lxml iterparse of document.xml", word, docx.read, iterate),
        ("PDF pages without tables", "pypdfium2 get_text_range", sheets, pdf.read, range_of),
    ):
        source = Source.of(data, "plan")
        work(source), least(data)  # imports and caches
        ours, theirs = seconds(lambda w=work, s=source: w(s), runs), seconds(lambda f=least, d=data: f(d), runs)
        ratio = f"ratio {ours / theirs:.1f}, bound {RATIOS[name]}"
        yield f"{name}: {1000 * ours:.1f} ms, {floor}: {1000 * theirs:.1f} ms, {ratio}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="a plan of half the length")
    parser.add_argument("--runs", type=int, default=11, help="runs of which times are the median (default: 11)")
    return parser.parse_args()


def main() -> None:
    options = _options()
    warnings.simplefilter("ignore")  # peers warn of number formats that they leave out; the table shows it
    truth = make(small=options.small)
    with tempfile.TemporaryDirectory() as folder:
        files = write(truth, Path(folder))
        headings = sum(piece.level > 0 for piece in truth.pieces)
        print(
            f"{truth.pages} pages, {headings} headings, {len(truth.pieces) - headings} paragraphs, {len(truth.notes)} "
            f"notes, {truth.rows * COLUMNS} cells of which {truth.rows * COLUMNS - len(truth.cells)} are merged away\n"
        )
        show([*rows_of(truth, files, [PLANPIPE]), *rows_of(truth, files, PEERS)])
        print()
        for line in (*times(truth, options.runs), *peaks(files)):
            print(line)


if __name__ == "__main__":
    main()
