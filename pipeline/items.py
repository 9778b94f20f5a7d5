"""Commitments: the sentences, spoken list items and task-table rows of a plan's sections.

A sentence ends at 。；！？ or an ASCII ; outside brackets, closing quotes and brackets included, or
where its line ends. A spoken list (一是…二是…, 首先…其次…, ——…) makes an item of all that stands between
one marker and the next. Brackets behind a sentence, and a list of units (「责任单位：…」) behind it or on the next
line, belong to the item before them, and speak of all items since the last such list: of its line where they
stand on it, else of its section. A list of units that a section begins with is no item, and neither are the lines
between a plan's title and its text (who speaks, document number, addressees), greetings (「各位代表！」), what is
attached and what a glossary explains. Each row of a task table (`pipeline.columns`) is one item, heads and titles
aside; in other tables the sentences of a cell are items, and cells without a sentence are none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice, pairwise

from pipeline.columns import Columns, Rows, rows_of
from pipeline.labels import NUMERAL, addresses, opens_with_label, ordinal
from pipeline.model import Block, Document, Item, PlanHead, Reading, Section, Span, fold
from pipeline.rules import Rule, alternation, load, patterns
from pipeline.rules.needs import begins

_BREAK = re.compile('[。;!?][。;!?]*[”’")\\]]*')
_SAYS_SOMETHING = re.compile(r"[^\W_]")
_UNITS_BEHIND = re.compile(r"[(\[〔]?[ ]?[一-龥]{0,4}(?:责任|牵头|配合|主办|承办|协办|负责)[一-龥]{0,6}[ ]?:")
_CLOSING = {"(": ")", "[": "]", "“": "”"}
_BRACKET = re.compile(r"[()\[\]“”]")
_LONGEST_BRACKET = 400
_CHARGE = re.compile(  # brackets behind a sentence with no mark behind them: 「…。（市教育局牵头）支持…」
    rf"[ ]*(?=[(\[])(?:\((?:[^()\n]|\([^()\n]*\)){{2,{_LONGEST_BRACKET}}}(?:牵头|负责|配合|参与|协助|协办|承办)\)"
    rf"|(?={_UNITS_BEHIND.pattern})[(\[](?:[^()\[\]\n]|\([^()\n]*\)){{2,{_LONGEST_BRACKET}}}[)\]])"
)
_ENCLOSED = re.compile(r"(?:(?:\((?:[^()\n]|\([^()\n]*\))*\)[ ]*)+|\[[^\[\]\n]*\])[。;]?")
_RUN_IN = re.compile(r": {2,}\Z")
BOX = "专栏"
"""Label of a box, whose title is no commitment."""
LONGEST_REST = 16
"""Characters behind a heading on its line that say too little to be an item without it."""
_DATED = re.compile(r"\([^()]*\d[^()]*[年月日][^()]*\)$")
"""A heading that says when, 「动员阶段(3月1日至15日)」."""
LONGEST_MASTHEAD = 6
"""Lines between a plan's title and its text."""


def cut(
    document: Document, head: PlanHead, sections: Sequence[Section], tables: Rows | None = None
) -> tuple[tuple[Item, ...], tuple[Span, ...]]:
    """The commitments of a plan and the sentences in them.

    Args:
        document: what was read.
        head: the plan in it.
        sections: its section tree.
        tables: the rows of the document's tables, where the caller knows them; they are the same for all its plans.

    Returns:
        Items and sentences, each in document order, none overlapping another of its kind.
    """
    reading, offsets, folded = head.reading, head.reading.offsets, head.reading.folded
    tables = tables or rows_of(document)
    glossaries = _glossaries(sections)
    is_no_item = _no_items().fullmatch
    items: list[Item] = []
    sentences: list[Span] = []
    for (index, section), below in zip(enumerate(sections), [*sections[1:], None], strict=True):
        if not glossaries.isdisjoint(section.path):
            continue
        first = bisect_left(offsets, section.text_start)
        last = bisect_left(offsets, below.start if below else head.end)
        if not index and not section.path:
            first = _behind_masthead(head, first, last)
        leaf = below is None or below.parent != index
        dated = _DATED.search(fold(section.heading or "")) is not None
        if (
            section.heading is not None
            and (leaf or dated)
            and (short := _heading_item(reading, section, first, last, dated))
        ):
            first = short
        for start, end in _lines(reading, first, last):
            if offsets[start] in tables.heads:
                continue
            row = tables.rows.get(offsets[start])
            if row is not None and row.start in tables.tasks:
                item = _row_item(document, reading, index, row, tables.tasks[row.start])
                if item is not None:
                    items.append(item)
                    sentences.append(Span(start=item.start, end=item.end))
                continue
            for low, high in [(start, end)] if row is None else _cell_lines(reading, tables.prose.get(row.start, ())):
                pieces = [piece for piece in _sentences(folded, low, high) if not is_no_item(folded, *piece)]
                sentences += [Span(start=offsets[a], end=offsets[b - 1] + 1) for a, b in pieces]
                of_line = len(items)
                for a, b in _items(folded, pieces):
                    units = _UNITS_BEHIND.match(folded, a, b)
                    if not units and not (folded[a] in "([" and _ENCLOSED.fullmatch(folded, a, b)):
                        items.append(_item(document, reading, index, a, b))
                    elif items and _takes_units(items[-1], index):
                        items[-1] = _with_behind(document, reading, items, of_line, (a, b))
                    elif not units:
                        items.append(_item(document, reading, index, a, b))
    return tuple(items), tuple(sentences)


def _behind_masthead(head: PlanHead, first: int, last: int) -> int:
    """Where the text of a plan begins behind the lines below its title, of those in `[first, last)`.

    They end with the addressees, and hold no sentence; where nobody is addressed, the document's number and the name
    of who issued it are such lines.
    """
    reading = head.reading
    lines = list(islice(_lines(reading, first, last), LONGEST_MASTHEAD))
    for start, end in lines:
        if addresses(reading.folded[start:end]):
            return end
        if _BREAK.search(reading.folded, start, end):
            break
    told = [span for name, span in head.evidence if name in ("doc_number", "issuer")]
    named = {reading.text[slice(*reading.to_reading(span.start, span.end))] for span in told}
    for start, end in lines:
        if reading.text[start:end].strip("()（）。 ") not in named:
            break
        first = end
    return first


def _glossaries(sections: Sequence[Section]) -> set[str]:
    """The headings of glossaries, which explain words of the plan."""
    headings = {heading for section in sections for heading in section.path}
    return {heading for heading in headings if _glossary().fullmatch(fold(heading).strip("[]: "))}


@cache
def _glossary() -> re.Pattern[str]:
    """The heading of a glossary, as an attachment too: 「附件2 名词解释」."""
    attached = rf"(?:附[ ]?[件录表]?[ ]?(?:\d{{1,2}}|{NUMERAL})?[ :.]*)?"
    return re.compile(f"{attached}(?:有关|主要|相关|部分|重点|专业)*{alternation(load('labels')['glossaries'])}")


@cache
def _no_items() -> re.Pattern[str]:
    """A sentence as a whole that is a greeting or names what is attached."""
    return re.compile("|".join(rule.regex.pattern for rule in patterns("items", group="no_items")), re.VERBOSE)


def _takes_units(item: Item, section: int) -> bool:
    """Whether a bracket of units may belong to the item before it: a row of a table has them in its cells."""
    return item.section == section and not item.cells


def _with_behind(
    document: Document, reading: Reading, items: Sequence[Item], of_line: int, behind: tuple[int, int]
) -> Item:
    """The last item with what stands behind it, at `behind` in the readable text."""
    last = items[-1]
    begun = reading.to_reading(last.start, 0)[0]
    item = replace(_item(document, reading, last.section, begun, behind[1]), own=last.own or behind[0] - begun)
    if last.behind is not None:
        return replace(item, behind=Span(start=last.behind.start, end=item.end), behind_from=last.behind_from)
    first = len(items) - 1
    while first and items[first - 1].section == last.section and items[first - 1].behind is None:
        first -= 1
    start, end = reading.to_source(*behind)
    on_line = of_line < len(items)
    return replace(item, behind=Span(start=start, end=end), behind_from=max(first, of_line) if on_line else first)


def _heading_item(reading: Reading, section: Section, first: int, last: int, dated: bool) -> int | None:
    """Where an item begins that takes in its heading: a numbered line that is a commitment as a whole, or whose title
    says when what follows on it is done, 「(一)动员阶段(3月)。各校…」."""
    rest = reading.folded[first:last].strip(" 。;,.\n")
    titles_lines_below = rest and rest[0] not in "([" and reading.text.startswith("\n", first)
    if section.label is None or section.label.startswith(BOX) or titles_lines_below:
        return None
    if len(rest) > LONGEST_REST and not dated:
        return None
    low = reading.to_reading(section.start, section.start)[0]
    line = reading.folded[low:last]
    behind = line.find(fold(section.heading or "")[:4])
    return low + behind if behind >= 0 else None


def _item(document: Document, reading: Reading, section: int, start: int, end: int) -> Item:
    low, high = reading.to_source(start, end)
    text = reading.text[start:end].replace("\n", " ")
    return Item(start=low, end=high, section=section, text=text, page=document.page_at(low))


def _lines(reading: Reading, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The lines of a stretch of the readable text, without white space at their ends."""
    text = reading.text
    while first < last:
        end = text.find("\n", first, last)
        end = last if end < 0 else end
        low, high = _stripped(text, first, end)
        if low < high:
            yield low, high
        first = end + 1


def _sentences(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a line, spoken list items parted."""
    borders = {start, end}
    cuts = [match.span() for match in _BREAK.finditer(folded, start, end) if match.end() < end]
    cuts += [(at, at) for at in _spoken(folded, start, end)]
    if cuts:
        brackets = _brackets(folded, start, end)
        for at, behind in cuts:
            index = bisect_left(brackets, (at, 0)) - 1
            if index < 0 or at >= brackets[index][1]:
                borders.add(behind)
        charged = [_CHARGE.match(folded, at, end) for at in borders - {start, end}]
        borders.update([match.end() for match in charged if match])
    for low, high in pairwise(sorted(borders)):
        low, high = _stripped(folded, low, high)
        if _SAYS_SOMETHING.search(folded, low, high):
            yield low, high


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch of a text without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _brackets(folded: str, start: int, end: int) -> list[tuple[int, int]]:
    """Pairs of brackets and quotes in a line, inside which no sentence ends."""
    found: list[tuple[int, int]] = []
    opened: list[tuple[int, str]] = []
    for mark in _BRACKET.finditer(folded, start, end):
        at, char = mark.start(), mark[0]
        if char in _CLOSING:
            opened.append((at, _CLOSING[char]))
        elif opened and char == opened[-1][1]:
            low = opened.pop()[0]
            if at - low <= _LONGEST_BRACKET and not opened:
                found.append((low, at))
    return found


@cache
def spoken_rules() -> tuple[Rule, ...]:
    """The markers of spoken lists."""
    return patterns("items", group="spoken")


@cache
def _any_spoken() -> re.Pattern[str]:
    """The end of a clause with a marker behind it."""
    source = "|".join(
        rule.regex.pattern.replace("(?P<n>", "(?:").replace("(?P<word>", "(?:") for rule in spoken_rules()
    )
    return re.compile(rf"[。;:,!?\n](?=[ ]*(?P<marker>{source}))", re.VERBOSE)


@cache
def _marker_openings() -> frozenset[str]:
    """The characters with which markers begin."""
    return frozenset(opening[0] for rule in spoken_rules() for opening in begins(rule.source, re.VERBOSE) or ())


def _spoken(folded: str, start: int, end: int) -> list[int]:
    """Where the items of spoken lists begin in a line; a marker without its series is none.

    A numbered series counts from two markers on, or where it goes on from an earlier line (it does not
    begin with 一). Words and dashes count from two on in a line, at the line's start, or behind a colon and a gap that
    stand for a lost line break (「主要目标是：　　——…」).
    """
    before = folded[start - 1 : start].strip(" ") or "。"  # a line's beginning, as the end of a clause
    line = before + folded[start:end]
    found: dict[str, list[tuple[int, int]]] = {}
    for match in _any_spoken().finditer(line):
        at = match.start("marker") + start - 1
        for rule in spoken_rules():
            inner = rule.regex.match(folded, at)
            if inner:
                number = inner.groupdict().get("n")
                try:
                    value = ordinal(number) if number else 0
                except ValueError:
                    break
                found.setdefault(rule.name, []).append((value, at))
                break
    result = []
    for places in found.values():
        first, at = places[0]
        if len(places) >= 2 or at == start or first >= 2 or _RUN_IN.search(folded, start, at):
            result += [at for _, at in places]
    return result


def _items(folded: str, pieces: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The items of a line: sentences, but all of a spoken list item together."""
    if len(pieces) == 1:
        yield pieces[0]
        return
    marked = _marked(folded, pieces)
    series = len(marked) >= 2 or (pieces and pieces[0][0] in marked)
    open_item: tuple[int, int] | None = None
    for start, end in pieces:
        if series and start in marked:
            if open_item:
                yield open_item
            open_item = (start, end)
        elif open_item:
            open_item = (open_item[0], end)
        else:
            yield start, end
    if open_item:
        yield open_item


def _marked(folded: str, pieces: Sequence[tuple[int, int]]) -> set[int]:
    """Where a marker of a spoken list opens a sentence, slips included (「四、」 between 三是 and 五是)."""
    marked = set()
    openings = _marker_openings()
    last = 0
    for start, _ in pieces:
        if not last and folded[start] not in openings:
            continue
        opening = folded[start : start + 8]
        if match := _any_spoken().match("\n" + opening):
            last = _value(match["marker"])
        elif last and (label := opens_with_label(opening)) and label.family == "cn" and label.ordinal == last + 1:
            last = label.ordinal
        else:
            continue
        marked.add(start)
    return marked


def _value(marker: str) -> int:
    """The number that a marker bears, 0 where it bears none."""
    numeral = re.match(f"第?({NUMERAL})", marker)
    try:
        return ordinal(numeral[1]) if numeral else 0
    except ValueError:
        return 0


def _row_item(document: Document, reading: Reading, section: int, row: Block, columns: Columns) -> Item | None:
    """A row of a task table as an item; None for an empty row."""
    text = reading.slice(row.start, row.end)
    if not any(c.isalnum() for c in text):
        return None
    named = [(column, cell) for column, cell in enumerate(row.cells) if cell is not None and column in columns.names]
    return Item(
        start=row.start,
        end=row.end,
        section=section,
        text=text,
        page=row.page,
        cells=tuple((columns.names[column], cell) for column, cell in named),
        heads=tuple(columns.heads.get(column) for column, _ in named),
    )


def _cell_lines(reading: Reading, cells: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """The cells that hold sentences, as lines of the readable text."""
    for cell in cells:
        low, high = reading.to_reading(cell.start, cell.end)
        if _BREAK.search(reading.folded, low, high):
            yield low, high
