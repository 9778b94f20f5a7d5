"""Which plans a document holds, and where each begins and ends.

What counts, in this order:

1. Furniture (`pipeline.furniture`) is nobody's plan.
2. A title line is a short line that ends in the name of a kind of document (`rules/titles.yaml`), after
   a page's own marks (「篇1」, 「第3页」, a file ending) are taken off. A line that begins with a title
   already seen and runs on into text is a title with its plan run into it; so is a document's first line that
   begins with a title and goes on as texts begin.
   A title may run over two lines, and its years or its status may stand in brackets on the next.
3. Of title lines with nothing but furniture between them the last one opens the plan: pages print
   titles twice. One that ends as parts of a plan do (计划书, 若干政策) does not where a plan's title stands above.
4. In the middle of a plan a title line opens another one only where it carries a piece number (篇2),
   where a covering notice ends, where what follows breaks off like a teaser, or where the numbering
   starts anew below it.
5. A covering notice (印发…的通知) is no plan of its own where a plan follows: its number, its
   signature and its date are evidence for that plan, which keeps where the notice stands. So it is where
   it carries another document by name (《…办法》). Teasers are dropped.
6. A document without a title line is one plan.

Reading repairs join hard-wrapped lines and drop page marks; they never touch offsets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

from pipeline import metadata, regions
from pipeline.furniture import BREAKS_OFF, PAGE_LABEL, PAGE_NUMBER, Line, breaks_off, judge
from pipeline.labels import addresses, find, opens_with_label
from pipeline.model import Block, Document, Kind, PlanHead, Reading, Span, fold
from pipeline.rules import Rules, alternation, load, patterns
from pipeline.rules.needs import quick

LONGEST_TITLE = 80
LONGEST_MARKED = 2 * LONGEST_TITLE
"""Characters of a title line with its marks."""
LONGEST_HEAD = 2500
"""Characters of page head, summary or covering matter that may stand above a document's first title."""
LONGEST_TITLE_PAGE = 300
"""Characters that may stand above a title that runs over two lines."""
OPENING = 300
"""Characters in which a report in the press says that it is one."""
SHORTEST_PLAN = 60
"""Characters of text below which a stretch under a title is a teaser or a heading, not a plan."""

SHORTEST_CARRIED = 8
"""Characters of a title that its notice names and that ends as no other title does."""
SHORTEST_RUN_ON = 12
"""Characters of text that run on behind a title."""

SPACED_LINE = 3
"""Gaps around figures and marks from which on a line's other single spaces mean nothing either."""

_SENTENCE_END = re.compile("[。;!?…]")
_SPACE = re.compile("[ \xa0]")
_BETWEEN_WORDS = re.compile(r"(?<=[一-鿿])[ \xa0](?=[一-鿿])")
# One or two spaces between a figure or a mark and what it belongs to: 「到 2028 年」, 「95 %」, 「教育局 、财政局」.
_SET_APART = quick(
    r"""
    (?: (?<=[一-鿿，。；：、（]) (?=[ \xa0]+[0-9０-９])
      | (?<=[0-9０-９%％‰]) (?=[ \xa0]+[一-鿿，。；：、）%％‰])
      | (?<=[，。；：、（]) (?=[ \xa0]+[一-鿿])
      | (?<=[一-鿿]) (?=[ \xa0]+[，。；：、（）])
    ) [ \xa0]{1,2} (?![ \xa0])
    """,
    re.VERBOSE,
)
_OPENS_TITLE = re.compile(
    "“?(?:[一-龥]{0,6}?[省市县区州旗镇乡]|[一-龥]{2,12}?(?:局|委|办|校|系统|部门|单位)|关于|\\d{4}|[一二][〇零○O一二三四五六七八九]{3}年|《)"
)
_BREAKS_TITLE = re.compile(
    "^[一-龥]{2,6}?[省市县区州旗镇乡](?!.*(?:召开|举行|印发|发布|出台|公布))(?:关于)?(?:统筹|加快|全面|深入|扎实)?"
    "(?:推进|推动|加快|加强|深化|促进|支持|提升|打造|构建)[一-龥“”]{2,}$"
)
"""The beginning of a title that tells what a place sets out to do."""
_TERMINAL = frozenset('。;!?:…”")]》>,、')


@dataclass(frozen=True, slots=True)
class Title:
    """A title line.

    Args:
        line: its index in the lines of the document.
        start: offset in the document where the title begins.
        end: offset where it ends.
        text: as written, without a page's own marks.
        plan: the kind that it names is a plan.
        piece: it carried a piece number (篇2).
        run_in: the plan's text follows on the same line.
    """

    line: int
    start: int
    end: int
    text: str
    plan: bool
    piece: bool = False
    run_in: bool = False


@cache
def _rules(group: str) -> Rules:
    return patterns("titles", group=group)


@cache
def _endings() -> dict[str, Kind]:
    """What titles end with, the longest first, and the kind of document that each names."""
    found = {fold(word): kind for kind, words in load("titles")["kinds"].items() for word in words}
    return {word: found[word] for word in sorted(found, key=len, reverse=True)}


@cache
def _any_ending() -> tuple[str, ...]:
    return tuple(_endings())


def _ending(folded: str) -> tuple[Kind, str, str] | None:
    """The kind of document that a title's longest ending names, the ending, and the title without status and years."""
    bare, last = folded, ""
    while bare != last and bare.endswith((")", "年", "月")):
        last = bare
        for suffix in _rules("suffixes"):
            bare = suffix.regex.sub("", bare)
    bare = bare.rstrip(" 》”")
    if not bare.endswith(_any_ending()):
        return None
    words = next(words for words in _endings() if bare.endswith(words))
    return _endings()[words], words, bare


def kind_of(title: str) -> Kind | None:
    """The kind of document that a title names; a notice that carries a document by name is of that one's kind.

    Args:
        title: as written, without a page's marks.

    Returns:
        None where its ending is none that is known.
    """
    folded = fold(title)
    ending = _ending(folded)
    carried = re.search("《(.+)》的?[一-龥]{1,3}$", folded)
    inner = _ending(carried[1]) if carried else None
    return inner[0] if inner else ending[0] if ending else None


def strip_marks(text: str) -> tuple[str, bool]:
    """A title without the marks that a page or a file puts on it.

    Args:
        text: one line, as written.

    Returns:
        The title as written, letter-spacing closed, and whether it carried a piece number.
    """
    text = close_spacing(text.strip())
    piece = False
    changed = True
    while changed:
        changed = False
        folded = fold(text)
        for mark in _rules("marks").within(folded):
            match = mark.regex.search(folded)
            if match and 0 < match.end() - match.start() < len(text):
                text = (text[: match.start()] + text[match.end() :]).strip()
                piece = piece or bool(mark.fields.get("piece"))
                changed = True
                break
    return text, piece


def close_spacing(text: str) -> str:
    """Close up letter-spaced text: 「工 作 报 告」 becomes 「工作报告」; other spaces stay."""
    parts = text.split()
    if len(parts) > 2 and sum(len(p) == 1 for p in parts) >= 0.8 * len(parts):
        return "".join(parts)
    return text


def names_document(text: str) -> bool | None:
    """Whether a line is a document's title: True for a plan's, False for another's, None for no title."""
    text = close_spacing(text)
    return _names(fold(text)) if len(text) <= LONGEST_TITLE else None


def _names(folded: str) -> bool | None:
    """As `names_document`, of a folded line that is not letter-spaced."""
    if not 4 <= len(folded) <= LONGEST_TITLE:
        return None
    if _SENTENCE_END.search(folded) or folded[0] in "(-,、:*" or folded.endswith((":", ",")):
        return None
    ending = _ending(folded)
    if ending is None or opens_with_label(folded) or any(rule.look(folded) for rule in _rules("not_titles")):
        return None
    kind, words, bare = ending
    whole = len(bare) > len(words) or words == "政府工作报告"
    return kind == "plan" if whole else None


def titles(document: Document, lines: Sequence[Line]) -> tuple[Title, ...]:
    """All title lines of a document, in order, those run into their text included.

    Args:
        document: what was read.
        lines: its lines, judged.

    Returns:
        Candidates; `split` decides which of them open a plan.
    """
    found: list[Title] = []
    seen: list[str] = []
    above = 0
    carried = ""
    following = dict(pairwise(i for i, line in enumerate(lines) if not line.rule and line.text))
    first = next((i for i, line in enumerate(lines) if not line.rule and line.text.strip()), None)
    # What of a line may be a title, marks and all; "" where nothing is.
    plain = [
        line.text.strip() if len(line.text) <= LONGEST_MARKED and not _SENTENCE_END.search(line.text) else ""
        for line in lines
    ]
    marks = _rules("marks").within_each(plain)
    for index, line in enumerate(lines):
        block = line.block
        if line.rule or block.kind != "paragraph" or block.label_end is not None:
            continue
        if found and block.start < found[-1].end:
            continue
        raw = document.text[block.start : line.end]
        if above <= LONGEST_TITLE_PAGE and (broken := _broken(document, lines, index, following)):
            found.append(broken)
            carried = _carried(broken.text)
            if broken.plan:
                seen.append(broken.text)
        above += len(line.text)
        run_in = _run_in(raw, seen) or (_run_on(raw) if index == first else None)
        if run_in:
            title, start = run_in
            found.append(
                Title(index, block.start + start, block.start + start + len(title), title, plan=True, run_in=True)
            )
            continue
        if not plain[index]:
            continue
        text, piece, folded = raw.strip(), False, plain[index]
        if marks[index] or close_spacing(folded) != folded:  # most lines bear no mark
            text, piece = strip_marks(raw)
            folded = fold(text)
        plan = _names(folded)
        if plan is None and len(folded) >= SHORTEST_CARRIED and folded == carried:
            plan = True
        if plan is not None:
            last = following.get(index)
            behind = _continuation(document, lines[last]) if last is not None else ""
            end = lines[last].end if last is not None and behind else line.end
            found.append(Title(index, block.start, end, text + behind, plan, piece))
            carried = _carried(text)
            if plan:
                seen.append(text)
    return tuple(found)


def _carried(notice: str) -> str:
    """The folded name of the document that a notice's title carries; else nothing."""
    match = re.search("(?:印发|发布|转发)(.+)的通知$", fold(notice))
    return match[1].strip("《》") if match else ""


def _continuation(document: Document, line: Line) -> str:
    """What a line below a title adds to it: its years or its status in brackets; else nothing."""
    added = any(rule.regex.fullmatch(line.text.strip()) for rule in _rules("continuations"))
    return document.text[line.block.start : line.end].strip() if added and line.block.kind == "paragraph" else ""


def _broken(document: Document, lines: Sequence[Line], index: int, following: dict[int, int]) -> Title | None:
    """The title of a plan that begins in a line and ends in the next one, neither of which is a title without the
    other; or which names a country or a region and the plan of it, or what a place sets out to do, or stands as a whole
    in the notice above; or any title whose 《 the next line closes."""
    below = following.get(index)
    if below is None or lines[below].block.kind != "paragraph":
        return None
    first = strip_marks(document.text[lines[index].block.start : lines[index].end])[0]
    plain = 4 <= len(first) <= 40 and not re.search("[,。;!?:《》()、]$|[。;!?:]", fold(first))
    if not plain or opens_with_label(fold(first)) or names_document(first) is not None:
        return None
    second = strip_marks(document.text[lines[below].block.start : lines[below].end])[0]
    if len(second) > 40:
        return None
    plan = names_document(first + second)
    quoted = first.rfind("《") > first.rfind("》") and 0 <= second.find("》") < (second + "《").find("《")
    if (plan is None if quoted else not plan) or opens_with_label(fold(second)):
        return None
    whole = bool(
        re.match("第[一二三四五六七八九十]+个五年|(?:十[一二三四五六七八九]?|[六七八九])五", fold(second).lstrip("“"))
    )
    names_place = first == "中华人民共和国" or (regions.find(first) and regions.find(first)[0][1] == first)
    named = f"《{first}{second}》" in document.text[: lines[index].block.start] or (
        _BREAKS_TITLE.search(first) and not _OPENS_TITLE.match(fold(second))
    )
    if names_document(second) is not None and not (whole or names_place or quoted or named):
        return None
    last = following.get(below)
    behind = _continuation(document, lines[last]) if last is not None else ""
    end = lines[last].end if last is not None and behind else lines[below].end
    return Title(index, lines[index].block.start, end, first + second + behind, plan=bool(plan))


def _run_in(raw: str, seen: Sequence[str]) -> tuple[str, int] | None:
    """The title, already seen on a line of its own, with which a line of text begins, and its last start."""
    fitting = [title for title in seen if raw.startswith(title) and 6 <= len(title) < len(raw) - 20]
    if not fitting:
        return None
    title, start = max(fitting, key=len), 0
    while raw.startswith(title, start + len(title)):
        start += len(title)
    return title, start


@cache
def _title_ends() -> re.Pattern[str]:
    """The end of a title, its years or its status in brackets included."""
    return re.compile(f"{alternation(_any_ending())}(?:\\([^()号]{{2,24}}\\)){{0,2}}”?")


def _run_on(raw: str) -> tuple[str, int] | None:
    """The title with which a document's first line begins that runs on into text, and its start.

    「青禾县工作计划 一、指导思想」, 「青禾县工作计划2031年是」, 「青禾县实施方案为贯彻」, or the title twice.
    """
    folded = fold(raw[: 3 * LONGEST_TITLE])
    site = next((match for rule in _rules("in_front") if (match := rule.regex.match(folded))), None)
    start = site.end() if site else 0
    named = None
    for end in _title_ends().finditer(folded, start, start + LONGEST_TITLE):
        title, rest = folded[start : end.end()], folded[end.end() :]
        if not _names(title) or any(rule.regex.search(title) for rule in _rules("no_run_on")):
            continue
        if named and end.start() > named:  # 「工作计划要点」 is one ending, 「工作计划……工作安排」 are two titles
            return None
        named = end.end()
        if len(raw) < named + SHORTEST_RUN_ON:
            return None
        if rest.startswith(title):
            return raw[start:named], named
        if any(rule.regex.match(rest) for rule in _rules("run_on")):
            return raw[start:named], start
    return None


def split(document: Document) -> tuple[PlanHead, ...]:
    """The plans that a document holds.

    Args:
        document: what was read.

    Returns:
        At least one plan for a document with text, in order, none overlapping.
    """
    lines = _unsigned(judge(document))
    content = [i for i, line in enumerate(lines) if not line.rule] or list(range(len(lines)))
    openers = _openers(lines, content, titles(document, lines))
    heads: list[PlanHead] = []
    cover: Sequence[Line] = ()
    bounds = [title.line for title in openers[1:]] + [len(lines)]
    for opener, until in zip(openers, bounds, strict=False):
        inside = _trim(lines, opener.line, until)
        around = lines[opener.line : until]
        if not opener.plan and until < len(lines) and _carries_another(opener):
            cover = lines[opener.line if heads or cover else 0 : until]
            continue
        below = sum(len(lines[i].text) for i in inside[1:]) + (len(lines[inside[0]].text) if opener.run_in else 0)
        if (heads and not opener.plan) or (len(openers) > 1 and below < SHORTEST_PLAN):
            continue
        before = cover or (() if heads else lines[: opener.line])
        heads.append(_head(document, [lines[i] for i in inside], opener, before, around))
        cover = ()
    if not heads:
        inside = _trim(lines, content[0], len(lines))
        heads.append(_head(document, [lines[i] for i in inside], None, (), lines))
    return tuple(heads)


def _unsigned(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines of a document, the names of units above a date on a line of its own no more content than the date."""
    result = list(lines)
    held = [i for i, line in enumerate(lines) if line.text.strip()]
    texts = [lines[i].text for i in held]
    for n in range(1, len(held)):
        line, below = lines[held[n - 1]], lines[held[n]]
        if line.rule is None and below.rule and metadata.signs(line.text, below.text):
            for i in held[metadata.signatories(texts[:n], n - 1) : n]:
                result[i] = lines[i]._replace(rule=below.rule)
    return tuple(result)


def _openers(lines: Sequence[Line], content: Sequence[int], candidates: Sequence[Title]) -> list[Title]:
    """The titles that open a stretch of the document."""
    openers: list[Title] = []
    followers = dict(pairwise(content))
    kept = set(content)
    above = list(accumulate((len(line.text) if i in kept else 0 for i, line in enumerate(lines)), initial=0))
    for title in candidates:
        if not openers:
            if above[title.line] <= LONGEST_HEAD:
                openers.append(title)
            continue
        current = openers[-1]
        between = above[title.line] - above[current.line + 1]
        if between < SHORTEST_PLAN and not current.run_in and (title.plan or not current.plan):
            if not (current.plan and _names_part(title) and not _names_part(current)):
                openers[-1] = title
        elif not title.run_in and _opens_anew(lines, title, current, followers, between):
            openers.append(title)
    return openers


def _names_part(title: Title) -> bool:
    """Whether a title ends as parts of a plan do: 「学生创业计划书」."""
    ending = _ending(fold(title.text))
    return ending is not None and not title.piece and ending[1] in load("titles")["parts"]


def _carries_another(title: Title) -> bool:
    """Whether a document of that title covers another one (印发…的通知)."""
    return title.text.rstrip("》”").endswith(tuple(load("titles")["notices"]))


def _opens_anew(lines: Sequence[Line], title: Title, current: Title, followers: dict[int, int], between: int) -> bool:
    """Whether a title line in the middle of a document opens another one; see the module's rule 4."""
    if title.piece:
        return True
    if lines[title.line].block.outline is not None and current.plan:
        return False
    after = followers.get(title.line)
    if after is None:
        return False
    if not current.plan and _carries_another(current):
        carried = fold(title.text) in fold(current.text)
        return (title.plan or carried) and between < 1500
    if len(title.text) < 6:
        return False
    text = lines[after].text
    if breaks_off(text):
        return True
    if len(title.text) < 10 or _attached(lines, title.line):
        return False
    return _restarts(lines, title.line)


def _attached(lines: Sequence[Line], index: int) -> bool:
    """Whether a title stands under 「附件」: attachments stay with their plan."""
    return any(re.match(r"附(?:件|表|录)", lines[i].text) for i in range(max(0, index - 2), index + 1))


def _restarts(lines: Sequence[Line], index: int) -> bool:
    """Whether the first label in the thirty lines below a title is a first one."""
    for line in lines[index + 1 : index + 31]:
        label = opens_with_label(line.text)
        if label:
            return label.ordinal == 1
    return False


def _trim(lines: Sequence[Line], first: int, until: int) -> list[int]:
    """Indices of the content lines of a stretch, cut where the page's closing furniture begins."""
    inside = [i for i in range(first, until) if not lines[i].rule or i == first]
    total = sum(len(lines[i].text) for i in inside)
    for i in range(first + 1, until):
        rule = lines[i].rule
        if rule and rule.fields.get("after"):
            left = sum(len(lines[j].text) for j in inside if j > i)
            if left * 5 < total:
                inside = [j for j in inside if j < i]
                break
    while len(inside) > 1 and (breaks_off(lines[inside[-1]].text) or not _says_something(lines[inside[-1]])):
        inside.pop()
    return inside


def _says_something(line: Line) -> bool:
    return any("一" <= c <= "鿿" or c.isalnum() for c in line.text)


def _head(
    document: Document, inside: Sequence[Line], opener: Title | None, before: Sequence[Line], around: Sequence[Line]
) -> PlanHead:
    start = opener.start if opener else inside[0].block.start
    reading = read_lines(document, inside, start, opener.end if opener and opener.run_in else None)
    title = opener.text if opener else _untitled(document, inside)
    span = Span(start=opener.start, end=opener.end) if opener else None
    if title and span is None:
        span = Span(start=start, end=min(start + len(title), inside[0].end))
    facts = metadata.gather(document, reading, title, span, before, around)
    return PlanHead(
        start=start,
        end=inside[-1].end,
        reading=reading,
        title=title,
        kind=(kind_of(title) if title else None) or ("other" if _is_news(reading.folded) else None),
        notice=_notice(before),
        **facts._asdict(),
    )


def _is_news(folded: str) -> bool:
    """Whether a text opens as reports in the press do: 「本报3月5日讯（记者 …）」."""
    opening = folded[:OPENING]
    return any(rule.regex.search(opening) for rule in _rules("news").within(opening))


def _notice(before: Sequence[Line]) -> Span | None:
    """The covering notice among the lines above a plan's title, from its own title to its date."""
    lines = [line for line in before if not line.rule and _says_something(line)]
    carries = tuple(load("titles")["notices"])
    last = next((i for i in reversed(range(len(lines))) if lines[i].text.rstrip("》”").endswith(carries)), None)
    if last is None or len(lines[last].text) > LONGEST_TITLE:
        return None
    broken = last and re.search("关于(?:印发|转发|发布)?$", lines[last - 1].text)
    start = lines[last - 1 if broken else last].block.start
    signed = (line.end for line in before if line.rule is None or line.rule.name in ("date_line", "public_release"))
    return Span(start=start, end=max(signed))


def _untitled(document: Document, inside: Sequence[Line]) -> str | None:
    """The first line, where it is short and no sentence, names a plan that has no proper title."""
    line = inside[0]
    text = strip_marks(document.text[line.block.start : line.end])[0]
    opening = re.match("[^,。;!?:《》]{6,60}(?=,(?:根据|依据|依照|按照|是))", fold(text))
    if opening and names_document(opening[0]):
        return text[: opening.end()]
    plain = not (re.search("[。;!?…:,|│┃─━┌┐]", fold(text)) or opens_with_label(fold(text)))
    if any(rule.regex.fullmatch(fold(text)) for rule in _rules("doc_number")):
        return None
    return text if len(inside) > 1 and line.block.kind == "paragraph" and 4 <= len(text) <= 50 and plain else None


def read_lines(document: Document, lines: Sequence[Line], start: int, title_end: int | None = None) -> Reading:
    """The lines of a plan as one text, with hard-wrapped lines joined.

    Args:
        document: what was read.
        lines: the plan's lines, furniture left out.
        start: offset in the document at which the plan begins, inside the first line.
        title_end: where the title ends that its text follows on the same line; a gap between them ends its line.

    Returns:
        The readable text with its offsets.
    """
    goes_on = wrapped(document, lines)
    text: list[str] = []
    offsets: list[int] = []
    for i, line in enumerate(lines):
        low = max(line.block.start, start)
        if i == 0 and title_end is not None and (gap := _GAP.match(document.text, title_end, line.end)):
            text.append(document.text[low:title_end] + "\n")
            offsets.extend(range(low, title_end + 1))
            low = gap.end()
        drawn = line.block.kind == "row" and _is_drawn(document.text, line.block)
        for first, last in _drawn(document.text, line.block) if drawn else _close_set(document.text, low, line.end):
            text.append(document.text[first:last] if last > first else "\t")
            offsets.extend(range(first, max(first + 1, last)))
        if i + 1 < len(lines) and i not in goes_on:
            text.append("\n")
            offsets.append(line.end)
    return Reading("".join(text), tuple(offsets))


def _is_drawn(text: str, row: Block) -> bool:
    """Whether something else than tabs parts the cells of a row."""
    filled = [cell for cell in row.cells if cell]
    borders = [text[cell.end : following.start] for cell, following in pairwise(filled)]
    return any("\t" not in border or "\n" in border or "|" in border for border in borders)


def _drawn(text: str, row: Block) -> Iterator[tuple[int, int]]:
    """The stretches of a row of a drawn table: lines of its cells, and nothing for each border, read as a tab."""
    at = last = -1
    for column, cell in enumerate(row.cells):
        if cell is None:
            continue
        if last >= 0:
            yield from ((at + n, at + n) for n in range(min(column - last, cell.start - at)))
        for line in _CELL_LINE.finditer(text, cell.start, cell.end):
            yield from _close_set(text, *line.span())
        at, last = cell.end, column


_CELL_LINE = re.compile("[^\\s](?:[^\n\r\x0b\x0c\x85\u2028\u2029]*[^\\s])?")
_GAP = re.compile(r"[】\]。\s]+(?:范文)?[。\s]*|范文[。\s]*")
"""What parts a title from the text that runs on behind it."""
_BARE_LABEL = re.compile(r"(?:^|(?<=[\s。；！;]))\d{1,2}(?:\.\d{1,2}){0,3}$")


def _close_set(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of a line without the spaces that web pages and word processors set around figures."""
    if not _SPACE.search(text, start, end):
        yield start, end
        return
    first = start
    gaps = list(_SET_APART.finditer(text, start, end))
    if len(gaps) >= SPACED_LINE:
        gaps = sorted([*gaps, *_BETWEEN_WORDS.finditer(text, start, end)], key=lambda gap: gap.start())
    for gap in gaps:
        if not _behind_label(text, start, gap.start(), gap.end()):
            yield first, gap.start()
            first = gap.end()
    yield first, end


def _behind_label(text: str, start: int, low: int, high: int) -> bool:
    """Whether a gap stands behind a figure that may be a label: 「2 加强管理」, 「1.2 原则」, but not 「2 月底前」."""
    figure = _BARE_LABEL.search(text[max(start, low - 12) : low])
    if figure is None or text[high] in "年月日号个所名人万亿%％‰元项家":
        return False
    return text[start : low - len(figure[0])].rstrip()[-1:] in ("", "。", "；", "！", ";")


def wrapped(document: Document, lines: Sequence[Line]) -> frozenset[int]:
    """Which lines go on in the next one.

    Only text files are hard-wrapped; the other readers give whole paragraphs. A line goes on where a
    page mark was cut from its end in mid-sentence, or a page ends in it; where no phrase can end; where all full lines
    of the file are equally long, what looks like a label at the head of the next one notwithstanding if it would be
    none without the break; or where it breaks off in mid-sentence and lines of this file otherwise end with a sentence.

    Args:
        document: what was read.
        lines: the plan's lines, furniture left out.

    Returns:
        Indices into `lines`.
    """
    if document.format != "txt":
        return frozenset()
    long = [line for line in lines if len(line.text) >= 15]
    width = _width([line.text for line in lines])
    ends_well = width is None and sum(line.text[-1] in _TERMINAL for line in long) >= 0.75 * len(long)
    result = set()
    for i, (line, following) in enumerate(pairwise(lines)):
        if not line.text or line.text[-1] in "。;!?:…" or "row" in (line.block.kind, following.block.kind):
            continue
        gap = document.text[line.end : following.block.start]
        if _breaks_phrase(line.text, following.text, lines[i - 1].text if i else ""):
            result.add(i)
            continue
        mark = gap.strip()
        page_ends = (gap == "\f" and not _heads(line.text)) or (
            mark and BREAKS_OFF.search(line.text) and (PAGE_NUMBER.fullmatch(mark) or PAGE_LABEL.fullmatch(mark))
        )
        full = width is not None and len(line.text) >= width - 2
        marked = line.end < line.block.end
        near = gap.count("\n") <= 1 or "-" in gap
        if not (
            marked
            or (page_ends and not document.text[following.block.start].isspace())
            or (near and (full or (ends_well and _stops_short(line.text, following.text))))
            or _page_mark_in_heading(line.text, gap, following.text)
        ):
            continue
        if addresses(following.text):
            continue
        if not opens_with_label(following.text) or (full and _runs_into(line.text, following.text)):
            result.add(i)
    return frozenset(result)


def _heads(text: str) -> bool:
    """Whether a line is a heading: a usual one, or a short one with a label and no mark within."""
    bare = text.strip().rstrip(":")
    return bare in load("labels")["headings"] or (
        len(bare) <= 30 and opens_with_label(bare) is not None and not re.search("[,。;!?]", bare)
    )


def _stops_short(text: str, following: str) -> bool:
    """Whether a line breaks off in mid-sentence, where the lines of its file end with a sentence."""
    if len(text) < 20 or text[-1] in _TERMINAL or len(following) < 2:
        return False
    return not (len(text) <= 45 and opens_with_label(text)) and names_document(text) is None


_FORMULAS = ("PM", "CO", "SO")
_CLOSES = re.compile("[^()]{1,40}[)]")
_LOWERED = re.compile(r"\d[\d.]{0,2}")
_YEAR = re.compile(r"\d{4}年(?!\d{1,2}月)")


def _breaks_phrase(text: str, following: str, before: str) -> bool:
    """Whether a line breaks off where no phrase ends.

    「到⏎2025年」, 「（⏎三）」, 「发展的⏎主要目标⏎是：」, 「PM⏎2.5⏎浓度」.

    Args:
        text: a line, folded.
        following: the next one.
        before: the one before it.
    """
    if following.startswith(("是:", "为:")):
        return True
    if text[-1] == "(":
        return _CLOSES.match(following) is not None
    if text[-1] == "《":
        return "》" in following[:LONGEST_TITLE]
    if text[-1] == "的":
        return text[-2:] not in ("目的", "标的") and not (opens_with_label(text) or opens_with_label(following))
    if text[-1] == "到":
        return text[-2:] not in ("报到", "签到") and _YEAR.match(following) is not None
    return bool(
        (text.endswith(_FORMULAS) and _LOWERED.fullmatch(following))
        or (before.endswith(_FORMULAS) and _LOWERED.fullmatch(text))
    )


def _page_mark_in_heading(above: str, gap: str, below: str) -> bool:
    """Whether a page mark on a line of its own stands inside a heading without a number: 「场地⏎-1-⏎布置:」."""
    if len(above) > 12 or len(below) > 12 or not re.search(r"-[ ]?\d{1,3}[ ]?-|第[ ]?\d{1,3}[ ]?页", fold(gap)):
        return False
    whole = above + below
    return whole.rstrip(":") in load("labels")["headings"] or re.fullmatch("[一-龥]{3,16}:", whole) is not None


def _width(lines: Sequence[str]) -> int | None:
    """The length of the full lines of a hard-wrapped text, None for a text that is not hard-wrapped.

    Half of the lines are that long, or nearly all that break off in mid-sentence are and none is longer.
    """
    lengths = [len(line) for line in lines]
    if len(lines) < 8:
        return None
    usual, _ = max(Counter(n for n in lengths if 20 <= n <= 60).most_common(1), default=(0, 0))
    if usual and sum(usual - 2 <= n <= usual + 2 for n in lengths) >= 0.5 * len(lines):
        return usual
    broken = [len(line) for line in lines if len(line) >= 20 and line[-1] not in _TERMINAL]
    edge = max(broken, default=0)
    full = sum(n >= edge - 2 for n in broken)
    return edge if full >= 3 and full >= 0.8 * len(broken) and max(lengths) <= edge + 2 else None


def _runs_into(text: str, following: str) -> bool:
    """Whether what looks like a label at the head of a line belongs to the sentence of the line above.

    「落实县教发(20⏎31)12号文件」, 「详见附件⏎(2)」, 「每周一、⏎三、五晨读」.
    """
    if text[-1] in ",、“(" or text.rfind("(") > text.rfind(")"):
        return True
    joined = text[-8:] + following[:20]
    return all(label.start != len(text[-8:]) for label in find(joined))
