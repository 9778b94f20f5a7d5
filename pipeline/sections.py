"""The section tree of a plan.

The labels of a plan are read as a whole. Every place that could carry a label (`pipeline.labels`) is
taken or left, and if taken stands at some depth; the reading of all places together that explains the
plan best is kept (a beam search over the sequence, linear in the number of places). What counts:

1. Standing at a line's start speaks for a label most; standing after the end of a sentence or right
   behind another heading (text that has lost its lines) speaks for it less; standing in the middle of
   a clause speaks against it.
2. A number that goes on where its list stood (3. after 2.) costs nothing, at whatever depth the list is.
3. A first number (一、 1. ①) opens a list below the node that it stands in. A family that is already
   open further up is unlikely to open again below itself, and a family that usually stands higher
   (一、 under 1.) is unlikely too.
4. A list that an enclosing node closed may run on under the next one (一、1–6, 二、7–9).
5. A gap (3. after 1.) costs more than any of these, a step back (2. after 5.) more still, a list that
   begins with another number than one most.
6. An unnumbered heading (an outline level of the format; a short line that ends in a colon or is a
   usual title of a part; a short line that is bold, centred or larger than the text) is a sibling of the
   one before it, where one is open, else it opens a list below the node that it stands in. One that has
   text of its own before the only 一、 is the sibling of 一、. Short
   sentences that make a habit of titling paragraphs are a list of their own, and so are sentences that
   open alike (「五年来，我们…。」), each alone above its paragraphs. The head of an attachment
   (附件1) or of a glossary (名词解释) stands at the top, and numbering begins anew below it; a preface (序) stands
   at the top with nothing below it, and so do closing words.
7. A box (专栏1) is a child of the numbered part that it stands in, whichever unnumbered heading it stands behind.

Headings: the rest of the line, or the first short sentence of a paragraph, or, in text that has lost
its lines, the title phrase up to where the first sentence begins (`rules/headings.yaml`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import itemgetter
from typing import Literal, NamedTuple

from pipeline import labels
from pipeline.labels import Label
from pipeline.model import Block, Document, PlanHead, Reading, Section, Span, fold
from pipeline.rules import alternation, load, patterns, words

BEAM = 10
LARGE = 1.12
"""Size of a heading at least, in sizes of the text: 16 points over 14 (三号 over 四号) is one, 10.5 over 10 is none."""
HALVES = {"cn_half": "cn_paren", "ar_half": "ar_paren", "cn_bare": "cn", "ar_bare": "ar"}
HALVES |= {whole: half for half, whole in HALVES.items()}
"""Families that differ by half a bracket or by the mark behind the number: where it is lost in the middle of a list,
the list goes on."""
BEFORE_FIGURES = {"ar_month": "ar", "ar_figure": "ar"}
"""Forms of a family that could be something else: a date, a decimal."""
HALF_LOST = 0.3
AGAIN = 2.5
"""Cost of a list of a family that is open already."""
RANK_OF_LOST = 5
"""A numeral before 、 that a scan has lost (「、综合指标」) is taken for one of 一、二、三、."""
OF_NAMES = frozenset("班队组号中款项")
"""What stands behind a number in brackets that is part of a name: 「高三(一)班」."""
BEHIND_BLANK = ("cn", "cn_paren")
"""Families that do not stand behind a blank within a sentence, as 1. does."""
LONGEST_HEADING = 40
"""Characters; the guideline's bound for a title sentence that opens a numbered paragraph. One with a
figure in it is no title: it commits to something."""
LONGEST_LINE = 80
"""Characters of a heading without a full stop that has a line to itself, above numbered parts."""


_ANNEX = re.compile(
    r"附[ ]?[件表录][ ]?(?P<number>\d{1,2}|[一二三四五六七八九十]{1,2})?[ ]?"
    r"(?P<colon>[:.]?)[ ]?(?P<title>[一-龥《“].*)?$"
)


_ATTACHMENTS = re.compile(
    r"^[ ]*附[ ]?件[ ]?:[ ]*\n?[ ]*1[ ]?[.、:][^。;\n]{2,60}(?:\n[ ]*\d{1,2}[ ]?[.、:][^。;\n]{2,60}(?=\n|$))*",
    re.MULTILINE,
)
"""The list of what is attached, whose numbers are no labels: 「附件:1.任务分工表⏎2.联系人名单」."""


_REMARK = re.compile(r"(?:[ ]*\((?:[^()\n]|\([^()\n]*\))*\))+[ 。;]*")
"""What stands in brackets behind the sentence of a task: when it is due and who is charged, as a rule."""


_TELLS = re.compile(
    r"^[一二三四五六七八九]+[要是]|\d|每(?:[年月周天日]|学期|学年|季度)|[一二两三四五六七八九十][次节场]"
)
"""What sentences of tasks have and titles have not: a spoken number, a figure, a rate."""
_MONTH = re.compile(r"(?:1[0-2]|[1-9])月")
_YEAR = re.compile(r"\d{4}年度?")
GENERAL = "省市县区州旗局校镇乡各"
"""What names of units begin with in a plan of their own place."""
SHORTEST_PHRASE = 3
"""Characters of a title that a month may follow without a mark."""
SHORTEST_SENTENCE = 5
"""Characters of a sentence that may follow a usual heading without a mark."""
LEAST_BEFORE_SLIP = 3
"""Number from which on a list is one for certain, so that the next number may be in another style."""
SLIP_OF_STYLE = 2.4
"""What it costs that a number goes on a list in another style: 「4、」 between (三) and (五)."""
_STOP = re.compile("[。;!?]")
_NAMES_LIST = re.compile("(?:任务|措施|重点|内容|要点|安排|步骤|做法|工作|项目|行动)[:]?$")
"""What a heading ends with that names the parts of a list."""
_COUNTS_PARTS = re.compile("(?:以下|下列|如下)|[一二三四五六七八九十几两][大]?(?:个方面|个?[项点条])(?!原则)")
"""How text leads in a list."""
_TITLE_BETWEEN = re.compile("[一-龥“”、]{4,20}[ ]?")
_GAP = re.compile(" {2,}")
_NO_OPENER = re.compile("为[主王先本重要期民核零荣]|为基础|为抓手|为载体|为指导|为契机|为目标|为导向")
"""为 within a phrase: 「坚持育人为本」."""
_SURE_OPENER = re.compile("把|各[一-龥]{1,6}?(?:[要应须把将按都])")
"""Openers of one character that stand in no title, whatever ends before them."""
_BLANK = re.compile("(?<=[一-龥”)]) (?=[一-龥“])")
_COLON = re.compile(r"(?<!\d):|:(?!\d)")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_LOST = re.compile("、[一-龥“\\d]")
_COUNT = re.compile(r"(?<![“\d])\d[\d.]*[万亿余多]?(?![年月日学号])[一-龥%]")
LEAST_OF_SERIES = LEAST_OF_CALENDAR = 3
_OF_MONTH = re.compile(r"(?P<month>十[一二]?|[一二三四五六七八九]|1[0-2]|[1-9])月份?[ ]?[:(]")
_MONTH_LINE = re.compile(rf"^[ ]*{_OF_MONTH.pattern}", re.MULTILINE)
LEAST_BY_MONTHS = 2
"""Lines that open with a month from which on a plan goes by months."""
LEAST_BELOW_MONTH = 5
"""Characters of the line below a month that heads it."""
_TIME_COLUMN = re.compile("(?:时限|时间|期限|节点)[^,。;]{0,4}:?$")
RANK_BESIDE_SERIES = 6
"""Of (一): lists up to there are no parts of a sentence that titles paragraphs."""
_ALIKE = re.compile(
    r"(?P<sentence>(?P<opening>[^,。;!?:\d]{0,4}(?:来|这[一二三四五几两]年|过去[^,。]{0,3}),我们)(?!要|将|必须|应|会)"
    r"[^。;!?:\d]{8,50}。)(?:[^,。;!?:\d]{4,24}。)?"
)
"""「五年来,我们…。」: so reports title what was done; 「今年,我们要…。」 is a task like any other."""
UNNUMBERED = ("title", "sentence", "series", "front", "end")
"""Families of lists that are none of labels."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that opens a node: a label that was taken, or an unnumbered heading.

    Args:
        start: character of the plan's readable text.
        end: behind the label; equal to `start` for an unnumbered heading.
        label: the label's text, None for an unnumbered heading.
        depth: 0 at the top.
        run_in: the label does not stand at a line's start.
        heading_end: where the heading ends, for the head of an attachment, which may take two lines.
    """

    start: int
    end: int
    label: str | None
    depth: int
    run_in: bool = False
    heading_end: int | None = None


class _Heading(NamedTuple):
    """An unnumbered heading line; `outline` where the format states its level."""

    start: int
    end: int
    outline: int | None = None
    kind: Literal["title", "sentence", "series", "month", "front", "end", "annex", "lost"] = "title"
    """A title line, a short sentence, one of several sentences that open alike, a month of a calendar, front or end
    matter (序, 结语), the head of an attachment, or a heading whose numeral a scan has lost."""


_Entry = tuple[str, int, int]
"""Family, last ordinal and rank of an open list."""


class _State(NamedTuple):
    """A reading of the plan up to some place; lower cost is better."""

    cost: float
    stack: tuple[_Entry, ...]
    """Of each open list, top first."""
    closed: tuple[tuple[str, int], ...]
    """Last ordinal of each family whose list was closed by an enclosing node."""
    taken: Label | _Heading | None = None
    """The last candidate that was taken, None where none was."""
    depth: int = 0
    """Of the node that it opens."""
    before: _State | None = None
    """The reading that it was taken in."""


_Move = tuple[float, _State, int, _Entry | None]
"""What a reading costs when it has gone on, from which one, at what depth with what list; None for a place left out."""


def tree(document: Document, head: PlanHead) -> tuple[Section, ...]:
    """The section tree of a plan, in document order.

    Args:
        document: what was read.
        head: the plan in it.

    Returns:
        Sections; text before the first node is a section without label and heading. Never empty.
    """
    reading = head.reading
    blocks = _Blocks(document, reading)
    body = _body_start(head)
    marks = list(_marks(reading, blocks, body))
    return tuple(_assemble(document, head, marks, body))


MOST_GAPS = 5
"""Warnings of missing numbers that a plan is given; a scanned book has hundreds."""


def gaps(sections: Sequence[Section]) -> tuple[str, ...]:
    """What numbers are missing among the parts of a plan, for a reader of its tables.

    Args:
        sections: the tree of a plan.

    Returns:
        One sentence for each gap between neighbours below one parent, at most `MOST_GAPS`.
    """
    last: dict[tuple[int | None, str], labels.Label] = {}
    found = []
    for section in sections:
        label = labels.opens_with_label(f"{fold(section.label)}、总") if section.label else None
        if label is None:
            continue
        family = BEFORE_FIGURES.get(label.family, label.family)
        key = (section.parent, min(family, HALVES.get(family, family)))
        before = last.get(key)
        if before and label.ordinal > before.ordinal + 1:
            missing = label.ordinal - before.ordinal - 1
            found.append(f"{missing} number{'s' * (missing > 1)} missing between {before.text} and {label.text}")
        last[key] = label
    return tuple(found[:MOST_GAPS])


class _Blocks:
    """The blocks behind the readable text."""

    def __init__(self, document: Document, reading: Reading) -> None:
        self._blocks = document.blocks
        self._starts = [block.start for block in document.blocks]
        self._offsets = reading.offsets
        sizes: Counter[float] = Counter()
        for block in document.blocks:
            if block.size is not None and block.kind == "paragraph":
                sizes[block.size] += block.end - block.start
        self._body_size = sizes.most_common(1)[0][0] if sizes else None

    def is_large(self, block: Block) -> bool:
        """Whether a block is set clearly larger than most of the document's text."""
        return None not in (block.size, self._body_size) and (block.size or 0) > LARGE * (self._body_size or 0)

    def at(self, position: int) -> Block:
        """The block that holds a character of the readable text."""
        return self._blocks[bisect_left(self._starts, self._offsets[position] + 1) - 1]


def _body_start(head: PlanHead) -> int:
    """Where a plan's text begins, behind its title line (characters of the readable text)."""
    title = fold("".join((head.title or "").split()))
    folded = head.reading.folded
    position = 0
    for wanted in title:
        while position < len(folded) and folded[position].isspace():
            position += 1
        if position >= len(folded) or folded[position] != wanted:
            return 0 if not title else _line_after_title(folded, title)
        position += 1
    rest = folded[position : folded.find("\n", position) if "\n" in folded[position:] else len(folded)]
    if rest.startswith(","):  # the title is the subject of the first sentence
        return 0
    numbered = re.fullmatch(r"[ ]*\([^()]{1,3}\)[ ]*", rest)  # of a page's samples: 「……工作计划（二）」
    if numbered or (len(rest) <= 12 and not labels.opens_with_label(rest)):
        position += len(rest)
    return position


def _line_after_title(folded: str, title: str) -> int:
    line = folded.partition("\n")[0]
    return len(line) if title in "".join(line.split()) and len(line) < 2 * len(title) + 12 else 0


def _marks(reading: Reading, blocks: _Blocks, body: int) -> Iterator[Mark]:
    """The nodes of a plan's text, in order."""
    folded = reading.folded
    listed = [match.span() for match in _ATTACHMENTS.finditer(folded)]
    by_months = len(_MONTH_LINE.findall(folded)) >= LEAST_BY_MONTHS
    candidates: list[Label | _Heading] = [
        label
        for label in labels.find(folded)
        if label.start >= body
        and blocks.at(label.start).kind != "row"
        and not any(low <= label.start < high for low, high in listed)
        and not (by_months and _names_months(folded, label))
    ]
    labelled = {c.start for c in candidates if isinstance(c, Label) and c.opens_line}
    candidates += _headings(folded, blocks, body, labelled)
    candidates.sort(key=lambda c: c.start)
    for candidate, depth in _best_reading(folded, candidates):
        if isinstance(candidate, Label):
            # Width is folded, traditional characters (第一節) stay as written.
            pairs = zip(
                reading.text[candidate.start : candidate.end], folded[candidate.start : candidate.end], strict=True
            )
            label = labels.shown("".join(raw if "一" <= raw <= "鿿" else plain for raw, plain in pairs))
            yield Mark(candidate.start, candidate.end, label, depth, not candidate.opens_line)
        else:
            behind = candidate.end if candidate.kind == "annex" else None
            yield Mark(candidate.start, candidate.start, None, depth, heading_end=behind)


def _names_months(folded: str, label: Label) -> bool:
    """Whether what looks like a label is the first of two months: 「四、五月份:」."""
    second = _OF_MONTH.match(folded, label.end) if label.family == "cn" else None
    return second is not None and labels.ordinal(second["month"]) == label.ordinal + 1


def _best_reading(folded: str, candidates: Sequence[Label | _Heading]) -> list[tuple[Label | _Heading, int]]:
    """The candidates that are labels, each with its depth."""
    beam = [_State(0.0, (), ())]
    first = [c for c in candidates if isinstance(c, Label) and c.ordinal == 1 and c.rank <= RANK_OF_LOST]
    for candidate in candidates:
        if isinstance(candidate, Label):
            moves = _moves(folded, beam, candidate, opens_parts=first == [candidate])
        else:
            moves = [_heading_move(state, candidate) for state in beam]
        grown: dict[tuple[object, object], _State] = {}
        for move in sorted(moves, key=itemgetter(0)):  # the first way to a reading is the cheapest
            new = _take(candidate, *move)
            grown.setdefault((new.stack, new.closed), new)
            if len(grown) == BEAM:
                break
        beam = list(grown.values())
    state: _State | None = beam[0]
    result: list[tuple[Label | _Heading, int]] = []
    while state is not None and state.taken is not None:
        result.append((state.taken, state.depth))
        state = state.before
    return result[::-1]


def _heading_move(state: _State, heading: _Heading) -> _Move:
    """What an unnumbered heading is after a reading of the places before it."""
    if heading.kind == "annex":
        state = state._replace(stack=(), closed=())
    depth = _heading_depth(state, heading)
    entry: _Entry = (heading.kind, heading.outline or 0, 0)
    if heading.kind == "lost":
        entry = ("cn", state.stack[depth][1] + 1 if len(state.stack) > depth else 1, RANK_OF_LOST)
    # What is numbered before a preface is a table of contents as a rule: readings that took it pay.
    cost = AGAIN if heading.kind == "front" and any(rank for _, _, rank in state.stack) else 0.0
    return state.cost + cost, state, depth, entry


def _moves(folded: str, beam: Sequence[_State], label: Label, *, opens_parts: bool) -> list[_Move]:
    """What a place that could carry a label can be after each reading of the places before it.

    Args:
        folded: the plan's text.
        beam: the readings.
        label: what could stand there.
        opens_parts: it is the plan's only 一、: under each of several headings numbering begins anew.
    """
    moves: list[_Move] = []
    same, ordinal, rank = BEFORE_FIGURES.get(label.family, label.family), label.ordinal, label.rank
    half = HALVES.get(same)
    # Nothing stands below a preface. A box (专栏1) is a numbered part's, whichever unnumbered heading it follows; (一)
    # behind sentences that open alike goes on where these stood.
    beside = UNNUMBERED if same == "box" else ("front", "end", *("series",) * (rank <= RANK_BESIDE_SERIES))
    evidence = _evidence(label)
    for state in beam:
        moves.append((state.cost, state, 0, None))
        past = (*beside, "title") if opens_parts and _has_text(folded, state, label) else beside
        gain = _evidence_behind(folded, state, label) if evidence is None else evidence
        families = [family for family, _, _ in state.stack]
        below_lower = False
        for depth, (family, last, its_rank) in enumerate(state.stack):
            below_lower = below_lower or its_rank > rank
            if family in (same, half):
                cost = _step(last, ordinal) + HALF_LOST * (family != same)
                moves.append((state.cost + (cost - gain), state, depth, (family, ordinal, rank)))
            elif last >= LEAST_BEFORE_SLIP and ordinal == last + 1 and same not in families:
                moves.append((state.cost + (SLIP_OF_STYLE - gain), state, depth, (family, ordinal, its_rank)))
        if ordinal == 1:
            cost = 0.8 if label.opens_line else 1.1
        elif same not in families and (same, ordinal - 1) in state.closed:
            cost = 0.6
        else:
            cost = 2.7
        if same in (families[families.index("box") :] if "box" in families else families):
            cost += AGAIN
        cost += 1.2 * below_lower
        moves.append((state.cost + (cost - gain), state, _below(state, past), (same, ordinal, rank)))
    return moves


def _has_text(folded: str, state: _State, label: Label) -> bool:
    """Whether an unnumbered heading stands before a label with text of its own, which is no lead-in of a list."""
    heading = state.taken
    if not isinstance(heading, _Heading) or heading.kind != "title":
        return False
    own = folded[heading.end : label.start].strip()
    leads_in = _NAMES_LIST.search(folded, heading.start, heading.end) or _COUNTS_PARTS.search(own)
    return own.endswith("。") and len(own) > LONGEST_HEADING and not leads_in


def _below(state: _State, beside: Sequence[str]) -> int:
    """The depth below all lists that are open, but for the last ones that are beside.

    Args:
        state: what is open.
        beside: families of lists that are left; of titles those whose level no format states.
    """
    depth = len(state.stack)
    while depth:
        family, level, _ = state.stack[depth - 1]
        if family not in beside or (family == "title" and level):
            break
        depth -= 1
    return depth


def _step(last: int, ordinal: int) -> float:
    """Cost of `ordinal` after `last` in one list."""
    if ordinal == last + 1:
        return 0.0
    if ordinal == 1:
        return 1.4
    return 1.5 + 0.3 * min(ordinal - last, 5) if ordinal > last else 2.6


def _take(candidate: Label | _Heading, cost: float, state: _State, depth: int, entry: _Entry | None) -> _State:
    """The reading to which a move leads."""
    if entry is None:
        return state
    closed, numbers = state.closed, dict(state.closed)
    closing = [(family, number) for family, number, _ in state.stack[depth:] if family != entry[0]]
    if closing or entry[0] in numbers:
        numbers.update(closing)
        numbers.pop(entry[0], None)
        closed = tuple(numbers.items())
    return _State(cost, (*state.stack[:depth], entry), closed, candidate, depth, state)


def _evidence(label: Label) -> float | None:
    """How much the place itself speaks for a label, None where that depends on the heading before it."""
    if label.opens_line:
        return 1.8 if label.weak else 3.0
    if label.before in "。!?" and not label.weak:
        return 2.65  # more than a number that comes again costs, less than a list that does not begin with 1
    if label.before in "。;!?:”)":
        return 1.2
    return -1.0 if label.before in ",、“(" else None


def _evidence_behind(folded: str, state: _State, label: Label) -> float:
    """How much the place speaks for a label that stands amid a clause or behind a blank."""
    if label.before == " " and label.family in BEHIND_BLANK and (state.taken is None or _ends(folded, label.start)):
        return 1.3  # a line's end that has become a blank
    if state.taken is None or label.start - (last_end := state.taken.end) > LONGEST_HEADING:
        return 0.2
    between = folded[last_end : label.start]
    if (
        label.family == "cn_paren"
        and _TITLE_BETWEEN.fullmatch(between)
        and folded[label.end : label.end + 1] not in OF_NAMES
    ):
        return 1.3  # 「二、背景分析(一)基本情况」
    return 0.2 if re.search("[。;!?\n]", between) else 1.0


def _ends(folded: str, at: int) -> bool:
    """Whether a sentence or a clause ends before the blanks before a place."""
    while at and folded[at - 1] == " ":
        at -= 1
    return folded[at - 1 : at] in ("。", ";", "!", "?", ":")


def _heading_depth(state: _State, heading: _Heading) -> int:
    if heading.kind in ("front", "end"):
        return int(bool(state.stack) and state.stack[0][0] == "annex")
    if heading.outline is not None:
        for depth, (family, level, _) in enumerate(state.stack):
            if family == "title" and level >= heading.outline:
                return depth
    elif heading.kind == "lost":
        for depth, (_, _, rank) in enumerate(state.stack):
            if rank >= RANK_OF_LOST:
                return depth
        return _below(state, ("front", "end", "series"))
    else:
        families = [family for family, _, _ in state.stack]
        for family in (heading.kind, "box"):
            if family in families:
                return families.index(family)
    return _below(state, ("front", "end", "box"))


@cache
def _usual_headings() -> frozenset[str]:
    return frozenset(load("labels")["headings"])


@cache
def _usual_openings() -> re.Pattern[str]:
    """The longest usual heading with which a line begins."""
    return re.compile(alternation(_usual_headings()))


@cache
def _matter() -> dict[str, Literal["front", "end"]]:
    return {word: kind for kind in ("front", "end") for word in load("labels")[f"{kind}_matter"]}


def _matter_kind(text: str, below: Sequence[str], at: float) -> Literal["front", "end"] | None:
    """What a line is the head of, a preface or closing words; None for all else, the head of a column too (序 over 号).

    Args:
        text: the line, folded.
        below: the lines behind it.
        at: where in the plan it stands, 0 to 1.
    """
    kind = _matter().get("".join(text.split()).strip("[]:"))
    if kind == "end" and any(labels.opens_with_label(line) for line in below):
        return None
    return kind if "号" not in below and (kind == "front") == (at < 0.5) else None


def _headings(folded: str, blocks: _Blocks, body: int, labelled: set[int]) -> Iterator[_Heading]:
    """Lines that title a part of the plan without a number."""
    position = 0
    lines = []
    for raw in folded.split("\n"):
        text = raw.strip()
        if text:
            start = position + raw.index(text[0])
            lines.append((start, start + len(text), text))
        position += len(raw) + 1
    texts = [text for _, _, text in lines]
    alone, series, months = _sentences_alone(texts), _series(texts), _calendar(texts)
    behind = body
    for index, (start, end, text) in enumerate(lines[:-1]):
        following = texts[index + 1]
        if index in series and start >= behind and start not in labelled and blocks.at(start).kind != "row":
            yield _Heading(start, end, kind="series")
            continue
        if start < behind or start in labelled or len(text) > LONGEST_HEADING or following[0] in "是为:,":
            continue
        block = blocks.at(start)
        if block.kind == "row" or (_STOP.search(text) and index not in alone):
            continue
        if annex := _annex(lines[index : index + 5]) or _glossary(text, end, start / len(folded)):
            yield _Heading(start, annex, kind="annex")
            behind = annex
        elif _LOST.match(text):
            yield _Heading(start, end, kind="lost")
        elif matter := _matter_kind(text, texts[index + 1 : index + 4], start / len(folded)):
            yield _Heading(start, end, kind=matter)
        elif index in months:
            yield _Heading(start, end, kind="month")
        elif block.outline is not None:
            yield _Heading(start, end, block.outline)
        elif index in alone:
            yield _Heading(start, end, kind="sentence")
        elif (
            text.strip("[]:") in _usual_headings()
            or re.fullmatch("\\[[一-龥“”]{2,16}\\]", text)
            or _titles_by_colon(text)
            or ((block.bold or block.centred or blocks.is_large(block)) and _stands_out(text, following))
        ):
            yield _Heading(start, end)


def _annex(lines: Sequence[tuple[int, int, str]]) -> int | None:
    """Where the head of an attachment ends, None where the first of some lines heads none.

    「附件1」 alone on its line takes in the short line below it, which is the attachment's title. With its title on
    the same line (「附件2:任务分工表」) it is the head of an attachment where a part, a table or a paragraph follows,
    and an entry in the list of attachments where another entry or a signature does.
    """
    (_, end, text), *below = lines
    match = _ANNEX.match(text)
    if match is None or not below or _ANNEX.match(below[0][2]):
        return None
    if match["title"]:
        follows = any(labels.opens_with_label(line) or len(line) > LONGEST_HEADING for _, _, line in below[:2])
        return end if match["number"] and follows else None
    if match["colon"] and not match["number"]:
        return None
    _, behind, title = below[0]
    is_title = len(title) <= LONGEST_HEADING and not re.search("[,。;!?:]", title)
    return behind if is_title and not labels.opens_with_label(title) and len(below) > 1 else end


def _glossary(text: str, end: int, at: float) -> int | None:
    """Where a line ends that heads a glossary, None where it heads none.

    Args:
        text: the line, folded.
        end: where it ends.
        at: where in the plan it stands, 0 to 1.
    """
    return end if at > 0.5 and text.strip("[]:") in load("labels")["glossaries"] else None


def _sentences_alone(lines: Sequence[str]) -> frozenset[int]:
    """Short sentences on a line of their own that title the paragraph below, where a plan makes a habit of it.

    Bold openings of paragraphs come out of web pages as lines of their own: 「完善用地政策。」 above a long
    paragraph. Six of them and most short sentences of the plan make a habit.
    """
    short = [
        i
        for i, text in enumerate(lines[:-1])
        if 5 <= len(text) <= LONGEST_HEADING
        and text.endswith("。")
        and not re.search("[。;!?:].|\\d|,.*“|“.*,", text)
        and not labels.opens_with_label(text)
        and not re.match("[-—●·]|[一二三四五六七八九十]{1,2}[是要]|第[一二三四五六七八九十]", text)
    ]
    titles = [i for i in short if len(lines[i + 1]) >= 2 * len(lines[i]) and not labels.opens_with_label(lines[i + 1])]
    return frozenset(titles) if len(titles) >= 6 and len(titles) >= 0.6 * len(short) else frozenset()


def _series(lines: Sequence[str]) -> frozenset[int]:
    """Sentences on lines of their own that open alike and title the paragraphs below each of them.

    「五年来，我们坚持…，教育质量迈上新台阶。」; what may stand behind it on its line, a title of the first of these
    paragraphs, belongs to the text.
    """
    alike: dict[str, list[int]] = {}
    for index, (text, below) in enumerate(pairwise(lines)):
        opening = _ALIKE.fullmatch(text)
        if opening and len(opening["sentence"]) < len(below) and not labels.opens_with_label(below):
            alike.setdefault(opening["opening"], []).append(index)
    return frozenset(index for found in alike.values() if len(found) >= LEAST_OF_SERIES for index in found)


def _calendar(lines: Sequence[str]) -> frozenset[int]:
    """Lines that head the months of a calendar; one month alone is none."""
    found = [index for index, text in enumerate(lines) if "月" in text and labels.month_named(text)]
    # A cell of a table that has lost its lines stands behind the name of its column, or before a short one.
    heads = [
        index
        for index in found
        if index + 1 < len(lines)
        and len(lines[index + 1]) >= LEAST_BELOW_MONTH
        and not (index and _TIME_COLUMN.search(lines[index - 1]))
    ]
    return frozenset(heads) if len(heads) >= LEAST_OF_CALENDAR else frozenset()


def _titles_by_colon(text: str) -> bool:
    """Whether a short line that ends in a colon titles what follows, and greets nobody."""
    if not text.endswith(":") or not 3 <= len(text) <= 16 or re.search("[,、\\d]", text):
        return False
    return not any(rule.regex.search(text) for rule in patterns("labels", group="no_headings"))


def _tells_of_task(text: str, start: int, end: int, *, alone: bool = False) -> bool:
    """Whether the first line that is not blank in a stretch of folded text says by when or by whom a task is done.

    Args:
        text: folded.
        start, end: the stretch.
        alone: and all other lines do.
    """
    lines = text[start:end].split()
    fields = patterns("labels", group="fields")
    return bool(lines) and all(
        any(rule.regex.match(line) for rule in fields) for line in (lines if alone else lines[:1])
    )


def _stands_out(text: str, following: str) -> bool:
    """Whether a short line that is set apart titles the paragraph below; a title page's lines have none below."""
    return (
        3 <= len(text) <= 25
        and not re.search("[,:、]|\\d{4}年\\d", text)
        and len(following) > len(text)
        and not labels.opens_with_label(following)
    )


def _assemble(document: Document, head: PlanHead, marks: Sequence[Mark], body: int) -> Iterator[Section]:
    reading = head.reading
    size = len(reading.text)
    first = marks[0].start if marks else size
    parents: list[int] = []
    sections: list[Section] = []
    run_together = sum(mark.run_in for mark in marks) * 2 > len(marks)

    def add(
        start: int, end: int, own_end: int, text_start: int, depth: int, label: str | None, title: str | None
    ) -> None:
        parent = parents[depth - 1] if depth else None
        path = (
            *(sections[parent].path if parent is not None else ()),
            *((title or label or ""),) * bool(title or label),
        )
        low, high = reading.to_source(start, max(end, start + 1))
        own = reading.text[text_start:own_end].strip()
        text_at = reading.offsets[text_start] if text_start < size else high
        del parents[depth:]
        parents.append(len(sections))
        sections.append(
            Section(
                start=low,
                end=high,
                level=depth + 1,
                parent=parent,
                label=label,
                heading=title,
                path=path,
                text_start=text_at,
                text=own,
                page=document.page_at(low),
            )
        )

    lead = _skip_space(reading.text, body, first)
    if lead < first or not marks:
        lead = min(lead, size - 1)
        add(lead, _rstrip(reading.text, lead, first), first, lead, 0, None, None)
    closings = _closings(marks, size)
    for index, mark in enumerate(marks):
        own_end = marks[index + 1].start if index + 1 < len(marks) else size
        leaf = index + 1 == len(marks) or marks[index + 1].depth <= mark.depth
        title, text_start = heading(reading, mark, own_end, leaf=leaf, run_together=run_together)
        end = _rstrip(reading.text, mark.start, closings[index])
        depth = min(mark.depth, len(parents)) if sections and sections[-1].path else 0
        add(mark.start, end, own_end, text_start, depth, mark.label, title)
    yield from sections


def _closings(marks: Sequence[Mark], size: int) -> list[int]:
    """Where each node ends: where the next one begins that lies no deeper, or the text ends."""
    result = [size] * len(marks)
    opened: list[int] = []
    for index, mark in enumerate(marks):
        while opened and marks[opened[-1]].depth >= mark.depth:
            result[opened.pop()] = mark.start
        opened.append(index)
    return result


def innermost(sections: Sequence[Section], span: Span) -> int | None:
    """Index of the innermost section around a span, None where none is around it.

    Args:
        sections: a plan's, in document order.
        span: with offsets in the document, as they have.
    """
    index: int | None = bisect_right(sections, span.start, key=lambda section: section.start) - 1
    while index is not None and index >= 0 and not sections[index].covers(span):
        index = sections[index].parent
    return None if index is None or index < 0 else index


def _skip_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _rstrip(text: str, start: int, end: int) -> int:
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return end


@cache
def _openers() -> re.Pattern[str]:
    """Words with which a sentence begins behind a title phrase."""
    return re.compile(alternation([fold(word) for word in load("headings")["sentence_openers"]]))


@cache
def _closers() -> re.Pattern[str]:
    """Words with which a title phrase ends."""
    return re.compile(alternation([fold(word) for word in load("headings")["title_closers"]]) + "$")


def heading(reading: Reading, mark: Mark, own_end: int, *, leaf: bool, run_together: bool) -> tuple[str | None, int]:
    """The title phrase behind a label, and where the node's own text begins.

    Args:
        reading: the plan's text.
        mark: the node.
        own_end: where the next node begins (characters of the readable text).
        leaf: the node has no children.
        run_together: the plan has lost its lines.

    Returns:
        The heading, None where the node has none, and the character at which its text begins.
    """
    start = _skip_space(reading.text, mark.end, own_end)
    if mark.heading_end is not None:
        return _clean(reading, start, mark.heading_end), mark.heading_end
    line_end = reading.text.find("\n", start, own_end)
    line_end = own_end if line_end < 0 else line_end
    line = reading.folded[start:line_end]
    if not line.strip():
        return None, start
    gap = _GAP.search(line)
    if gap and 2 <= gap.start() <= LONGEST_HEADING and not _STOP.search(line, 0, gap.start()):
        return _clean(reading, start, start + gap.start()), start + gap.end()
    bare = _without_brackets(line)
    stop = _STOP.search(bare)
    below = bool(reading.text[line_end:own_end].strip())
    if mark.label and leaf and stop and not below and not run_together and _REMARK.fullmatch(line, stop.end()):
        titled = _colon(bare[: min(stop.start(), 20)]) >= 0 or _glued(line)
        if not titled:  # one sentence as a whole: 「3.建成信息平台。(6月底完成,牵头单位:市教育局)」
            return None, start
    if stop is None or not line[stop.end() :].strip(" ”)"):
        plain = line.rstrip(" 。;!?:")
        alone = not leaf or below
        if run_together:
            cut = _until_blank(line) or _without_figures(line, _whole_line(plain) or _title_phrase(line))
            if cut is not None:
                return _clean(reading, start, start + cut), start + cut
        if mark.label and (glued := _glued(line)):
            return _clean(reading, start, start + glued), start + glued
        long_title = not (stop or leaf or below or _TELLS.search(plain) or line.rstrip().endswith(":"))
        longest = LONGEST_LINE if long_title else LONGEST_HEADING
        titled = len(plain) <= longest and _is_title(plain, stop is not None, alone)
        task = _COUNT.search(plain) or (stop and leaf and _tells_of_task(reading.folded, line_end, own_end, alone=True))
        if mark.label and task and _tells_of_task(reading.folded, line_end, own_end):
            titled = False  # a task with what is told of it below, 「完成时间:…」
        if mark.label is None or (titled and not (_is_article(mark) and (stop or len(plain) > 15))):
            colon = _colon(bare[: len(plain)])
            cut = leaf or line.rstrip().endswith(":")  # 「发展目标:到2028年努力做到:」
            if 0 < colon <= 20 and cut and len(plain) > colon + 1 and "(" not in plain[:colon]:
                return _clean(reading, start, start + colon), start + colon + 1
            return _clean(reading, start, start + len(plain)), line_end
        return (None, start) if _colon(bare[:20]) < 0 else _until_colon(reading, start, bare)
    if run_together:
        cut = _until_blank(line) or _without_figures(line, _title_phrase(line))
        if cut is not None:
            return _clean(reading, start, start + cut), start + cut
    if _colon(bare[: min(stop.start(), 20)]) >= 0:
        return _until_colon(reading, start, bare)
    if mark.label and (glued := _glued(line)):
        return _clean(reading, start, start + glued), start + glued
    opening = bare[: stop.start()]
    title = len(opening) <= LONGEST_HEADING and not _TELLS.search(opening) and not _is_article(mark)
    if stop.group() == "。" and (title or mark.label is None):
        return _clean(reading, start, start + stop.start()), start + stop.end()
    return None, start


def _until_blank(line: str) -> int | None:
    """Where a line ended that has become a blank: 「改革回顾 “十五五”期间,…」; None where no title ends so."""
    blank = _BLANK.search(line, 3, LONGEST_HEADING + 1)
    title = line[: blank.start()] if blank else ""
    return len(title) if title and not (_STOP.search(title) or _TELLS.search(title)) else None


def _without_figures(line: str, cut: int | None) -> int | None:
    """A title phrase as long as `cut` without what no title has: it ends before a month, and is none with a count."""
    month = _MONTH.search(line, SHORTEST_PHRASE, cut) if cut is not None else None
    cut = month.start() if month else cut
    return None if cut is None or _COUNT.search(line[:cut]) or _YEAR.fullmatch(line, 0, cut) else cut


def _glued(line: str) -> int | None:
    """The length of a usual heading right behind which a sentence begins (「指导思想认真贯彻…」); None for others."""
    usual = _usual_openings().match(line)
    if usual is None or len(line.rstrip(" 。;:")) - usual.end() < SHORTEST_SENTENCE:
        return None  # 「重点工作推进表」
    behind = usual.end() + line.startswith(" ", usual.end())
    subject = line.startswith(("要", "应", "须", "将", "把"), behind)  # 「存在问题要限期整改」
    return usual.end() if _openers().match(line, behind) and not subject else None


def _is_article(mark: Mark) -> bool:
    """Articles of rules (第十条) open with a sentence of their text, not with a title."""
    return mark.label is not None and mark.label.endswith("条")


def _is_title(line: str, sentence: bool, alone: bool) -> bool:
    """Whether the one line of a node is its heading and not its text."""
    if alone:
        return not (sentence and _TELLS.search(line))
    return not sentence and ("," not in line or len(line) <= 15)


def _without_brackets(line: str) -> str:
    """A line as long, with nothing in its brackets that ends a title: 「重点任务(牵头单位:教育局;配合单位:财政局)」."""
    return _IN_BRACKETS.sub(lambda bracket: f"({' ' * (len(bracket[0]) - 2)})", line)


def _colon(line: str) -> int:
    """Where the first colon stands that is none of a ratio or a time of day; -1 where there is none."""
    match = _COLON.search(line)
    return match.start() if match else -1


def _until_colon(reading: Reading, start: int, line: str) -> tuple[str | None, int]:
    colon = _colon(line)
    if colon < 2 or ("," in line[:colon] and _COUNT.search(line[:colon])):  # 「合格率≥99%,使用率:住院60%」
        return None, start
    return _clean(reading, start, start + colon), start + colon + 1


def _whole_line(line: str) -> int | None:
    """The length of a line that is a title as a whole, less a time in brackets behind it; else None.

    「初三模拟考试质量分析(4月份)」 gives 12.
    """
    if len(line) > 30 or re.search("[,。;!?:]", line):
        return None
    bracket = re.search(r"\([^()]{0,12}\d[^()]{0,12}\)?$", line)
    return bracket.start() if bracket and bracket.start() >= 4 else len(line)


def _title_phrase(line: str) -> int | None:
    """Where the title phrase of a run-together line ends, None where that cannot be told.

    「深化校本教研改革组织教师…」 gives 8: 改革 can end a title and 组织 begins a sentence.
    """
    limit = re.search("[,。;!?:]", line)
    reach = min(limit.start() if limit else len(line), 24)
    usual = _usual_openings().match(line)
    if usual and (len(line) == usual.end() or line[usual.end()] not in "的和与及"):
        return usual.end()
    fallback = None
    for match in _openers().finditer(line, 3, min(len(line), reach + 6)):
        at = match.start()
        if at > reach or at < 4 or _NO_OPENER.match(line, at):
            continue
        if _closers().search(line[:at]):
            return at
        if len(match[0]) == 1 and (unit := _unit_before(line, at)) is not None:
            return unit
        if line[at - 1] != "的" and (len(match[0]) > 1 or _SURE_OPENER.match(line, at)):
            fallback = fallback or at
    whole = limit and limit[0] == "。" and limit.start() <= LONGEST_HEADING and line[limit.end() :].strip()
    return None if whole else fallback  # 「学习贯彻会议精神。每月…」 is a title sentence


def _unit_before(line: str, at: int) -> int | None:
    """Where the unit begins that is charged behind a title phrase, 「严格督导考核|县督导室要…」; None where none is.

    Args:
        line: that has run together.
        at: where the word stands that charges it, 要, 将, 把.
    """
    ends = [end for end in range(4, at - 1) if _closers().search(line[:end]) and _organs().search(line[end:at])]
    return next((end for end in ends if line[end] in GENERAL), ends[-1] if ends else None)


@cache
def _organs() -> re.Pattern[str]:
    """A short name of a unit as a whole."""
    return re.compile(f"^[一-龥]{{1,10}}{alternation(words('organs', 'organ_endings'))}$")


def _clean(reading: Reading, start: int, end: int) -> str | None:
    text = reading.text[start:end].lstrip("、").strip(" \t　。:：.．;；,，【】")
    return " ".join(text.split("\n")) or None
