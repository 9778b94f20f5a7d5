"""What a plan's first and last lines say of it: number, issuer, region, years, date of issue.

Precedence, best evidence first:

- doc_number: a number that has a line to itself before or below the title; then one in the first lines.
- issuer: a signature (a unit's name above a date) under the covering notice or under the plan; the
  speaker of a report; the red head; the unit with which the title, or the notice's title, begins.
- year: a period in the title (2021—2025年, “十四五”); the title's year, unless the document number or
  everything that the body schedules is older (pages re-date titles); a heading that names the year's
  work; the document number; the date of issue; the year that the body names most often.
- issued_on: the date under the signature; the day on which a report was given. A page's upload date is
  no evidence.
- region: the issuer's, then the title's (see `pipeline.regions`).

Source of forms: GB/T 9704-2012, Layout key for official document of Party and government organs, 7.2–7.3.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from pipeline import dates, regions
from pipeline.furniture import Line
from pipeline.model import Document, Level, Reading, fold
from pipeline.rules import alternation, load, patterns

_CN_YEAR = "[一二][〇○零O一二三四五六七八九]{3}"
_YEAR = rf"(?:(?<!\d)(?:19[5-9]|20[0-4])\d|(?<![〇零一二三四五六七八九十]){_CN_YEAR})"
_DATE = re.compile(
    rf"(?P<year>{_YEAR})[ ]?年[ ]?(?P<month>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})[ ]?月"
    r"[ ]?(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})[ ]?日"
)
_PERIOD = re.compile(
    rf"(?P<since>{_YEAR})[ ]?年?[ ]?(?:-+|至|到|一)[ ]?(?P<until>{_YEAR}|\d\d(?!\d))[ ]?(?P<school>学年)?"
)
_FIVE_YEARS = re.compile("(?:“?第?(?P<ten>十[一二三四五六七]?)五”?|第(?P<nth>[一二三四五六七八九十]{1,3})个五年)")
_SCHOOL_YEAR = re.compile(rf"(?P<year>{_YEAR})[ ]?学年")
_WORK_OF_YEAR = re.compile(rf"(?P<year>{_YEAR})年(?:度|的|我[市省区县校局])?(?:主要|重点|政府|教育)?(?:工作|任务|目标)")
_SHORT_YEAR = re.compile(r"(?<![\d.])(?P<year>0\d(?=年(?!级))|1\d(?=年\d{1,2}月))")
_REPORT_DAY = re.compile(rf"^-*[ ]?{_DATE.pattern}[ ]?在.{{2,40}}(?:上|上的报告)$")


_GOVERNMENTS: tuple[Level, ...] = ("province", "city", "county")


class Facts(NamedTuple):
    """Metadata of a plan; see `pipeline.model.PlanHead`."""

    doc_number: str | None
    issuer: str | None
    region: str | None
    region_code: str | None
    level: Level | None
    year_start: int | None
    year_end: int | None
    issued_on: str | None
    warnings: tuple[str, ...]


def gather(
    document: Document, reading: Reading, title: str | None, before: Sequence[Line], inside: Sequence[Line]
) -> Facts:
    """The metadata of a plan.

    Args:
        document: what was read.
        reading: the plan's text.
        title: its title, without marks.
        before: lines above the title: a covering notice, a page's head.
        inside: all lines of the plan, furniture included (a date under a signature looks like furniture).

    Returns:
        What the evidence settles; the rest is None.
    """
    warnings: list[str] = []
    number, number_year = _doc_number(document, before, inside)
    signed, issued = _signature(document, before, inside)
    issuer = signed or _speaker(inside) or _organ_of(_first_title(document, before)) or _organ_of(title)
    since, until = _years(reading, title, number_year, issued, warnings)
    region, code, level, doubt = regions.resolve([issuer or "", title or "", *_heads(document, before)], since)
    if doubt:
        warnings.append(doubt)
    return Facts(
        doc_number=number,
        issuer=issuer,
        region=region,
        region_code=code,
        level=_level(issuer, title, level),
        year_start=since,
        year_end=until,
        issued_on=issued.isoformat() if issued else None,
        warnings=tuple(warnings),
    )


def _raw(document: Document, line: Line) -> str:
    return document.text[line.block.start : line.end]


def _heads(document: Document, before: Sequence[Line]) -> list[str]:
    return [_raw(document, line) for line in before if not line.rule and len(line.text) <= 80]


def _first_title(document: Document, before: Sequence[Line]) -> str | None:
    return next((t for t in _heads(document, before) if re.search("关于|印发|转发", t)), None)


def _doc_number(document: Document, before: Sequence[Line], inside: Sequence[Line]) -> tuple[str | None, int | None]:
    """The document's number as written, and the year in it."""
    lines = [line for line in (*before, *inside[:12]) if len(line.text) <= 120]
    for whole_line in (True, False):
        for line in lines:
            text = line.text.strip("() 。:")
            for rule in patterns("titles", group="doc_number"):
                match = rule.regex.fullmatch(text) if whole_line else rule.regex.match(text)
                if match:
                    at = line.text.index(text) + match.start("number")
                    return _raw(document, line)[at : at + len(match["number"])], int(match["year"])
    return None, None


@cache
def _organ() -> re.Pattern[str]:
    """A unit's name: at least two characters and the ending of an organ."""
    return re.compile("[一-龥“”()、]{1,30}?" + alternation(load("issuers")["organs"]))


def _signature(document: Document, before: Sequence[Line], inside: Sequence[Line]) -> tuple[str | None, date | None]:
    """The unit and the date under a covering notice or under the plan; a report's day."""
    for lines in (before, inside[-6:]):
        for above, line in pairwise(lines):
            match = _DATE.fullmatch(line.text.strip())
            if match and len(above.text) <= 40 and _organ().fullmatch(above.text.strip().replace(" ", "")):
                return _raw(document, above).strip(), _day(match)
    for line in inside[:8]:
        match = _REPORT_DAY.match(line.text)
        if match:
            return None, _day(match)
    return None, None


def _speaker(inside: Sequence[Line]) -> str | None:
    """The government in whose name a report is given."""
    for rule in patterns("titles", group="signatures"):
        for line in inside[:12]:
            match = rule.regex.search(line.text[:120])
            if match:
                return match["issuer"]
    return None


def _organ_of(title: str | None) -> str | None:
    """The unit with which a title begins, as written."""
    if not title:
        return None
    folded = fold(title)
    goes_on = re.compile(rf"(?:{_YEAR}|“|《|\d\d年|{alternation(load('issuers')['title_goes_on'])})")
    best = None
    for end in range(2, min(len(folded), 40)):
        if goes_on.match(folded, end) and _organ().fullmatch(folded[:end]):
            best = title[:end]
            break
    return best


def _number(text: str) -> int:
    """A year, month, day or ordinal in digits or Chinese numerals.

    Raises:
        ValueError: it is no number.
    """
    value = dates.number(text)
    if value is None:
        raise ValueError(f"no number: {text!r}")
    return value


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(*(_number(match[part]) for part in ("year", "month", "day")))
    except ValueError:
        return None


def _period(title: str) -> tuple[int, int] | None:
    """The years that a title names as a period."""
    match = _PERIOD.search(title)
    if match:
        since = _number(match["since"])
        until = _number(match["until"])
        until += since // 100 * 100 if until < 100 else 0
        return (since, until) if 0 < until - since <= 20 else None
    match = _SCHOOL_YEAR.search(title)
    if match:
        return _number(match["year"]), _number(match["year"]) + 1
    if re.search(_YEAR, title):
        return None
    match = _FIVE_YEARS.search(title)
    return dates.nth_five_year_plan(_number(match["ten"] or match["nth"])) if match else None


def _years(
    reading: Reading, title: str | None, number_year: int | None, issued: date | None, warnings: list[str]
) -> tuple[int | None, int | None]:
    """First and last year of a plan; see the module's order of precedence."""
    folded = fold(title or "")
    period = _period(folded or reading.folded[:60])
    if period:
        return period
    body = re.sub(r"《[^》\n]{0,60}》|\[[^\]\n]{0,12}\]|\([^)\n]{0,4}号\)", "", reading.folded[len(title or "") :])
    counts = Counter(_number(y) for y in re.findall(f"({_YEAR})[ ]?年", body))
    stated = re.search(f"({_YEAR})", folded)
    if stated:
        year = _number(stated[1])
        if number_year and year - number_year > 1:
            warnings.append(f"title says {year}, document number {number_year}: {number_year} kept")
            return number_year, number_year
        latest = max(counts, default=year)
        if year not in counts and year - latest > 1 and counts[latest] > 1:
            warnings.append(f"title says {year}, the text schedules {latest}: {latest} kept")
            return latest, latest
        return year, year
    settled = _work_year(body) or number_year or (issued.year if issued else None) or _most_named(body)
    return settled, settled


def _work_year(body: str) -> int | None:
    """The year whose work a heading of the plan announces (「二、2018年工作安排」)."""
    found = [
        _number(m["year"])
        for m in _WORK_OF_YEAR.finditer(body)
        if body[max(0, m.start() - 6) : m.start()].count("\n")
        or re.search(r"[一二三四五六七八九十)][、.)]?$", body[max(0, m.start() - 2) : m.start()])
    ]
    return max(found, default=None)


def _most_named(body: str) -> int | None:
    """The year that a text without other evidence schedules; None where years are masked or absent."""
    short = Counter(2000 + int(m["year"]) for m in _SHORT_YEAR.finditer(body))
    planned = Counter(_number(m[1]) for m in re.finditer(f"(?<![到至自从])({_YEAR})[ ]?年", body))
    for found in (short, planned):
        if found:
            year, count = max(found.items(), key=lambda pair: (pair[1], pair[0]))
            if found is short or count > 1:
                return year
    return None


def _level(issuer: str | None, title: str | None, region_level: Level | None) -> Level | None:
    """The level of government, or school, of the body that issued a plan."""
    words = load("issuers")["levels"]
    for text in (issuer, title):
        if not text:
            continue
        if any(w in text for w in words["school"]):
            return "school"
        if any(w in text for w in words["national"]):
            return "national"
        if any(w in text for w in words["town"]):
            return "town"
    if region_level:
        return region_level
    text = (issuer or "") + (title or "")
    return next((level for level in _GOVERNMENTS if any(w in text for w in words[level])), None)
