"""Deadlines: when a planned action is due, happens or recurs (guideline, times).

Rules in `rules/deadlines.yaml` are tried in the file's order, and what one has taken no later one
reads again: first what only looks like a time (titles, document numbers, names of plans), then
recurrences, periods, dates, durations, the school's calendar. A find is dropped where

- it lies outside the items, or in a stretch about the past or the present state (`past.py`);
- its year lies before the plan's first year;
- it stands in quotation marks as part of a name, or is a date of issue on a line of its own.

Where the year is not written, it is settled in this order, and `basis` says by what: a year written
before it in the same item, or in a heading above it (parent); the year of a plan for one year, or the
years of a plan for as many as 「今后五年」 names, this one or the five-year plan that a heading names
(plan_year). Otherwise the dates stay None. The machine's clock has no part in it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

from pipeline import dates
from pipeline.extract.notes import Notes, Passage, notes_of
from pipeline.extract.past import inside, past
from pipeline.extract.reckon import FEASTS, READ, Frame
from pipeline.labels import month_named
from pipeline.model import Deadline, DeadlineKind, Every, fold
from pipeline.numbers import quantities
from pipeline.rules import Rule, Rules, alternation, patterns
from pipeline.rules.sieve import Codes

if TYPE_CHECKING:
    from spacy.tokens import Doc

EVERY: dict[str, Every] = {
    "年": "year", "年度": "year", "学年": "year", "学年度": "year", "学期": "term", "月": "month", "个月": "month",
    "周": "week", "星期": "week", "天": "day", "日": "day", "晚": "day",
}  # fmt: skip
OCCASIONS = frozenset("次节期场轮回堂届遍")
A_NEW_ONE = re.compile("(?<![更创翻革刷])新$")
"""Before a count that counts no occasions: 「新一轮」, but 「更新一次」."""
STRETCH = re.compile("[^。]+。*")
"""What is searched at once: no time goes on behind a full stop."""

MONTHS = [[str(n) for n in range(1, 13)], [*"一二三四五六七八九十", "十一", "十二"]]

LEAD_TIME = r"(?:(?:\d{1,2}|[一二两三四五六七八九十半]{1,2})(?:个?(?:周|星期)|天|日(?!常)|个月))"
"""How long before a day something is due: 「国庆节前三天」, 「开学前1个月」."""

# Parts of the patterns in rules/deadlines.yaml.
PARTS = {
    "year": r"(?<!\d)(?:(?:19|20)\d\d|[一二][〇零○九][〇零○一二三四五六七八九]{2})",
    # Two digits are a year only where a time may begin: 「再延长30年」 names none.
    "yy": r"(?:(?<![\d.])0\d|(?<=[\n,。;:(、在到至])[1-9]\d)",
    "month": r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九]|(?<![\d零一二两三四五六七八九十百千万亿])元)",
    "arabic_month": r"(?:1[0-2]|0?[1-9])",
    "han_month": r"(?:十[一二]?|[一二三四五六七八九]|(?<![\d零一二两三四五六七八九十百千万亿])元)",
    "day": r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])",
    "arabic_day": r"(?:3[01]|[12]\d|0?[1-9])",
    "in_turn": alternation(sorted(f"{n}、{m}" for row in MONTHS for n, m in pairwise(row))),
    "count": r"(?:\d{1,3}|[一二两三四五六七八九十半]{1,3})",
    # A measure word, where it begins no other word: 「每周一组」 counts, 「每周一组织」 names a day.
    "measure": (
        r"(?:次(?!序)|节(?![约前后]|水(?![墨彩上球])|能(?!力)|假|奏|目)|期(?!刊(?![物发])|[间初末满])|个(?![别人性])|场(?![地所馆外])|堂(?!食)|遍"
        r"|名(?!师(?![傅生])|[著单额牌]|校(?!长))|轮(?![流休岗值班换滑]|训(?!练))|篇(?!目)|份(?!额)|条(?![例件目])|批(?![改阅评准发量])|组(?![织长建内团])"
        r"|张(?![贴榜挂])|本(?![班级县市镇村月年园区地土]|校(?!刊)|周(?!记)|学[期校年院科]|部门)|封(?![闭存面])|天(?![天文气然])|小时)"
    ),
    "plan": alternation(list(dates.PLAN_NAMES)),
    "feast": alternation(list(FEASTS)),
    "lead_time": LEAD_TIME,
    "about_feast": rf"(?:前后(?![勤方续台])|之?前(?![线锋哨沿期往来台])(?:{LEAD_TIME}(?![之以]?内)|夕)?|期间)",
}


PLAN_NAMED = re.compile(r"(?<![一二三四五六七八九十])" + PARTS["plan"])
# Python goes from one 「20」 to the next where the pattern begins with it.
SCHOOL_YEAR = re.compile(
    r"(20\d\d)(?<!\d{5})[ ]?年?[ ]?[-/至][ ]?(20\d\d|\d\d)[ ]?(?:学年|年?度?(?:第[一二]|[上下])学期)"
)
QUOTE_MARKS = re.compile(r'[“”"\n]')


class Mention(NamedTuple):
    """What a rule has taken of a text, before it is weighed and dated."""

    start: int
    end: int
    rule: Rule
    match: re.Match[str]


@cache
def rules(group: str) -> Rules:
    """The compiled rules of one group of `rules/deadlines.yaml`.

    Args:
        group: `silent`, `times` or `cells`.
    """
    return patterns("deadlines", PARTS, group=group)


@cache
def _all_rules() -> Rules:
    return Rules([*rules("silent"), *rules("times")])


def mentions(text: str, codes: Codes | None = None) -> list[Mention]:
    """Everything in a text that is or looks like a time, past ones and document numbers included.

    Args:
        text: folded text.
        codes: its characters as rules are looked up by them, where they are at hand.

    Returns:
        In reading order, none overlapping another.
    """
    found: list[Mention] = []
    taken = bytearray(len(text))
    stretches = [stretch.span() for stretch in STRETCH.finditer(text)]
    for (_, high), rule, places in _all_rules().beginnings(codes or Codes(text), stretches):
        behind = 0
        for at in places:
            if at < behind or (match := rule.fits(text, at, high)) is None:
                continue
            behind = match.end()
            start, end = match.span("span") if "span" in match.re.groupindex else match.span()
            if end > start and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Mention(start, end, rule, match))
    return sorted(found, key=lambda mention: mention.start)


def mentioned(notes: Notes) -> list[Mention]:
    """The `mentions` of a plan, found once and kept, since several extractors ask for them."""
    if "mentions" not in notes.kept:
        notes.kept["mentions"] = list(_behind_labels(notes, mentions(notes.lines, notes.codes)))
    found: list[Mention] = notes.kept["mentions"]
    return found


def _behind_labels(notes: Notes, found: list[Mention]) -> Iterator[Mention]:
    """Mentions, each that begins in a label read anew behind it: 「四、五月份」 may be part four, on May."""
    starts = [item.start for item in notes.items]
    reach = 0
    for mention in found:
        if mention.start < reach:
            continue
        at = bisect_right(starts, mention.start)
        begun = at > 0 and mention.start < notes.items[at - 1].end
        if begun or at == len(starts) or starts[at] >= mention.end:
            yield mention
            continue
        low = starts[at]
        for inner in mentions(notes.lines[low : max(mention.end, notes.items[at].end)]):
            if low + inner.start >= mention.end:
                break
            reach = low + inner.end
            yield Mention(low + inner.start, low + inner.end, inner.rule, inner.match)


def quoted(notes: Notes) -> list[tuple[int, int]]:
    """The `quotations` of a plan, found once and kept."""
    if "quotations" not in notes.kept:
        notes.kept["quotations"] = quotations(notes.lines)
    found: list[tuple[int, int]] = notes.kept["quotations"]
    return found


def deadlines(plan: Doc | Notes, *, keep_past: bool = False) -> Iterator[Deadline]:
    """The times of a plan at which something is due, happens or recurs.

    Args:
        plan: its notes, or its `Doc` (see `pipeline.extract.layers`).
        keep_past: give past events as well.

    Yields:
        One record a time, in reading order, offsets in characters of the readable text, `item` left open.
    """
    notes = notes_of(plan)
    text = notes.lines
    years: tuple[int, int] | None = notes.years
    bygone = [] if keep_past else past(notes)
    names = quoted(notes)
    items = notes.items
    starts = [item.start for item in items]
    school = _school_year(text, years)
    written: tuple[int, int] | None = None  # item and year of the last date with its year written out
    for mention in sorted([*mentioned(notes), *_cells(notes)], key=lambda mention: mention.start):
        at = bisect_right(starts, mention.start) - 1
        if at < 0 or mention.start >= items[at].end or not mention.rule.fields.get("kind"):
            continue
        match, rule = mention.match, mention.rule
        stated, last = _stated_years(match, years)
        in_cell = any(column == "deadline" and a <= mention.start < b for column, a, b in items[at].cells or ())
        if not keep_past and (
            (last and years and 99 < last < years[0])
            or (not in_cell and inside(bygone, mention.start))
            or (stated and not items[at].cells and _alone(text, items[at], mention))
            or (inside(names, mention.start) and text[mention.start] != "“" and not rule.fields.get("quoted"))
            or (stated is None and years and (match.groupdict().get("year") or "").isdecimal())
        ):
            continue
        # In a plan for one year 「年底前」 and 「全年」 are that year's, whatever other year the item names.
        own_year = (
            years is not None
            and years[0] == years[1]
            and match[0].lstrip("到至").startswith(("全年", "年内", "年底", "今年", "本年"))
        )
        path = tuple(items[at].path or ())
        frame = _frame(stated, None if own_year else written, at, path, years, school)
        if rule.fields.get("under_month"):
            month = _month_before(text[items[at].start : mention.start], path)
            if month is None and rule.fields["under_month"] != "if_named":
                continue
            frame = replace(frame, month=month)
        if rule.fields["read"] == "coming_years" and (named := _plan_above(path, years)):
            frame = replace(frame, plan=named)
        record = _record(notes, mention, frame)
        if stated and record.kind == "date" and record.since:
            written = (at, stated)
        yield record


def annotate(notes: Notes) -> None:
    """Put what `deadlines` finds into `notes.found`."""
    notes.found["deadlines"] = tuple(deadlines(notes))


def heading_time(notes: Notes, start: int, end: int) -> Deadline | None:
    """The time that the head of a column names for all that stands below it: 「2035年」, 「“十五五”末」.

    Args:
        notes: of the plan.
        start, end: where the heading cell stands.

    Returns:
        None where it names none, or one before the plan's first year.
    """
    text = notes.lines
    found = [mention for mention in mentions(text[start:end]) if mention.rule.fields.get("kind")]
    if not found:
        rule = next(rule for rule in rules("cells") if rule.name == "year_cell")
        match = rule.regex.search(text[start:end])
        found = [Mention(*match.span("span"), rule, match)] if match else []
    if not found:
        return None
    first = found[0]
    stated, last = _stated_years(first.match, notes.years)
    if last is None or (notes.years and last < notes.years[0]):
        return None
    mention = Mention(start + first.start, start + first.end, first.rule, first.match)
    return _record(notes, mention, Frame(stated, "text", None))


def quotations(text: str, longest: int = 40) -> list[tuple[int, int]]:
    """Stretches in quotation marks up to a length, their marks left out.

    A straight mark closes what any mark has opened in its line, else it opens: web pages mix both.
    """
    found: list[tuple[int, int]] = []
    opened: int | None = None
    for mark in QUOTE_MARKS.finditer(text):
        at = mark.start()
        if mark[0] == "“" or (mark[0] == '"' and opened is None):
            opened = at + 1
        elif mark[0] == "\n":
            opened = None
        elif opened is not None:
            if 1 <= at - opened <= longest:
                found.append((opened, at))
            opened = None
    return found


def _cells(notes: Notes) -> Iterator[Mention]:
    """Times that count as such only in a column for times."""
    text = notes.lines
    for row in notes.rows.values():
        for (column, start, end), head in row.headed:
            if column != "deadline":
                continue
            months = head is not None and "月" in text[head[0] : head[1]]
            for rule in rules("cells"):
                if rule.fields.get("months") and not months:
                    continue
                match = rule.regex.match(text, start, end)
                if match and not any(m.start == 0 for m in mentions(text[start:end])):
                    yield Mention(*(match.span("span") if "span" in match.re.groupindex else match.span()), rule, match)
                    break


def _alone(text: str, item: Passage, mention: Mention) -> bool:
    """Whether a time is all that an item says."""
    return text[item.start : item.end].strip(" 。,;()") == text[mention.start : mention.end]


def _stated_years(match: re.Match[str], years: tuple[int, int] | None) -> tuple[int | None, int | None]:
    """The year that the text of a match states, and the last one that it does."""
    groups = match.groupdict()
    stated: int | None = None
    if groups.get("plan"):
        side, count = groups.get("side"), dates.number(groups.get("count") or "")
        part = dates.years_of_five_year_plan(groups["plan"], side, count) if side and count else None
        span = part or dates.five_year_plan(groups["plan"])
        stated = span[1] if span else None
    elif (figure := groups.get("year")) and figure not in ("今", "明", "本", "次", "翌"):
        plan_years: Iterable[int | None] = range(years[0], years[1] + 1) if years else (None,)
        stated = next(filter(None, (dates.year(figure, near) for near in plan_years)), None)
    last = groups.get("year2")
    return stated, (dates.number(last) if last else None) or stated


def _school_year(text: str, years: tuple[int, int] | None) -> int | None:
    """The year in which the plan's school year begins, if the plan says which one it is for."""
    match = SCHOOL_YEAR.search(text)
    if match is None:
        return None
    first = int(match[1])
    return first if years is None or first in years or first == years[0] - 1 else None


def _month_before(text: str, path: Sequence[str]) -> int | None:
    """The month that a day without one is of: that which opens its item (「九月份:」), else that of the heading.

    None where the item names another month before the day.
    """
    opening, colon, rest = text.partition(":")
    if colon and (month := month_named(opening)) and "月" not in rest:
        return 1 if month == "元" else dates.number(month)
    return None if "月" in text else _month_above(path)


def _month_above(path: Sequence[str]) -> int | None:
    """The month that the nearest heading is which says nothing else: 「九月份」 in a calendar."""
    named = next(filter(None, (month_named(fold(heading or "")) for heading in reversed(path))), None)
    return 1 if named == "元" else dates.number(named) if named else None


def _plan_above(path: Sequence[str], years: tuple[int, int] | None) -> tuple[int, int] | None:
    """The years of the five-year plan that the nearest heading names which names one alone.

    None where it began before the plan itself (「“十四五”回顾和今后五年目标」), or the plan is a five-year one too.
    """
    if years is None or years[1] - years[0] == 4:
        return None
    for heading in reversed(path):
        named = {match[0] for match in PLAN_NAMED.finditer(fold(heading or ""))}
        if named:
            span = dates.five_year_plan(named.pop()) if len(named) == 1 else None
            return span if span and span[0] >= years[0] else None
    return None


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
        return Frame(stated, "text", school, years)
    if written and written[0] == item:
        return Frame(written[1], "parent", school, years)
    for heading in reversed(path):
        named = {dates.year(m[0]) for m in re.finditer(PARTS["year"] + "(?=[ ]?年(?!级))", fold(heading or ""))}
        if len(named) == 1 and (year := named.pop()) is not None and (years is None or years[0] <= year <= years[1]):
            return Frame(year, "parent", school, years)
    if years and years[0] == years[1]:
        return Frame(years[0], "plan_year", school, years)
    return Frame(None, None if school is None else "plan_year", school, years)


def _record(notes: Notes, mention: Mention, frame: Frame) -> Deadline:
    rule, match = mention.rule, mention.match
    since, until = READ[rule.fields["read"]](match, frame)
    every = match.groupdict().get("every")
    kind = cast(DeadlineKind, rule.fields["kind"])
    basis = frame.basis if since or until else None
    if until and rule.fields["read"] in ("coming_years", "plan_term"):  # the plan's years settle the dates, they alone
        kind, basis = "period" if since else kind, "plan_year"
    if basis in ("plan_year", "parent") and rule.fields["read"] in ("school_year", "year_period", "plan_period"):
        basis = "text" if match.groupdict().get("year") or match.groupdict().get("plan") else "parent"
    return Deadline(
        start=mention.start,
        end=mention.end,
        text=notes.text[mention.start : mention.end],
        rule=rule.name,
        kind=kind,
        since=since,
        until=until,
        every=EVERY.get(every) if every else None,
        times=_times(notes.lines, mention.end) if kind == "recur" else None,
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
        if A_NEW_ONE.search(before):
            continue
        if re.search(r"(?:不少于|不低于|不超过|至少(?:[一-龥]{2,4})?|超过|最多|超|每)$", before) or re.match(
            r"(?:及|或)?以[上下内]|左右", behind
        ):
            return None
        return int(found.value) if found.value == int(found.value) else None
    return None
