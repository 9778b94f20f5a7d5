"""How the dates of a time expression are reckoned: one function for each `read` of `rules/deadlines.yaml`.

Each is given a rule's match and the frame in which it stands, and gives first and last day, None where
the text does not settle them (guideline, times). `READ` lists them by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pipeline import dates
from pipeline.dates import Interval

Basis = Literal["text", "plan_year", "parent"]
FEASTS = {
    "元旦": (1, 1), "三八": (3, 8), "五一": (5, 1), "劳动节": (5, 1), "五四": (5, 4), "青年节": (5, 4),
    "六一": (6, 1), "儿童节": (6, 1), "七一": (7, 1), "建党节": (7, 1), "八一": (8, 1), "建军节": (8, 1),
    "教师节": (9, 10), "国庆": (10, 1), "十一": (10, 1), "植树节": (3, 12), "妇女节": (3, 8), "护士节": (5, 12),
}  # fmt: skip
NONE: Interval = (None, None)
FIRST_MONTH_OF_SCHOOL_YEAR = 8
"""Plans for a school year begin with the preparations of August, before 1 September (guideline, times)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a time is reckoned from that does not say all of it.

    Args:
        year: that of a time without one.
        basis: what settled it.
        school_year: the year in which the plan's school year begins.
        plan: the plan's first and last year.
        month: the one that heads this part of the plan, for a day that names none.
    """

    year: int | None
    basis: Basis | None
    school_year: int | None
    plan: tuple[int, int] | None = None
    month: int | None = None

    def of_month(self, month: int) -> int | None:
        """The year of a month: in a plan for a school year alone, August to December lie in its first year."""
        if self.year is None and self.school_year is not None:
            return self.school_year + (month < FIRST_MONTH_OF_SCHOOL_YEAR)
        return self.year


def _whole(text: str | None) -> int:
    value = dates.number(text) if text else None
    return value or 0


def _month_number(text: str | None, frame: Frame) -> int:
    """The number of a month, 「元」 of 「元月」 included; without one that of the heading."""
    return (1 if text == "元" else _whole(text)) or frame.month or 0


def _day_before(year: int, month: int, day: int) -> str | None:
    return dates.before_month(year, month) if day == 1 else dates.day(year, month, day - 1)


def _shifted(match: re.Match[str], frame: Frame) -> Frame:
    """明年 and 次年 are the year after the one that is settled."""
    if match.groupdict().get("year") in ("明", "次", "翌") and frame.year is not None:
        return replace(frame, year=frame.year + 1)
    return frame


def _year(match: re.Match[str], frame: Frame) -> Interval:
    """「2028年」, 「到2028年」, 「2028年前」, 「年底前」, 「从2028年起」."""
    year, groups = _shifted(match, frame).year, match.groupdict()
    if year is None and groups.get("part"):
        year = frame.school_year  # 年底 comes once in a school year
    if year is None:
        return NONE
    if groups.get("from"):
        return f"{year}-01-01", None
    if groups.get("before") and not groups.get("part"):
        return None, f"{year - 1}-12-31"
    if groups.get("by") or groups.get("part") or groups.get("before"):
        return None, f"{year}-12-31"
    return dates.whole_year(year)


def _start_of_year(match: re.Match[str], frame: Frame) -> Interval:
    """「年初」: it begins with the year."""
    return (None if frame.year is None else f"{frame.year}-01-01"), None


def _century(match: re.Match[str], frame: Frame) -> Interval:
    """「到本世纪末」: the century in which the plan begins; 中叶 is its fiftieth year."""
    if frame.plan is None:
        return NONE
    first = (frame.plan[0] - 1) // 100 * 100
    return None, f"{first + (100 if match['part'] == '末' else 50)}-12-31"


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
    """「3月」, 「3月上旬」, 「6月底前」, 「9月30日前」, 「自5月1日起」; 「9月1日开学前」 ends the day before."""
    groups = match.groupdict()
    month = _month_number(groups.get("month"), frame)
    year = _shifted(match, frame).of_month(month)
    if year is None or not month:
        return NONE
    before = any(groups.get(name) for name in ("before", "before2", "before3"))
    since: str | None
    until: str | None
    if groups.get("day"):
        date = dates.day(year, month, _whole(groups["day"]))
        since, until = date, date
        if groups.get("opening"):
            until = _day_before(year, month, _whole(groups["day"]))
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
    groups = match.groupdict()
    first = _month_number(groups.get("month"), frame)
    last = _month_number(groups.get("month2"), frame) if groups.get("month2") else first
    if groups.get("end_of_year"):
        last = 12
    year = _shifted(match, frame).of_month(first)
    if year is None:
        return NONE
    until_year = dates.number(groups["year2"]) if (groups.get("year2") or "").isdecimal() else None
    if until_year is None:
        until_year = year + 1 if groups.get("year2") or last < first else year
    since, until = dates.months(year, first)[0], dates.months(until_year, last)[1]
    if groups.get("day"):
        since = dates.day(year, first, _whole(groups["day"]))
    elif groups.get("part"):
        begins, ends = dates.part_of_month(year, first, groups["part"])
        since = begins or ends
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


def _part_of_plan(match: re.Match[str], frame: Frame) -> Interval:
    """「“十五五”后两年」; how long 前期 and 后期 are is not settled."""
    side = match["side"]
    span = dates.years_of_five_year_plan(match["plan"], side, _whole(match["count"])) if side else None
    return (f"{span[0]}-01-01", f"{span[1]}-12-31") if span else NONE


def _plan_term(match: re.Match[str], frame: Frame) -> Interval:
    """「规划期内」, 「规划期末」: the plan's own years, where it is for several."""
    if frame.plan is None or frame.plan[0] == frame.plan[1]:
        return NONE
    return None if match.groupdict().get("part") else f"{frame.plan[0]}-01-01", f"{frame.plan[1]}-12-31"


def _coming_years(match: re.Match[str], frame: Frame) -> Interval:
    """「今后五年」: the years of a five-year plan, this one or that of the heading; else it is not settled which."""
    if frame.plan is None or match["unit"] != "年" or _whole(match["years"]) != frame.plan[1] - frame.plan[0] + 1:
        return NONE
    return f"{frame.plan[0]}-01-01", f"{frame.plan[1]}-12-31"


def _school(match: re.Match[str], frame: Frame) -> Interval:
    """「2023—2024学年」, 「本学年」, 「第一学期」: only where the plan says which school year it is."""
    groups = match.groupdict()
    if groups.get("season"):
        return _season(match, frame)
    year = dates.number(groups["year"]) if groups.get("year") else frame.school_year
    if groups.get("year2") and year is not None and _whole(groups["year2"]) % 100 != (year + 1) % 100:
        return NONE
    if year is None or groups.get("this") in ("新", "下"):
        return NONE
    if groups.get("term") or groups.get("half"):
        return dates.term(year, second=groups.get("term") == "二" or groups.get("half") == "下")
    return NONE if groups.get("this") == "本" and "学期" in match[0] else dates.school_year(year)


def _season(match: re.Match[str], frame: Frame) -> Interval:
    """「2026年秋季学期」 is the first term of its school year, 「春季学期」 the second of the one before.

    The day before the autumn term is known, the one before the spring term is not.
    """
    spring = match["season"] == "春"
    groups = match.groupdict()
    year = _shifted(match, frame).year
    if year is None and frame.school_year is not None:
        year = frame.school_year + spring
    if year is None:
        return NONE
    since, until = dates.term(year - spring, second=spring)
    if match["before"]:
        return (None, None) if spring else (None, dates.before_month(year, 9))
    if match["from"]:
        return since, None
    if groups.get("by"):
        return None, since if "开学" in match[0] else until
    return since, until


def _feast(match: re.Match[str], frame: Frame) -> Interval:
    """「国庆节前」: the day before; 期间, 前后 and 前三天 leave the days open."""
    month, day = FEASTS[match["feast"]]
    year = _shifted(match, frame).of_month(month)
    if year is None or not re.fullmatch("之?前夕?", match["when"]):
        return NONE
    return None, _day_before(year, month, day)


def _none(match: re.Match[str], frame: Frame) -> Interval:
    """Recurrences, durations and what no calendar settles."""
    return NONE


READ: dict[str, Callable[[re.Match[str], Frame], Interval]] = {
    "none": _none,
    "year": _year,
    "start_of_year": _start_of_year,
    "century": _century,
    "part_of_year": _part_of_year,
    "month": _month,
    "month_period": _month_period,
    "damaged_months": _damaged_months,
    "year_period": _year_period,
    "plan_period": _plan_period,
    "plan_end": _plan_end,
    "part_of_plan": _part_of_plan,
    "plan_term": _plan_term,
    "coming_years": _coming_years,
    "school_year": _school,
    "feast": _feast,
}
