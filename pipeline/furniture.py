"""What of a page is not the plan: navigation, counters, notices, teasers, page marks.

The rules are `rules/furniture.yaml`. Blocks that a format has already told apart (a PDF's running
heads, a page's `nav`) never come here; this is for text that was copied off a page.

Numbers that count the pages are furniture, alone on their lines or before the first line of each page (「1、」). A list
of contents is furniture too: it repeats the headings. It is told by its title (目录), by dots and page numbers behind
its entries, or by entries that all come again further down, in that order of precedence; it ends where its first entry
comes again, where a sentence stands, or behind the last of its entries.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.labels import find, opens_with_label
from pipeline.model import Block, Document, fold_each
from pipeline.rules import Rule, Rules, patterns


class Line(NamedTuple):
    """A block of a document, judged.

    Args:
        block: the block.
        text: its text, folded and stripped of the page mark behind it.
        end: offset in the document where the text ends, before such a mark.
        rule: the furniture rule that it falls under, None for a line of content.
    """

    block: Block
    text: str
    end: int
    rule: Rule | None


@cache
def rules() -> Rules:
    """The rules for whole lines."""
    return patterns("furniture", group="lines")


@cache
def trailing() -> tuple[Rule, ...]:
    """The rules for page marks behind the text of a line."""
    return patterns("furniture", group="trailing")


@cache
def teasers() -> tuple[Rule, ...]:
    """The rules for texts that break off."""
    return patterns("furniture", group="teaser")


@cache
def _contents_rules() -> dict[str, Rule]:
    """The rules for lists of contents, by name."""
    return {rule.name: rule for rule in patterns("furniture", group="contents")}


LONGEST = 320
"""Furniture lines are short; longer lines are not looked at, which keeps the rules' cost linear."""
TAIL = 12
"""Characters at a line's end among which a page mark stands."""


def judge(document: Document) -> tuple[Line, ...]:
    """The blocks of a document, each with the furniture rule that it falls under, if any.

    Args:
        document: what was read.

    Returns:
        One line a paragraph or table row, notes left out, in order.
    """
    lines = []
    blocks = [block for block in document.blocks if block.kind != "note"]
    texts = fold_each([document.text[block.start : block.end] for block in blocks])
    called = rules().within_each([text if len(text) <= LONGEST + TAIL else "" for text in texts])
    for block, text, some in zip(blocks, texts, called, strict=True):
        end = block.end
        rule = None
        if block.kind == "paragraph":
            tail = text[-TAIL:]
            for mark in trailing():
                if (match := mark.regex.search(tail)) and match.start():
                    end -= len(tail) - match.start()
                    text = text[: end - block.start]
                    break
            if some and len(text) <= LONGEST:
                rule = next((r for r in some if r.regex.fullmatch(text)), None)
        lines.append(Line(block, text, end, rule))
    for index in _amid(lines):
        lines[index] = lines[index]._replace(rule=None)
    for index, length in _page_labels(lines).items():
        block = lines[index].block
        lines[index] = lines[index]._replace(
            block=replace(block, start=block.start + length), text=lines[index].text[length:]
        )
    for index in _page_numbers(lines):
        lines[index] = lines[index]._replace(rule=next(rule for rule in rules() if rule.name == "page_number"))
    for index in _contents(lines):
        lines[index] = lines[index]._replace(rule=_contents_rules()["title"])
    return tuple(lines)


MOST_TITLE_LINES = 2
"""Lines over which a title runs at most."""


def _amid(lines: Sequence[Line]) -> list[int]:
    """Lines that are furniture at the edge of a page only (`edge` in the rules) and stand within a plan's text."""
    content = [index for index, line in enumerate(lines) if line.rule is None and line.text.strip()]
    found = []
    for index, line in enumerate(lines):
        if line.rule is None or not line.rule.fields.get("edge") or not content or index > content[-1]:
            continue
        above = bisect(content, index)
        if not 0 < above <= MOST_TITLE_LINES or any(_is_text(lines[i].text) for i in content[:above]):
            found.append(index)
    return found


def _is_text(line: str) -> bool:
    """Whether a line is an item or a sentence and no part of a title."""
    return line.rstrip()[-1] in "。;:,!?" or opens_with_label(line) is not None


PAGE_NUMBER = re.compile(r"[·.\- ]{0,4}(\d{1,4})[·.\- ]{0,4}")
LEAST_PAGES = 4
SHORTEST_PAGE = 200
"""Characters between two numbers of pages at least; between those of a list or a column of a table there are fewer."""
MOST_LOST = 30
"""Pages whose numbers a scan may have lost one behind the other."""
BREAKS_OFF = re.compile(r"(?s:.{29})[一-龥,、]$")
"""How the line above a page's number ends as a rule; above the number of a part stands a sentence or a word."""


def _page_numbers(lines: Sequence[Line]) -> list[int]:
    """Numbers alone on their lines that count a document's pages: they go up, and some stand within sentences."""
    content = [index for index, line in enumerate(lines) if line.rule is None and line.text.strip()]
    found = [
        (above, index, int(match[1]))
        for above, index in pairwise(content)
        if lines[index].block.kind == "paragraph" and (match := PAGE_NUMBER.fullmatch(lines[index].text.strip()))
    ]
    first_line = next((index for index in content if lines[index].text.strip() == "1"), None)
    if first_line is not None and lines[first_line].block.start - lines[content[0]].block.start < SHORTEST_PAGE:
        return []  # the number of a first part or row
    counting: dict[int, int] = {}
    for (before, first, low), (above, index, high) in pairwise(found):
        if 0 < high - low <= MOST_LOST and lines[index].block.start - lines[first].end >= SHORTEST_PAGE:
            counting |= {first: before, index: above}
    within = sum(BREAKS_OFF.search(lines[above].text) is not None for above in counting.values())
    return sorted(counting) if within >= LEAST_PAGES else []


PAGE_LABEL = re.compile(r"(\d{1,3})、[ ]?")
OTHER_LABEL = re.compile(r"[一二三]、|\([一二三]\)|第[一二三][章节部]|(?<!\d)[1-3]\.(?!\d)|[①②]")
"""A label of the plan's own: where there is none, 「1、」 and 「2、」 may be its labels."""
SENTENCE_MARK = re.compile("[,。;]")


def _page_labels(lines: Sequence[Line]) -> dict[int, int]:
    """Lines that begin with the number of a page, 「1、」, 「2、」, and its length.

    Sites that show documents page by page put it before each page: before the first line, and then within sentences.
    """
    content = [index for index, line in enumerate(lines) if line.rule is None and line.text.strip()]
    found: dict[int, int] = {}
    size, turned = 0, 0
    for above, index in pairwise([-1, *content]):
        line = lines[index]
        mark = PAGE_LABEL.match(line.text) if line.block.kind == "paragraph" else None
        goes_on = size - turned >= SHORTEST_PAGE and SENTENCE_MARK.search(line.text)  # a title has none
        begins = above < 0 or (goes_on and BREAKS_OFF.search(lines[above].text))
        if mark and begins and int(mark[1]) == len(found) + 1:
            found[index], turned = mark.end(), size
        elif above < 0:
            return {}
        size += len(line.text)
    numbered = any(OTHER_LABEL.search(lines[index].text) for index in content)
    return found if len(found) > 1 and numbered else {}


SHORTEST_LIST = 4
"""Entries from which on a list that has no title is one of contents."""
LONGEST_ENTRY = 60
LONGEST_PAGE = 24
"""Characters of the page number behind an entry, with so much of the dots before it as tells them."""


def _contents(lines: Sequence[Line]) -> range:
    """The lines of a document's list of contents; empty where there is none."""
    content = [i for i, line in enumerate(lines) if line.rule is None and line.text]
    texts = [lines[i].text.strip() for i in content]
    title, entry = (_contents_rules()[name].regex for name in ("title", "entry"))
    first = next((n for n, text in enumerate(texts) if title.fullmatch(text)), None)
    if first is not None:
        last = _last_entry(texts, first + 1)
        last = first if last is None else last  # LibreOffice leaves the title where the list is left out
    else:
        entries = [entry.search(text[-LONGEST_PAGE:]) is not None for text in texts]
        leading = (n for n, some in enumerate(entries) if some and all(entries[n : n + SHORTEST_LIST]))
        first = next((n for n in leading if n + SHORTEST_LIST <= len(texts)), None)
        first = _first_repeated(texts) if first is None else first
        last = None if first is None else _last_entry(texts, first)
    return range(0) if first is None or last is None else range(content[first], content[last] + 1)


def _last_entry(texts: Sequence[str], first: int) -> int | None:
    """The last line of the list of contents that begins in line `first`, None where it is none."""
    entry = _contents_rules()["entry"].regex
    opening = next((key for text in texts[first : first + 4] if (key := _first_key(text))), None)
    if opening is None:
        return None
    again = next(
        (n for n in range(first + 2, len(texts)) if _bare(texts[n]).startswith(opening) and not entry.search(texts[n])),
        None,
    )
    sentences = [n for n in range(first, len(texts)) if re.search("[^。]{8}。", texts[n])]
    # A footnote under a page of contents stands alone.
    sentence = next((n for n, after in pairwise(sentences) if after - n <= 2), len(texts))
    if again is not None and again <= sentence:
        between = set(sentences)
        return next((n for n in reversed(range(first, again)) if n not in between), None)
    behind: dict[str, list[str]] = {}
    for text in texts[sentence:]:
        bare = _bare(text)[: 2 * LONGEST_ENTRY]
        behind.setdefault(bare[:3], []).append(bare)

    def comes_again(text: str) -> bool:
        bare = _bare(entry.sub("", text))
        return len(bare) > 2 and any(other.startswith(bare) for other in behind.get(bare[:3], ()))

    listed = [n for n in range(first, sentence) if entry.search(texts[n]) or comes_again(texts[n])]
    return listed[-1] if len(listed) >= 2 else None


def _first_repeated(texts: Sequence[str]) -> int | None:
    """Where a list of lines begins, most of them labelled, that all come again below it; None where there is none."""
    titles = [_bare(text[:LONGEST].replace(":", "。").partition("。")[0]) for text in texts]
    titles = [title if 2 <= len(title) <= LONGEST_ENTRY else "" for title in titles]
    last = {title: n for n, title in enumerate(titles) if title}
    run: list[int] = []
    for n, title in enumerate(titles):
        again = last.get(title, n) > n and title == _bare(texts[n]).rstrip(":")
        if again and (not run or n == run[-1] + 1):
            run.append(n)
            continue
        if len(run) >= SHORTEST_LIST and last[titles[run[0]]] >= n:
            labelled = [m for m in run if opens_with_label(texts[m])]
            if len(labelled) * 2 > len(run):
                return run[0]
        run = [n] if again else []
    return None


def _first_key(text: str) -> str | None:
    """Label and heading of the first entry in a line of contents, spaces left out."""
    labels = list(find(text[: 2 * LONGEST_ENTRY]))
    if not labels:
        bare = _bare(_contents_rules()["entry"].regex.sub("", text))
        return bare if len(bare) >= 4 else None
    rest = text[labels[0].end : labels[1].start if len(labels) > 1 else None]
    heading = re.match("[^(.·…\\d]{2,30}", _bare(rest))
    return _bare(text[labels[0].start : labels[0].end]) + heading[0] if heading else None


def _bare(text: str) -> str:
    return "".join(text.split())


def breaks_off(text: str) -> bool:
    """Whether a text ends in the dots of a teaser."""
    return any(rule.regex.search(text[-6:]) for rule in teasers())
