"""Deadlines: when a planned action is due, happens or recurs (guideline, times).

Rules in `rules/deadlines.yaml` are tried in the file's order, and what one has taken no later one
reads again: first what only looks like a time (titles, document numbers, names of plans), then
recurrences, periods, dates, durations, the school's calendar. A find is dropped where

- it lies outside the items, or in a stretch about the past or the present state (`past.py`);
- its year lies before the plan's first year;
- it stands in quotation marks as part of a name, or is a date of issue on a line of its own.

Where the year is not written, it is settled in this order, and `basis` says by what: a year written
before it in the same item, or in a heading above it (parent); the year of a plan for one year
(plan_year). Otherwise the dates stay None. The machine's clock has no part in it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, cast

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.extract import dates
from pipeline.extract.dates import Interval
from pipeline.extract.layers import store
from pipeline.extract.past import inside, past
from pipeline.model import Deadline, DeadlineKind, Every, fold
from pipeline.numbers import quantities
from pipeline.rules import Rule, alternation, patterns

Basis = Literal["text", "plan_year", "parent"]
EVERY: dict[str, Every] = {
    "年": "year", "年度": "year", "学年": "year", "学年度": "year", "学期": "term", "月": "month", "个月": "month",
    "周": "week", "星期": "week", "天": "day", "日": "day",
}  # fmt: skip
FEASTS = {
    "元旦": (1, 1), "三八": (3, 8), "五一": (5, 1), "劳动节": (5, 1), "五四": (5, 4), "青年节": (5, 4),
    "六一": (6, 1), "儿童节": (6, 1), "七一": (7, 1), "建党节": (7, 1), "八一": (8, 1), "建军节": (8, 1),
    "教师节": (9, 10), "国庆": (10, 1), "十一": (10, 1),
}  # fmt: skip
OCCASIONS = frozenset("次节期场轮回堂届")
NONE: Interval = (None, None)

# Parts of the patterns in rules/deadlines.yaml.
PARTS = {
    "year": r"(?<!\d)(?:(?:19|20)\d\d|[一二][〇零○九][〇零○一二三四五六七八九]{2})",
    "yy": r"(?<![\d.])\d\d",
    "month": r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])",
    "arabic_month": r"(?:1[0-2]|0?[1-9])",
    "han_month": r"(?:十[一二]?|[一二三四五六七八九])",
    "day": r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])",
    "count": r"(?:\d{1,3}|[一二两三四五六七八九十半]{1,3})",
    "plan": alternation(list(dates.PLAN_NAMES)),
    "feast": alternation(list(FEASTS)),
}


@dataclass(frozen=True, slots=True)
class Mention:
    """What a rule has taken of a text, before it is weighed and dated."""

    start: int
    end: int
    rule: Rule
    match: re.Match[str]


@dataclass(frozen=True, slots=True)
class Frame:
    """What a time without year is reckoned from: the year, what settled it, and the school year."""

    year: int | None
    basis: Basis | None
    school_year: int | None


@cache
def rules(group: str) -> tuple[Rule, ...]:
    """The compiled rules of one group of `rules/deadlines.yaml`.

    Args:
        group: `silent`, `times` or `cells`.
    """
    return patterns("deadlines", PARTS, group=group)


def mentions(text: str) -> list[Mention]:
    """Everything in a text that is or looks like a time, past ones and document numbers included.

    Args:
        text: folded text.

    Returns:
        In reading order, none overlapping another.
    """
    taken = bytearray(len(text))
    found: list[Mention] = []
    for rule in (*rules("silent"), *rules("times")):
        for match in rule.regex.finditer(text):
            start, end = match.span("span") if "span" in match.re.groupindex else match.span()
            if end > start and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Mention(start, end, rule, match))
    return sorted(found, key=lambda mention: mention.start)


def deadlines(doc: Doc, *, keep_past: bool = False) -> Iterator[Deadline]:
    """The times of a plan at which something is due, happens or recurs.

    Args:
        doc: a plan with `doc._.folded`, `doc._.years` and `doc.spans["items"]`.
        keep_past: give past events as well.

    Yields:
        One record a time, in reading order, offsets in characters of `doc.text`, `item` left open.
    """
    text: str = doc._.folded
    years: tuple[int, int] | None = doc._.years
    bygone = [] if keep_past else past(doc)
    quoted = quotations(text)
    items = list(doc.spans.get("items", ()))
    starts = [item.start_char for item in items]
    school = _school_year(text, years)
    written: tuple[int, int] | None = None  # item and year of the last date with its year written out
    for mention in sorted([*mentions(text), *_cells(doc)], key=lambda mention: mention.start):
        at = bisect_right(starts, mention.start) - 1
        if at < 0 or mention.start >= items[at].end_char or not mention.rule.fields.get("kind"):
            continue
        match, rule = mention.match, mention.rule
        stated = _stated_year(match, years)
        in_cell = any(column == "deadline" and a <= mention.start < b for column, a, b in items[at]._.cells or ())
        alone = text[items[at].start_char : items[at].end_char].strip(" 。,;") == text[mention.start : mention.end]
        if not keep_past and (
            (stated and years and stated < years[0])
            or (not in_cell and inside(bygone, mention.start))
            or (stated and alone and not items[at]._.cells)
            or (_inside_any(quoted, mention.start) and text[mention.start] != "“")
            or ("yy" in rule.regex.pattern and match.groupdict().get("year") and stated is None)
        ):
            continue
        frame = _frame(stated, written, at, tuple(items[at]._.path or ()), years, school)
        record = _record(doc, mention, frame)
        if stated and record.kind == "date" and record.since:
            written = (at, stated)
        yield record


@Language.component("planpipe_deadlines")
def component(doc: Doc) -> Doc:
    """Keep what `deadlines` finds as `doc.spans["deadlines"]`."""
    return store(doc, "deadlines", deadlines(doc))


def quotations(text: str, longest: int = 40) -> list[tuple[int, int]]:
    """Stretches in quotation marks up to a length, their marks left out; straight marks pair up by line."""
    found = [(m.start() + 1, m.end() - 1) for m in re.finditer(rf"“[^“”\n]{{1,{longest}}}”", text)]
    found += [(m.start() + 1, m.end() - 1) for m in re.finditer(rf'"[^"\n]{{1,{longest}}}"', text)]
    return sorted(found)


def _inside_any(stretches: Sequence[tuple[int, int]], at: int) -> bool:
    return inside(stretches, at)


def _cells(doc: Doc) -> Iterator[Mention]:
    """Times that count as such only in a column for times."""
    text: str = doc._.folded
    for item in doc.spans.get("items", ()):
        for column, start, end in item._.cells or ():
            if column != "deadline":
                continue
            for rule in rules("cells"):
                match = rule.regex.match(text, start, end)
                if match and not any(m.start == 0 for m in mentions(text[start:end])):
                    yield Mention(*(match.span("span") if "span" in match.re.groupindex else match.span()), rule, match)
                    break


def _stated_year(match: re.Match[str], years: tuple[int, int] | None) -> int | None:
    """The year that the text of a match states."""
    groups = match.groupdict()
    if groups.get("plan"):
        span = dates.five_year_plan(groups["plan"])
        return span[1] if span else None
    figure = groups.get("year")
    if not figure or figure in ("今", "明", "本"):
        return None
    return dates.year(figure, years[0] if years else None)


def _school_year(text: str, years: tuple[int, int] | None) -> int | None:
    """The year in which the plan's school year begins, if the plan says which one it is for."""
    match = re.search(r"(?<!\d)(20\d\d)[ ]?年?[ ]?[-/至][ ]?(20\d\d|\d\d)[ ]?学年", text)
    if match is None:
        return None
    first = int(match[1])
    return first if years is None or first in years or first == years[0] - 1 else None


def _frame(
    stated: int | None,
    written: tuple[int, int] | None,
    item: int,
    path: Sequence[str],
    years: tuple[int, int] | None,
    school: int | None,
) -> Frame:
    """What settles the year of a time, in the order of this module's docstring."""
    if stated is not None:
        return Frame(stated, "text", school)
    if written and written[0] == item:
        return Frame(written[1], "parent", school)
    for heading in reversed(path):
        named = {dates.year(m[0]) for m in re.finditer(PARTS["year"] + "(?=[ ]?年(?!级))", fold(heading or ""))}
        if len(named) == 1 and (year := named.pop()) is not None and (years is None or years[0] <= year <= years[1]):
            return Frame(year, "parent", school)
    if years and years[0] == years[1]:
        return Frame(years[0], "plan_year", school)
    return Frame(None, None, school)


def _record(doc: Doc, mention: Mention, frame: Frame) -> Deadline:
    rule, match = mention.rule, mention.match
    since, until = READ[rule.fields["read"]](match, frame)
    every = match.groupdict().get("every")
    kind = cast(DeadlineKind, rule.fields["kind"])
    basis = frame.basis if since or until else None
    if basis in ("plan_year", "parent") and rule.fields["read"] in ("school_year", "year_period", "plan_period"):
        basis = "text" if match.groupdict().get("year") or match.groupdict().get("plan") else "parent"
    return Deadline(
        start=mention.start,
        end=mention.end,
        text=doc.text[mention.start : mention.end],
        rule=rule.name,
        kind=kind,
        since=since,
        until=until,
        every=EVERY.get(every) if every else None,
        times=_times(doc._.folded, mention.end) if kind == "recur" else None,
        basis=basis,
    )


def _times(text: str, at: int) -> int | None:
    """How often in each recurrence: an exact count of occasions in the same clause (每月听5次课 → 5)."""
    clause = re.compile(r"[^,。;:!?\n]{0,30}").match(text, at)
    if clause is None:
        return None
    for found in quantities(clause[0]):
        before, behind = clause[0][: found.start], clause[0][found.end :]
        if found.unit not in OCCASIONS or found.value is None or found.value2 is not None or found.approx:
            continue
        if re.search(r"(?:不少于|不低于|不超过|至少|超过|最多|超|每)$", before) or re.match(
            r"(?:及|或)?以[上下内]|左右", behind
        ):
            return None
        return int(found.value) if found.value == int(found.value) else None
    return None


def _whole(text: str | None) -> int:
    value = dates.number(text) if text else None
    return value or 0


def _shifted(match: re.Match[str], frame: Frame) -> Frame:
    """明年 is the year after the one that is settled."""
    if match.groupdict().get("year") == "明" and frame.year is not None:
        return replace(frame, year=frame.year + 1)
    return frame


def _year(match: re.Match[str], frame: Frame) -> Interval:
    """「2028年」, 「到2028年」, 「2028年前」, 「年底前」, 「从2028年起」."""
    year, groups = _shifted(match, frame).year, match.groupdict()
    if year is None:
        return NONE
    if groups.get("from"):
        return f"{year}-01-01", None
    if groups.get("before") and not groups.get("part"):
        return None, f"{year - 1}-12-31"
    if groups.get("by") or groups.get("part") or groups.get("before"):
        return None, f"{year}-12-31"
    return dates.whole_year(year)


def _part_of_year(match: re.Match[str], frame: Frame) -> Interval:
    """「上半年」, 「三季度末」, 「2026年一季度」."""
    year, groups = _shifted(match, frame).year, match.groupdict()
    if year is None:
        return NONE
    if groups["half"]:
        first, last = (1, 6) if groups["half"] == "上" else (7, 12)
    else:
        last = 3 * _whole(groups["quarter"])
        first = last - 2
    since, until = dates.months(year, first, last)
    if groups["part"] == "初":
        return since, None
    if groups["before"] and not groups["part"] and groups["before"] != "结束前":
        return None, dates.before_month(year, first)
    return (None if groups["part"] or groups["by"] or groups["before"] else since), until


def _month(match: re.Match[str], frame: Frame) -> Interval:
    """「3月」, 「3月上旬」, 「6月底前」, 「9月30日前」, 「自5月1日起」."""
    year, groups = _shifted(match, frame).year, match.groupdict()
    month = _whole(groups["month"])
    if year is None:
        return NONE
    before = any(groups.get(name) for name in ("before", "before2", "before3"))
    since: str | None
    until: str | None
    if groups.get("day"):
        date = dates.day(year, month, _whole(groups["day"]))
        since, until = date, date
    elif groups.get("part"):
        since, until = dates.part_of_month(year, month, groups["part"])
    elif before:
        return None, dates.before_month(year, month)
    else:
        since, until = dates.months(year, month)
    if groups.get("from"):
        return since, None
    return (None if before or groups.get("by") else since), until


def _month_period(match: re.Match[str], frame: Frame) -> Interval:
    """「3-12月」, 「2026年9月—2027年6月」, 「6月1日至15日」; a later month with a smaller number is next year's."""
    year, groups = _shifted(match, frame).year, match.groupdict()
    first, last = _whole(groups["month"]), _whole(groups.get("month2") or groups["month"])
    if year is None:
        return NONE
    until_year = dates.number(groups["year2"]) if (groups.get("year2") or "").isdecimal() else None
    if until_year is None:
        until_year = year + 1 if groups.get("year2") or last < first else year
    since, until = dates.months(year, first)[0], dates.months(until_year, last)[1]
    if groups.get("day"):
        since = dates.day(year, first, _whole(groups["day"]))
    elif groups.get("part"):
        since = dates.part_of_month(year, first, groups["part"])[0]
    if groups.get("day2"):
        until = dates.day(until_year, last, _whole(groups["day2"]))
    elif groups.get("part2"):
        until = dates.part_of_month(until_year, last, groups["part2"])[1]
    return (since, until) if since and until and since <= until else NONE


def _damaged_months(match: re.Match[str], frame: Frame) -> Interval:
    """「27月份」, its dash lost, is February to July (guideline, times)."""
    first, last = int(match["month"]), int(match["month2"])
    return dates.months(frame.year, first, last) if frame.year and first < last else NONE


def _year_period(match: re.Match[str], frame: Frame) -> Interval:
    """「2026—2028年」."""
    first, last = dates.number(match["year"]), dates.number(match["year2"])
    return (f"{first}-01-01", f"{last}-12-31") if first and last and first < last else NONE


def _plan_period(match: re.Match[str], frame: Frame) -> Interval:
    """「“十四五”期间」."""
    span = dates.five_year_plan(match["plan"])
    return (f"{span[0]}-01-01", f"{span[1]}-12-31") if span else NONE


def _plan_end(match: re.Match[str], frame: Frame) -> Interval:
    """「“十四五”末」."""
    return None, _plan_period(match, frame)[1]


def _school(match: re.Match[str], frame: Frame) -> Interval:
    """「2023—2024学年」, 「本学年」, 「第一学期」: only where the plan says which school year it is."""
    groups = match.groupdict()
    year = dates.number(groups["year"]) if groups.get("year") else frame.school_year
    if groups.get("year2") and year is not None and _whole(groups["year2"]) % 100 != (year + 1) % 100:
        return NONE
    if year is None or groups.get("this") in ("新", "下"):
        return NONE
    if groups.get("term") or groups.get("half"):
        return dates.term(year, second=groups.get("term") == "二" or groups.get("half") == "下")
    return NONE if groups.get("this") == "本" and "学期" in match[0] else dates.school_year(year)


def _feast(match: re.Match[str], frame: Frame) -> Interval:
    """「国庆节前」: the day before; 期间 and 前后 leave the days open."""
    if frame.year is None or "前" not in match["when"] or "后" in match["when"]:
        return NONE
    month, day = FEASTS[match["feast"]]
    return None, dates.before_month(frame.year, month) if day == 1 else dates.day(frame.year, month, day - 1)


def _none(match: re.Match[str], frame: Frame) -> Interval:
    """Recurrences, durations and what no calendar settles."""
    return NONE


READ: dict[str, Callable[[re.Match[str], Frame], Interval]] = {
    "none": _none,
    "year": _year,
    "part_of_year": _part_of_year,
    "month": _month,
    "month_period": _month_period,
    "damaged_months": _damaged_months,
    "year_period": _year_period,
    "plan_period": _plan_period,
    "plan_end": _plan_end,
    "school_year": _school,
    "feast": _feast,
}
