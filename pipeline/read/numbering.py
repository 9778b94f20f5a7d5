"""Word's automatic numbers, written out as Word shows them.

A paragraph has a list (`numId`) and a level in it, by itself or through its style. A list is an
instance of an abstract list, which says for each of nine levels where it starts, in what digits it
counts and what stands around them (`%1、`, `（%2）`, `%1.%2`); the instance may override that. Lists of
the same abstract list count on from one another, unless the instance states a start.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from pipeline.read.package import W, number, switch, value
from pipeline.read.styles import Styles

if TYPE_CHECKING:
    from lxml.etree import _Element

LEVELS = 9
PLACE = re.compile("%([1-9])")
ZEROS = re.compile("0+1")


class Label(NamedTuple):
    """A paragraph's number.

    Args:
        text: as it stands before the paragraph, with a space where one is seen; "" for a bullet.
        level: 0 = top.
    """

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class _Level:
    """A level of a list.

    Args:
        start: first number.
        digits: name of the number format.
        pattern: what is shown; `%1` stands for the number of the first level.
        restart: 1-based level whose use starts this one anew, 0 for never, None for any higher one.
        legal: all numbers are shown in Arabic digits.
        style: id of the paragraph style that is linked to the level.
        gap: a tab or space follows.
    """

    start: int = 1
    digits: str = "decimal"
    pattern: str = ""
    restart: int | None = None
    legal: bool = False
    style: str | None = None
    gap: bool = True


class Numbering:
    """Counts the numbered paragraphs of a document, in its order.

    Args:
        root: the part `numbering`, None where the document has none.
        styles: of the same document.
    """

    def __init__(self, root: _Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstract: dict[str, _Element] = {}
        self._lists: dict[str, _Element] = {}
        self._levels: dict[str, tuple[str, list[_Level]]] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[str] = set()
        self._by_style: dict[str | None, tuple[str | None, int]] = {}
        if root is not None:
            self._abstract = {e.get(W + "abstractNumId", ""): e for e in root.iterchildren(W + "abstractNum")}
            self._lists = {e.get(W + "numId", ""): e for e in root.iterchildren(W + "num")}

    def label(self, style: str | None, own: str | None = None, level: int | None = None) -> Label | None:
        """Count a paragraph and give its number; call this once a paragraph, in the order of the text.

        Args:
            style: id of its style.
            own: the list that the paragraph itself states, "0" for none; None leaves it to the style.
            level: the level that the paragraph itself states.

        Returns:
            None for a paragraph that is in no list.
        """
        name, by_style = (own, 0) if own is not None else self._linked(style)
        if name is None or name not in self._lists:
            return None
        level = min(max(by_style if level is None else level, 0), LEVELS - 1)
        abstract, levels = self._list(name)
        counts = self._counts.setdefault(abstract, [None] * LEVELS)
        if name not in self._begun:
            self._begun.add(name)
            for override in self._lists[name].iterchildren(W + "lvlOverride"):
                at = number(override.get(W + "ilvl"))
                if at is not None and 0 <= at < LEVELS and override.find(W + "startOverride") is not None:
                    counts[at] = None
        count = counts[level]
        counts[level] = levels[level].start if count is None else count + 1
        for deeper in range(level + 1, LEVELS):
            restart = levels[deeper].restart
            if restart is None or (restart and level < restart):
                counts[deeper] = None
        return Label(self._shown(levels, counts, level), level)

    def _linked(self, style: str | None) -> tuple[str | None, int]:
        """List and level that a style puts its paragraphs in; the list is None where it puts them in none."""
        if style not in self._by_style:
            chain = self._styles.chain(style)
            name = next((found for _, e in chain if (found := value(e, "pPr/numPr/numId")) is not None), None)
            level = 0
            if name in self._lists:
                linked = {
                    entry.style: at for at, entry in reversed(list(enumerate(self._list(name)[1]))) if entry.style
                }
                stated = (number(value(e, "pPr/numPr/ilvl")) for _, e in chain)
                by_link = (linked[id_] for id_, _ in chain if id_ in linked)
                level = next(by_link, next((at for at in stated if at is not None), 0))
            self._by_style[style] = (name, level)
        return self._by_style[style]

    def _list(self, name: str) -> tuple[str, list[_Level]]:
        """Id of the abstract list that a list counts in, and the list's levels."""
        if name not in self._levels:
            abstract = self._resolve(name)
            element = self._abstract.get(abstract)
            levels = [_Level() for _ in range(LEVELS)]
            if element is not None:
                _define(levels, element)
            for override in self._lists[name].iterchildren(W + "lvlOverride"):
                _define(levels, override)
                at = number(override.get(W + "ilvl"))
                start = number(value(override, "startOverride"))
                if at is not None and 0 <= at < LEVELS and start is not None:
                    levels[at] = replace(levels[at], start=start)
            self._levels[name] = (abstract, levels)
        return self._levels[name]

    def _resolve(self, name: str) -> str:
        """Follow a list to its abstract list, through list styles where there are any."""
        seen = set()
        abstract = ""
        while name in self._lists and name not in seen:
            seen.add(name)
            abstract = value(self._lists[name], "abstractNumId") or ""
            link = value(self._abstract.get(abstract), "numStyleLink")
            if link is None:
                break
            for id_, style in self._styles.chain(link):
                if id_ == link:
                    name = value(style, "pPr/numPr/numId") or ""
        return abstract

    @staticmethod
    def _shown(levels: list[_Level], counts: list[int | None], level: int) -> str:
        entry = levels[level]
        if entry.digits == "bullet" or not entry.pattern:
            return ""

        def digits(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            count = counts[at]
            count = levels[at].start if count is None else count
            return shown(count, "decimal" if entry.legal else levels[at].digits)

        text = PLACE.sub(digits, entry.pattern).strip()
        return text + (" " if entry.gap and text.isascii() and text else "")


def _define(levels: list[_Level], element: _Element) -> None:
    """Enter the levels that an element holds."""
    for lvl in element.iterchildren(W + "lvl"):
        at = number(lvl.get(W + "ilvl"))
        if at is None or not 0 <= at < LEVELS:
            continue
        # Newer formats come with one for older programs, wrapped in a choice.
        formats = [(e.get(W + "val") or "decimal", e.get(W + "format") or "") for e in lvl.iter(W + "numFmt")]
        padded = next((ZEROS.match(example) for name, example in formats if name == "custom"), None)
        digits = next((name for name, _ in formats if name != "custom"), "decimal")
        digits = padded[0] if padded else digits
        start = number(value(lvl, "start"))
        levels[at] = _Level(
            start=0 if start is None else start,
            digits="bullet" if value(lvl, "lvlPicBulletId") or switch(lvl, "rPr/vanish") else digits,
            pattern=value(lvl, "lvlText") or "",
            restart=number(value(lvl, "lvlRestart")),
            legal=bool(switch(lvl, "isLgl")),
            style=value(lvl, "pStyle"),
            gap=value(lvl, "suff") != "nothing",
        )


def shown(count: int, digits: str) -> str:
    """A number in one of Word's formats.

    Args:
        count: the number.
        digits: the format's name in the standard, or its first number where it is padded with noughts
            (`0001`); one that is not known counts in Arabic digits.
    """
    if ZEROS.fullmatch(digits):
        return str(count).zfill(len(digits))
    return FORMATS.get(digits, str)(count)


def _series(symbols: str) -> Callable[[int], str]:
    """Symbols one after the other, Arabic digits beyond the last."""
    return lambda count: symbols[count - 1] if 0 < count <= len(symbols) else str(count)


def _roman(count: int) -> str:
    if not 0 < count < 4000:
        return str(count)
    text = ""
    for worth, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        text += sign * (count // worth)
        count %= worth
    return text


def _letters(count: int) -> str:
    # After z Word goes on with aa, bb, cc.
    return chr(ord("A") + (count - 1) % 26) * ((count - 1) // 26 + 1) if 0 < count <= 26 * 99 else str(count)


def _each(digits: str) -> Callable[[int], str]:
    """Digit by digit."""
    return lambda count: "".join(digits[int(d)] if d.isdigit() else d for d in str(count))


def _han(digits: str, units: str, *, bare: str = "十", zero: bool = True) -> Callable[[int], str]:
    """Numerals with tens, hundreds and thousands.

    Args:
        digits: from nought to nine.
        units: for tens, hundreds, thousands.
        bare: units that stand without a one before them at the start (十 for 10).
        zero: a nought stands for places left out (一百零一); where none does, as in Japanese, units
            stand without a one anywhere (百十 for 110).
    """

    def spell(count: int) -> str:
        if not 0 < count < 10000:
            return str(count) if count else digits[0]
        text = ""
        gap = False
        for power in (3, 2, 1, 0):
            digit = count // 10**power % 10
            if not digit:
                gap = bool(text)
                continue
            unit = units[power - 1] if power else ""
            if gap and zero:
                text += digits[0]
            gap = False
            skip = digit == 1 and unit and unit in bare and (not text or not zero)
            text += unit if skip else digits[digit] + unit
        return text

    return spell


def _cycles(*rounds: str) -> Callable[[int], str]:
    """Symbols that go round, each at its own pace: 甲子, 乙丑, …, 癸亥, sixty in all."""
    return lambda count: "".join(symbols[(count - 1) % len(symbols)] for symbols in rounds) if count > 0 else str(count)


ONES = (
    *("", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"),
    *("Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"),
)
TENS = ("", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
IRREGULAR = {
    "One": "First",
    "Two": "Second",
    "Three": "Third",
    "Five": "Fifth",
    "Eight": "Eighth",
    "Nine": "Ninth",
    "Twelve": "Twelfth",
}


def _english(count: int) -> str:
    if not 0 < count < 100:
        return str(count)
    return ONES[count] if count < 20 else "-".join(filter(None, (TENS[count // 10], ONES[count % 10].lower())))


def _nth(count: int) -> str:
    head, dash, last = _english(count).rpartition("-")
    word = last.capitalize()
    if not word.isalpha():
        return _ordinal(count)
    word = IRREGULAR.get(word, f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th")
    return head + dash + (word.lower() if head else word)


def _ordinal(count: int) -> str:
    ending = "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


_THOUSAND = _han("零一二三四五六七八九", "十百千")
_DIGITAL = _each("〇一二三四五六七八九")


def _counting(count: int) -> str:
    return _THOUSAND(count) if count < 100 else _DIGITAL(count)


FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda count: "",
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda count: f"{count:02}",
    "decimalFullWidth": _each("０１２３４５６７８９"),
    "decimalFullWidth2": _each("０１２３４５６７８９"),
    "numberInDash": lambda count: f"- {count} -",
    "hex": lambda count: f"{count:X}",
    "ordinal": _ordinal,
    "cardinalText": _english,
    "ordinalText": _nth,
    "chicago": lambda count: "*†‡§"[(count - 1) % 4] * ((count - 1) // 4 + 1) if 0 < count < 400 else str(count),
    "bullet": lambda count: "",
    "decimalEnclosedCircle": _series("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalEnclosedCircleChinese": _series("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalEnclosedParen": _series("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
    "decimalEnclosedFullstop": _series("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"),
    "upperRoman": _roman,
    "lowerRoman": lambda count: _roman(count).lower(),
    "upperLetter": _letters,
    "lowerLetter": lambda count: _letters(count).lower(),
    "chineseCounting": _counting,
    "taiwaneseCounting": _counting,
    "chineseCountingThousand": _THOUSAND,
    "taiwaneseCountingThousand": _THOUSAND,
    "japaneseCounting": _han("〇一二三四五六七八九", "十百千", bare="十百千", zero=False),
    "japaneseDigitalTenThousand": _DIGITAL,
    "ideographDigital": _DIGITAL,
    "taiwaneseDigital": _DIGITAL,
    "chineseLegalSimplified": _han("零壹贰叁肆伍陆柒捌玖", "拾佰仟", bare=""),
    "ideographLegalTraditional": _han("零壹貳參肆伍陸柒捌玖", "拾佰仟", bare=""),
    "japaneseLegal": _han("〇壱弐参四伍六七八九", "拾百阡", bare=""),
    "koreanDigital": _each("영일이삼사오육칠팔구"),
    "koreanDigital2": _each("零一二三四五六七八九"),
    "koreanCounting": _han("영일이삼사오육칠팔구", "십백천", bare="십백천", zero=False),
    "ganada": _series("가나다라마바사아자차카타파하"),
    "chosung": _series("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"),
    "aiueo": _series("ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ"),
    "aiueoFullWidth": _series(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
    ),
    "iroha": _series("ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳヰﾉｵｸﾔﾏｹﾌｺｴﾃｱｻｷﾕﾒﾐｼヱﾋﾓｾｽ"),
    "irohaFullWidth": _series(
        "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
    ),
    "ideographEnclosedCircle": _series("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉"),
    "ideographTraditional": _series("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _series("子丑寅卯辰巳午未申酉戌亥"),
    "ideographZodiacTraditional": _cycles("甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"),
}
"""The number formats of the standard (ISO/IEC 29500-1, 17.18.59) for East Asian and Latin text; beyond what a format
counts to, and for those of other scripts, Arabic digits stand."""
