"""Calendar units of plans as ISO dates: years, months, quarters, halves, school years, five-year plans.

Pure arithmetic: every function is given the year, none asks the machine's clock. Dates are inclusive
(GB/T 7408.1, ISO 8601-1: YYYY-MM-DD).
"""

from __future__ import annotations

from calendar import monthrange

from pipeline.numbers import DIGITS, chinese

Interval = tuple[str | None, str | None]

# The first five national plans ran 1953–57, 1958–62, 1966–70, 1971–75 and 1976–80; from the sixth
# (1981–85) on they follow one another.
EARLY_PLANS = {1: 1953, 2: 1958, 3: 1966, 4: 1971, 5: 1976}
SIXTH_PLAN = 1981
_NUMERALS = {n: i for i, n in enumerate((*"一二三四五六七八九十", *(f"十{n}" for n in "一二三四五六七八九")), start=1)}
PLAN_NAMES = {f"{n}五": i for n, i in _NUMERALS.items() if i not in EARLY_PLANS} | {
    f"第{n}个五年{plan}": i for n, i in _NUMERALS.items() for plan in ("计划", "规划")
}
"""「一五」 to 「五五」 are left out: they are figures and fractions as well."""
PARTS_OF_MONTH = {"初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (0, 31), "末": (0, 31)}


def number(text: str) -> int | None:
    """A whole number in Arabic or Chinese numerals, year figures digit by digit (二〇二五) included."""
    text = text.strip().replace("○", "〇").replace("O", "〇")
    if text.isdecimal():
        return int(text)
    if len(text) > 1 and all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    value = chinese(text)
    return None if value is None else int(value)


def year(text: str, near: int | None = None) -> int | None:
    """The year that a figure names: 2025, 二〇二五, or 09 for 2009.

    Args:
        text: four digits, or two.
        near: a year that a figure of two digits may not be more than one year away from.

    Returns:
        The year; None where two digits may be something else, a number of years for instance.
    """
    value = number(text)
    if value is None or value > 99:
        return value
    full = (2000 if near is None else near // 100 * 100) + value
    if near is not None:
        return full if abs(full - near) <= 1 else None
    return full if text.startswith(("0", "〇", "零")) else None


def whole_year(value: int) -> Interval:
    """1 January to 31 December."""
    return f"{value}-01-01", f"{value}-12-31"


def months(value: int, first: int, last: int | None = None) -> Interval:
    """From the first day of one month to the last day of another, which may lie in the next year."""
    last = first if last is None else last
    until = value if last >= first else value + 1
    return f"{value}-{first:02}-01", f"{until}-{last:02}-{monthrange(until, last)[1]:02}"


def day(value: int, month: int, date: int) -> str | None:
    """A day, None where the month has no such day."""
    return f"{value}-{month:02}-{date:02}" if 1 <= date <= monthrange(value, month)[1] else None


def part_of_month(value: int, month: int, part: str) -> Interval:
    """初, 上旬, 中旬, 下旬 as ten days; 底 and 末 as an end alone."""
    low, high = PARTS_OF_MONTH[part]
    until = day(value, month, min(high, monthrange(value, month)[1]))
    return (day(value, month, low) if low else None), until


def before_month(value: int, month: int) -> str:
    """The last day before a month begins."""
    return f"{value - 1}-12-31" if month == 1 else str(months(value, month - 1)[1])


def five_year_plan(name: str) -> tuple[int, int] | None:
    """First and last year of a national five-year plan by its name, short or full.

    >>> five_year_plan("十四五")
    (2021, 2025)
    """
    order = PLAN_NAMES.get(name)
    return None if order is None else nth_five_year_plan(order)


def years_of_five_year_plan(name: str, side: str, count: int) -> tuple[int, int] | None:
    """First and last year of the first years (`side` 前 or 头) or the last ones (后) of a five-year plan.

    >>> years_of_five_year_plan("十四五", "前", 4)
    (2021, 2024)
    """
    span = five_year_plan(name)
    if span is None:
        return None
    return (span[1] - count + 1, span[1]) if side == "后" else (span[0], span[0] + count - 1)


def nth_five_year_plan(order: int) -> tuple[int, int]:
    """First and last year of a national five-year plan by its number: the fourteenth is 2021–2025."""
    first = EARLY_PLANS.get(order, SIXTH_PLAN + 5 * (order - 6))
    return first, first + 4


def school_year(value: int) -> Interval:
    """1 September to 31 July (guideline, times)."""
    return f"{value}-09-01", f"{value + 1}-07-31"


def term(value: int, second: bool) -> Interval:
    """A term of the school year that begins in `value`; its border in winter lies with the school.

    The first term has a known beginning, the second a known end.
    """
    return (None, f"{value + 1}-07-31") if second else (f"{value}-09-01", None)
