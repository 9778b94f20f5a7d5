"""What a plan's first and last lines say of it: number, issuer, region, years, date of issue.

Precedence, best evidence first:

- doc_number: a number that has a line to itself before or below the title; then one in the first lines.
- issuer: a signature (a unit's name above a date, or before it on one line) under the covering notice, under
  the plan or under its title; the speaker of a report (a bare 县政府 only where the title names no unit); the red
  head (a unit's name above the title or the number, with 文件 behind it or without); the unit with which the
  title, or the notice's title, begins; who published it, by the page's closing line.
- year: a period in the title (2021—2025年, “十四五”; 三年行动计划 with the period that its first lines name,
  else counted from its first year); the title's year, unless the document number or
  everything that the body schedules is older (pages re-date titles); a heading that names the year's
  work; the document number; the date of issue; the year whose aims the first lines tell, with which the text opens
  or in which its action takes place; the year that the body names twice as often as any other.
- issued_on: the date under the signature; the day on which a report was given. A page's upload date is
  no evidence.
- region: the issuer's, then the title's, the notice's, and the place where a report was given (see
  `pipeline.regions`).
- level: a school's or a town's name, a national body, the region's level, the words of a government's name.

Each value keeps where its evidence stands, so that it leads back into the text.

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
from pipeline.labels import opens_with_label
from pipeline.model import Document, Level, Reading, Span, fold
from pipeline.rules import alternation, load, patterns
from pipeline.rules.needs import quick

_CN_YEAR = "[一二][〇○零O一二三四五六七八九]{3}"
_YEAR = rf"(?:(?<!\d)(?:19[5-9]|20[0-4])\d|(?<![〇零一二三四五六七八九十]){_CN_YEAR})"
_DATE = re.compile(
    rf"(?P<year>{_YEAR})[ ]?年[ ]?(?P<month>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})[ ]?月"
    r"[ ]?(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})[ ]?日"
)
_MONTH = rf"(?:[年.][ ]?\d{{1,2}}月?(?=[ ]?(?:-+|至|到)[ ]?{_YEAR}))"
_PERIOD = re.compile(
    rf"(?P<since>{_YEAR})[ ]?(?:{_MONTH}|年)?[ ]?(?:-+|至|到|一)[ ]?(?P<until>{_YEAR}|\d\d(?!\d))[ ]?(?P<school>学年)?"
)
_FIVE_YEARS = re.compile(
    "(?:第(?P<nth>[一二三四五六七八九十]{1,3})个五年|“?(?P<ten>(?<![第二三四五六七八九])十[一二三四五六七]?)五”?"
    "(?![个届次号所项条章名位期班岁天家处种]|中学))"
)
_YEAR_SAID = re.compile(rf"(?P<year>{_YEAR})|(?<!\d)(?P<short>[01]\d)(?=年)|{_FIVE_YEARS.pattern}")
_SIGNED = re.compile(rf"(?P<unit>[一-龥()]{{4,40}})[ ]{{1,8}}{_DATE.pattern}")
_PUBLISHED = tuple(
    re.compile(rf"{told}[ ]?(?:发布|公布|印发)")
    for told in (
        rf"(?P<unit>[一-龥()]{{4,30}})[ ]{{0,8}}{_DATE.pattern}",
        rf"{_DATE.pattern}[ ]{{0,8}}(?P<unit>[一-龥()]{{4,30}}?)",
    )
)
_SCHOOL_YEAR = re.compile(rf"(?P<year>{_YEAR})[ ]?学年")
_WORK_OF_YEAR = quick(rf"(?P<year>{_YEAR})年(?:度|的|我[市省区县校局])?(?:主要|重点|政府|教育)?(?:工作|任务|目标)")
_AIMS_OF_YEAR = quick(
    rf"^(?:(?:\(?[一二三四五六七八九十]{{1,2}}\)?|\d)[、. ]*)?(?:我[省市县区镇乡校局院])?(?P<year>{_YEAR})年度?,?"
    r"(?:(?!按照|根据|围绕|贯彻|落实|坚持|认真|以)[^。;,!?\n]){0,24}?(?:总体|指导|工作|基本)(?:工作)?(?:要求|思路|思想)"
    r"(?:和[^。;,!?\n]{2,8})?(?:是|:|$)",
    re.MULTILINE,
)
_LOOKS_BACK = r"(?:(?<!为)了|[已被]|取得(?!更|新)|荣?获(?!得感)|以来|不平凡|圆满|成效[明显]|有所|总结|完成[各全])"
_OPENING_YEAR = re.compile(
    rf"(?P<year>{_YEAR})年度?(?![^。!?\n]{{0,80}}{_LOOKS_BACK})"
    r"(?:,[^。!?\n]{0,60}?(?:将(?!近)|(?<![主重需必纪])要(?![求点素闻])|继续|(?<![按照])计划|力争|工作(?:按照|坚持|围绕|以))"
    r"|是[^。!?\n]{2,60}(?:之年|一年|年份|关键年|开局年|收官年))"
)
_EVENT_YEAR = quick(
    r"(?:(?<![一-龥])(?:活动|比赛|演练|考试|培训|实施|整治|会议|举办|举行|开展)?时间[ ]?[:\n]?[ ]?[从自为是]?"
    rf"|[决拟]?定于|拟于|现将我[一-龥]{{1,3}})(?P<year>{_YEAR})年"
    r"(?:\d{1,2}月|(?:(?!总结|情况|回顾|成效|做法)[^。;,!?\n]){2,30}如下)"
)
_YEAR_NAMED = quick(rf"(?P<year>{_YEAR})[ ]?年")
_YEAR_PLANNED = quick(rf"(?<![到至自从较比与])(?P<year>{_YEAR})[ ]?年")
_SHORT_YEAR = re.compile(r"(?<![\d.])(?P<year>0\d(?=年(?!级))|1\d(?=年\d{1,2}月))")
_REPORT_DAY = re.compile(rf"^[-(]*[ ]?{_DATE.pattern}[ ]?在.{{2,40}}(?:上|上的报告|届)\)?(?:[ ].{{2,20}})?$")
_YEARS_OF_PLAN = re.compile("(?P<years>[二三四五]|十)年(?:行动|发展|提升|攻坚|建设|规划|计划)")
_FIRST_LINES = 600
"""Characters in which a plan names its own period."""
_HEAD_LINES = 12
_SCHOOLS_AT_LARGE = re.compile("中小学校?|各级?(?:学校|中学|小学|幼儿园)|(?:公办|民办|普惠性|乡镇)(?:学校|幼儿园)")


_PLACE = re.compile(
    "(?:(?:19|20)..年)?[一-龥]{2,5}?(?P<kind>自治区|省|州|市|县|(?<![社校园小景林牧])区|旗)(?!级|域|情|内|属|直)"
)
_PLACE_LEVELS: dict[str, Level] = {
    **dict.fromkeys(("自治区", "省"), "province"),
    **dict.fromkeys(("州", "市"), "city"),
    **dict.fromkeys(("县", "区", "旗"), "county"),
}
_PLACELESS = re.compile("[省市县区州镇乡](?:人民)?政府")
"""A government without the name of its place."""
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
    evidence: tuple[tuple[str, Span], ...]
    warnings: tuple[str, ...]


class _Told(NamedTuple):
    """A text and where it begins in the document."""

    text: str
    start: int

    def span(self) -> Span:
        return Span(start=self.start, end=self.start + len(self.text))


def gather(
    document: Document,
    reading: Reading,
    title: str | None,
    title_span: Span | None,
    before: Sequence[Line],
    inside: Sequence[Line],
) -> Facts:
    """The metadata of a plan.

    Args:
        document: what was read.
        reading: the plan's text.
        title: its title, without marks.
        title_span: where the title stands.
        before: lines above the title: a covering notice, a page's head.
        inside: all lines of the plan, furniture included (a date under a signature looks like furniture).

    Returns:
        What the evidence settles, and where it stands; the rest is None.
    """
    warnings: list[str] = []
    number, number_year = _doc_number(document, before, inside)
    if number is None:
        number, number_year = _number_behind(document, title_span)
    signed, issued_at, issued = _signature(document, before, inside)
    named = _Told(title, title_span.start) if title and title_span else None
    heads = _heads(document, before)
    carrier = next((head for head in heads if re.search("关于|印发|转发", head.text)), None)
    titled = _organ_of(carrier) or _organ_of(named)
    if signed and titled and _is_broken(signed.text, titled.text):
        signed = titled
    publisher, published_at, published = _publisher(document, inside)
    if issued is None:
        issued_at, issued = published_at, published
    speaker = _speaker(document, inside)
    if speaker and titled and _PLACELESS.fullmatch(fold(speaker.text)):
        speaker = titled
    issuer = signed or speaker or _red_head(document, before, inside) or titled or publisher
    since, until = _years(reading, title, number_year, issued, warnings)
    texts = [told for told in (issuer, named, *_places(document, inside), *heads) if told]
    region, code, level, doubt = regions.resolve([told.text for told in texts], since)
    if doubt:
        warnings.append(doubt)
    evidence = {
        "title": title_span,
        "doc_number": number and number.span(),
        "issuer": issuer and issuer.span(),
        "region": next((_part(told, region) for told in texts if region and region in fold(told.text)), None),
        "year": _year_evidence(reading, title_span, number if number_year == since else None, issued_at, since),
        "issued_on": issued_at and issued_at.span(),
    }
    return Facts(
        doc_number=number.text if number else None,
        issuer=issuer.text if issuer else None,
        region=region,
        region_code=code,
        level=_level(fold(issuer.text) if issuer else None, fold(title) if title else None, level),
        year_start=since,
        year_end=until,
        issued_on=issued.isoformat() if issued else None,
        evidence=tuple((name, span) for name, span in evidence.items() if span),
        warnings=tuple(warnings),
    )


def _part(told: _Told, part: str) -> Span:
    start = told.start + fold(told.text).index(part)
    return Span(start=start, end=start + len(part))


def _year_evidence(
    reading: Reading, title: Span | None, number: _Told | None, issued_at: _Told | None, year: int | None
) -> Span | None:
    """Where the year of a plan is said: in its title, its number, its text, or the date under it."""
    if year is None:
        return None
    low, high = reading.to_reading(title.start, title.end) if title else (0, 0)
    for begin, end in ((low, high), (high, len(reading.folded))):
        if begin == high and number:
            return number.span()
        for match in _YEAR_SAID.finditer(reading.folded, begin, end):
            if _named_year(match) == year:
                return Span(start=reading.offsets[match.start()], end=reading.offsets[match.end() - 1] + 1)
    return issued_at.span() if issued_at else None


def _named_year(match: re.Match[str]) -> int | None:
    """The first year that a year, a short year or a five-year plan names."""
    if match["year"]:
        return _number(match["year"])
    if match["short"]:
        return 2000 + int(match["short"])
    return dates.nth_five_year_plan(_number(match["ten"] or match["nth"]))[0]


def _raw(document: Document, line: Line) -> str:
    return document.text[line.block.start : line.end]


def _told(document: Document, line: Line) -> _Told:
    """A line without the white space around it."""
    raw = _raw(document, line)
    return _Told(raw.strip(), line.block.start + len(raw) - len(raw.lstrip()))


def _heads(document: Document, before: Sequence[Line]) -> list[_Told]:
    return [_told(document, line) for line in before if not line.rule and line.text.strip() and len(line.text) <= 80]


def _places(document: Document, inside: Sequence[Line]) -> list[_Told]:
    """The lines that say where and by whom a report was given."""
    lines = [line for line in inside[:_HEAD_LINES] if not line.rule]
    speakers = patterns("titles", group="signatures")
    found = (
        line for line in lines if _REPORT_DAY.match(line.text) or any(r.regex.search(line.text[:120]) for r in speakers)
    )
    return [_told(document, line) for line in found if len(line.text) <= 120]


def _doc_number(document: Document, before: Sequence[Line], inside: Sequence[Line]) -> tuple[_Told | None, int | None]:
    """The document's number as written, and the year in it."""
    lines = [line for line in (*before, *inside[:_HEAD_LINES]) if len(line.text) <= 120]
    for whole_line in (True, False):
        for line in lines:
            text = line.text.strip("() 。:")
            for rule in patterns("titles", group="doc_number"):
                match = rule.regex.fullmatch(text) if whole_line else rule.regex.match(text)
                if match:
                    at = line.text.index(text) + match.start("number")
                    written = _raw(document, line)[at : at + len(match["number"])]
                    return _Told(written, line.block.start + at), int(match["year"])
    return None, None


def _number_behind(document: Document, title: Span | None) -> tuple[_Told | None, int | None]:
    """The number in brackets behind a title whose text runs on, and the year in it."""
    if title and fold(document.text[title.end : title.end + 1]) == "(":
        start = title.end + 1
        behind = fold(document.text[start : start + 40])
        for rule in patterns("titles", group="doc_number"):
            if match := rule.regex.match(behind):
                return _Told(document.text[start : start + len(match["number"])], start), int(match["year"])
    return None, None


@cache
def _organ() -> re.Pattern[str]:
    """A unit's name: at least two characters and the ending of an organ."""
    return re.compile("[一-龥“”()、]{1,30}?" + alternation(load("issuers")["organs"]))


@cache
def _titled_organ() -> re.Pattern[str]:
    """A unit's name in a title."""
    rules = load("issuers")
    return re.compile("[一-龥“”()、]{1,30}?" + alternation([*rules["organs"], *rules["title_organs"]]))


@cache
def _goes_on() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What follows the unit's name in a title that begins with it, the sure signs and what else a plan may be about."""
    rules = load("issuers")
    signs = rf"{_YEAR}|“|《|\d\d年|\d{{1,2}}月|{alternation(rules['title_goes_on'])}"
    return re.compile(rf"[ ]?(?:{signs})"), re.compile(
        rf"{alternation(rules['title_topics'])}(?![一-龥]{{0,3}}[组部处科室局院])"
    )


_BEFORE_ORGAN = re.compile(rf"(?:{_YEAR}[ ]?)?年度?[ ]?|.{{4,30}}?--")
"""What may stand before the unit in a title: the year, a motto."""


def signs(above: str, below: str) -> bool:
    """Whether two folded lines are a signature: the name of a unit above a day."""
    return names_unit(above) and _DATE.fullmatch(below.strip()) is not None


def names_unit(line: str) -> bool:
    """Whether a folded line is the name of a unit, or in brackets its other one."""
    unit = re.sub("[ ]|\\(代章\\)$", "", line.strip())
    unit = unit[1:-1] if unit.startswith("(") and unit.endswith(")") else unit
    return len(unit) <= 40 and _organ().fullmatch(unit) is not None


_TELLS = re.compile("^(?:[请各]|(?:新|改|扩|迁|续|重)建|改扩建|创建|建设|建好|办好|支持)|[将报]")
"""What a sentence without its mark has that ends as a unit's name does: 「新建县第二中学」."""
_ENDS = re.compile("[。;!?)”]$")


def signatories(lines: Sequence[str], last: int) -> int:
    """The first of the units that sign together.

    Args:
        lines: folded, those down to the signature.
        last: the line of the unit that stands above the date.

    Returns:
        Its line; `last` where no sentence ends above them, since units that are listed there sign nothing.
    """
    first = last
    while first and names_unit(above := lines[first - 1]) and not (opens_with_label(above) or _TELLS.search(above)):
        first -= 1
    return first if not first or _ENDS.search(lines[first - 1].strip()) else last


def _is_broken(signed: str, titled: str) -> bool:
    """Whether a signature is the last line of the name with which the title begins."""
    signed, titled = (re.sub("[ “”]", "", fold(name)) for name in (signed, titled))
    return signed != titled and titled.endswith(signed)


def _signature(
    document: Document, before: Sequence[Line], inside: Sequence[Line]
) -> tuple[_Told | None, _Told | None, date | None]:
    """The unit and the date under a covering notice, under the plan or under its title; a report's day."""
    for lines in (before, inside):
        for index in reversed(range(1, len(lines))):
            above, line = lines[index - 1 : index + 1]
            match = _DATE.fullmatch(line.text.strip()) if len(line.text) <= 40 else None
            if match and signs(above.text, line.text):
                begin = signatories([line.text for line in lines[:index]], index - 1)
                first = next((line for line in lines[begin:index] if not line.text.startswith("(")), above)
                signed = _told(document, first)
                signed = signed._replace(text=re.sub("[(（]代章[)）]$", "", signed.text).strip())
                return signed, _told(document, line), _day(match)
        for line in lines:
            match = _SIGNED.fullmatch(line.text.strip()) if len(line.text) <= 60 else None
            if match and _organ().fullmatch(match["unit"].replace(" ", "")):
                whole = _told(document, line)
                unit_end, day_start = match.end("unit"), match.start("year")
                signed = _Told(whole.text[:unit_end].rstrip(), whole.start)
                return signed, _Told(whole.text[day_start:], whole.start + day_start), _day(match)
    for above, line in pairwise((*before, *inside)):
        match = _DATE.fullmatch(above.text.strip()) if line.rule and line.rule.name == "public_release" else None
        if match:
            return None, _told(document, above), _day(match)
    for line in [line for line in inside if not line.rule or _REPORT_DAY.match(line.text)][:_HEAD_LINES]:
        match = _REPORT_DAY.match(line.text)
        if match:
            at = match.start("year")
            day_text = _raw(document, line)[at : match.end("day") + 1]
            return None, _Told(day_text, line.block.start + at), _day(match)
    return None, None, None


def _publisher(document: Document, inside: Sequence[Line]) -> tuple[_Told | None, _Told | None, date | None]:
    """The unit and the day of a page's closing line: 「青禾县教育局2031年5月6日发布，征求意见截止……」."""
    for line in inside:
        if line.rule is None or line.rule.name != "published":
            continue
        for pattern in _PUBLISHED:
            match = pattern.match(line.text)
            if match and _organ().fullmatch(match["unit"]):
                raw = _raw(document, line)
                unit, day = (
                    _Told(raw[low:high], line.block.start + low)
                    for low, high in (match.span("unit"), (match.start("year"), match.end("day") + 1))
                )
                return unit, day, _day(match)
    return None, None, None


def _speaker(document: Document, inside: Sequence[Line]) -> _Told | None:
    """The government in whose name a report is given."""
    for rule in patterns("titles", group="signatures"):
        for line in inside[:_HEAD_LINES]:
            match = rule.regex.search(line.text[:120])
            if match:
                at = match.start("issuer")
                return _Told(_raw(document, line)[at : at + len(match["issuer"])], line.block.start + at)
    return None


def _red_head(document: Document, before: Sequence[Line], inside: Sequence[Line]) -> _Told | None:
    """The unit whose name stands above a document's number or title, as on its letterhead."""
    lines = [line for line in (*before, *inside[:4]) if not line.rule and line.text.strip()]
    numbers = patterns("titles", group="doc_number")
    for line, below in pairwise(lines):
        text = line.text.strip().replace(" ", "")
        bare = text.removesuffix("文件")
        if len(bare) > 30 or not _organ().fullmatch(bare):
            continue
        numbered = any(rule.regex.fullmatch(below.text.strip("() 。:")) for rule in numbers)
        if bare != text or numbered or (inside and below.block == inside[0].block):
            told = _told(document, line)
            return told._replace(text=re.sub("[ \u3000]*文[ \u3000]*件$", "", told.text))
    return None


def _organ_of(title: _Told | None) -> _Told | None:
    """The unit with which a title begins, behind its year or a motto, as written."""
    if not title:
        return None
    folded = fold(title.text)
    before = _BEFORE_ORGAN.match(folded)
    start = before.end() if before else 0
    for goes_on in _goes_on():
        for end in range(start + 2, min(len(folded), start + 40)):
            named = folded[start:end]
            behind = goes_on.match(folded, end)
            if behind and _titled_organ().fullmatch(named) and not _issues_nothing(named, behind[0]):
                return _Told(title.text[start:end], title.start + start)
    return None


def _issues_nothing(name: str, behind: str) -> bool:
    """Whether what ends as a unit's name does names a kind of units, or none; before a year some kinds are names."""
    of_year = re.match(rf"[ ]?(?:{_YEAR}|\d\d年)", behind)
    return any(
        rule.regex.search(name)
        for rule in patterns("issuers", group="not_issuers")
        if not (of_year and rule.fields.get("unless_year"))
    )


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
    match = _FIVE_YEARS.search(title)
    if re.search(rf"{_YEAR}(?![ ]?年?[ ]?远景)", title):
        return None
    return dates.nth_five_year_plan(_number(match["ten"] or match["nth"])) if match else None


def _years(
    reading: Reading, title: str | None, number_year: int | None, issued: date | None, warnings: list[str]
) -> tuple[int | None, int | None]:
    """First and last year of a plan; see the module's order of precedence."""
    folded = fold(title or "")
    period = _period(folded or reading.folded[:60])
    if period:
        return period
    if several := _YEARS_OF_PLAN.search(folded):
        return _several_years(reading, folded, _number(several["years"]), number_year, issued, warnings)
    year = _one_year(reading, title, folded, number_year, issued, warnings)
    return year, year


def _several_years(
    reading: Reading, title: str, years: int, number_year: int | None, issued: date | None, warnings: list[str]
) -> tuple[int | None, int | None]:
    """First and last year of a plan for several years whose title does not name them."""
    for match in _PERIOD.finditer(reading.folded[:_FIRST_LINES]):
        since, until = _number(match["since"]), _number(match["until"])
        until += since // 100 * 100 if until < 100 else 0
        if until - since in (years - 1, years):
            return since, until
    stated = re.search(_YEAR, title)
    first = _number(stated[0]) if stated else number_year or (issued.year if issued else None)
    if first is None:
        return None, None
    warnings.append(f"the {years} years of the plan are counted from {first}")
    return first, first + years - 1


def _one_year(
    reading: Reading,
    title: str | None,
    folded: str,
    number_year: int | None,
    issued: date | None,
    warnings: list[str],
) -> int | None:
    """The year of a plan for one year; see the module's order of precedence."""
    body = re.sub(r"《[^》\n]{0,60}》|\[[^\]\n]{0,12}\]|\([^)\n]{0,4}号\)", "", reading.folded[len(title or "") :])
    stated = re.search(f"({_YEAR})", folded)
    if stated:
        year = _number(stated[1])
        if number_year and year - number_year > 1:
            warnings.append(f"title says {year}, document number {number_year}: {number_year} kept")
            return number_year
        counts = Counter(_number(named) for named in _YEAR_NAMED.findall(body))
        latest = max(counts, default=year)
        if year not in counts and year - latest > 1 and counts[latest] > 1:
            warnings.append(f"title says {year}, the text schedules {latest}: {latest} kept")
            return latest
        aims = _AIMS_OF_YEAR.search(body[:_FIRST_LINES])
        if aims and year not in counts and _number(aims["year"]) < year:
            warnings.append(f"title says {year}, the text has the aims of {aims['year']}: {aims['year']} kept")
            return _number(aims["year"])
        return year
    return (
        _work_year(body) or number_year or (issued.year if issued else None) or _opening_year(body) or _most_named(body)
    )


def _opening_year(body: str) -> int | None:
    """The year whose aims the first lines tell, with which they open, or in which the action takes place."""
    first = body[:_FIRST_LINES]
    told = _AIMS_OF_YEAR.search(first) or _OPENING_YEAR.match(first.lstrip()) or _EVENT_YEAR.search(first)
    return _number(told["year"]) if told else None


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
    """The year that a text without other evidence schedules; None where years are masked or absent, or where several
    are scheduled: the last milestone of a plan is not the year that it is for."""
    short = Counter(2000 + int(m["year"]) for m in _SHORT_YEAR.finditer(body))
    planned = Counter(_number(named) for named in _YEAR_PLANNED.findall(body))
    for found in (short, planned):
        if found:
            *others, (count, year) = sorted((n, year) for year, n in found.items())
            next_count = others[-1][0] if others else 0
            if found is short or count > max(1, 2 * next_count - 1):
                return year
    return None


def _level(issuer: str | None, title: str | None, region_level: Level | None) -> Level | None:
    """The level of government, or school, of the body that issued a plan."""
    words = load("issuers")["levels"]
    for text in (issuer, title):
        if not text:
            continue
        if any(w in _SCHOOLS_AT_LARGE.sub("", text) for w in words["school"]) and (text == issuer or not region_level):
            return "school"
        if any(w in text for w in words["national"]):
            return "national"
        if any(w in text for w in words["town"]):
            return "town"
    if region_level:
        return region_level
    text = (issuer or "") + (title or "")
    named = next((level for level in _GOVERNMENTS if any(w in text for w in words[level])), None)
    if named is None and (place := _PLACE.match(text)):
        named = _PLACE_LEVELS[place["kind"]]
    if named is None and any(w in text for w in words["national_where_no_region_is_named"]):
        return "national"
    return named
