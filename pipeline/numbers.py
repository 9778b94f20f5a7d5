"""Quantities in Chinese text: numerals, multipliers, percentages, ranges, ratios.

A quantity is a figure with the word that it is counted in. Figures come in Arabic or Chinese
numerals, with 万 and 亿 as multipliers, as percentages in several forms, as ranges and ratios. What
cannot be read as a figure for certain is not read at all: a wrong figure is worse than none.

Worked example, 「新建4—5所学校,投入1.2亿元,入学率达到百分之九十五,生机比8:1」:

    4-5所          value 4, value2 5, unit 所
    1.2亿元        value 120000000, unit 元
    百分之九十五    value 95, unit %
    8:1            value 8, value2 1, a ratio without unit

Everything works on folded text (`pipeline.model.fold`) and offsets are those of the text given.
Source of the notation: GB/T 15835—2011 (numerals in publications), GUIDELINE.md (targets).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from pipeline.rules import load
from pipeline.rules.needs import quick

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
POWERS = {"十": 10, "百": 100, "千": 1000}
GROUPS = {"万": 10_000, "亿": 100_000_000}
# Fractions that have a name as a unit: rates of mortality are told per 100,000.
BASES = {100: "%", 1000: "‰", 100_000: "/10万"}
NUMERALS = "零〇一二两三四五六七八九十百千万亿"
# 千瓦, 千米, 千克 … are units: 千 before them multiplies nothing.
UNIT_TAIL = r"(?:瓦|米|克|伏|卡|赫|焦|字节)"
BLANK = "xX×*○□_"
"""What a figure is masked with."""
SIDE_BY_SIDE = re.compile("([一二两三四五六七八九])([二三四五六七八九])")
POINT = re.compile("[ ]?[·•・][ ]?")


class Quantity(NamedTuple):
    """A figure with what it is counted in.

    Args:
        start: first character of the figure.
        end: one past the last character of the unit.
        value: the figure, multiplier applied; None where it is masked.
        value2: upper end of a range, or second term of a ratio.
        unit: as written without multiplier; `%` for every form of a percentage, None where there is none.
        ratio: `value` to `value2`.
        approx: 多, 余 or 来 inside the quantity (「300多家」).
        masked: the figure is blanked out (「xx万元」) or indefinite (「数十家」).
        numeral: the figure as written in Chinese numerals, None for an Arabic one.
    """

    start: int
    end: int
    value: float | None
    value2: float | None = None
    unit: str | None = None
    ratio: bool = False
    approx: str | None = None
    masked: bool = False
    numeral: str | None = None

    @property
    def percent(self) -> bool:
        """Whether the figure is a share of a hundred."""
        return self.unit == "%"

    @property
    def range(self) -> bool:
        """Whether the figure has a lower and an upper end."""
        return self.value2 is not None and not self.ratio


class _Figure(NamedTuple):
    """One figure without unit: lower and upper end, and how it was written."""

    low: float
    high: float | None
    multiplier: float
    chinese: bool


def chinese(text: str) -> float | None:
    """The value of a Chinese numeral.

    Args:
        text: numeral characters alone, 「一百二十三」, 「两万」, 「十」.

    Returns:
        The value, or None where the characters do not make one number (「二三」, 「百千」).

    >>> chinese("三万五千")
    35000.0
    """
    total = section = 0.0
    digit: int | None = None
    last_power, last_group = 10_000, float("inf")
    for char in text:
        if char in DIGITS:
            if digit:
                return None
            digit = DIGITS[char]
        elif char in POWERS:
            power = POWERS[char]
            if power >= last_power or digit == 0 or (digit is None and section):
                return None
            section += (1 if digit is None else digit) * power
            digit, last_power = None, power
        elif char in GROUPS:
            group = GROUPS[char]
            if group > last_group:
                # 「万亿」: what was read so far is counted in 亿.
                return None
            section += digit or 0
            if char == "亿" and total:
                total, section = (total + section) * group, 0.0
            else:
                total += (section or (0 if total else 1)) * group
                section = 0.0
            digit, last_power = None, 10_000
            last_group = group if char == "万" else float("inf")
        else:
            return None
    return total + section + (digit or 0) if text else None


LARGEST = 1e18
"""A figure from there on is a row of digits and counts nothing: a code, a damaged file, a line of a form."""


def quantities(text: str) -> Iterator[Quantity]:
    """The quantities of a text in reading order.

    Ordinals (第三), figures inside words and codes (PM2.5, 5G), and years in digits (二〇二五) are none.
    A Chinese numeral counts only with a unit, or from 万 upwards.

    Args:
        text: folded text.

    Yields:
        Quantities, none overlapping another, masked ones included so that a caller can refuse them.
    """
    first = _place().search(text)
    if first is None:
        return  # most sentences
    for match in _quantity().finditer(text, first.start()):
        found = _read(match, text)
        if found is not None and (found.value or 0) < LARGEST and (found.value2 or 0) < LARGEST:
            yield found


def _read(match: re.Match[str], text: str) -> Quantity | None:
    if match["low"]:  # as most are
        return _plain(match, text)
    start, end = match.span()
    if match["masked"]:
        return Quantity(start=start, end=end, value=None, unit=match["masked_unit"], masked=True)
    if match["half"]:
        return Quantity(start=start, end=end, value=50.0, unit="%", numeral=match["half"])
    if match["all"]:
        return Quantity(start=start, end=end, value=100.0, unit="%", numeral=match["all"])
    if match["half_unit"]:  # 「一个半小时」, 「半小时」
        whole = _value(match["and_half"]) if match["and_half"] else 0.0
        return None if whole is None else Quantity(start=start, end=end, value=whole + 0.5, unit=match["half_unit"])
    if match["tenths"]:  # 「九成五」
        part = 5 if match["hundredths"] == "半" else DIGITS[match["hundredths"]]
        value = float(10 * DIGITS[match["tenths"]] + part)
        return Quantity(start=start, end=end, value=value, unit="%", numeral=match[0])
    if match["ratio_left"]:
        return _ratio(match, text)
    return _fraction(match)


def _ratio(match: re.Match[str], text: str) -> Quantity | None:
    left, right = _value(match["ratio_left"]), _value(match["ratio_right"])
    before = text[max(0, match.start() - 12) : match.start()]
    clock = re.fullmatch(r"[0-5]\d", match["ratio_right"]) and left is not None and left <= 24
    if left is None or right is None or not right or (clock and not re.search(r"比[^,。;]*$|按照?$", before)):
        return None
    return Quantity(start=match.start(), end=match.end(), value=left, value2=right, ratio=True)


def _fraction(match: re.Match[str]) -> Quantity | None:
    """「百分之九十五」, 「千分之三」, 「三分之二」; any base but a thousand or 100,000 is given as a percentage."""
    base, part = 100_000.0 if match["of"] == "10万" else _value(match["of"]), _value(match["part"])
    high = _value(match["part_high"]) if match["part_high"] else None
    if not base or part is None or (match["part_high"] and (high is None or high <= part)):
        return None
    unit = BASES.get(int(base), "%")
    scale = 1.0 if base in BASES else 100 / base
    return Quantity(
        start=match.start(),
        end=match.end(),
        value=round(part * scale, 6),
        value2=None if high is None else round(high * scale, 6),
        unit=unit,
        numeral=match[0],
    )


def _plain(match: re.Match[str], text: str) -> Quantity | None:
    start, end = match.span()
    number, power, unit = match.group("low", "low_power", "unit")
    low = _figure(number, power)
    if low is None:
        return None
    figure, value2 = low, low.high
    if match["rest"]:  # 「1亿2千万元」
        rest = _figure(match["rest"], match["rest_power"])
        if rest is None or rest.low >= low.multiplier:
            return None
        figure = _Figure(low.low + rest.low, None, low.multiplier, low.chinese)
    if match["high"]:
        high = _figure(match["high"], match["high_power"])
        if high is None or low.high is not None or high.high is not None:
            return None
        value2 = high.low
        # 「5-6万人」 is 50000 to 60000, 「5000-1万元」 is 5000 to 10000.
        shared = not power and not match["low_unit"] and low.low * high.multiplier <= high.low
        scaled = _times(low.low, high.multiplier) if shared else low.low
        figure = _Figure(scaled, None, 1.0, low.chinese and high.chinese)
        if figure.low >= value2 or (match["low_unit"] and match["low_unit"] != unit):
            return None
    value = figure.low
    if unit is None and figure.chinese and (value < 10_000 or number in GROUPS):
        return None
    if "." in number and unit in unit_lists()["counts"] and _opens_sentence(text, start):
        return None  # 「1.3所学校」 at a line's start is a label and a figure that nothing tells apart.
    if unit == "成":
        value, value2, unit = value * 10, None if value2 is None else value2 * 10, "%"
        if value > 100:
            return None
    if not value.is_integer():
        value = round(value, 6)
    if value2 is not None:
        value2 = round(value2, 6)
    approx = match["approx"] or match["approx2"]
    numeral = number + (power or "") if figure.chinese else None
    return Quantity(start, end, value, value2, unit, approx=approx, numeral=numeral)


def _opens_sentence(text: str, start: int) -> bool:
    return text[max(0, start - 4) : start].rstrip(" ")[-1:] in ("", "\n", "。", ";", ":")


def _figure(number: str, power: str | None) -> _Figure | None:
    multiplier = 1.0
    for char in power or "":
        multiplier *= POWERS.get(char) or GROUPS[char]
    if number[0] in "0123456789":
        return _Figure(_times(_arabic(number), multiplier), None, multiplier, False)
    if (pair := _pair(number)) is not None:
        return _Figure(_times(pair[0], multiplier), _times(pair[1], multiplier), multiplier, True)
    value = _value(number)
    return None if not value else _Figure(_times(value, multiplier), None, multiplier, True)


def _pair(number: str) -> tuple[float, float] | None:
    """「两三」 is 2–3, 「十二三」 12–13, 「三五百」 300–500: two digits side by side, the second the larger."""
    match = SIDE_BY_SIDE.search(number)
    if match is None:
        return None
    low, high = DIGITS[match[1]], DIGITS[match[2]]
    if high != low + 1 and (low, high) != (3, 5):
        return None
    head, tail = number[: match.start()], number[match.end() :]
    first, second = chinese(head + match[1] + tail), chinese(head + match[2] + tail)
    return None if first is None or second is None else (first, second)


def _times(value: float, multiplier: float) -> float:
    """A product in decimal arithmetic: 586.3 × 10⁸ is 58630000000, not 58629999999.99999."""
    return value if multiplier == 1 else float(Decimal(repr(value)) * Decimal(repr(multiplier)))


def _arabic(number: str) -> float:
    return float(number if number.isdecimal() else POINT.sub(".", number.replace(",", "")).replace(" ", ""))


def _value(number: str) -> float | None:
    if number[0] in "0123456789":
        return _arabic(number)
    if "点" in number:
        whole, part = number.split("点")
        value = chinese(whole)
        return None if value is None else value + float("0." + "".join(str(DIGITS[c]) for c in part))
    return chinese(number)


@cache
def unit_lists() -> dict[str, frozenset[str]]:
    """The units of `rules/numbers.yaml` by the name of their list."""
    data = load("numbers")
    return {name: frozenset(data[name]) for name in ("shares", "counts", "measures", "money", "times")}


def units() -> str:
    """A regular expression for any unit of `rules/numbers.yaml`, not followed by what makes it another word."""
    not_before = load("numbers")["not_before"]
    plain = [unit for group in unit_lists().values() for unit in group]
    behind: dict[str, list[str]] = {}  # each first character: Python tries the ways of an alternation one by one
    for unit in sorted(set(plain), key=lambda u: (-len(u), u)):
        guard = "|".join(not_before.get(unit) or ())
        latin = "(?![A-Za-z0-9])" if unit[-1].isascii() and unit[-1].isalpha() else ""
        rest = re.escape(unit[1:]) + latin + (f"(?!{guard})" if guard else "")
        behind.setdefault(unit[0], []).append(rest)
    ways = [f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in behind.items()]
    return f"(?=[{re.escape(''.join(behind))}])(?:{'|'.join(ways)})"


@cache
def _place() -> re.Pattern[str]:
    """Where a quantity may begin.

    Most numerals stand in words (「一是」, 「统一」), where nothing follows of what makes them a figure; most of 数, 上
    and 成 do too (「数据」).
    """
    counted_in = re.escape("".join(sorted({unit[0] for some in unit_lists().values() for unit in some})))
    return re.compile(
        rf"[0-9{NUMERALS}{BLANK}数几若上成半过](?!(?<=[{NUMERALS}])[^0-9{NUMERALS}{counted_in}多余点分半几:比至到\ -]"
        r"|(?<=[数若上成半过])[^十百千万亿干个小半数])"
    )


@cache
def _quantity() -> re.Pattern[str]:
    """The one pattern that finds every quantity; its parts in the order in which they are tried.

    Each part is a run of one class of characters behind a look-behind that keeps it from starting
    inside a run, so that the time taken grows with the length of the text alone.
    """
    # 「6 · 1」 is how old print and character recognition give 6.1, 「不低于1 200人次」 has lost its comma.
    thousands = r"\d{1,3}(?:,\d{3})++(?!\d)|(?<=[于到过超达约])\d{1,3}(?:[ ]\d{3})++(?!\d)"
    arabic = rf"(?:{thousands}|\d++)(?:\.\d++|[ ]?[·•・][ ]?\d++)?"
    han = rf"(?:[{NUMERALS}]+(?:点[零〇一二三四五六七八九]+(?![钟]))?)"
    power = rf"(?:十万亿|百万亿|千万亿|万亿|十亿|百亿|千亿|十万|百万|千万|[万亿](?!伏)|[百千](?!{UNIT_TAIL}))"
    number = rf"(?:{arabic}|{_without_unit_head(han)})"
    unit = units()
    longest = max(len(unit) for some in unit_lists().values() for unit in some)
    # Not inside a code or a damaged figure: 「PM2.5」, 「2×35」, 「4 0%」, 「L 32亿」, 「增长61. 1%」, 「02亿元」,
    # 「投入 · 399亿元」; a dot that opens an item of a list is no part of one.
    # A name in capitals may stand before a count: 「培育OPC300家」.
    start = (
        r"(?<![A-Za-z](?!(?<=[A-Z]{2})\d++(?:家|个|座|名|台|套|所)))"
        rf"(?<![\d._第红+/#×·{NUMERALS}])(?<!\d[-:, ])(?<![^A-Za-z ][LlIO][ ])(?<!/[ ])"
        r"(?<![一-鿿]\d\.[ ])(?<![一-鿿]\d\d\.[ ])(?<![^\n。;:][·•・][ ])(?!0\d)"
    )
    broken = r"(?![A-Za-z_]|\d|:\d|[ ]?[,./·×][ ]?\d|[ ]\d)"
    # 「推出线路4、5条」, not a label with a figure behind it.
    next_digit = "|".join(rf"(?<=[一-鿿]{n}、)(?={n + 1}(?![\d.]))" for n in range(1, 9))
    vague = "(?:[数几若上]|(?<![建完达形构])成)(?=[十百千万亿])[十百千万亿]+|几|若干|[十百千万亿]+几"
    return quick(
        rf"""
        (?= {_place().pattern} ) (?:
        (?P<masked> (?<![A-Za-z{BLANK}]) (?:[{BLANK}]++|{vague})
            [十百千万亿]* (?P<masked_unit>{unit}) )
      | (?P<half> 一半|半数|过半(?=[以,。;]) )
      | (?P<all> 百分百 )
      | (?<![{NUMERALS}]) (?: (?P<and_half>[一二两三四五六七八九]|(?<!\d)\d{{1,2}})个 )?
            (?<![多大近过前后上下每]) 半个? (?P<half_unit>小时)
      | (?<![{NUMERALS}]) (?P<tenths>[一二两三四五六七八九]) 成 (?P<hundredths>[一二三四五六七八九半])
            (?![{NUMERALS}个名年月天])
      | {start} (?:
            # 8:1, 8比1; not a list of three, not a score of hours
            (?P<ratio_left>{arabic}|[{NUMERALS}]+) (?::|比) (?P<ratio_right>\d+(?:\.\d+)?|[一二两三四五六七八九十]+)
            (?![\d:.{NUMERALS}])
          | (?P<of>10万|[{NUMERALS}]+) 分之 (?P<part>[{NUMERALS}]+(?:点[零〇一二三四五六七八九]+)?|\d+(?:\.\d+)?)
            (?:[-至到](?:百分之)?(?P<part_high>[{NUMERALS}]+))?
          | (?P<low>{number}) (?P<approx>[多余])? (?:[ ]?(?P<low_power>{power}))?
            (?: (?<=亿) (?P<rest>\d+(?:\.\d+)?) (?P<rest_power>千?万) )?
            # Most figures stand in no range: their units, of which there are many, are looked up once.
            (?: (?= .{{0,{longest}}}? [-至到、] ) (?P<low_unit>{unit})? (?:[-至]|(?<!\d年)到|、(?:{next_digit}))
                (?P<high>{number}) (?:[ ]?(?P<high_power>{power}))?)?
            (?: (?P<approx2>[多余])? [ ]? (?P<unit>{unit}) | {broken} )
        ) )
        """,
        re.VERBOSE,
    )


def _without_unit_head(han: str) -> str:
    """A Chinese numeral that leaves 千 to the unit in 「三千瓦」."""
    return rf"(?:[{NUMERALS}]+(?=千{UNIT_TAIL})|{han})"
