"""What each stage hands to the next: frozen values, from Document to Responsibility.

Offsets are Unicode code points into `Document.text`, half-open `[start, end)`, as the data contract
says. A value checks its offsets when it is made, so that a wrong one fails where it arises and not in
somebody's table. Nothing here imports another module of the package.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, ClassVar, Literal, NamedTuple

from opencc import OpenCC

BlockKind = Literal["paragraph", "row", "note"]
Level = Literal["national", "province", "city", "county", "town", "school"]
Kind = Literal["plan", "notice", "report", "regulation", "other"]
Op = Literal["eq", "ge", "le", "gt", "lt", "range", "inc", "dec", "ratio"]
DeadlineKind = Literal["date", "period", "duration", "recur"]
Every = Literal["day", "week", "month", "term", "year"]
Role = Literal["lead", "support", "resp"]
ChargeBasis = Literal["item", "paragraph", "section"]
Stage = Literal["preschool", "primary", "junior", "senior", "vocational", "special", "higher"]
Strength = Literal["binding", "firm", "soft"]
Stretch = tuple[int, int]
"""Where something stands in a text, half-open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a document's text.

    Args:
        start: first code point.
        end: one past the last code point.

    Raises:
        ValueError: the stretch is empty, reversed or begins before the text.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def covers(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Span):
    """A paragraph, a table row or a note of a document, with what its layout tells of it.

    Args:
        kind: `paragraph`, `row` (of a table; a tab parts its cells in the text, or what the text draws there) or
            `note` (foot- or endnote, outside the body).
        page: 1-based, None where the format has no pages.
        box: left, top, right, bottom in points from the page's upper left corner.
        outline: outline level that the format states (Word style or numbering), 1 = top.
        label_end: offset where an automatic number written out at the block's start ends.
        size: font size in points, most frequent in the block.
        bold: the whole block is bold.
        centred: the block is centred on its line.
        table: which table of the document a row belongs to, counted from 0.
        row: the row's number in its table, counted from 0.
        cells: the row's cells, left to right; empty cells have no span.
    """

    kind: BlockKind = "paragraph"
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    outline: int | None = None
    label_end: int | None = None
    size: float | None = None
    bold: bool = False
    centred: bool = False
    table: int | None = None
    row: int | None = None
    cells: tuple[Span | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file as it was read: one text and the blocks that it consists of.

    Args:
        text: what all offsets point into; becomes `text/<source_id>.txt`.
        blocks: in reading order, none overlapping another.
        format: `txt`, `docx`, `pdf`, `html`, …
        sha256: of the file's bytes, 64 hexadecimal digits.
        bytes: size of the file.
        pages: number of pages, None where the format has none.
        encoding: what a text file was decoded with.
        warnings: what a reader of the tables should know, one sentence each.
        partial: some of the file could not be read; `warnings` say what.

    Raises:
        ValueError: a block lies outside the text, or blocks overlap or are out of order.
    """

    text: str
    blocks: tuple[Block, ...]
    format: str
    sha256: str
    bytes: int
    pages: int | None = None
    encoding: str | None = None
    ocr: float | None = None
    warnings: tuple[str, ...] = ()
    partial: bool = False

    def __post_init__(self) -> None:
        at = 0
        for block in self.blocks:
            if block.start < at or block.end > len(self.text):
                raise ValueError(f"block [{block.start}, {block.end}) overlaps or lies outside the text")
            at = block.end

    def page_at(self, offset: int) -> int | None:
        """The 1-based page on which a code point stands, None where the format has no pages."""
        if not self.blocks or self.blocks[-1].page is None:
            return None  # most formats: all blocks have a page, or none has
        index = bisect_left(self.blocks, offset + 1, key=lambda block: block.start) - 1
        return self.blocks[index].page if index >= 0 else None


@dataclass(frozen=True, slots=True)
class Reading:
    """A plan's text as one reads it, each character still knowing where it stands in the document.

    Page marks and other furniture are left out and hard-wrapped lines are joined; a line feed is
    left where a paragraph ends. Structure and extraction work on this text, so that no pattern has to
    allow for a page mark in the middle of a word.

    Args:
        text: the readable text.
        offsets: for each character of `text` its offset in `Document.text`, increasing.

    Raises:
        ValueError: `text` and `offsets` differ in length, or the offsets do not increase.
    """

    text: str
    offsets: tuple[int, ...]
    folded: str = field(init=False)

    def __post_init__(self) -> None:
        if len(self.text) != len(self.offsets):
            raise ValueError(f"{len(self.text)} characters with {len(self.offsets)} offsets")
        last = -1
        for offset in self.offsets:
            if offset <= last:
                raise ValueError("offsets do not increase")
            last = offset
        object.__setattr__(self, "folded", fold(self.text))

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the document of the characters `[start, end)` of this text."""
        return self.offsets[start], self.offsets[end - 1] + 1

    def to_reading(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in this text of what is left of the document's characters `[start, end)`."""
        return bisect_left(self.offsets, start), bisect_left(self.offsets, end)

    def slice(self, start: int, end: int) -> str:
        """The readable text of the document's characters `[start, end)`, on one line a paragraph."""
        first, last = self.to_reading(start, end)
        return self.text[first:last].strip()


def fold(text: str) -> str:
    """Fold width, look-alike punctuation and traditional characters, character for character.

    Full-width letters, digits and brackets become half-width (Unicode NFKC, but only where one
    character gives one), quotation marks of any style become “ and ”, dashes between figures become
    one dash. A traditional character that simplified texts never use (not in GB 2312) becomes the
    simplified one, so that rules hold for both. The result has the length of `text`, so that offsets hold in both.

    Args:
        text: any text.

    Returns:
        The folded text, of the same length.
    """
    return _fold_short(text) if len(text) <= SHORT else _fold_long(text)


def code_points(text: str) -> Any:
    """The characters of a text as numbers, an array of unsigned ones: of 16 bits where all are that small, or of 32."""
    import numpy as np

    numbers = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")
    if len(numbers) == len(text):  # Python holds the characters of nearly all plans in this way: they are copied
        return numbers
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


APART = "\x1e"
"""Parts texts that are worked on as one: the sign for it in ASCII, which plans do not hold."""


def fold_each(texts: Sequence[str]) -> list[str]:
    """`fold` of each text, of many in a fraction of the time."""
    parts = fold(APART.join(texts)).split(APART)
    return parts if len(parts) == len(texts) else [fold(text) for text in texts]


SHORT = 200
"""Lines and sentences up to this length, which several stages fold, are remembered for a while."""


@lru_cache(maxsize=2048)
def _fold_short(text: str) -> str:
    return text.translate(_FOLDS)


def _fold_long(text: str) -> str:
    """As `str.translate` does it, by a table of numbers in a fifth of the time."""
    codes = code_points(text)
    table = _table()
    folded = table.take(codes)
    unknown = codes[folded == 0]
    if len(unknown):
        for code in set(unknown.tolist()):
            table[code] = ord(_FOLDS[code])
        folded = table.take(codes)
    result: str = folded.tobytes().decode("utf-32-le", "surrogatepass")
    return result


@cache
def _table() -> Any:
    """What each code point is folded to, 0 where that was not asked for yet."""
    import numpy as np

    return np.zeros(0x110000, dtype="<u4")


class _Folds(dict[int, str]):
    """Translation table filled as characters turn up: most texts use a few hundred of them."""

    special: ClassVar[dict[int, str]] = {
        **dict.fromkeys(map(ord, "‚‘「『〝＂"), "“"),
        **dict.fromkeys(map(ord, "‛’」』〞"), "”"),
        **dict.fromkeys(map(ord, "—–−－‐‑‒―─～〜~"), "-"),
        **dict.fromkeys(map(ord, "〔［【"), "["),
        **dict.fromkeys(map(ord, "〕］】"), "]"),
        **dict.fromkeys(map(ord, "∶︰"), ":"),
        **dict.fromkeys(map(ord, "\t\u3000\xa0\r\x0b\x0c"), " "),
        ord("，"): ",",
        ord("．"): ".",
        ord("﹪"): "%",
    }

    def __missing__(self, code: int) -> str:
        char = chr(code)
        # Circled, bracketed and Roman numbers keep their form: they are labels of styles of their own.
        if not (0x2460 <= code <= 0x24FF or 0x2160 <= code <= 0x217F):
            plain = unicodedata.normalize("NFKC", char)
            char = plain if len(plain) == 1 else char
        result = self.special.get(code) or self.special.get(ord(char), char)
        self[code] = result = _simplified(result) if "一" <= result <= "鿿" else result
        return result


def _simplified(char: str) -> str:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        plain: str = _converter().convert(char)
        return _simplified(plain) if len(plain) == 1 and plain != char else char
    return char


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


_FOLDS = _Folds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Span):
    """A node of a plan's section tree; its span holds its label, its text and its children.

    Args:
        level: depth in the tree, 1 = top.
        parent: index of the enclosing node in the plan's sections, None at the top.
        label: as the guideline writes it (「一」, 「(一)」, 「1」, 「第一章」), None for an unnumbered one.
        heading: the title phrase after the label, None where there is none.
        path: headings (labels where there is none) from the top down to this node.
        text_start: where the node's own text begins, behind label and heading.
        text: its own text, children left out.
    """

    level: int
    parent: int | None
    label: str | None
    heading: str | None
    path: tuple[str, ...]
    text_start: int
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Span):
    """A commitment: a sentence, a spoken list item or a row of a task table.

    Args:
        section: index of its node in the plan's sections.
        text: cleaned for reading.
        cells: for a row of a task table, what each column is for (see `rules/items.yaml`) and
            where the cell stands; empty for others.
        heads: for each of `cells`, where its column's head stands, None where it has none.
        behind: the brackets or the list of units behind its sentence, None where there are none.
        behind_from: index of the first item that these speak of, in the plan's items; the last is this one.
        own: characters of `text` before these; None where there are none.
    """

    section: int
    text: str
    page: int | None = None
    cells: tuple[tuple[str, Span], ...] = ()
    heads: tuple[Span | None, ...] = ()
    behind: Span | None = None
    behind_from: int | None = None
    own: int | None = None

    @property
    def sentence(self) -> str:
        """Its text without what stands behind it: names of units are no evidence of what it is about."""
        return self.text[: self.own].rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Span):
    """What an extractor found.

    Args:
        text: the span, cleaned for reading.
        rule: name of the rule or model that found it.
        confidence: calibrated share of right ones among rows like it, None where not measured.
        item: index of the item that it belongs to in the plan's items.
        page: 1-based, None where the format has no pages.
    """

    text: str
    rule: str
    confidence: float | None = None
    item: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Found):
    """A sentence that states a state of affairs to be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Found):
    """A numeric target.

    Args:
        indicator: the phrase that names what is measured.
        op: how value and figure relate (eq, ge, le, gt, lt, range, inc, dec, ratio).
        value: the figure without its multiplier (3000万元 is 30000000).
        value2: upper end of a range, or the second term of a ratio.
        unit: as written without its multiplier, None for a ratio.
        per: the recurrence that it is per (学期, 年, …).
        baseline: the figure that it starts from.
        deadline: index of the deadline that governs it in the plan's deadlines.
        scope: whom it covers, as written before it in its sentence (全县, 城区公办园).
    """

    indicator: str | None
    op: Op
    value: float
    value2: float | None = None
    unit: str | None = None
    per: str | None = None
    baseline: float | None = None
    deadline: int | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Found):
    """A time expression that says when an action is due, happens or recurs.

    Args:
        kind: date, period, duration or recur.
        since: first day, ISO 8601, None where the text does not settle it.
        until: last day, inclusive, ISO 8601.
        every: for recur, one of day, week, month, term, year.
        times: how often in each recurrence, where a count is given.
        basis: what settled the date: the text itself, the plan's year, or an enclosing time.
    """

    kind: DeadlineKind
    since: str | None = None
    until: str | None = None
    every: Every | None = None
    times: int | None = None
    basis: Literal["text", "plan_year", "parent"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility(Found):
    """A unit charged with an item.

    Args:
        role: its part: lead, support, or charged with nothing said.
        full_name: what the plan says that the name stands for (「县教育局（以下简称县局）」), None for one written out.
    """

    role: Role
    full_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead(Span):
    """A plan in a document: where it stands and what its title lines say of it.

    Args:
        reading: its text as one reads it; offsets lead back into the document.
        title: without a page's own marks (「篇1」, 「第3页」, a file ending).
        region_code: GB/T 2260, six digits.
        kind: of document, as its title names it.
        year_start, year_end: the years that the plan is for.
        issued_on: ISO 8601 date of issue.
        notice: the covering notice (印发…的通知) that stands before the plan.
        evidence: where title, doc_number, issuer, region, year and issued_on stand in the document.
    """

    reading: Reading = field(repr=False)
    title: str | None = None
    doc_number: str | None = None
    issuer: str | None = None
    region: str | None = None
    region_code: str | None = None
    level: Level | None = None
    kind: Kind | None = None
    year_start: int | None = None
    year_end: int | None = None
    issued_on: str | None = None
    notice: Span | None = None
    evidence: tuple[tuple[str, Span], ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """The themes of an item, main theme first, each with its score between 0 and 1."""

    codes: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()


class Charge(NamedTuple):
    """Who is charged with an item.

    Args:
        units: indices of the plan's responsibilities.
        basis: where they are named, None where nobody is.
    """

    units: tuple[int, ...]
    basis: ChargeBasis | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that was found in one plan.

    `sections`, `items`, `goals`, `targets`, `deadlines` and `responsibilities` are in the order of
    the text; where one refers to another it does so by index into these tuples. `charges`, `themes`, `stages`
    and `strengths` have one entry an item.
    """

    document: Document = field(repr=False)
    head: PlanHead
    sections: tuple[Section, ...] = field(repr=False)
    items: tuple[Item, ...] = field(repr=False)
    goals: tuple[Goal, ...] = field(repr=False)
    targets: tuple[Target, ...] = field(repr=False)
    deadlines: tuple[Deadline, ...] = field(repr=False)
    responsibilities: tuple[Responsibility, ...] = field(repr=False)
    charges: tuple[Charge, ...] = field(repr=False)
    themes: tuple[Tags, ...] = field(repr=False)
    stages: tuple[Stage | None, ...] = field(repr=False)
    strengths: tuple[Strength | None, ...] = field(repr=False)
