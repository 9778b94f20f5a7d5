"""Which stretches of a plan tell of the past or the present state: no targets and no deadlines there.

Chinese verbs have no tense, so that 「新建幼儿园3所」 may be a report or a promise. What decides, in this
order of strength:

1. the column of a table that reports what was done, 「完成情况」;
2. the deepest heading that says what its section holds: 「2024年工作总结」, 「发展基础」, against 「目标任务」;
   one that describes a school or a village (「班级概况」) down to the first words that look ahead;
3. how a paragraph opens, down to the next such opening in its section: 「过去五年,…」, 「今后五年,…」;
4. markers in a sentence, each holding to the next: 「目前…」, 「2019年…」 in a plan for 2021, 「力争…」, 「到2025年…」;
   a year that opens a sentence holds behind its semicolons too: 「去年，新建学校2所；新建医院1所；…」;
5. marks of a single clause: 「已建成…」, 「完成了…」, 「现有…」.

Words and patterns are data: `pipeline/rules/past.yaml`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from pipeline.dates import PLAN_NAMES, five_year_plan, year, years_of_five_year_plan
from pipeline.extract.notes import Notes
from pipeline.model import Stretch, fold
from pipeline.numbers import DIGITS
from pipeline.rules import Groups, Rule, Rules, alternation, load, patterns
from pipeline.rules.needs import quick

# 「比2020年增长5%」, 「由2020年的3所增加到5所」, 「按2020年价格」 name a starting point, they do not tell of that year.
COMPARED = ("比", "较", "在", "以", "从", "由", "对", "于", "自", "按", "照")
COMPARED_WITH = re.compile(r"(?<=[同与])“?[^,。;]{1,20}相比")
# A sentence that opens with its time tells of it to its end, one that opens with 「去年开工的项目」 does not.
OPENS_WITH_TIME = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,2}是)?"
    r"(?:(?:从(?:19|20)\d\d年[到至])?(?:19|20)\d\d年(?:[底末间]|的?\d{1,2}年间)?"
    r"|去年|上年),"
)
# Behind its semicolons it is over where a state has been told, which measures follow, or another time comes.
TELLS_A_STATE = re.compile("[已尚仍缺未]|不足|不够")
OPENS_ANEW = re.compile(
    r"\s*(?:[(\d一二三四五六七八九十]{1,3}[)、.是]|再|继续|计划|[须应要补]|(?:1?\d|[一二三四五六七八九十]{1,2})月|[一二三四]季度|[上下]半年)"
)
REPORTED = frozenset({"baseline", "progress"})
"""Columns of a table that tell of the present state."""
CLAUSE = re.compile("[^,;。:]+[,;。:]*")


@cache
def rules(group: str) -> Rules:
    """The compiled rules of one group of `rules/past.yaml`.

    Args:
        group: `headings`, `openers`, `markers` or `clauses`.
    """
    return patterns("past", group=group)


def past(notes: Notes) -> list[Stretch]:
    """The stretches of a plan's items that tell of the past or the present state.

    Args:
        notes: of the plan.

    Returns:
        Half-open stretches of characters of the readable text, in order, none overlapping another. They are found
        once and kept, since every extractor asks for them.
    """
    if "past" not in notes.kept:
        notes.kept["past"] = _past(notes)
    return list(notes.kept["past"])


def _past(notes: Notes) -> list[Stretch]:
    text = notes.lines
    first = notes.years[0] if notes.years else None
    result: list[Stretch] = []
    section: object = None
    base, opened = None, None
    carried, end = False, 0
    turned: tuple[str | None, ...] | None = None
    called = _groups().within_stretches(notes.codes, [(item.start, item.end) for item in notes.items])
    for item, sentences, (openers, back, telling) in zip(notes.items, notes.cuts, called, strict=True):
        path = tuple(item.path or ())
        if (item.section, path) != section:
            section, base, opened, carried = (item.section, path), _heading_frame(path, first), None, False
            if base == "state" and turned is not None and path[: len(turned)] == turned:
                base = None
        if base is None:
            opened = _opening(text[item.start : item.end], openers, first) or opened
        carried = carried and not item.cells and "\n" not in text[end : item.start]
        end = item.end
        reported = [(start, until) for column, start, until in item.cells if column in REPORTED]
        for low, high in sentences:
            ahead = _looks_ahead().search(text[low:high]) if base == "state" else None
            if ahead:
                base, turned = None, path
                if ahead.start():
                    result.append((low, low + ahead.start()))
                continue
            if base in ("past", "state") or (reported and any(start <= low < until for start, until in reported)):
                result.append((low, high))
                continue
            sentence = text[low:high]
            carried = carried and not OPENS_ANEW.match(sentence)
            frame = "past" if carried else opened
            found: list[Stretch] = []
            if frame == "past" or back or telling or _may_name_years(sentence):
                found = _sentence(sentence, frame, back, telling, bool(path), first)
                result += [(low + start, low + end) for start, end in found]
            if sentence.endswith(";") and found and found[-1][1] == len(sentence):
                carried = carried or _opens_with_past(sentence, found[0][0])
            else:
                carried = False
    return result


def _opens_with_past(sentence: str, told_from: int) -> bool:
    """Whether a sentence opens with a past time and tells what was done then, from `told_from` on."""
    time = OPENS_WITH_TIME.match(sentence)
    return time is not None and told_from < time.end() and not TELLS_A_STATE.search(sentence)


def inside(stretches: Sequence[Stretch], at: int) -> bool:
    """Whether a character lies in one of the stretches."""
    index = bisect_right(stretches, (at, float("inf"))) - 1
    return index >= 0 and stretches[index][0] <= at < stretches[index][1]


def _heading_frame(path: Sequence[str], first: int | None) -> str | None:
    """`past` or `state` under a heading about the past, unless one below it turns to what is to come."""
    frame = None
    for heading in path:
        folded = fold(heading or "")
        here = heading_frame(folded, first)
        if here == "past" or (here == "state" and frame is None):
            frame = here
        elif frame == "state":
            frame = None if here == "ahead" or folded.endswith("重点") or _looks_ahead().search(folded) else frame
        elif frame and here == "ahead" and (_turn().search(folded) or _names_ahead(folded, first)):
            frame = None
    return frame


@cache
def _groups() -> Groups:
    """Openers, markers of the past, marks of a clause; markers of what is to come matter where something looks back."""
    return Groups(rules("openers"), _markers("past"), rules("clauses"))


@cache
def _markers(frame: str) -> Rules:
    return Rules(rule for rule in rules("markers") if rule.fields["frame"] == frame)


@cache
def _stock() -> re.Pattern[str]:
    """A clause that gives a stock, as those behind 「现有…」 do."""
    return re.compile(load("past")["stock"], re.VERBOSE)


@cache
def _looks_ahead() -> re.Pattern[str]:
    """Words by which a description of a school or a village turns to the plan: 「针对以上情况,本学期要…」."""
    return re.compile(load("past")["looks_ahead"], re.VERBOSE)


@cache
def _turn() -> re.Pattern[str]:
    """Words by which a heading under one about the past turns to the plan: 「下一步工作打算」."""
    return re.compile(alternation(list(load("past")["turns"])))


@lru_cache(maxsize=1024)  # the headings above an item are those above its neighbours
def heading_frame(heading: str, first: int | None) -> str | None:
    """What a heading says of its section.

    Args:
        heading: folded.
        first: the plan's first year.

    Returns:
        `past`, `state` (of what describes a school, a village), `ahead`, or None where it says nothing; a heading
        that looks back and ahead is `ahead`, since its paragraphs have to decide.
    """
    backward = ahead = -1
    told = "past"
    for rule in rules("headings").within(heading):
        for match in rule.regex.finditer(heading):
            if rule.fields["frame"] != "ahead":
                if match.start() > backward:
                    backward, told = match.start(), str(rule.fields["frame"])
            else:
                ahead = max(ahead, match.start())
    years = [frame for _, frame in _years(heading, first)]
    if backward >= 0:
        # An action (「夯实发展基础」) opens with its verb; a mixed heading names the future last.
        opens = any(r.name == "action" and r.regex.search(heading) for r in rules("headings"))
        return "ahead" if ahead > backward or opens else told
    if years and set(years) == {"past"}:
        return "past"
    return "ahead" if ahead >= 0 or years else None


def _opening(item: str, openers: Sequence[Rule], first: int | None) -> str | None:
    for rule in openers:
        if rule.regex.search(item):
            return str(rule.fields["frame"])
    return "ahead" if _names_ahead(item[:16], first) else None


def _sentence(
    sentence: str,
    frame: str | None,
    back: Sequence[Rule],
    telling: Sequence[Rule],
    headed: bool,
    first: int | None,
) -> list[Stretch]:
    """The past stretches of one sentence, merged clause by clause, by the rules that may fit it.

    Args:
        sentence: folded.
        frame: `past` or `ahead`, None where nothing before it says which.
        back: the markers of the past that may fit.
        telling: the marks of a clause that may fit.
        headed: it stands below a heading.
        first: the plan's first year.

    A rule marked `unless_headed` holds in a plan's preamble alone: below a heading that does not look back
    「同比增长12%」 is what is to come. One marked `holds_on` holds in the clauses behind that give a stock too.
    """
    markers = [*_turns(sentence, back), *_years(sentence, first)]
    telling = [rule for rule in telling if rule.regex.search(sentence)]
    if frame != "past" and not telling and "past" not in [turn for _, turn in markers]:
        return []  # most sentences: nothing looks back
    markers = sorted([*markers, *_turns(sentence, _markers("ahead"))], reverse=True)
    if frame == "past" and not telling and not markers:
        return [(0, len(sentence))]
    telling.sort(key=lambda rule: not rule.fields.get("holds_on"))
    low: int | None = 0 if frame == "past" else None
    state, listing = frame, False
    result = []
    for clause_start, clause_end in [m.span() for m in CLAUSE.finditer(sentence)]:
        here = []
        while markers and markers[-1][0] < clause_end:
            here.append(markers.pop())
        looks_ahead = state == "ahead" or "ahead" in [turn for _, turn in here]
        told = (
            rule
            for rule in telling
            if not (looks_ahead and rule.fields.get("unless_ahead"))
            and not (headed and rule.fields.get("unless_headed"))
            and rule.regex.search(sentence, clause_start, clause_end)
        )
        rule = next(told, None)
        listing = (rule is not None and bool(rule.fields.get("holds_on"))) or (
            listing and _stock().match(sentence, clause_start, clause_end) is not None
        )
        marked = listing or rule is not None
        points = [(clause_start, state), *here, (clause_end, None)]
        for (at, frame_here), _ in pairwise(points):
            is_past = marked or frame_here == "past"
            if is_past and low is None:
                low = at
            elif not is_past and low is not None and at > low:
                result.append((low, at))
                low = None
            elif not is_past:
                low = None
        state = here[-1][1] if here else state
    if low is not None and low < len(sentence):
        result.append((low, len(sentence)))
    return result


def _turns(sentence: str, marking: Sequence[Rule]) -> Iterator[tuple[int, str]]:
    """Where markers stand in a sentence, each with what is told behind it."""
    return ((found.start(), rule.fields["frame"]) for rule in marking for found in rule.regex.finditer(sentence))


def _names_ahead(text: str, first: int | None) -> bool:
    """Whether a text names a year or a five-year plan that is not past."""
    return _may_name_years(text) and any(frame == "ahead" for _, frame in _years(text, first))


def _may_name_years(text: str) -> bool:
    return "年" in text or "五" in text


def _years(text: str, first: int | None) -> Iterator[tuple[int, str]]:
    """Years and five-year plans named in a text, each as `past` or `ahead` of the plan's first year."""
    if not _may_name_years(text):
        return  # most texts
    for match in _year().finditer(text):
        if match["plan"]:
            side = match["side"]
            part = years_of_five_year_plan(match["plan"], side, DIGITS[match["count"]]) if side else None
            span = part or five_year_plan(match["plan"])
            last = span[1] if span else None
        else:
            last = year(match["year"])
        if last is None:
            continue
        if first is None:
            if match["by"]:
                yield match.start(), "ahead"
        elif last < first:
            at = match.start()
            if not text[max(0, at - 1) : at].endswith(COMPARED) and not COMPARED_WITH.match(text, at):
                yield at, "past"
        else:
            yield match.start(), "ahead"


@cache
def _year() -> re.Pattern[str]:
    """「到2025年」, 「二〇二五年」, 「“十三五”期间」."""
    return quick(
        rf"""
        (?P<by>到|至)? (?:
            (?<!\d) (?P<year> (?:19|20)\d\d | [一二][〇零○九][〇零○一二三四五六七八九]{{2}} ) [ ]?年 (?!级|版)
          | “?(?<![一二三四五六七八九十]) (?P<plan>{alternation(list(PLAN_NAMES))}) ”?
            (?: 期间 | 时期 | 以来 | 末 | (?P<side>[前后头])(?P<count>[一二两三四])年 )
        )
        """,
        re.VERBOSE,
    )
